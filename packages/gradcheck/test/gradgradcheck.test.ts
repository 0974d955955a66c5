import { autograd, manualSeed, ones, type Tensor, tensor, where } from "@kindling/autograd";
import { beforeEach, describe, expect, it } from "vitest";
import { GradcheckError, gradcheck, gradgradcheck } from "../src/index.js";

const float64 = { dtype: "float64", requiresGrad: true } as const;
const vector = (...values: number[]): Tensor => tensor(values, float64);

beforeEach(() => {
  manualSeed(3);
});

describe("gradgradcheck accepts", () => {
  it.each<[string, (...args: Tensor[]) => unknown]>([
    ["a product", (a, b) => a.mul(b)],
    ["a quotient", (a, b) => a.div(b)],
    ["tanh of a power", (a, b) => a.pow(3).add(b).tanh()],
    ["a matrix product", (a, b) => a.outer(b).matmul(a)],
    ["a softmax", (a, b) => a.mul(b).softmax(0)],
    ["several outputs", (a, b) => [a.mul(b), a.exp().sum(), b.argmax()]],
    ["a linear function, whose derivative no input reaches", (a, b) => a.add(b)],
  ])("%s", (_name, fn) => {
    expect(gradgradcheck(fn, [vector(0.3, -0.4, 0.9), vector(0.5, 0.7, -1.1)])).toBe(true);
  });

  it("plain arguments, and inputs without a gradient", () => {
    const fn = (x: Tensor, n: number, c: Tensor): Tensor => x.pow(n).mul(c);
    expect(gradgradcheck(fn, [vector(1, 2), 3, tensor([2, 3], { dtype: "float64" })])).toBe(true);
  });

  it("gradients of the outputs, given by position or by name", () => {
    const fn = (x: Tensor): Tensor[] => [x.exp(), x.sin().sum()];
    const grads = [vector(0.2, -0.5), tensor(2, { dtype: "float64" })];
    expect(gradgradcheck(fn, [vector(0.1, 0.2)], grads)).toBe(true);
    expect(gradgradcheck(fn, [vector(0.1, 0.2)], grads, { atol: 1e-4 })).toBe(true);
    expect(gradgradcheck(fn, [vector(0.1, 0.2)], { gradOutputs: grads })).toBe(true);
    expect(gradgradcheck((x: Tensor) => x.exp(), vector(0.1), vector(2))).toBe(true);
  });

  it("random gradients with gaps in memory", () => {
    let contiguous = true;
    class Look extends autograd.Function {
      static override forward(_ctx: unknown, x: Tensor): Tensor {
        return x.mul(2);
      }
      static override backward(_ctx: unknown, g: Tensor): Tensor {
        contiguous = g.isContiguous();
        return g.mul(2);
      }
    }
    const x = vector(1, 2, 3);
    expect(gradgradcheck(Look.apply, [x], { checkUndefinedGrad: false })).toBe(true);
    expect(contiguous).toBe(true);
    expect(gradgradcheck(Look.apply, [x], { genNonContigGradOutputs: true, checkUndefinedGrad: false })).toBe(true);
    expect(contiguous).toBe(false);
  });
});

/** x³, whose second derivative is right only if `backward` computes with what it saved. */
class Cube extends autograd.Function {
  static override forward(ctx: autograd.FunctionContext, x: Tensor, frozen: boolean): Tensor {
    ctx.frozen = frozen;
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static override backward(ctx: autograd.FunctionContext, g: Tensor): [Tensor, null] {
    const [x] = ctx.savedTensors;
    return [g.mul((ctx.frozen ? x.detach() : x).pow(2).mul(3)), null];
  }
}

describe("gradgradcheck catches", () => {
  it("a second derivative that is cut off, where the first is right", () => {
    const x = vector(0.5, 1.5);
    expect(gradgradcheck(Cube.apply, [x, false])).toBe(true);
    expect(gradcheck(Cube.apply, [x, true])).toBe(true);
    expect(gradgradcheck(Cube.apply, [x, true], { raiseException: false })).toBe(false);
    expect(() =>
      gradgradcheck(Cube.apply, [x, true], ones([2], { dtype: "float64" })),
    ).toThrowErrorMatchingInlineSnapshot(`[GradcheckError: Numerical gradient for function expected to be zero]`);
  });

  it("a wrong second derivative", () => {
    const bent = (x: Tensor): Tensor => where(x.detach().gt(0), x.mul(x), x.mul(x.detach()));
    expect(() => gradgradcheck(bent, [vector(-1, 2)])).toThrow(GradcheckError);
  });

  it("a function that can be differentiated once", () => {
    class Once extends autograd.Function {
      static override forward(_ctx: unknown, x: Tensor): Tensor {
        return x.mul(2);
      }
      static override backward = autograd.onceDifferentiable((_ctx, g: Tensor) => g.mul(2));
    }
    expect(gradcheck(Once.apply, [vector(1)])).toBe(true);
    expect(() => gradgradcheck(Once.apply, [vector(1)])).toThrow(
      "trying to differentiate twice a function that was marked with onceDifferentiable",
    );
  });

  it("options that it does not know", () => {
    expect(() => gradgradcheck((x: Tensor) => x, [vector(1)], { fastMode: true } as never)).toThrow(
      "got an unexpected keyword argument 'fastMode'",
    );
  });
});
