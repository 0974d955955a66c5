import { isTensor, noGrad, ones, type Tensor, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

class Double extends nn.Module {
  override forward(x: Tensor, y?: Tensor): Tensor {
    return y === undefined ? x.mul(2) : x.mul(2).add(y.mul(3));
  }
}

const list = (grads: readonly (Tensor | null)[]): unknown[] => grads.map((g) => g?.tolist() ?? null);

describe("forward hooks", () => {
  it("cost nothing where there are none", () => {
    expect(Object.hasOwn(new Double(), "forward")).toBe(false);
  });

  it("see arguments and results, and may replace both", () => {
    const module = new Double();
    const seen: unknown[] = [];
    const before = module.registerForwardPreHook((m, args) => {
      expect(m).toBe(module);
      seen.push((args[0] as Tensor).tolist());
      return (args[0] as Tensor).add(1);
    });
    const after = module.registerForwardHook((_m, args, out) => {
      seen.push((args[0] as Tensor).tolist(), (out as Tensor).tolist());
      return (out as Tensor).neg();
    });
    expect(module.forward(ones(1)).tolist()).toEqual([-4]);
    expect(seen).toEqual([[1], [2], [4]]);
    before.remove();
    expect(module.forward(ones(1)).tolist()).toEqual([-2]);
    after.remove();
    after.remove();
    expect(module.forward(ones(1)).tolist()).toEqual([2]);
  });

  it("run in the order they were registered, on that instance alone", () => {
    const net = new nn.Sequential(new Double(), new Double());
    const order: number[] = [];
    net[0].registerForwardHook(() => {
      order.push(1);
    });
    net[0].registerForwardHook(() => {
      order.push(2);
    });
    net.forward(ones(1));
    expect(order).toEqual([1, 2]);
    expect(net.parameters()).toEqual([]);
    expect(String(net[0])).toBe("Double()");
  });

  it("take an array for all arguments", () => {
    const module = new Double();
    module.registerForwardPreHook((_m, args) => [args[0], ones(1)]);
    expect(module.forward(ones(1)).tolist()).toEqual([5]);
  });
});

describe("prepend", () => {
  it("puts a hook before the others", () => {
    const module = new nn.Identity();
    const order: string[] = [];
    module.registerForwardHook(() => void order.push("second"));
    module.registerForwardHook(() => void order.push("first"), { prepend: true });
    module.forward(ones(1));
    expect(order).toEqual(["first", "second"]);
    expect(() => module.registerForwardHook(() => {}, { before: true } as never)).toThrow("'before'");
  });
});

describe("full backward hooks", () => {
  it("see the gradients of inputs and outputs", () => {
    const module = new Double();
    const seen: unknown[] = [];
    const handle = module.registerFullBackwardHook((m, gradInput, gradOutput) => {
      expect(m).toBe(module);
      seen.push(list(gradInput), list(gradOutput));
    });
    const x = tensor([1, 1], { requiresGrad: true });
    const y = tensor([1, 1], { requiresGrad: true });
    module
      .forward(x, y)
      .mul(tensor([5, 7]))
      .sum()
      .backward();
    expect(seen).toEqual([
      [
        [10, 14],
        [15, 21],
      ],
      [[5, 7]],
    ]);
    handle.remove();
    module.forward(x).sum().backward();
    expect(seen).toHaveLength(2);
  });

  it("may replace the gradients of the inputs, one after the other", () => {
    const module = new Double();
    module.registerFullBackwardHook((_m, gradInput) => gradInput.map((g) => g?.mul(10) ?? null));
    module.registerFullBackwardHook((_m, [g]) => [(g as Tensor).add(1)]);
    const x = tensor([1], { requiresGrad: true });
    module.forward(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([21]);
    module.registerFullBackwardHook(() => [null, null]);
    expect(() => module.forward(x).sum().backward()).toThrow(
      "Backward hook returned an invalid number of gradInput, got 2, but expected 1",
    );
  });

  it("may replace the gradients of the outputs before", () => {
    const module = new Double();
    const seen: unknown[] = [];
    module.registerFullBackwardHook((_m, _in, gradOutput) => {
      seen.push(list(gradOutput));
    });
    module.registerFullBackwardPreHook((m, [g]) => {
      expect(m).toBe(module);
      return [(g as Tensor).add(1)];
    });
    module.registerFullBackwardPreHook((_m, [g]) => [(g as Tensor).mul(10)], { prepend: true });
    const x = tensor([1], { requiresGrad: true });
    module.forward(x).sum().backward();
    expect(seen).toEqual([[[11]]]);
    expect(x.grad?.tolist()).toEqual([22]);
    module.registerFullBackwardPreHook(() => []);
    expect(() => module.forward(x).sum().backward()).toThrow(
      "Backward pre hook returned an invalid number of gradOutput, got 0, but expected 1",
    );
  });

  it("are called though no input requires grad, and may then return nothing", () => {
    const layer = new nn.Linear(2, 1);
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_m, gradInput, gradOutput) => {
      seen.push(list(gradInput), list(gradOutput));
    });
    layer.forward(ones(1, 2)).sum().backward();
    expect(seen).toEqual([[null], [[[1]]]]);
    expect(layer.weight.grad?.tolist()).toEqual([[1, 1]]);
    layer.registerFullBackwardHook((_m, _in, gradOutput) => gradOutput);
    expect(() => layer.forward(ones(1, 2)).sum().backward()).toThrow("should always return null");
  });

  it("leave plain arguments and evaluation alone", () => {
    class Scale extends nn.Module {
      override forward(x: Tensor, factor: number): [Tensor, number] {
        return [x.mul(factor), factor];
      }
    }
    const module = new Scale();
    let calls = 0;
    module.registerFullBackwardHook((_m, gradInput, gradOutput) => {
      calls++;
      expect(gradInput[1]).toBeNull();
      expect(gradOutput).toHaveLength(2);
    });
    const x = ones(2).requiresGrad_();
    const [y, factor] = module.forward(x, 3);
    expect(factor).toBe(3);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([3, 3]);
    noGrad(() => module.forward(x, 3));
    expect(calls).toBe(1);
    expect(isTensor(y)).toBe(true);
  });

  it("say where the gradient went past them", () => {
    class Leak extends nn.Module {
      kept: Tensor | null = null;
      override forward(x: Tensor): Tensor {
        this.kept = x.mul(2);
        return x.mul(3);
      }
    }
    const module = new Leak();
    module.registerFullBackwardHook(() => undefined);
    module.forward(ones(1).requiresGrad_());
    expect(() => (module.kept as Tensor).sum().backward()).toThrow(
      "Module backward hook for gradInput is called before the gradOutput one.",
    );
  });
});
