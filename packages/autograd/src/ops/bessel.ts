import type { Tensor } from "../tensor.js";
import { eq, gt } from "./compare.js";
import { abs, add, div, exp, expm1, mul, sign, sqrt, sub, trueDivide } from "./pointwise.js";
import { polynomial, precise, type Unary, unary } from "./table.js";
import { where } from "./where.js";

/*
 * Modified Bessel functions of the first kind. Near 0 Bessel's integral by the midpoint rule, whose error falls faster than any power of
 * the number of points; far out Hankel's series.
 */

/** Factors aₖ of Hankel's series of order 0 or 1: `aₖ = Π (4·order² − (2j − 1)²) / (8j)`, j = 1 … k. */
export function hankel(order: number, count: number): number[] {
  const out = [1];
  for (let k = 1; k < count; k++) out.push((out[k - 1] * (4 * order * order - (2 * k - 1) ** 2)) / (8 * k));
  return out;
}

/** The middles of `n` equal parts of a quarter turn. */
export const angles = (n: number): number[] => Array.from({ length: n }, (_, j) => ((j + 0.5) * Math.PI) / (2 * n));

/** `1 / x`, but `limit` at 0. */
export const overX = (y: Tensor, x: Tensor, limit: number): Tensor => {
  const zero = eq(x, 0);
  return where(zero, limit, div(y, where(zero, 1, x)));
};

/** Beyond this Hankel's series are exact to the last digits. */
const FAR = 20;

/** `e^−|x| · I(|x|)` of order 0 or 1. */
function scaledI(order: 0 | 1, x: Tensor): Tensor {
  const size = abs(x);
  const near = size.clampMax(FAR);
  const points = angles(12);
  let sum: Tensor | null = null;
  for (const angle of points) {
    const c = Math.cos(angle);
    const larger = mul(exp(mul(near, c - 1)), (order === 1 ? -c : 1) / (2 * points.length));
    const both = order === 1 ? expm1(mul(near, -2 * c)) : add(exp(mul(near, -2 * c)), 1);
    const term = mul(larger, both);
    sum = sum === null ? term : add(sum, term);
  }
  const far = size.clampMin(FAR);
  const series = hankel(order, 24).map((a, k) => (k % 2 ? -a : a));
  const tail = div(polynomial(trueDivide(1, far), series.reverse()), sqrt(mul(far, 2 * Math.PI)));
  return where(gt(size, FAR), tail, sum as Tensor);
}

/** `I₀(x)`, the modified Bessel function of the first kind of order 0. */
export const i0: Unary = unary(
  "i0",
  precise((x) => mul(scaledI(0, x), exp(abs(x)))),
  "x",
  (g, x) => mul(g, i1(x)),
);
/** `I₁(x)`, of order 1. */
export const i1: Unary = unary(
  "i1",
  precise((x) => mul(mul(scaledI(1, x), exp(abs(x))), sign(x))),
  "x",
  (g, x) => mul(g, sub(i0(x), overX(i1(x), x, 0.5))),
  { name: "SpecialI1Backward0" },
);
/** `e^−|x| I₀(x)`. */
export const i0e: Unary = unary(
  "i0e",
  precise((x) => scaledI(0, x)),
  "x",
  (g, x) => mul(g, sub(i1e(x), mul(sign(x), i0e(x)))),
  { name: "SpecialI0EBackward0" },
);
/** `e^−|x| I₁(x)`. */
export const i1e: Unary = unary(
  "i1e",
  precise((x) => mul(scaledI(1, x), sign(x))),
  "x",
  (g, x) => {
    const y = i1e(x);
    return mul(g, sub(sub(i0e(x), mul(sign(x), y)), overX(y, x, 0.5)));
  },
  { name: "SpecialI1EBackward0" },
);
