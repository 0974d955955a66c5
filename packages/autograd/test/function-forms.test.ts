import { describe, expect, expectTypeOf, it } from "vitest";
import { autograd, type Tensor, tensor } from "../src/index.js";

// PyTorch 2's other ways to write a custom function.

class Cube extends autograd.Function {
  static override forward(x: Tensor, scale: number): [cube: Tensor, square: Tensor] {
    return [x.pow(3).mul(scale), x.mul(x)];
  }
  static setupContext(
    ctx: autograd.FunctionContext,
    [x, scale]: readonly [Tensor, number],
    [, square]: readonly [Tensor, Tensor],
  ): void {
    ctx.saveForBackward(x, square);
    ctx.scale = scale;
  }
  static override backward(ctx: autograd.FunctionContext, cube: Tensor, squared: Tensor): (Tensor | null)[] {
    const [x, square] = ctx.savedTensors;
    return [
      cube
        .mul(square)
        .mul(3 * ctx.scale)
        .add(squared.mul(x).mul(2)),
      null,
    ];
  }
}

describe("a custom function with setupContext", () => {
  it("computes without the context, saves arguments and results, and can be differentiated twice", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const [cube, square] = Cube.apply(x, 10);
    expect([cube.tolist(), square.tolist()]).toEqual([
      [10, 80, 270],
      [1, 4, 9],
    ]);
    const [first] = autograd.grad([cube.sum(), square.sum()], [x], { createGraph: true });
    expect(first.tolist()).toEqual([32, 124, 276]); // 30 x² + 2 x
    expect(autograd.grad(first.sum(), [x])[0].tolist()).toEqual([62, 122, 182]); // 60 x + 2
  });

  it("is typed by forward, all of whose arguments are its own", () => {
    expectTypeOf(() => Cube.apply(tensor([1]), 2)).returns.toEqualTypeOf<[cube: Tensor, square: Tensor]>();
  });
});

describe("vjp", () => {
  class Twice extends autograd.Function {
    static override forward(_ctx: autograd.FunctionContext, x: Tensor): Tensor {
      return x.mul(2);
    }
    static vjp(_ctx: autograd.FunctionContext, g: Tensor): Tensor {
      return g.mul(2);
    }
  }
  class Both extends Twice {
    static override backward(_ctx: autograd.FunctionContext, g: Tensor): Tensor {
      return g.mul(2);
    }
  }

  it("is another name of backward, and excludes it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    Twice.apply(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([2, 2]);
    expect(() => Both.apply(x).sum().backward()).toThrow(
      "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them.",
    );
  });
});
