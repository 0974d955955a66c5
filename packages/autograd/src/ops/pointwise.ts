import { canCast, type DType, DTypeError, isFloat } from "@kindling/storage";
import { bind, isOptions, operator, signature, signatures } from "../args.js";
import { fresh } from "../dispatch.js";
import { recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eq, ge, le, logicalNot } from "./compare.js";
import { zerosLike } from "./creation.js";
import { applyBinary, type Binary, binary, checkOperands, pair, promoted } from "./pair-table.js";
import { floatType, type Scalar } from "./promotion.js";
import { roundedDivide } from "./quotients.js";
import {
  expectTensor,
  isScalar,
  refuseBool,
  requireFloats,
  requireIntegers,
  type TensorOrScalar,
  unary,
  unaryWith,
  unsupported,
} from "./table.js";
import { where } from "./where.js";

const constant = (g: Tensor): Tensor => zerosLike(g);
/** Integers stay integers. */
const INTEGERS = { floating: false };

/** `-x`. */
export const neg = unary("neg", "neg", "none", (g) => neg(g), {
  ...INTEGERS,
  check: refuseBool(
    "neg",
    "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logicalNot()` operator instead.",
  ),
});
/** `|x|`; the derivative at 0 is 0. */
export const abs = unary("abs", "abs", "x", (g, x) => mul(g, sign(x)), INTEGERS);
/** -1, 0 or 1. */
export const sign = unary("sign", "sign", "none", constant, { ...INTEGERS, keepsBool: true });
/** The largest integer not above `x`. */
export const floor = unary("floor", "floor", "none", constant, INTEGERS);
/** The smallest integer not below `x`. */
export const ceil = unary("ceil", "ceil", "none", constant, INTEGERS);
/** The nearest integer; halves go to the even one. */
export const roundPlain = unary("round", "round", "none", constant, INTEGERS);
/** `x` without its fraction. */
export const trunc = unary("trunc", "trunc", "none", constant, INTEGERS);
/** `√x`. */
export const sqrt = unary("sqrt", "sqrt", "y", (g, y) => div(g, mul(y, 2)));
/** `eˣ`. */
export const exp = unary("exp", "exp", "y", (g, y) => mul(g, y));
/** `eˣ − 1`, exact for small `x`. */
export const expm1 = unary("expm1", "expm1", "y", (g, y) => mul(g, add(y, 1)));
/** Natural logarithm. */
export const log = unary("log", "log", "x", (g, x) => div(g, x));
/** `log(1 + x)`, exact for small `x`. */
export const log1p = unary("log1p", "log1p", "x", (g, x) => div(g, add(x, 1)));
/** Sine of radians. */
export const sin = unary("sin", "sin", "x", (g, x) => mul(g, cos(x)));
/** Cosine of radians. */
export const cos = unary("cos", "cos", "x", (g, x) => neg(mul(g, sin(x))));
/** Hyperbolic tangent. */
export const tanh = unary("tanh", "tanh", "y", tanhGradient);
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid = unary("sigmoid", "sigmoid", "y", sigmoidGradient);
/** The error function `2/√π ∫₀ˣ e^(−t²) dt`. */
export const erf = unary("erf", "erf", "x", (g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))));

/** Bits inverted; of bool the logical not. */
export const bitwiseNot = unary("bitwiseNot", "bitwiseNot", "none", constant, {
  ...INTEGERS,
  check: (dtype) => requireIntegers(dtype, "bitwiseNot"),
});

