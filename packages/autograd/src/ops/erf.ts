import type { Tensor } from "../tensor.js";
import { eq, gt, isinf, lt } from "./compare.js";
import { abs, add, div, erf, exp, log, mul, neg, sign, sqrt, sub, trueDivide } from "./pointwise.js";
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
  const tail = where(isinf(x), 0, scaledTail(size.clamp(0.5, 1e100)));
  const near = mul(squared, sub(1, erf(x)));
  return where(lt(size, 0.5), near, where(gt(x, 0), tail, sub(mul(squared, 2), tail)));
}

/** The complement `1 − erf(x)` of the error function, exact also where it is small. */
export const erfc = unary(
  "erfc",
  precise((x) => {
    const size = abs(x);
    const tail = mul(scaledTail(size.clamp(0.5, 1e100)), exp(neg(mul(x, x))));
    return where(lt(size, 0.5), sub(1, erf(x)), where(gt(x, 0), tail, sub(2, tail)));
  }),
  "x",
  (g, x) => mul(g, mul(exp(neg(mul(x, x))), -2 / Math.sqrt(Math.PI))),
);

const SHAPE = 0.147;

/**
 * `−√½ · Φ⁻¹(tail)` of tails up to 1/2, Φ the normal distribution: S. Winitzki's approximation, "A handy approximation for the error
 * function and its inverse" (2008), and two of Halley's steps on the logarithm.
 */
export function quantileOf(tail: Tensor): Tensor {
  const l = log(mul(mul(tail, sub(1, tail)), 4));
  const half = add(mul(l, 0.5), 2 / (Math.PI * SHAPE));
  const ratio = mul(l, -1 / SHAPE);
  let x = sqrt(div(ratio, add(sqrt(add(mul(half, half), ratio)), half)));
  const target = log(mul(tail, 2));
  for (let i = 0; i < 2; i++) {
    const scaled = erfcxOf(x);
    const slope = trueDivide(2 / Math.sqrt(Math.PI), scaled); // of −log erfc
    const step = div(sub(sub(target, log(scaled)), mul(x, x).neg()), slope);
    x = sub(x, div(step, add(mul(mul(step, sub(slope, mul(x, 2))), -0.5), 1)));
  }
  return x;
}

/** The inverse of the error function, on (−1, 1). */
export const erfinv = unary(
  "erfinv",
  precise((y) => {
    const size = abs(y);
    const far = quantileOf(mul(sub(1, size), 0.5).clampMax(0.25));
    // near 0 one of Halley's steps from the power series
    let near = mul(y, Math.sqrt(Math.PI) / 2);
    near = mul(near, add(mul(mul(near, near), 1 / 3), 1));
    for (let i = 0; i < 2; i++) {
      const off = mul(mul(sub(erf(near), y), exp(mul(near, near))), Math.sqrt(Math.PI) / 2);
      near = sub(near, div(off, add(mul(near, off), 1)));
    }
    const value = where(gt(size, 0.5), mul(sign(y), far), near);
    return where(eq(size, 1), mul(y, Number.POSITIVE_INFINITY), where(gt(size, 1), Number.NaN, value));
  }),
  "y",
  (g, y) => mul(g, mul(exp(mul(y, y)), Math.sqrt(Math.PI) / 2)),
);
