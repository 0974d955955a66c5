import { isTensor, ones, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

describe("Parameter", () => {
  it("is a leaf over the memory of its data", () => {
    const data = tensor([1, 2, 3]);
    const p = new nn.Parameter(data);
    expect(isTensor(p) && p.isLeaf && p.requiresGrad).toBe(true);
    data.mul_(2);
    expect(p.tolist()).toEqual([2, 4, 6]);
    const result = data.requiresGrad_().mul(2);
    const again = new nn.Parameter(result);
    expect(again.isLeaf).toBe(true);
    expect(again.gradFn).toBeNull();
  });

  it("takes requiresGrad by position and by name", () => {
    expect(new nn.Parameter(ones(2), false).requiresGrad).toBe(false);
    expect(new nn.Parameter(ones(2), { requiresGrad: false }).requiresGrad).toBe(false);
    expect(() => new nn.Parameter(tensor([1], { dtype: "int32" }))).toThrow(
      "only Tensors of floating point dtype can require gradients",
    );
    expect(new nn.Parameter(tensor([1], { dtype: "int32" }), false).dtype).toBe("int32");
    expect(() => new nn.Parameter([1] as never)).toThrow("argument 'data' must be Tensor");
  });

  it("prints what it is", () => {
    expect(String(new nn.Parameter(tensor([1, 2])))).toBe("Parameter containing:\ntensor([1., 2.], requiresGrad=true)");
    expect(JSON.stringify({ p: new nn.Buffer(tensor([1])) })).toBe('{"p":"tensor([1.])"}');
  });

  it("gives plain tensors to operators", () => {
    const p = new nn.Parameter(ones(2));
    expect(p.mul(2)).not.toBeInstanceOf(nn.Parameter);
    expect(p.detach()).not.toBeInstanceOf(nn.Parameter);
  });

  it("keeps gradient, hooks and identity when its data changes", () => {
    const p = new nn.Parameter(ones(2));
    let seen = "";
    p.registerHook((g) => {
      seen = g.dtype;
    });
    p.mul(3).sum().backward();
    expect(p.grad?.tolist()).toEqual([3, 3]);
    p.data = zeros(2, { dtype: "float64" });
    p.grad = null;
    p.mul(5).sum().backward();
    expect(p.dtype).toBe("float64");
    expect(seen).toBe("float64");
    expect((p.grad as nn.Parameter | null)?.tolist()).toEqual([5, 5]);
    expect(() => {
      p.data = tensor([1], { dtype: "int32" });
    }).toThrow("data set to a tensor that requires gradients must be floating point");
  });
});

describe("Buffer", () => {
  it("is persistent unless told otherwise", () => {
    const data = ones(2);
    const buffer = new nn.Buffer(data);
    expect(buffer.persistent).toBe(true);
    expect(buffer.requiresGrad).toBe(false);
    buffer.add_(1);
    expect(data.tolist()).toEqual([2, 2]);
    expect(new nn.Buffer(data, { persistent: false }).persistent).toBe(false);
  });
});
