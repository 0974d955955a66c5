import { type DType, DTypeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { eq, ge, gt, isinf, isnan, le, logicalAnd, logicalNot, logicalOr, lt } from "./compare.js";
import { exp2, log2, signbit } from "./functions.js";
import { type Binary, binary, checkOperands, type Formula, preciseOfTwo } from "./pair-table.js";
import {
  abs,
  add,
  div,
  exp,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sqrt,
  sub,
} from "./pointwise.js";
import { floatType } from "./promotion.js";
import { to } from "./shape.js";
import { isScalar, requireFloats, type TensorOrScalar } from "./table.js";
import { where } from "./where.js";

/*
 * Functions of two arguments that the contract has no kernel for: rows whose kernel is made of others.
 */

/** Refuses all but floating point dtypes. */
const floats =
  (operation: string) =>
  (dtype: DType): DType => {
    requireFloats(dtype, operation);
    return dtype;
  };

/** The kernel sees two tensors. */
const tensors =
  (f: (a: Tensor, b: Tensor) => Tensor) =>
  (a: TensorOrScalar, b: TensorOrScalar): Tensor =>
    f(a as Tensor, b as Tensor);

const chosen = (reads: (a: Tensor, b: Tensor) => Tensor): Formula => ({
  reads: "ab",
  derive: (g, a, b) => where(reads(a as Tensor, b as Tensor), g, 0),
});

/** An extreme that prefers numbers to NaN: `first` says where the first argument is taken. */
function extreme(operation: string, order: (a: Tensor, b: Tensor) => Tensor): Binary {
  const first = (a: Tensor, b: Tensor): Tensor => logicalOr(order(a, b), isnan(b));
  return binary(
    operation,
    tensors((a, b) => where(first(a, b), a, b)),
    chosen(first),
    chosen((a, b) => logicalNot(first(a, b))),
    { numbers: "none" },
  );
}
/** The larger of two, and the other one of a NaN. */
export const fmax = extreme("fmax", ge);
/** The smaller of two, and the other one of a NaN. */
export const fmin = extreme("fmin", (a, b) => ge(b, a));

/** 0 below 0, 1 above, `values` at 0. */
export const heaviside = operator<(self: Tensor, values: Tensor) => Tensor>(
  "heaviside(self, values)",
  (self: Tensor, values: Tensor) => {
    checkOperands("heaviside", self, values, "none", "values");
    if (self.dtype !== values.dtype) {
      throw new DTypeError("heaviside is not yet implemented for tensors with different dtypes.", {
        self: self.dtype,
        values: values.dtype,
      });
    }
    const step = to(gt(self, 0), self.dtype);
    return where(eq(self, 0), values.detach(), step);
  },
);

/** `m + softly(−|a − b|)` with `m` the larger; equal infinities are their own sum. `unit` is the logarithm of the base. */
function logarithmicSum(operation: string, unit: number, softly: (distance: Tensor) => Tensor): Binary {
  const share = (g: Tensor, a: TensorOrScalar, b: TensorOrScalar): Tensor => mul(g, sigmoid(mul(sub(a, b), unit)));
  return binary(
    operation,
    tensors((a, b) => {
      const sum = add(maximum(a, b), softly(neg(abs(sub(a, b)))));
      return where(logicalAnd(eq(a, b), isinf(a)), a, sum);
    }),
    { reads: "ab", derive: (g, a, b) => share(g, a, b) },
    { reads: "ab", derive: (g, a, b) => share(g, b, a) },
    { numbers: "none", compute: floats(operation) },
  );
}
/** `log(eᵃ + eᵇ)`, without overflow. */
export const logaddexp = logarithmicSum("logaddexp", 1, (d) => log1p(exp(d)));
/** `log₂(2ᵃ + 2ᵇ)`, without overflow. */
export const logaddexp2 = logarithmicSum("logaddexp2", Math.LN2, (d) => log2(add(exp2(d), 1)));

const towards = (own: "a" | "b"): Formula => ({
  reads: `${own}y`,
  derive: (g, a, b, y) => mul(g, div((own === "a" ? a : b) as Tensor, y)),
});
/** `√(a² + b²)`, without overflow. */
export const hypot = binary(
  "hypot",
  tensors((a, b) => {
    const [x, y] = [abs(a), abs(b)];
    const long = maximum(x, y);
    const ratio = div(minimum(x, y), long);
    const length = mul(long, sqrt(add(mul(ratio, ratio), 1)));
    return where(eq(long, 0), 0, where(logicalOr(isinf(x), isinf(y)), Number.POSITIVE_INFINITY, length));
  }),
  towards("a"),
  towards("b"),
  { numbers: "none", compute: floats("hypot") },
);

/** `|a|` with the sign of `b`, that of `-0` included. */
export const copysign = binary(
  "copysign",
  (a, b) => {
    const negative = isScalar(b) ? Object.is(b, -0) || Number(b) < 0 : signbit(b);
    const size = abs(a as Tensor);
    if (typeof negative === "boolean") return negative ? neg(size) : size;
    return where(negative, neg(size), size);
  },
  { reads: "ay", derive: (g, a, _b, y) => mul(g, where(eq(a as Tensor, 0), 0, div(y, a))) },
  { reads: "", derive: (g) => mul(g, 0) },
  { numbers: "second", compute: floatType, overloads: [0, 0, 1] },
);

/** `a · log b`, 0 where `a` is 0 and `b` is a number. */
export const xlogy: Binary = binary(
  "xlogy",
  preciseOfTwo((a, b) => where(isnan(b), b, where(eq(a, 0), 0, mul(a, log(b))))),
  {
    reads: "ab",
    derive(g, a, b) {
      if (isScalar(b)) return Number(b) > 0 ? xlogy(g, b) : where(eq(a as Tensor, 0), 0, xlogy(g, b));
      return where(logicalAnd(eq(a as Tensor, 0), le(b, 0)), 0, xlogy(g, b));
    },
  },
  { reads: "ab", derive: (g, a, b) => mul(g, div(a, b)) },
  { compute: floatType, overloads: [0, 1, 2] },
);

/** `self · 2^other`. */
export const ldexp = operator<(self: Tensor, other: Tensor) => Tensor>(
  "ldexp(self, other)",
  (self: Tensor, other: Tensor) => {
    checkOperands("ldexp", self, other, "none");
    return mul(self, pow(2, to(other, floatType(other.dtype))));
  },
);

/** `selfᵒᵗʰᵉʳ`, computed and returned in float64. */
export const floatPower = operator<(self: TensorOrScalar, exponent: TensorOrScalar) => Tensor>(
  "floatPower(self, exponent)",
  (self: TensorOrScalar, exponent: TensorOrScalar) => {
    checkOperands("floatPower", self, exponent, "either", "exponent");
    const wide = (x: TensorOrScalar): TensorOrScalar => (isScalar(x) ? x : to(x, "float64"));
    return pow(wide(self), wide(exponent));
  },
);

/** Of a float dtype: half the spacing of the numbers from 1 on, the smallest number, the largest. */
const formats: Record<string, readonly [half: number, least: number, most: number]> = {
  float64: [2 ** -53, 2 ** -1074, Number.MAX_VALUE],
  float32: [2 ** -24, 2 ** -149, (2 - 2 ** -23) * 2 ** 127],
};

/**
 * The next number of the dtype after `self` towards `other`. Rump, Zimmermann, Boldo and Melquiond, "Computing predecessor and
 * successor in rounding to nearest" (2009), algorithm 1.
 */
export const nextafter = binary(
  "nextafter",
  tensors((a, b) => {
    const [half, least, most] = formats[a.dtype];
    const same = eq(a, b);
    const size = abs(a);
    const c = where(isinf(a), mul(sign(a), most), a);
    // small numbers are scaled, so that their step is not lost in rounding; for the smallest it is the smallest number
    const scale = where(lt(size, (least / half / half) * 0.5), 1 / half, 1);
    const scaled = mul(c, scale);
    const [up, down] = [1, -1].map((direction) => {
      const step = mul(abs(scaled), direction * half * (1 + 2 * half));
      return where(lt(size, least / half), add(c, direction * least), div(add(scaled, step), scale));
    });
    const moved = where(lt(a, b), up, down);
    const next = where(logicalAnd(isinf(a), logicalNot(same)), c, moved);
    return where(same, b, where(logicalOr(isnan(a), isnan(b)), Number.NaN, next));
  }),
  null,
  null,
  {
    numbers: "none",
    compute(dtype) {
      if (dtype in formats) return dtype;
      throw new DTypeError(`"nextafter" not implemented for '${dtype}'`, { dtype });
    },
  },
);
