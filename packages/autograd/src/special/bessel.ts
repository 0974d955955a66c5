import { angles, hankel, i0, i0e, i1, i1e, overX } from "../ops/bessel.js";
import { eq, gt, isinf, le } from "../ops/compare.js";
import { abs, add, cos, div, exp, log, mul, neg, sign, sin, sqrt, sub, trueDivide } from "../ops/pointwise.js";
import { polynomial, precise, type Unary, unary } from "../ops/table.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor.js";

/*
 * Bessel functions: near 0 by the midpoint rule or power series, far out by Hankel's series. M. Abramowitz and I. Stegun, "Handbook of
 * Mathematical Functions" (1964), chapter 9. PyTorch has no derivatives of these.
 */

export { i0, i0e, i1, i1e };

const EULER = 0.5772156649015329;
/** Beyond this Hankel's series are exact to the last digits. */
const FAR = 25;
/** How many terms of Neumann's series for the second kind count up to there. */
const TERMS = 32;

const sumOver = <T>(items: readonly T[], term: (item: T, i: number) => Tensor): Tensor =>
  items.map(term).reduce((a, b) => add(a, b));

type Order = 0 | 1;
/** `√(2/(πx)) · (P cos χ ∓ Q sin χ)` of x > 25, of the first or the second kind; χ is `x − (order/2 + 1/4) π`. */
function farOut(order: Order, second: boolean, x: Tensor): Tensor {
  const inverse = trueDivide(1, x);
  const squared = mul(inverse, inverse);
  const a = hankel(order, 18);
  const alternate = (from: number): number[] => a.filter((_, k) => k % 2 === from).map((c, k) => (k % 2 ? -c : c));
  const p = polynomial(squared, alternate(0).reverse());
  const q = mul(polynomial(squared, alternate(1).reverse()), inverse);
  const plus = add(cos(x), sin(x));
  const minus = sub(sin(x), cos(x));
  const [cosine, sine] = order === 0 ? [plus, minus] : [minus, neg(plus)];
  const wave = second ? add(mul(p, sine), mul(q, cosine)) : sub(mul(p, cosine), mul(q, sine));
  return where(isinf(x), 0, div(wave, sqrt(mul(x, Math.PI))));
}

/** `J(|x|)` of order 0 or 1. */
function firstKind(order: Order, x: Tensor): Tensor {
  const size = abs(x);
  const near = size.clampMax(FAR);
  const points = angles(18);
  const sum = sumOver(points, (angle) => {
    const s = Math.sin(angle);
    return order === 0 ? cos(mul(near, s)) : mul(sin(mul(near, s)), s);
  });
  return where(gt(size, FAR), farOut(order, false, size.clampMin(FAR)), div(sum, points.length));
}

/** `Y(x)` of order 0 or 1: Neumann's series of functions of the first kind, all of which come from the same sines. */
function secondKind(order: Order, x: Tensor): Tensor {
  const near = x.clampMax(FAR);
  const points = angles(TERMS + 2);
  const waves = points.map((angle) => (order === 0 ? cos : sin)(mul(near, Math.sin(angle))));
  const mean = (weight: (angle: number) => number): Tensor =>
    sumOver(points, (angle, j) => mul(waves[j], weight(angle) / points.length));
  const neumann = mean((angle) => {
    let sum = 0;
    for (let k = 1; k <= TERMS; k++) {
      const factor = (order + 2 * k) / (k * (order + k));
      sum += (k % 2 ? -1 : 1) * factor * (order === 0 ? Math.cos(2 * k * angle) : Math.sin((2 * k + 1) * angle));
    }
    return sum;
  });
  const first = mean((angle) => (order === 0 ? 1 : Math.sin(angle)));
  const logarithm = add(log(mul(near, 0.5)), EULER - order);
  const regular = mul(sub(mul(logarithm, first), neumann), 2 / Math.PI);
  const value = order === 0 ? regular : sub(regular, div(mul(firstKind(0, near), 2 / Math.PI), near));
  const low = where(eq(x, 0), Number.NEGATIVE_INFINITY, value);
  return where(gt(x, FAR), farOut(order, true, x.clampMin(FAR)), low);
}

