import { DTypeError, isFloat } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { eq, ge, gt, isfinite, isinf, isnan, logicalAnd, logicalOr, lt } from "./compare.js";
import { full } from "./creation.js";
import {
  abs,
  add,
  atan2,
  composite,
  exp,
  exp2,
  expm1,
  floating,
  log1p,
  log2,
  maximum,
  mul,
  neg,
  reciprocal,
  scaled,
  sign,
  sqrt,
  sub,
  trunc,
} from "./pointwise.js";
import { checkOperands, promoted, refuseBool, requireFloats } from "./table.js";
import { where } from "./where.js";

/*
 * Pointwise functions that are made of others, and inherit their derivatives.
 */

/** `x` itself. */
export const positive = composite("positive", (x) => {
  refuseBool("positive", "The `+` operator, on a bool tensor is not supported.")(x.dtype);
  return x;
});
/** What `x` has behind the point, with its sign. */
export const frac = composite("frac", (x) => {
  requireFloats(x.dtype, "frac");
  return sub(x, trunc(x));
});
/** -1, 0 or 1; the same as `sign`. */
export const sgn = composite("sgn", (x) => sign(x));
/** `√(1 − x²)`, without loss near 1. */
const leg = (x: Tensor): Tensor => sqrt(mul(sub(1, x), add(x, 1)));
/** Inverse sine, in radians. */
export const asin = composite("asin", (input) => {
  const x = floating(input);
  return atan2(x, leg(x));
});
/** Inverse cosine, in radians. */
export const acos = composite("acos", (input) => {
  const x = floating(input);
  return atan2(leg(x), x);
});
/** Hyperbolic sine. */
export const sinh = composite("sinh", (input) => {
  const x = floating(input);
  return mul(sub(expm1(x), expm1(neg(x))), 0.5);
});
/** Hyperbolic cosine. */
export const cosh = composite("cosh", (input) => {
  const x = floating(input);
  return mul(add(exp(x), exp(neg(x))), 0.5);
});
/** Inverse hyperbolic tangent. */
export const atanh = composite("atanh", (input) => {
  const x = floating(input);
  return mul(sub(log1p(x), log1p(neg(x))), 0.5);
});
/** Radians from degrees. */
export const deg2rad = composite("deg2rad", (x) => scaled(floating(x), Math.PI / 180));
/** Degrees from radians. */
export const rad2deg = composite("rad2deg", (x) => scaled(floating(x), 180 / Math.PI));
/** Whether elements are `+∞`. */
export const isposinf = composite("isposinf", (x) => logicalAnd(isinf(x), gt(x, 0)));
/** Whether elements are `−∞`. */
export const isneginf = composite("isneginf", (x) => logicalAnd(isinf(x), lt(x, 0)));
/** Whether elements have a minus sign, that of `-0` included. */
export const signbit = composite("signbit", (x) => {
  const negative = lt(x, 0);
  return isFloat(x.dtype) ? logicalOr(negative, lt(reciprocal(x), 0)) : negative;
});

type Pair = (self: Tensor, other: Tensor) => Tensor;
const ofTensors = (name: string, argument: string, body: Pair): Pair =>
  operator<Pair>(`${name}(self, ${argument})`, (self: Tensor, other: Tensor) => {
    checkOperands(name, self, other, "none", argument);
    return body(self, other);
  });

/** 0 below 0, 1 above, `values` at 0. */
export const heaviside = ofTensors("heaviside", "values", (self, values) => {
  if (self.dtype !== values.dtype) {
    throw new DTypeError("heaviside is not yet implemented for tensors with different dtypes.", {
      self: self.dtype,
      values: values.dtype,
    });
  }
  const step = isFloat(self.dtype) ? where(isnan(self), 0, gt(self, 0).to(self.dtype)) : gt(self, 0).to(self.dtype);
  return where(eq(self, 0), values, step).detach();
});
/** The larger of two, and the other one of a NaN. */
export const fmax = ofTensors("fmax", "other", (a, b) => where(logicalOr(ge(a, b), isnan(b)), a, b));
/** The smaller of two, and the other one of a NaN. */
export const fmin = ofTensors("fmin", "other", (a, b) => where(logicalOr(ge(b, a), isnan(b)), a, b));

/** `m + softly(−|a − b|)` with `m` the larger; equal infinities are their own sum. */
function smooth(a: Tensor, b: Tensor, name: string, softly: (distance: Tensor) => Tensor): Tensor {
  requireFloats(promoted(a, b), name);
  const sum = add(maximum(a, b), softly(neg(abs(sub(a, b)))));
  return where(logicalAnd(eq(a, b), isinf(a)), a, sum);
}
/** `log(eᵃ + eᵇ)`, without overflow. */
export const logaddexp = ofTensors("logaddexp", "other", (a, b) => smooth(a, b, "logaddexp", (d) => log1p(exp(d))));
/** `log₂(2ᵃ + 2ᵇ)`, without overflow. */
export const logaddexp2 = ofTensors("logaddexp2", "other", (a, b) =>
  smooth(a, b, "logaddexp2", (d) => log2(add(exp2(d), 1))),
);
/** `√(a² + b²)`. */
export const hypot = ofTensors("hypot", "other", (a, b) => {
  requireFloats(promoted(a, b), "hypot");
  return sqrt(add(mul(a, a), mul(b, b)));
});

type Replacements = { nan?: number | null; posinf?: number | null; neginf?: number | null };
type NanToNum = (
  self: Tensor,
  nan?: number | null | Replacements,
  posinf?: number | null,
  neginf?: number | null,
) => Tensor;
const largest: Record<string, number> = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};

/** NaN replaced by `nan` (default 0), infinities by `posinf` and `neginf` (default: the largest numbers of the dtype). */
export const nanToNum = operator<NanToNum>(
  "nanToNum(self, nan=null, posinf=null, neginf=null)",
  (self: Tensor, nan: number | null, posinf: number | null, neginf: number | null) => {
    if (!isFloat(self.dtype)) return self.clone();
    const most = largest[self.dtype];
    const extreme = where(
      gt(self, 0),
      full([], posinf ?? most, { dtype: self.dtype, device: self.device }),
      neginf ?? -most,
    );
    return where(isfinite(self), self, where(isnan(self), nan ?? 0, extreme));
  },
);
