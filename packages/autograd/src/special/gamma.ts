import { AutogradError } from "@kindling/storage";
import { eq, gt, isinf, le, logicalAnd, logicalNot, logicalOr, lt } from "../ops/compare.js";
import { hurwitz, lgamma } from "../ops/gamma.js";
import { binary, type Formula, preciseOfTwo } from "../ops/pair-table.js";
import { add, div, exp, expm1, floor, log, log1p, mul, neg, sqrt, sub, trueDivide } from "../ops/pointwise.js";
import { floatType } from "../ops/promotion.js";
import { isScalar, type TensorOrScalar, unary } from "../ops/table.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor.js";

/*
 * Incomplete gamma functions, Hurwitz's zeta function, and logarithms that take 0 · ∞ for 0.
 */

const notImplemented = (argument: string): Formula => ({
  reads: "",
  derive() {
    throw new AutogradError(`the derivative for '${argument}' is not implemented.`, { argument });
  },
});

/** `x^a e^−x / Γ(a)`, times `x^power`. */
const density = (a: Tensor, x: Tensor, power = 0): Tensor => exp(sub(sub(mul(add(a, power), log(x)), x), lgamma(a)));

const STEP = 1 / 9;

/** `∫ e^−f(t) dt` from 0 on, of functions that grow at least as `t / scale`: the trapezoidal rule in τ, `t = scale · e^(τ − e^−τ)`. */
function integral(scale: Tensor, f: (t: Tensor) => Tensor): Tensor {
  let sum: Tensor | null = null;
  for (let k = -32; k <= 38; k++) {
    const tau = k * STEP;
    const t = Math.exp(tau - Math.exp(-tau));
    const part = mul(exp(neg(f(mul(scale, t)))), t * (1 + Math.exp(-tau)) * STEP);
    sum = sum === null ? part : add(sum, part);
  }
  return mul(sum as Tensor, scale);
}

/** `Σ xⁿ / ((a + 1) … (a + n))`, of x ≤ 2. */
function rising(a: Tensor, x: Tensor): Tensor {
  let term = div(x, add(a, 1));
  let sum = add(term, 1);
  for (let n = 2; n < 24; n++) {
    term = mul(term, div(x, add(a, n)));
    sum = add(sum, term);
  }
  return sum;
}

/** The share of the gamma function's integral below `x`, or above. */
function share(above: boolean, a: Tensor, x: Tensor): Tensor {
  const small = le(x, 2);
  const low = logicalAnd(lt(x, a), logicalNot(small));
  const high = logicalNot(logicalOr(low, small));
  // each integral where its tail is the smaller one: below, by t = x e^−v; above, by t = x e^v
  const [al, xl] = [where(low, a, 4), where(low, x, 3)];
  const [au, xu] = [where(high, a, 2), where(high, x, 3)];
  const lower = integral(trueDivide(1, add(sub(al, xl), sqrt(xl))), (v) =>
    add(mul(sub(al, xl), v), mul(xl, add(v, expm1(neg(v))))),
  );
  const upper = integral(trueDivide(1, add(sub(xu, au), sqrt(xu))), (v) =>
    add(mul(sub(xu, au), v), mul(xu, sub(expm1(v), v))),
  );
  const series = div(rising(a, x.clampMax(2)), a);
  const own = mul(density(a, x), where(small, series, where(low, lower, upper)));
  const value = where(high, above ? own : sub(1, own), above ? sub(1, own) : own);
  const [none, all] = above ? [1, 0] : [0, 1];
  const known = where(eq(x, 0), none, where(isinf(x), all, where(isinf(a), none, where(eq(a, 0), all, value))));
  const undefinedAt = logicalOr(
    logicalOr(lt(a, 0), lt(x, 0)),
    logicalOr(logicalAnd(eq(a, 0), eq(x, 0)), logicalAnd(isinf(a), isinf(x))),
  );
  return where(undefinedAt, Number.NaN, known);
}

type OfTensors = ((input: Tensor, other: Tensor) => Tensor) & Pick<ReturnType<typeof binary>, "row">;
const incomplete = (name: string, node: string, above: boolean): OfTensors =>
  binary(
    name,
    preciseOfTwo((a, x) => share(above, a, x)),
    notImplemented("self"),
    {
      reads: "ab",
      derive: (g, a, x) => mul(g, mul(density(a as Tensor, x as Tensor, -1), above ? -1 : 1)),
    },
    { numbers: "none", compute: floatType, node },
  );

/** `1/Γ(a) ∫₀ˣ t^(a−1) e^−t dt`, the regularised lower incomplete gamma function of `a ≥ 0`, `x ≥ 0`. No derivative in `a`. */
export const gammainc = incomplete("gammainc", "igamma", false);
/** `1 − gammainc(a, x)`, without loss where that is small. */
export const gammaincc = incomplete("gammaincc", "igammac", true);

/** Hurwitz's zeta function `Σ (k + other)^−self`, of `self > 1` and `other > 0`. No derivative in `self`. */
export const zeta = binary(
  "zeta",
  preciseOfTwo((s, q) => {
    const value = where(le(q, 0), where(eq(q, floor(q)), Number.POSITIVE_INFINITY, Number.NaN), hurwitz(s, q));
    return where(eq(s, 1), Number.POSITIVE_INFINITY, where(lt(s, 1), Number.NaN, value));
  }),
  notImplemented("self"),
  { reads: "ab", derive: (g, s, q) => neg(mul(g, mul(s, zetaOf(isScalar(s) ? Number(s) + 1 : add(s, 1), q)))) },
  { compute: floatType, node: "specialZeta" },
);
const zetaOf = (s: TensorOrScalar, q: TensorOrScalar): Tensor => zeta(s, q);

/** `a · log(1 + b)`, 0 where `a` is 0 and `b` is a number. */
export const xlog1py = binary(
  "xlog1py",
  preciseOfTwo((a, b) => where(eq(b, b), where(eq(a, 0), 0, mul(a, log1p(b))), b)),
  {
    reads: "ab",
    derive: (g, a, b) => {
      const value = xlog1pyOf(g, b);
      if (isScalar(b)) return Number(b) > -1 ? value : where(eq(a as Tensor, 0), 0, value);
      return where(logicalAnd(eq(a as Tensor, 0), le(b, -1)), 0, value);
    },
  },
  { reads: "ab", derive: (g, a, b) => mul(g, div(a, add(b, 1))) },
  { compute: floatType, overloads: [0, 1, 2], node: "specialXlog1py" },
);
const xlog1pyOf = (a: TensorOrScalar, b: TensorOrScalar): Tensor => xlog1py(a, b);

/** `−x log x`, 0 at 0, −∞ below. */
export const entr = unary(
  "entr",
  (x) => where(gt(x, 0), neg(mul(x, log(x))), where(eq(x, 0), 0, where(lt(x, 0), Number.NEGATIVE_INFINITY, x))),
  "x",
  (g, x) => neg(mul(g, add(log(x), 1))),
  { name: "SpecialEntrBackward0" },
);
