import { isFloat } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
import { eq, ge, gt, isfinite, isinf, isnan, le, logicalAnd, logicalOr, lt } from "./compare.js";
import { full, zerosLike } from "./creation.js";
import { applyBinary } from "./pair-table.js";
import {
  abs,
  add,
  atan2,
  cos,
  div,
  exp,
  expm1,
  log,
  log1p,
  mul,
  neg,
  pow,
  sign,
  sin,
  sqrt,
  sub,
  trueDivide,
  trunc,
} from "./pointwise.js";
import { to } from "./shape.js";
import { composite, precise, refuseBool, requireFloats, type Unary, unary, unaryWith } from "./table.js";
import { where } from "./where.js";

/*
 * Functions of one argument that the contract has no kernel for: rows whose kernel is made of others.
 */

const constant = (g: Tensor): Tensor => zerosLike(g);

// -------------------------------------------------------------------------------------- powers, exponentials

/** `x²`. */
export const square = composite("square", (x) => pow(x, 2));
/** `1 / x`. */
export const reciprocal = unary(
  "reciprocal",
  (x) => trueDivide(1, x),
  "y",
  (g, y) => neg(mul(g, mul(y, y))),
);
/** `1 / √x`. */
export const rsqrt = unary(
  "rsqrt",
  (x) => trueDivide(1, sqrt(x)),
  "y",
  (g, y) => mul(g, mul(pow(y, 3), -0.5)),
);
/** `2ˣ`. */
export const exp2 = unary(
  "exp2",
  (x) => pow(2, x),
  "y",
  (g, y) => mul(g, mul(y, Math.LN2)),
);
/** Base-2 logarithm. */
export const log2 = unary(
  "log2",
  precise((x) => mul(log(x), Math.LOG2E)),
  "x",
  (g, x) => div(g, mul(x, Math.LN2)),
);
/** Base-10 logarithm. */
export const log10 = unary(
  "log10",
  precise((x) => mul(log(x), Math.LOG10E)),
  "x",
  (g, x) => div(g, mul(x, Math.LN10)),
);

type Eps = [eps?: number | null | { eps?: number | null }];

/** `log(x / (1 − x))`, the inverse of `sigmoid`; with `eps` of `x` limited to [eps, 1 − eps]. Outside of [0, 1] it is NaN. */
export const logit: Unary<Eps> = unaryWith<Eps>(
  "logit(self, eps=null)",
  precise((x, eps: number | null) => {
    const z = eps === null ? x : x.clamp(eps, 1 - eps);
    return log(div(z, sub(1, z)));
  }),
  "x",
  (g, x, eps: number | null) => {
    const inside = logicalAnd(ge(x, eps ?? 0), le(x, 1 - (eps ?? 0)));
    return where(inside, div(g, mul(x, sub(1, x))), eps === null ? Number.NaN : 0);
  },
);

// ----------------------------------------------------------------------------------------------- trigonometry

/** Tangent of radians. */
export const tan = unary(
  "tan",
  precise((x) => div(sin(x), cos(x))),
  "y",
  (g, y) => mul(g, add(mul(y, y), 1)),
);
/** `√(1 − x²)`, without loss near 1. */
const leg = (x: Tensor): Tensor => sqrt(mul(sub(1, x), add(x, 1)));
/** Inverse sine, in radians. */
export const asin = unary(
  "asin",
  (x) => atan2(x, leg(x)),
  "x",
  (g, x) => div(g, leg(x)),
);
/** Inverse cosine, in radians. */
export const acos = unary(
  "acos",
  (x) => atan2(leg(x), x),
  "x",
  (g, x) => neg(div(g, leg(x))),
);
/** Inverse tangent, in radians. */
export const atan = unary(
  "atan",
  (x) => applyBinary(atan2.row, x, 1),
  "x",
  (g, x) => div(g, add(mul(x, x), 1)),
);
/** Radians from degrees. */
export const deg2rad = unary(
  "deg2rad",
  (x) => mul(x, Math.PI / 180),
  "none",
  (g) => mul(g, Math.PI / 180),
);
/** Degrees from radians. */
export const rad2deg = unary(
  "rad2deg",
  (x) => mul(x, 180 / Math.PI),
  "none",
  (g) => mul(g, 180 / Math.PI),
);
/** `sin(πx) / (πx)`, 1 at 0. */
export const sinc = unary(
  "sinc",
  precise((x) => {
    const angle = mul(x, Math.PI);
    return where(eq(x, 0), 1, div(sin(angle), angle));
  }),
  "x",
  (g, x) => {
    const flat = eq(x, 0);
    const angle = mul(where(flat, 1, x), Math.PI);
    const slope = div(sub(mul(angle, cos(angle)), sin(angle)), mul(angle, where(flat, 1, x)));
    return mul(g, where(flat, 0, slope));
  },
);
/** The angle of a number in the complex plane: 0, or π of a negative one. */
export const angle = unary("angle", (x) => where(isnan(x), x, mul(to(lt(x, 0), x.dtype), Math.PI)), "none", constant);

