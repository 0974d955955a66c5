import {
  ArgumentError,
  AutogradError,
  autograd,
  empty,
  KindlingError,
  manualSeed,
  noGrad,
  ones,
  rand,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import { afterEach, describe, expect, it, vi } from "vitest";
import { GradcheckError, gradcheck } from "../src/index.js";

const float64 = { dtype: "float64", requiresGrad: true } as const;
const vector = (...values: number[]): Tensor => tensor(values, float64);

/** A function of one tensor with a backward of one's own. */
function custom(
  forward: (x: Tensor) => Tensor,
  backward: (g: Tensor, x: Tensor) => Tensor | null,
): (x: Tensor) => Tensor {
  class F extends autograd.Function {
    static override forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return forward(x);
    }
    static override backward(ctx: autograd.FunctionContext, g: Tensor): Tensor | null {
      return backward(g, ctx.savedTensors[0]);
    }
  }
  return F.apply;
}

class KillHead extends autograd.Function {
  static override forward(ctx: autograd.FunctionContext, x: Tensor, n: number): Tensor {
    ctx.n = n;
    const y = x.clone();
    y.at(":", `:${n}`).zero_();
    return y;
  }
  static override backward(ctx: autograd.FunctionContext, g: Tensor): [Tensor, null] {
    const gx = g.clone();
    gx.at(":", `:${ctx.n}`).zero_();
    return [gx, null];
  }
}

function failure(check: () => unknown): GradcheckError {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(GradcheckError);
    return error as GradcheckError;
  }
  throw new Error("the check passed");
}

afterEach(() => vi.restoreAllMocks());

describe("gradcheck accepts", () => {
  it("a function with a plain argument, its apply passed as it is (float64, 10 × 20, eps 1e-6, atol 1e-4)", () => {
    const x = empty(10, 20, { dtype: "float64" }).uniform_(-1, 1).requiresGrad_();
    expect(gradcheck(KillHead.apply, [x, 4], { eps: 1e-6, atol: 1e-4 })).toBe(true);
    expect(gradcheck((a: Tensor, n: number) => KillHead.apply(a, n), [x, 4], { eps: 1e-6, atol: 1e-4 })).toBe(true);
  });

  it("one tensor in place of a list", () => {
    expect(gradcheck((x: Tensor) => x.sin(), vector(0.1, 0.2))).toBe(true);
  });

  it("several inputs, of which some need no gradient", () => {
    const fixed = tensor([3, 4], { dtype: "float64" });
    expect(
      gradcheck((a: Tensor, b: Tensor, c: Tensor) => a.mul(b).add(c.exp()), [vector(1, 2), fixed, vector(0.1, 0.2)]),
    ).toBe(true);
  });

  it("several outputs, of which some have no gradient", () => {
    const fn = (x: Tensor): Tensor[] => [x.argsort(), x.mul(2), x.detach(), x.exp().sum(), x.gt(0)];
    expect(gradcheck(fn, [vector(0.3, -0.2, 0.7)])).toBe(true);
  });

  it("scalars, empty tensors and inputs that are not used", () => {
    expect(gradcheck((x: Tensor) => x.mul(x), [tensor(3, float64)])).toBe(true);
    expect(gradcheck((x: Tensor) => x.mul(2), [empty(0, 3, float64)])).toBe(true);
    expect(gradcheck((a: Tensor, _b: Tensor) => a.tanh(), [vector(1), vector(2)])).toBe(true);
  });

  it("inputs that are views, and leaves them and their versions as they were", () => {
    const wide = rand(3, 4, { dtype: "float64" });
    const x = wide.at(":", "::2").requiresGrad_();
    const before = wide.tolist();
    expect(gradcheck((t: Tensor) => t.pow(3), [x])).toBe(true);
    expect(wide.tolist()).toEqual(before);
    expect(x.version).toBe(0);
    expect(x.grad).toBeNull();
  });

  it("a function that changes a copy of its input in place", () => {
    expect(gradcheck((x: Tensor) => x.clone().mul_(3).sin_(), [vector(0.5, 1)])).toBe(true);
  });

  it("a function that returns its input", () => {
    expect(gradcheck((x: Tensor) => x, [vector(1, 2)])).toBe(true);
  });

  it("a function without a derivative whose differences are zero too", () => {
    expect(gradcheck((x: Tensor) => x.detach().mul(0), [vector(1, 2)])).toBe(true);
  });
});