/** `self + other`, without options. */
export const addPlain = binary("add", "add", { reads: "", derive: (g) => g }, { reads: "", derive: (g) => g });
/** `self − other`, without options. */
export const subPlain = binary(
  "sub",
  "sub",
  { reads: "", derive: (g) => g },
  { reads: "", derive: (g) => neg(g) },
  { check: refuseBools },
);
/** `a · b`. */
export const mul = binary(
  "mul",
  "mul",
  { reads: "b", derive: (g, _a, b) => mul(g, b) },
  { reads: "a", derive: (g, a) => mul(g, a) },
);
/** `x · factor` where the factor is a constant of the operator, which is nothing that a pass could let go of. */
export const scaled = (x: Tensor, factor: Scalar): Tensor => applyBinary(SCALED, x, factor);
/** `a / b` in floating point, also of integers. */
export const trueDivide = binary(
  "div",
  "div",
  { reads: "b", derive: (g, _a, b) => div(g, b) },
  { reads: "ab", derive: (g, a, b) => neg(mul(g, div(div(a, b), b))) },
  { compute: floatType },
);
/** The larger of two; equal operands share the gradient, NaN wins. */
export const maximum = binary(
  "maximum",
  "maximum",
  { reads: "ab", derive: (g, a, b) => toExtreme(g, le(a, b), eq(a, b)) },
  { reads: "ab", derive: (g, a, b) => toExtreme(g, le(b, a), eq(a, b)) },
  { numbers: "none" },
);
/** The smaller of two; equal operands share the gradient, NaN wins. */
export const minimum = binary(
  "minimum",
  "minimum",
  { reads: "ab", derive: (g, a, b) => toExtreme(g, ge(a, b), eq(a, b)) },
  { reads: "ab", derive: (g, a, b) => toExtreme(g, ge(b, a), eq(a, b)) },
  { numbers: "none" },
);
/** `aᵇ`. */
export const pow = binary(
  "pow",
  "pow",
  { reads: "ab", derive: (g, a, b) => powBase(g, a as Tensor, b) },
  { reads: "aby", derive: (g, a, b, y) => powExponent(g, a, b as Tensor, y) },
  {
    check(dtype, _a, b) {
      if (isScalar(b) && Number(b) < 0 && !isFloat(dtype)) {
        throw new DTypeError("Integers to negative integer powers are not allowed.", { dtype, exponent: b });
      }
    },
    overloads: [1, 1, 0],
  },
);
const squareOf = (x: TensorOrScalar): TensorOrScalar => (isScalar(x) ? Number(x) ** 2 : mul(x, x));
/** The angle of the point (b, a), in (−π, π]. */
export const atan2 = binary(
  "atan2",
  "atan2",
  { reads: "ab", derive: (g, a, b) => mul(g, div(b, add(squareOf(a), squareOf(b)))) },
  { reads: "ab", derive: (g, a, b) => mul(g, div(neg(a as Tensor), add(squareOf(a), squareOf(b)))) },
  { compute: floatType, numbers: "none" },
);
/** Bits moved to higher places, which multiplies by a power of 2. */
export const bitwiseLeftShift = binary("bitwiseLeftShift", "shiftLeft", null, null, { compute: requireShiftable });
/** Bits moved to lower places, which divides by a power of 2 and rounds down. */
export const bitwiseRightShift = binary("bitwiseRightShift", "shiftRight", null, null, { compute: requireShiftable });
/** Bits of both; of bool the logical and. */
export const bitwiseAnd = binary("bitwiseAnd", "bitwiseAnd", null, null, {
  compute: (t) => requireIntegers(t, "bitwiseAnd"),
});
/** Bits of either; of bool the logical or. */
export const bitwiseOr = binary("bitwiseOr", "bitwiseOr", null, null, {
  compute: (t) => requireIntegers(t, "bitwiseOr"),
});
/** Bits of one but not both; of bool the logical exclusive or. */
export const bitwiseXor = binary("bitwiseXor", "bitwiseXor", null, null, {
  compute: (t) => requireIntegers(t, "bitwiseXor"),
});

/** `g · (1 − y²)`, in one memory where it is not recorded. */
function tanhGradient(g: Tensor, y: Tensor): Tensor {
  if (recording(g, y)) return mul(g, sub(1, mul(y, y)));
  const { device, dtype } = y.storage;
  const kernel = device.kernels.binary[dtype];
  const out = fresh(device, dtype, y.shape, "tanh");
  kernel("mul", out, y, y);
  kernel("sub", out, 1, out);
  kernel("mul", out, out, g);
  return out;
}

/** `g · y · (1 − y)` likewise. */
function sigmoidGradient(g: Tensor, y: Tensor): Tensor {
  if (recording(g, y)) return mul(mul(g, y), sub(1, y));
  const { device, dtype } = y.storage;
  const kernel = device.kernels.binary[dtype];
  const out = fresh(device, dtype, y.shape, "sigmoid");
  kernel("sub", out, 1, y);
  kernel("mul", out, out, y);
  kernel("mul", out, out, g);
  return out;
}

const SCALING = pair("mul", { reads: "", derive: (g, _a, b) => mul(g, b) }, null);
const SCALED: typeof mul.row = { ...mul.row, ...SCALING, ofNumber: [SCALING, SCALING] };

/** Refuses all but integers. */
function requireShiftable(dtype: DType): DType {
  if (dtype === "bool") throw unsupported("bitwise shift", dtype);
  return requireIntegers(dtype, "bitwise shift");
}

/** Refuses bool operands of a difference. */
function refuseBools(dtype: DType, a: TensorOrScalar, b: TensorOrScalar): void {
  const bool = (x: TensorOrScalar): boolean => (isTensor(x) ? x.dtype === "bool" : typeof x === "boolean");
  if (!bool(a) && !bool(b)) return;
  throw new DTypeError(
    dtype === "bool"
      ? "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logicalXor()` operator instead."
      : "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logicalNot()` operator instead.",
    { dtype },
  );
}

