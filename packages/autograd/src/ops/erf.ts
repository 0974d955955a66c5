import type { Tensor } from "../tensor.js";
import { eq, gt, lt } from "./compare.js";
import { abs, add, div, erf, exp, log1p, mul, neg, sign, sqrt, sub, trueDivide } from "./pointwise.js";
import { precise, unary } from "./table.js";
import { where } from "./where.js";

/*
 * The complement and the inverse of the error function.
 */

const STEP = 0.5;
/** Below this the trapezoidal rule of `erfcx` passes beside poles. */
const POLES = (2 * Math.PI) / (2 * STEP);

/**
 * `erfc(x) · exp(x²)` of x ≥ 0.5: its integral `2x/π ∫₀^∞ e^(−t²) / (x² + t²) dt` by the trapezoidal rule, exact to the last digits, and
 * what the poles at ±ix add to that. Hunter and Regan, "A note on the evaluation of the complementary error function" (1972).
 */
function scaledTail(x: Tensor): Tensor {
  const squared = mul(x, x);
  let sum = trueDivide(0.5, squared);
  for (let t = STEP; t < 6.5; t += STEP) sum = add(sum, trueDivide(Math.exp(-t * t), add(squared, t * t)));
  const below = x.clampMax(POLES);
  const poles = div(mul(exp(mul(below, below)), 2), sub(1, exp(mul(below, (2 * Math.PI) / STEP))));
  return add(mul(mul(sum, x), (2 * STEP) / Math.PI), where(lt(x, POLES), poles, 0));
}

/** `erfc(x) · exp(x²)`. */
export function erfcxOf(x: Tensor): Tensor {
  const size = abs(x);
  const squared = exp(mul(x, x));
  const tail = scaledTail(size.clampMin(0.5));
  const near = mul(squared, sub(1, erf(x)));
  return where(lt(size, 0.5), near, where(gt(x, 0), tail, sub(mul(squared, 2), tail)));
}

/** The complement `1 − erf(x)` of the error function, exact also where it is small. */
export const erfc = unary(
  "erfc",
  precise((x) => {
    const size = abs(x);
    const tail = mul(scaledTail(size.clampMin(0.5)), exp(neg(mul(x, x))));
    return where(lt(size, 0.5), sub(1, erf(x)), where(gt(x, 0), tail, sub(2, tail)));
  }),
  "x",
  (g, x) => mul(g, mul(exp(neg(mul(x, x))), -2 / Math.sqrt(Math.PI))),
);

const SHAPE = 0.147;

/**
 * The inverse of the error function, on (−1, 1): S. Winitzki's approximation, "A handy approximation for the error function and its
 * inverse" (2008), and two of Halley's steps.
 */
export const erfinv = unary(
  "erfinv",
  precise((y) => {
    const l = log1p(neg(mul(y, y)));
    const half = add(mul(l, 0.5), 2 / (Math.PI * SHAPE));
    const ratio = mul(l, -1 / SHAPE);
    let x = mul(sign(y), sqrt(div(ratio, add(sqrt(add(mul(half, half), ratio)), half))));
    for (let i = 0; i < 2; i++) {
      const off = mul(mul(sub(erf(x), y), exp(mul(x, x))), Math.sqrt(Math.PI) / 2);
      x = sub(x, div(off, add(mul(x, off), 1)));
    }
    return where(eq(abs(y), 1), mul(y, Number.POSITIVE_INFINITY), x);
  }),
  "y",
  (g, y) => mul(g, mul(exp(mul(y, y)), Math.sqrt(Math.PI) / 2)),
);