describe("gradcheck catches", () => {
  it("a wrong derivative, and shows both Jacobians", () => {
    const wrong = custom(
      (x) => x.mul(x),
      (g, x) => g.mul(x.sin()),
    );
    expect(failure(() => gradcheck(wrong, [vector(1, 2)])).message).toMatchInlineSnapshot(`
      "Jacobian mismatch for output 0 with respect to input 0,
      numerical:tensor([[2.0000, 0.0000],
              [0.0000, 4.0000]], dtype=float64)
      analytical:tensor([[0.8415, 0.0000],
              [0.0000, 0.9093]], dtype=float64)
      "
    `);
  });

  it("a wrong factor", () => {
    const wrong = custom(
      (x) => x.mul(2),
      (g) => g.mul(3),
    );
    const error = failure(() => gradcheck(wrong, [vector(1, 2)]));
    expect(error.message).toMatchInlineSnapshot(`
      "Jacobian mismatch for output 0 with respect to input 0,
      numerical:tensor([[2.0000, 0.0000],
              [0.0000, 2.0000]], dtype=float64)
      analytical:tensor([[3., 0.],
              [0., 3.]], dtype=float64)
      "
    `);
    expect(error).toMatchObject({ name: "GradcheckError", output: 0, input: 0 });
    expect(error).toBeInstanceOf(KindlingError);
  });

  it("a forgotten term", () => {
    class Product extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, a: Tensor, b: Tensor): Tensor {
        ctx.saveForBackward(a, b);
        return a.mul(b).add(b);
      }
      static override backward(ctx: autograd.FunctionContext, g: Tensor): Tensor[] {
        const [a, b] = ctx.savedTensors;
        return [g.mul(b), g.mul(a)];
      }
    }
    const error = failure(() => gradcheck(Product.apply, [vector(1), vector(2)]));
    expect(error.message).toMatchInlineSnapshot(`
      "Jacobian mismatch for output 0 with respect to input 1,
      numerical:tensor([[2.0000]], dtype=float64)
      analytical:tensor([[1.]], dtype=float64)
      "
    `);
    expect(error.input).toBe(1);
  });

  it("the second of two outputs", () => {
    const wrong = custom(
      (x) => x.exp(),
      (g) => g,
    );
    const error = failure(() => gradcheck((x: Tensor) => [x.gt(0), x.mul(2), wrong(x)], [vector(0.5)]));
    expect(error.message).toContain("Jacobian mismatch for output 1 with respect to input 0,\nnumerical:tensor");
  });

  it("a derivative that is forgotten altogether", () => {
    const fn = (x: Tensor): Tensor => x.mul(2).add(x.detach());
    expect(failure(() => gradcheck(fn, [vector(1)])).message).toContain("Jacobian mismatch");
    expect(failure(() => gradcheck((x: Tensor) => x.detach().mul(2), [vector(1)])).message).toBe(
      "Numerical gradient for function expected to be zero",
    );
    expect(failure(() => gradcheck((x: Tensor) => noGrad(() => x.mul(2)), [vector(1)])).message).toBe(
      "Numerical gradient for function expected to be zero",
    );
  });

  it("a backward that is not deterministic", () => {
    manualSeed(0);
    const noisy = custom(
      (x) => x.mul(2),
      (g) => g.mul(2).add(rand(g.shape, { dtype: "float64" }).mul(1e-8)),
    );
    const x = vector(1, 2);
    expect(failure(() => gradcheck(noisy, [x], { checkUndefinedGrad: false })).message).toMatchInlineSnapshot(`
      "Backward is not reentrant, i.e., running backward with same input and gradOutput multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was 0.0.

      NOTE: If your function relies on non-deterministic operations, this failure might be expected: call gradcheck/gradgradcheck with \`nondetTol\` set to the difference you accept."
    `);
    const shaky = custom(
      (t) => t.mul(2),
      (g) => g.mul(rand([], { dtype: "float64" }).mul(1e-8).add(2)),
    );
    expect(failure(() => gradcheck(shaky, [x])).message).toContain("Backward is not reentrant");
    expect(failure(() => gradcheck(shaky, [x], { nondetTol: 1e-12 })).message).toContain(
      "The tolerance for nondeterminism was 1e-12.",
    );
    expect(gradcheck(shaky, [x], { nondetTol: 1e-6 })).toBe(true);
  });

  it("a backward that ignores the gradient of the output", () => {
    const fixed = custom(
      (x) => x.mul(2).sum(),
      (_g, x) => x.mul(0).add(2),
    );
    expect(failure(() => gradcheck(fixed, [vector(1)])).message).toBe("backward not multiplied by gradOutput");
  });

  it("a gradient of the wrong size, refused by the engine", () => {
    const wrong = custom(
      (x) => x.mul(2),
      (g) => g.at("1:").clone(),
    );
    expect(() => gradcheck(wrong, [vector(1, 2, 3)])).toThrow(AutogradError);
    expect(() => gradcheck(wrong, [vector(1, 2, 3)], { raiseException: false })).toThrow(
      "Function FBackward returned an invalid gradient at index 0 - got [2] but expected shape compatible with [3]",
    );
  });

  it("a backward that cannot do without a gradient", () => {
    class Both extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, x: Tensor): [Tensor, Tensor] {
        ctx.setMaterializeGrads(false);
        return [x.mul(2), x.mul(3)];
      }
      static override backward(_ctx: unknown, a: Tensor | null, b: Tensor | null): Tensor {
        return (a as Tensor).mul(2).add((b as Tensor).mul(3));
      }
    }
    const fn = (x: Tensor): Tensor => {
      const [a, b] = Both.apply(x);
      return a.add(b);
    };
    expect(gradcheck(fn, [vector(1)], { checkUndefinedGrad: false })).toBe(true);
    const error = failure(() => gradcheck(fn, [vector(1)]));
    expect(error.message).toMatchInlineSnapshot(
      `"Expected backward function to handle undefined output grads. Gradients of outputs that nobody used arrive as null: treat them as zeros, or leave ctx.setMaterializeGrads at true."`,
    );
    expect(error).toHaveProperty("cause");
  });

  it("a backward that makes something of no gradient", () => {
    class Constant extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
        ctx.setMaterializeGrads(false);
        return x.mul(2);
      }
      static override backward(_ctx: unknown, g: Tensor | null): Tensor {
        return g === null ? ones([1], { dtype: "float64" }) : g.mul(2);
      }
    }
    expect(failure(() => gradcheck(Constant.apply, [vector(1)])).message).toMatchInlineSnapshot(
      `"Expected all input grads to be undefined or zero when all output grads are undefined or zero."`,
    );
  });

  it("outputs whose shape changes with the values", () => {
    const fn = (x: Tensor): Tensor => x.at(x.detach().gt(1));
    expect(failure(() => gradcheck(fn, [vector(1, 2)])).message).toMatchInlineSnapshot(
      `"Expected \`fn\` to return outputs with the same shape when inputs are perturbed on index (0) by 0.000001, but got: shapes [1] and [2]."`,
    );
  });

  it("anything, and says false where it is not to throw", () => {
    const wrong = custom(
      (x) => x.mul(2),
      (g) => g.mul(3),
    );
    expect(gradcheck(wrong, [vector(1)], { raiseException: false })).toBe(false);
    expect(gradcheck((x: Tensor) => x.mul(2), [vector(1)], { raiseException: false })).toBe(true);
  });
});

