import { ArgumentError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { eq, isfinite, isinf, le, logicalAnd, lt } from "./compare.js";
import { abs, add, cos, div, floor, log, log1p, mul, pow, roundPlain, sin, sub, trueDivide } from "./pointwise.js";
import { isScalar, polynomial, precise, type TensorOrScalar, type Unary, unary, unaryWith } from "./table.js";
import { where } from "./where.js";

/*
 * The gamma function and its relatives: asymptotic series of large arguments, to which recurrence and reflection bring all others.
 */

/** Bernoulli's numbers B₂, B₄, … B₂₀. */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

/** Σ coefficients[k − 1] · B₂ₖ · x^(1−2k), of x ≥ 8. */
function asymptotic(x: Tensor, coefficient: (k: number) => number): Tensor {
  const inverse = trueDivide(1, x);
  const terms = bernoulli.map((b, i) => b * coefficient(i + 1)).reverse();
  return mul(polynomial(mul(inverse, inverse), terms), inverse);
}

/** `x` less its nearest whole number: what counts for functions of period 1. */
const offWhole = (x: Tensor): Tensor => sub(x, roundPlain(x));

/** `ζ(s) − 1` of a whole number, by Euler and Maclaurin. */
function zetaLess1(s: number): number {
  const n = 10;
  let sum = n ** (1 - s) / (s - 1) + 0.5 * n ** -s;
  for (let k = 2; k < n; k++) sum += k ** -s;
  let term = s * n ** (-s - 1);
  for (let j = 1; j <= bernoulli.length; j++) {
    sum += (bernoulli[j - 1] * term) / factorial(2 * j);
    term *= ((s + 2 * j - 1) * (s + 2 * j)) / (n * n);
  }
  return sum;
}
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Of `log Γ(2 + z)`, by powers of z, the highest first. */
let atTwo: number[] | undefined;
const EULER = 0.5772156649015329;

/** `log Γ(x)` of x ≥ 0.5. */
function logGammaOfPositive(x: Tensor): Tensor {
  atTwo ??= [...Array.from({ length: 27 }, (_, i) => ((i % 2 ? -1 : 1) * zetaLess1(28 - i)) / (28 - i)), 1 - EULER, 0];
  // around 1 and 2, where it is 0: its power series at 2
  const low = lt(x, 1.5);
  const z = sub(x, where(low, 1, 2)).clamp(-0.5, 0.5);
  const series = polynomial(z, atTwo);
  const near = where(low, sub(series, log1p(z)), series);
  // elsewhere Stirling's series, of x + 6 where x is small
  const small = lt(x, 8);
  let product = x;
  for (let k = 1; k < 6; k++) product = mul(product, add(x, k));
  const y = where(small, add(x, 6), x);
  const stirling = add(
    add(mul(sub(y, 0.5), sub(log(y), 1)), 0.5 * Math.log(2 * Math.PI) - 0.5),
    asymptotic(y, (k) => 1 / (2 * k * (2 * k - 1))),
  );
  return where(lt(x, 2.5), near, where(small, sub(stirling, log(product)), stirling));
}

/** The logarithm of `|Γ(x)|`. */
export const lgamma = unary(
  "lgamma",
  precise((x) => {
    const left = lt(x, 0.5);
    const right = logGammaOfPositive(where(left, sub(1, x), x));
    const sine = abs(sin(mul(offWhole(x), Math.PI)));
    const value = where(left, sub(log(trueDivide(Math.PI, sine)), right), right);
    return where(isinf(x), Number.POSITIVE_INFINITY, value);
  }),
  "x",
  (g, x) => mul(g, digamma(x)),
);

/** The derivative of `lgamma`. At 0 it is infinite with the other sign, at negative whole numbers NaN. */
export const digamma: Unary = unary(
  "digamma",
  precise((x) => {
    const left = lt(x, 0.5);
    const w = where(left, sub(1, x), x);
    const y = add(w, 8);
    let value = sub(
      sub(log(y), trueDivide(0.5, y)),
      div(
        asymptotic(y, (k) => 1 / (2 * k)),
        y,
      ),
    );
    for (let k = 0; k < 8; k++) value = sub(value, trueDivide(1, add(w, k)));
    const off = mul(where(eq(x, 0), x, offWhole(x)), Math.PI);
    const reflected = sub(value, div(mul(cos(off), Math.PI), sin(off)));
    const poles = logicalAnd(lt(x, 0), eq(off, 0));
    return where(poles, Number.NaN, where(left, reflected, value));
  }),
  "x",
  (g, x) => mul(g, polygammaOf(x, 1)),
);

const plus = (a: TensorOrScalar, b: number): TensorOrScalar => (isScalar(a) ? Number(a) + b : add(a, b));
const times = (a: TensorOrScalar, b: TensorOrScalar): TensorOrScalar =>
  isScalar(a) && isScalar(b) ? Number(a) * Number(b) : mul(a, b);

/** Hurwitz's zeta function `Σ (k + q)^−s` of q > 0, by Euler and Maclaurin. */
export function hurwitz(s: TensorOrScalar, q: Tensor): Tensor {
  const steps = 9;
  const exponent = times(s, -1);
  let sum = pow(q, exponent);
  for (let k = 1; k < steps; k++) sum = add(sum, pow(add(q, k), exponent));
  const y = add(q, steps);
  const last = pow(y, exponent);
  sum = add(sum, mul(last, add(div(y, plus(s, -1)), 0.5)));
  let term = div(mul(last, s), y);
  const squared = mul(y, y);
  for (let j = 1; j <= bernoulli.length; j++) {
    sum = add(sum, mul(term, bernoulli[j - 1] / factorial(2 * j)));
    term = div(mul(term, times(plus(s, 2 * j - 1), plus(s, 2 * j))), squared);
  }
  return sum;
}

/** The polynomial in the cotangent that is the n-th derivative of the cotangent but for its sign, the highest power first. */
function cotangentDerivative(n: number): number[] {
  let p = [0, 1]; // by ascending powers
  for (let i = 0; i < n; i++) {
    const slope = p.slice(1).map((c, k) => c * (k + 1));
    p = Array.from({ length: slope.length + 2 }, (_, k) => (slope[k] ?? 0) + (slope[k - 2] ?? 0));
  }
  return p.reverse();
}

/** `polygamma` with the tensor first. */
export const polygammaOf: Unary<[n: number | { n: number }]> = unaryWith<[n: number | { n: number }]>(
  "polygamma(self, n)",
  precise((x, n: number) => {
    if (!(n >= 0)) throw new ArgumentError("polygamma(n, x) does not support negative n.", { n });
    if (n === 0) return digamma(x);
    const left = le(x, 0);
    const value = mul(hurwitz(n + 1, where(left, sub(1, x), x)), -((-1) ** n) * factorial(n));
    const angle = mul(offWhole(x), Math.PI);
    const cotangent = div(cos(angle), sin(angle));
    const reflection = mul(polynomial(cotangent, cotangentDerivative(n)), Math.PI ** (n + 1));
    const poles = logicalAnd(left, eq(x, floor(x)));
    const out = where(left, mul(sub(value, reflection), (-1) ** n), value);
    // at infinity as PyTorch
    const known = n === 1 ? where(isinf(x), where(left, Number.NaN, 0), out) : out;
    return where(n === 1 ? logicalAnd(poles, isfinite(x)) : poles, -((-1) ** n) * Number.POSITIVE_INFINITY, known);
  }),
  "x",
  (g, x, n: number) => mul(g, polygammaOf(x, n + 1)),
);

/**
 * The n-th derivative of `digamma`.
 * @throws ArgumentError for a negative `n`
 */
export const polygamma = operator<(n: number, input: Tensor) => Tensor>(
  "polygamma(n, input)",
  (n: number, input: Tensor) => polygammaOf(input, n),
);

/**
 * The logarithm of the multivariate gamma function of dimension `p`: `p(p−1)/4 · log π + Σ lgamma(x − j/2)`, j = 0 … p − 1.
 * @throws ArgumentError for `p` below 1
 */
export const mvlgamma = unaryWith<[p: number | { p: number }]>(
  "mvlgamma(self, p)",
  (x, p: number) => {
    if (!(p >= 1)) throw new ArgumentError("p has to be greater than or equal to 1", { p });
    return add(
      sumOver(p, (j) => lgamma(sub(x, j / 2))),
      ((p * (p - 1)) / 4) * Math.log(Math.PI),
    );
  },
  "x",
  (g, x, p: number) =>
    mul(
      g,
      sumOver(p, (j) => digamma(sub(x, j / 2))),
    ),
);

const sumOver = (p: number, term: (j: number) => Tensor): Tensor =>
  Array.from({ length: p }, (_, j) => term(j)).reduce((a, b) => add(a, b));