// ---------------------------------------------------------------------------------------- hyperbolic functions

/** Hyperbolic sine. */
export const sinh: Unary = unary(
  "sinh",
  precise((x) => mul(sub(expm1(x), expm1(neg(x))), 0.5)),
  "x",
  (g, x) => mul(g, cosh(x)),
);
/** Hyperbolic cosine. */
export const cosh: Unary = unary(
  "cosh",
  precise((x) => mul(add(exp(x), exp(neg(x))), 0.5)),
  "x",
  (g, x) => mul(g, sinh(x)),
);
/** Inverse hyperbolic sine. */
export const asinh = unary(
  "asinh",
  precise((x) => {
    const a = abs(x);
    const near = log1p(add(a, div(mul(a, a), add(sqrt(add(mul(a, a), 1)), 1))));
    return mul(sign(x), where(gt(a, 1e8), add(log(a), Math.LN2), near));
  }),
  "x",
  (g, x) => div(g, sqrt(add(mul(x, x), 1))),
);
/** Inverse hyperbolic cosine, of numbers from 1 on. */
export const acosh = unary(
  "acosh",
  precise((x) => {
    const above = sub(x, 1);
    const near = log1p(add(above, sqrt(mul(above, add(above, 2)))));
    return where(gt(x, 1e8), add(log(x), Math.LN2), near);
  }),
  "x",
  (g, x) => div(g, sqrt(mul(sub(x, 1), add(x, 1)))),
);
/** Inverse hyperbolic tangent. */
export const atanh = unary(
  "atanh",
  precise((x) => mul(sub(log1p(x), log1p(neg(x))), 0.5)),
  "x",
  (g, x) => div(g, mul(sub(1, x), add(x, 1))),
);

// --------------------------------------------------------------------------------------------- signs and parts

/** `x` itself. */
export const positive = composite("positive", (x) => {
  refuseBool("positive", "The `+` operator, on a bool tensor is not supported.")(x.dtype);
  return x;
});
/** What `x` has behind the point, with its sign. */
export const frac = unary(
  "frac",
  (x) => sub(x, trunc(x)),
  "none",
  (g) => g,
  { floating: false, check: (dtype) => requireFloats(dtype, "frac") },
);
/** -1, 0 or 1; the same as `sign`. */
export const sgn = unary("sgn", "sign", "none", constant, { floating: false, keepsBool: true });
/** Whether elements have a minus sign, that of `-0` included. */
export const signbit = composite("signbit", (x) => {
  const negative = lt(x, 0);
  return isFloat(x.dtype) ? logicalOr(negative, lt(reciprocal(x.detach()), 0)) : negative;
});
/** Whether elements are `+∞`. */
export const isposinf = composite("isposinf", (x) => logicalAnd(isinf(x), gt(x, 0)));
/** Whether elements are `−∞`. */
export const isneginf = composite("isneginf", (x) => logicalAnd(isinf(x), lt(x, 0)));
const largest: Record<string, number> = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};
type Replacement = number | null | undefined;
type Replacements = { nan?: Replacement; posinf?: Replacement; neginf?: Replacement };
type NanToNum = [
  nan?: Replacement | Replacements,
  posinf?: Replacement | Replacements,
  neginf?: Replacement | Replacements,
];

/** NaN replaced by `nan` (default 0), infinities by `posinf` and `neginf` (default: the largest numbers of the dtype). */
export const nanToNum: Unary<NanToNum> = unaryWith<NanToNum>(
  "nanToNum(self, nan=null, posinf=null, neginf=null)",
  (x: Tensor, nan: number | null, posinf: number | null, neginf: number | null) => {
    if (!isFloat(x.dtype)) return x.clone();
    const most = largest[x.dtype];
    const highest = full([], posinf ?? most, { dtype: x.dtype, device: x.device });
    const extreme = where(gt(x, 0), highest, neginf ?? -most);
    return where(isfinite(x), x, where(isnan(x), nan ?? 0, extreme));
  },
  "x",
  (g, x) => where(isfinite(x), g, 0),
  { floating: false },
);