describe("gradcheck refuses", () => {
  it("inputs of which none requires a gradient", () => {
    const x = tensor([1], { dtype: "float64" });
    expect(() => gradcheck((t: Tensor) => t, [x, 3])).toThrow(ArgumentError);
    expect(() => gradcheck((t: Tensor) => t, [x], { raiseException: false })).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: gradcheck expects at least one input tensor to require gradient, but none of the them have requiresGrad=true.]`,
    );
  });

  it("inputs that repeat elements", () => {
    const x = tensor([1], { dtype: "float64" }).expand(2, 3).requiresGrad_();
    expect(() => gradcheck((a: number, t: Tensor) => t.mul(a), [2, x])).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: The 1th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.]`,
    );
  });

  it("functions that give no tensor", () => {
    const message = "gradcheck expects a function that returns a tensor or an array of tensors, but got ";
    expect(() => gradcheck(() => {}, [vector(1)])).toThrow(`${message}undefined`);
    expect(() => gradcheck((x) => x.item(), [vector(1)], { raiseException: false })).toThrow(`${message}number`);
    expect(() => gradcheck(async (x) => x, [vector(1)])).toThrow(`${message}object`);
  });

  it("options that it does not know", () => {
    expect(() =>
      gradcheck((t: Tensor) => t, [vector(1)], { tolerance: 1 } as never),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: gradcheck() got an unexpected keyword argument 'tolerance' (it knows eps, atol, rtol, raiseException, nondetTol, checkUndefinedGrad, checkGradDtypes)]`,
    );
  });
});

describe("float32", () => {
  it("warns once a call", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const x = tensor([1, 2], { requiresGrad: true });
    expect(gradcheck((a: Tensor, b: Tensor) => a.add(b), [tensor([1, 2]), x], { eps: 0.01, atol: 1e-2 })).toBe(true);
    expect(gradcheck((a: Tensor, b: Tensor) => a.add(b), [x, x], { eps: 0.01, atol: 1e-2 })).toBe(true);
    expect(warn.mock.calls).toMatchInlineSnapshot(`
      [
        [
          "Input #1 requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. ",
        ],
        [
          "Input #0 requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. ",
        ],
      ]
    `);
  });

  it("fails with the steps of float64", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const x = tensor([1, 2], { requiresGrad: true });
    expect(gradcheck((t: Tensor) => t.mul(3), [x], { raiseException: false })).toBe(false);
  });
});
