import { ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { gt, le } from "./compare.js";
import { binary, checkOperands } from "./pair-table.js";
import { abs, mul } from "./pointwise.js";
import { requireFloats, unaryWith } from "./table.js";
import { reshape } from "./views.js";
import { where } from "./where.js";

/*
 * Activations that are methods of tensors; the others are in `@kindling/nn`.
 */

/** `x`, but 0 in [−lambd, lambd]. */
export const hardshrink = unaryWith<[lambd?: number | { lambd?: number }]>(
  "hardshrink(self, lambd=0.5)",
  (x, lambd: number) => where(le(abs(x), lambd), 0, x),
  "x",
  (g, x, lambd: number) => where(le(abs(x), lambd), 0, g),
  { floating: false, check: (dtype) => requireFloats(dtype, "hardshrink") },
);

const sloped = binary(
  "prelu",
  (a, b) => where(gt(a as Tensor, 0), a, mul(a, b)),
  { reads: "ab", derive: (g, a, b) => where(gt(a as Tensor, 0), g, mul(g, b)) },
  { reads: "a", derive: (g, a) => where(gt(a as Tensor, 0), 0, mul(g, a)) },
  {
    compute(dtype) {
      requireFloats(dtype, "prelu");
      return dtype;
    },
  },
);

/**
 * `x` where positive, else `weight · x`. `weight` has one element, or one for each channel of `self` (N, C, *).
 * @throws ShapeError where it has not
 */
export const prelu = operator<(self: Tensor, weight: Tensor) => Tensor>(
  "prelu(self, weight)",
  (self: Tensor, weight: Tensor) => {
    checkOperands("prelu", self, weight, "none", "weight");
    const count = weight.numel();
    if (weight.ndim > 1) {
      throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${weight.ndim}`, {
        weight: weight.shape,
      });
    }
    if (count === 1) return sloped(self, weight.ndim === 0 ? weight : reshape(weight, []));
    if (self.ndim === 0) throw new ShapeError("Not allow zero-dim input tensor.", { weight: weight.shape });
    const channels = self.ndim > 1 ? self.shape[1] : 1;
    if (count !== channels) {
      throw new ShapeError(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${count} and channel size = ${channels}.`,
        { shape: self.shape, weight: weight.shape },
      );
    }
    return sloped(self, reshape(weight, [count, ...self.shape.slice(2).map(() => 1)]));
  },
);
