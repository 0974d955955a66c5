import { ArgumentError, DTypeError, dtypeInfo, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { item } from "../read.js";
import type { Tensor } from "../tensor.js";
import { lt } from "./compare.js";
import { any } from "./extremes.js";
import { mm } from "./matmul.js";
import { diagonal } from "./parts.js";
import { div, mul, sqrt, sub } from "./pointwise.js";
import { floatType } from "./promotion.js";
import { sum } from "./reduction.js";
import { to } from "./shape.js";
import { expectTensor } from "./table.js";
import { reshape, squeeze, t, unsqueeze } from "./views.js";
import { clamp } from "./where.js";

/*
 * How variables vary together: rows are variables, columns observations.
 */

type Weights = Tensor | null;
type Options = { correction?: number; fweights?: Weights; aweights?: Weights };

/**
 * The covariances (V, V) of V variables in N observations (V, N), or the variance of one variable (N): sums of products of the distances from the
 * means, divided by N − `correction`. `fweights` (N), integers, say how often each observation counts, `aweights` (N) how much; either is read on the host.
 */
export const cov = operator<(self: Tensor, options?: Options) => Tensor>(
  "cov(self, *, correction=1, fweights=null, aweights=null)",
  (self: Tensor, correction: number, fweights: Weights, aweights: Weights) => {
    expectTensor(self, "cov");
    const refuse = (text: string, what: Tensor): never => {
      throw new ShapeError(`cov(): ${text}`, { shape: what.shape });
    };
    if (self.ndim > 2) {
      refuse(`expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`, self);
    }
    if (self.dtype === "bool") throw new DTypeError("cov(): bool dtype is not supported for input", { dtype: "bool" });
    const rows = to(self.ndim < 2 ? reshape(self, [1, self.numel()]) : self, floatType(self.dtype));
    const count = rows.shape[1];
    const check = (name: string, w: Weights, floats: boolean): void => {
      if (w === null) return;
      expectTensor(w, "cov", name);
      if (w.ndim > 1)
        refuse(`expected ${name} to have one or fewer dimensions but got ${name} with ${w.ndim} dimensions`, w);
      if (isFloat(w.dtype) !== floats) {
        throw new DTypeError(
          `cov(): expected ${name} to have ${floats ? "floating point" : "integral"} dtype but got ${name} with ${dtypeInfo[w.dtype].scalarName} dtype`,
          { dtype: w.dtype },
        );
      }
      if (w.numel() !== count) {
        refuse(
          `expected ${name} to have the same numel as there are observations in the input but got ${w.numel()} != ${count}`,
          w,
        );
      }
      if (item(any(lt(w.detach(), 0)))) throw new ArgumentError(`cov(): ${name} cannot be negative`);
    };
    check("fweights", fweights, false);
    check("aweights", aweights, true);
    const weights = fweights && aweights ? mul(fweights, aweights) : (fweights ?? aweights);
    const total = weights && sum(weights);
    if (total && count !== 0 && item(total.detach()) === 0) {
      throw new ArgumentError("cov(): weights sum to zero, can't be normalized");
    }
    const weighted = (x: Tensor): Tensor => (weights ? mul(x, weights) : x);
    const means = div(sum(weighted(rows), 1, true), total ?? count);
    const degrees =
      total === null
        ? Math.max(count - correction, 0)
        : clamp(
            aweights && correction !== 0
              ? sub(total, mul(div(sum(mul(weights as Tensor, aweights)), total), correction))
              : sub(total, correction),
            0,
          );
    const distances = sub(rows, means);
    return squeeze(div(mm(distances, t(weighted(distances))), degrees));
  },
);

/** Pearson's correlation coefficients (V, V) of V variables in N observations (V, N): covariances divided by the standard deviations. */
export const corrcoef = operator<(self: Tensor) => Tensor>("corrcoef(self)", (self: Tensor) => {
  expectTensor(self, "corrcoef");
  if (self.ndim > 2) {
    throw new ShapeError(
      `corrcoef(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`,
      { shape: self.shape },
    );
  }
  const c = cov(self);
  if (c.ndim === 0) return div(c, c);
  const deviations = sqrt(diagonal(c));
  return clamp(div(div(c, unsqueeze(deviations, 1)), deviations), -1, 1);
});