/** The gradient of one operand of an extreme: none where it lost, half where both are equal. */
const toExtreme = (g: Tensor, lost: Tensor, equal: Tensor): Tensor => where(equal, mul(g, 0.5), where(lost, 0, g));

function powBase(g: Tensor, a: Tensor, b: TensorOrScalar): Tensor {
  if (isScalar(b)) return Number(b) === 0 ? zerosLike(g) : mul(g, mul(pow(a, Number(b) - 1), b));
  const slope = mul(b, pow(a, sub(b, 1)));
  return where(logicalNot(b), 0, mul(g, slope));
}

function powExponent(g: Tensor, a: TensorOrScalar, b: Tensor, y: Tensor): Tensor {
  const logA = isScalar(a) ? Math.log(Number(a)) : log(a);
  const atZero = isScalar(a) ? Number(a) === 0 : logicalNot(a);
  if (atZero === false) return mul(g, mul(y, logA));
  const flat = atZero === true ? ge(b, 0) : bitwiseAnd(atZero, ge(b, 0));
  return mul(g, where(flat, 0, mul(y, logA)));
}

// ------------------------------------------------------------------------------- operators with further options

const [ADD, SUB] = ["add(self, other, *, alpha=1)", "sub(self, other, *, alpha=1)"];
const addSignature = signature(ADD);
const subSignature = signature(SUB);

/** `alpha · other`, as the operand of a sum with `self`. */
export function times(alpha: Scalar, self: TensorOrScalar, other: TensorOrScalar): TensorOrScalar {
  if (alpha === 1) return other;
  if (!canCast(Number.isInteger(Number(alpha)) ? "int32" : "float32", promoted(self, other)) && alpha !== true) {
    throw new DTypeError("For integral input tensors, argument alpha must not be a floating point number.", { alpha });
  }
  return isTensor(other) ? scaled(other, alpha) : Number(other) * Number(alpha);
}

type Alpha = { alpha?: number };

function sumOrDifference(plain: Binary, sig: typeof addSignature, args: readonly unknown[]): Tensor {
  const [self, other, alpha] = bind(sig, args) as [TensorOrScalar, TensorOrScalar, Scalar];
  checkOperands(plain.row.operation, self, other);
  return plain(self, times(alpha, self, other));
}

/** `self + alpha · other`. */
export function add(self: TensorOrScalar, other: TensorOrScalar, options?: Alpha): Tensor {
  if (options === undefined && !isOptions(other)) return addPlain(self, other);
  return sumOrDifference(addPlain, addSignature, options === undefined ? [self, other] : [self, other, options]);
}

/** `self − alpha · other`. */
export function sub(self: TensorOrScalar, other: TensorOrScalar, options?: Alpha): Tensor {
  if (options === undefined && !isOptions(other)) return subPlain(self, other);
  return sumOrDifference(subPlain, subSignature, options === undefined ? [self, other] : [self, other, options]);
}

/** `other − alpha · self`. */
export const rsub = operator<(self: Tensor, other: TensorOrScalar, options?: Alpha) => Tensor>(
  "rsub(self, other, *, alpha=1)",
  (self: Tensor, other: TensorOrScalar, alpha: number) => {
    expectTensor(self, "rsub");
    return subPlain(other, times(alpha, other, self));
  },
);

type Decimals = { decimals?: number };

/** The nearest multiple of `10^-decimals`. */
export const roundTo = unaryWith<[options?: Decimals]>(
  "round(self, *, decimals=0)",
  (x, decimals: number) => {
    const power = 10 ** Math.abs(decimals);
    return decimals < 0 ? mul(roundPlain(div(x, power)), power) : div(roundPlain(mul(x, power)), power);
  },
  "none",
  constant,
  { ...INTEGERS, name: "RoundBackward1", check: (dtype) => requireFloats(dtype, "round with decimals") },
);

/** The nearest integer, or the nearest multiple of `10^-decimals`; halves go to the even one. */
export const round = (self: Tensor, options?: Decimals): Tensor =>
  options === undefined && isTensor(self) ? roundPlain(self) : roundTo(self, options);
signatures.set(round, roundTo.row.text);

type Rounding = "floor" | "trunc";

/** `self / other`; `roundingMode: "floor"` or `"trunc"` gives whole numbers and keeps integer dtypes. */
export function div(self: TensorOrScalar, other: TensorOrScalar, options?: { roundingMode?: Rounding | null }): Tensor {
  if (options === undefined && !isOptions(other)) return trueDivide(self, other);
  const [a, b, mode] = bind(divSignature, options === undefined ? [self, other] : [self, other, options]);
  return roundedDivide(a as TensorOrScalar, b as TensorOrScalar, mode);
}
const DIV = "div(self, other, *, roundingMode=null)";
const divSignature = signature(DIV);
signatures.set(add, ADD).set(sub, SUB).set(div, DIV);
