import { eq, gt, lt } from "../ops/compare.js";
import { erfc, erfcxOf, quantileOf } from "../ops/erf.js";
import { exp, log, log1p, mul, neg, sub, trueDivide } from "../ops/pointwise.js";
import { composite, precise, type Unary, unary } from "../ops/table.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor.js";

/*
 * The normal distribution and the scaled complement of the error function.
 */

/** `erfc(x) · exp(x²)`. */
export const erfcx: Unary = unary(
  "erfcx",
  precise(erfcxOf),
  "x",
  (g, x) => mul(g, sub(mul(mul(x, erfcx(x)), 2), 2 / Math.sqrt(Math.PI))),
  { name: "SpecialErfcxBackward0" },
);

/** Φ(x), the probability that a standard normal number is below `x`. */
export const ndtr = composite("ndtr", (x) => mul(erfc(mul(x, -Math.SQRT1_2)), 0.5));

/** `log Φ(x)` of x ≤ 0. */
const logLowerTail = (x: Tensor): Tensor => sub(log(mul(erfcxOf(mul(x, -Math.SQRT1_2)), 0.5)), mul(mul(x, x), 0.5));
/** The slope of `log Φ`. */
const hazard = (scaled: Tensor): Tensor => trueDivide(Math.sqrt(2 / Math.PI), scaled);

/** `log Φ(x)`, without loss where Φ is small. */
export const logNdtr: Unary = unary(
  "logNdtr",
  precise((x) => {
    const low = logLowerTail(x.clampMax(-1));
    return where(lt(x, -1), low, log1p(mul(erfc(mul(x, Math.SQRT1_2)), -0.5)));
  }),
  "x",
  (g, x) => mul(g, hazard(erfcx(mul(x, -Math.SQRT1_2)))),
  { name: "SpecialLogNdtrBackward0" },
);

/** The inverse of Φ, on (0, 1). */
export const ndtri: Unary = unary(
  "ndtri",
  precise((p) => {
    const upper = gt(p, 0.5);
    const tail = where(upper, sub(1, p), p);
    const x = mul(quantileOf(tail), -Math.SQRT2);
    const value = where(upper, neg(x), x);
    return where(eq(p, 0), Number.NEGATIVE_INFINITY, where(eq(p, 1), Number.POSITIVE_INFINITY, value));
  }),
  "y",
  (g, y) => mul(g, mul(exp(mul(mul(y, y), 0.5)), Math.sqrt(2 * Math.PI))),
  { name: "SpecialNdtriBackward0" },
);