/** `J₀(x)`. */
export const besselJ0: Unary = unary(
  "besselJ0",
  precise((x) => firstKind(0, x)),
  "x",
  (g, x) => neg(mul(g, besselJ1(x))),
);
/** `J₁(x)`. */
export const besselJ1: Unary = unary(
  "besselJ1",
  precise((x) => mul(firstKind(1, x), sign(x))),
  "x",
  (g, x) => mul(g, sub(besselJ0(x), overX(besselJ1(x), x, 0.5))),
);
/** `Y₀(x)` of x ≥ 0. */
export const besselY0: Unary = unary(
  "besselY0",
  precise((x) => secondKind(0, x)),
  "x",
  (g, x) => neg(mul(g, besselY1(x))),
);
/** `Y₁(x)` of x ≥ 0. */
export const besselY1: Unary = unary(
  "besselY1",
  precise((x) => secondKind(1, x)),
  "x",
  (g, x) => mul(g, sub(besselY0(x), div(besselY1(x), x))),
);
/** `sin(x) / x`, 1 at 0. */
export const sphericalBesselJ0: Unary = unary(
  "sphericalBesselJ0",
  precise((x) => overX(sin(x), x, 1)),
  "x",
  (g, x) => mul(g, overX(sub(cos(x), overX(sin(x), x, 1)), x, 0)),
);

/** `I₀(x)`; the same as `i0`. */
export const modifiedBesselI0 = i0;
/** `I₁(x)`; the same as `i1`. */
export const modifiedBesselI1 = i1;

const NEAR = 2;
const STEP = 1 / 3;

/** Power series in x²/4 by their coefficients from k = 0 on. */
const series = (x: Tensor, coefficient: (k: number) => number): Tensor =>
  polynomial(mul(mul(x, x), 0.25), Array.from({ length: 18 }, (_, k) => coefficient(k)).reverse());
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const harmonic = (n: number): number => (n < 1 ? 0 : harmonic(n - 1) + 1 / n);

/** `K(x)` of x ≤ 2. */
function nearK(order: Order, x: Tensor): Tensor {
  const logarithm = log(mul(x, 0.5));
  if (order === 0) {
    const i = series(x, (k) => 1 / factorial(k) ** 2);
    return sub(
      series(x, (k) => harmonic(k) / factorial(k) ** 2),
      mul(add(logarithm, EULER), i),
    );
  }
  const scale = (k: number): number => 1 / (factorial(k) * factorial(k + 1));
  const i = mul(series(x, scale), mul(x, 0.5));
  const rest = series(x, (k) => (harmonic(k) + harmonic(k + 1) - 2 * EULER) * scale(k));
  return sub(add(trueDivide(1, x), mul(logarithm, i)), mul(rest, mul(x, 0.25)));
}

/** `eˣ K(x)` of x ≥ 2: `√(2/x) ∫ e^(−u²) (1 + u²/x)^order / √(1 + u²/2x) du` from 0 on, by the trapezoidal rule. */
function farK(order: Order, x: Tensor): Tensor {
  const points = Array.from({ length: 20 }, (_, k) => k * STEP);
  const sum = sumOver(points, (u, k) => {
    const part = trueDivide(Math.exp(-u * u) * (k === 0 ? 0.5 : 1), sqrt(add(trueDivide((u * u) / 2, x), 1)));
    return order === 0 ? part : mul(part, add(trueDivide(u * u, x), 1));
  });
  return mul(mul(sum, STEP), sqrt(trueDivide(2, x)));
}

function secondModified(order: Order, scaled: boolean, x: Tensor): Tensor {
  const low = nearK(order, x.clampMax(NEAR));
  const high = farK(order, x.clampMin(NEAR));
  const value = scaled ? where(le(x, NEAR), mul(low, exp(x)), high) : where(le(x, NEAR), low, mul(high, exp(neg(x))));
  return where(eq(x, 0), Number.POSITIVE_INFINITY, where(isinf(x), 0, value));
}

/** `K₀(x)` of x ≥ 0. */
export const modifiedBesselK0: Unary = unary(
  "modifiedBesselK0",
  precise((x) => secondModified(0, false, x)),
  "x",
  (g, x) => neg(mul(g, modifiedBesselK1(x))),
);
/** `K₁(x)` of x ≥ 0. */
export const modifiedBesselK1: Unary = unary(
  "modifiedBesselK1",
  precise((x) => secondModified(1, false, x)),
  "x",
  (g, x) => neg(mul(g, add(modifiedBesselK0(x), div(modifiedBesselK1(x), x)))),
);
/** `eˣ K₀(x)` of x ≥ 0. */
export const scaledModifiedBesselK0: Unary = unary(
  "scaledModifiedBesselK0",
  precise((x) => secondModified(0, true, x)),
  "x",
  (g, x) => mul(g, sub(scaledModifiedBesselK0(x), scaledModifiedBesselK1(x))),
);
/** `eˣ K₁(x)` of x ≥ 0. */
export const scaledModifiedBesselK1: Unary = unary(
  "scaledModifiedBesselK1",
  precise((x) => secondModified(1, true, x)),
  "x",
  (g, x) => {
    const y = scaledModifiedBesselK1(x);
    return mul(g, sub(sub(y, scaledModifiedBesselK0(x)), div(y, x)));
  },
);
