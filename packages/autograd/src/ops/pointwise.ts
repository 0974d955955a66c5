import { ArgumentError, canCast, type DType, DTypeError, isFloat } from "@kindling/storage";
import { bind, isOptions, operator, signature, signatures } from "../args.js";
import { rawCast, rawCompare } from "../dispatch.js";
import { hostValues } from "../read.js";
import { recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eq, ge, gt, le, logicalNot, lt, ne } from "./compare.js";
import { zerosLike } from "./creation.js";
import { floatType, type Scalar } from "./promotion.js";
import { to } from "./shape.js";
import {
  applyBinary,
  type Binary,
  binary,
  checkOperands,
  expectTensor,
  isScalar,
  pair,
  promoted,
  recordBinary,
  refuseBool,
  requireIntegers,
  type TensorOrScalar,
  unary,
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
export const tanh = unary("tanh", "tanh", "y", (g, y) => mul(g, sub(1, mul(y, y))));
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid = unary("sigmoid", "sigmoid", "y", (g, y) => mul(mul(g, y), sub(1, y)));
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
/** The remainder of division rounded towards zero: it has the sign of `a`. */
export const fmod = binary(
  "fmod",
  "fmod",
  { reads: "", derive: (g) => g },
  { reads: "ab", derive: (g, a, b) => neg(mul(g, trunc(div(a, b)))) },
  { numbers: "second", compute: requireNumbers("fmod"), check: refuseZeros },
);
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

const SCALED: typeof mul.row = { ...mul.row, ...pair("mul", { reads: "", derive: (g, _a, b) => mul(g, b) }, null) };

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

/** Refuses bool, which has no quotients. */
function requireNumbers(operation: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype === "bool") throw unsupported(operation, dtype);
    return dtype;
  };
}

/** Refuses division of integers by zero, where the device lets the divisors be read at once. */
function refuseZeros(dtype: DType, _a: TensorOrScalar, b: TensorOrScalar): void {
  if (isFloat(dtype)) return;
  const zero = isScalar(b)
    ? Number(b) === 0
    : b.storage.device.backend.readSync !== undefined &&
      (hostValues(rawCompare("eq", b, 0, b.shape, b.dtype, b.storage.device), "div") as Uint8Array).includes(1);
  if (zero) throw new ArgumentError("ZeroDivisionError", { dtype });
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

/** The nearest integer, or the nearest multiple of `10^-decimals`; halves go to the even one. */
export const round = operator<(self: Tensor, options?: { decimals?: number }) => Tensor>(
  "round(self, *, decimals=0)",
  (self: Tensor, decimals: number) => {
    if (decimals === 0) return roundPlain(self);
    if (!isFloat(self.dtype)) throw unsupported("round with decimals", self.dtype);
    const power = 10 ** Math.abs(decimals);
    return decimals > 0 ? div(roundPlain(mul(self, power)), power) : mul(roundPlain(div(self, power)), power);
  },
);

// ----------------------------------------------------------------------------------------------- whole quotients

type Rounding = "floor" | "trunc";

/** `self / other`; `roundingMode: "floor"` or `"trunc"` gives whole numbers and keeps integer dtypes. */
export function div(self: TensorOrScalar, other: TensorOrScalar, options?: { roundingMode?: Rounding | null }): Tensor {
  if (options === undefined && !isOptions(other)) return trueDivide(self, other);
  const [a, b, mode] = bind(divSignature, options === undefined ? [self, other] : [self, other, options]);
  return divide(a as TensorOrScalar, b as TensorOrScalar, mode);
}
const DIV = "div(self, other, *, roundingMode=null)";
const divSignature = signature(DIV);
signatures.set(add, ADD).set(sub, SUB).set(div, DIV);

const integerDivide = binary("div", "div", null, null, { check: refuseZeros });
/** Steps have slope 0. */
const STEPS = pair("div", { reads: "", derive: constant }, { reads: "", derive: constant });

function divide(a: TensorOrScalar, b: TensorOrScalar, mode: unknown): Tensor {
  if (mode === null) return trueDivide(a, b);
  if (mode !== "floor" && mode !== "trunc") {
    throw new ArgumentError(
      `div expected roundingMode to be one of null, 'trunc', or 'floor' but found '${String(mode)}'`,
      { roundingMode: mode },
    );
  }
  checkOperands("div", a, b);
  const dtype = requireNumbers("div")(promoted(a, b));
  if (!isFloat(dtype))
    return mode === "trunc" ? integerDivide(a, b) : sub(integerDivide(a, b), to(borrows(a, b), dtype));
  const [x, y] = [outside(a, dtype), outside(b, dtype)];
  const out = mode === "trunc" ? trunc(trueDivide(x, y)) : floorQuotient(x, y);
  return recorded(STEPS, out, a, b);
}

const outside = (x: TensorOrScalar, dtype: DType): TensorOrScalar => (isTensor(x) ? rawCast(x.detach(), dtype) : x);

/** Makes `out = f(a, b)`, computed outside of the graph, part of it. */
function recorded(derivative: typeof STEPS, out: Tensor, a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const ta = isTensor(a) ? a : null;
  const tb = isTensor(b) ? b : null;
  if (recording((ta ?? tb) as Tensor, tb)) recordBinary(derivative, out, a, b, ta, tb);
  return out;
}

/** The remainder by truncation, of operands of which either may be a number. */
const rest = (a: TensorOrScalar, b: TensorOrScalar): Tensor => applyBinary(fmod.row, a, b);

/** Where rounding towards zero rounded up: there is a remainder, and its sign is not the divisor's. */
function borrows(a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const left = rest(a, b);
  return bitwiseAnd(ne(left, 0), bitwiseXor(lt(left, 0), isScalar(b) ? Number(b) < 0 : lt(b, 0)));
}

/** `⌊a / b⌋` as Python computes it: from the exact remainder, so that it is right where `a / b` rounds up to a whole number. */
function floorQuotient(a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const quotient = trueDivide(a, b);
  const exact = trueDivide(sub(a, rest(a, b)), b);
  const lowered = sub(exact, to(borrows(a, b), exact.dtype));
  const low = floor(lowered);
  const whole = add(low, to(gt(sub(lowered, low), 0.5), low.dtype));
  if (isScalar(b)) return Number(b) === 0 ? quotient : whole;
  return where(eq(b, 0), quotient, whole);
}

/** `⌊self / other⌋`. */
export const floorDivide = operator<(self: TensorOrScalar, other: TensorOrScalar) => Tensor>(
  "floorDivide(self, other)",
  (self: TensorOrScalar, other: TensorOrScalar) => divide(self, other, "floor"),
);

const REMAINDER = pair(
  "remainder",
  { reads: "", derive: (g) => g },
  { reads: "ab", derive: (g, a, b) => neg(mul(g, divide(a, b, "floor"))) },
);

/** The remainder of division rounded down: it has the sign of `other`. */
export const remainder = operator<(self: TensorOrScalar, other: TensorOrScalar) => Tensor>(
  "remainder(self, other)",
  (self: TensorOrScalar, other: TensorOrScalar) => {
    checkOperands("remainder", self, other);
    const dtype = requireNumbers("remainder")(promoted(self, other));
    const [a, b] = [outside(self, dtype), outside(other, dtype)];
    const left = rest(a, b);
    return recorded(REMAINDER, where(borrows(a, b), add(left, b), left), self, other);
  },
);

// ------------------------------------------------------------------------------------- composites of the above

type OfOne = (self: Tensor) => Tensor;
/** A function of one argument that is made of others. */
export const composite = (name: string, body: OfOne): OfOne =>
  operator<OfOne>(`${name}(self)`, (x: Tensor) => {
    expectTensor(x, name);
    return body(x);
  });
/** `x`, integers and bool as float32. */
export const floating = (x: Tensor): Tensor => to(x, floatType(x.dtype));

/** `x²`. */
export const square = composite("square", (x) => pow(x, 2));
/** `1 / x`. */
export const reciprocal = composite("reciprocal", (x) => trueDivide(1, x));
/** `1 / √x`. */
export const rsqrt = composite("rsqrt", (x) => reciprocal(sqrt(x)));
/** Base-2 logarithm. */
export const log2 = composite("log2", (x) => mul(log(x), Math.LOG2E));
/** Base-10 logarithm. */
export const log10 = composite("log10", (x) => mul(log(x), Math.LOG10E));
/** `2ˣ`. */
export const exp2 = composite("exp2", (x) => pow(2, floating(x)));
/** Tangent of radians. */
export const tan = composite("tan", (x) => div(sin(x), cos(x)));
/** Inverse tangent, in radians. */
export const atan = composite("atan", (x) => applyBinary(atan2.row, x, 1));

function requireDType(expected: Tensor, t: unknown, argument: string): void {
  if (isTensor(t) && t.dtype !== expected.dtype) {
    throw new DTypeError(`expected dtype ${expected.dtype} for \`${argument}\` but got dtype ${t.dtype}`, { argument });
  }
}

/** `start + weight · (end − start)`. */
export const lerp = operator<(self: Tensor, end: Tensor, weight: TensorOrScalar) => Tensor>(
  "lerp(self, end, weight)",
  (self: Tensor, end: Tensor, weight: TensorOrScalar) => {
    expectTensor(self, "lerp");
    expectTensor(end, "lerp", "end");
    requireDType(self, end, "end");
    requireDType(self, weight, "weight");
    if (!isFloat(self.dtype)) throw unsupported("lerp", self.dtype);
    return add(self, isTensor(weight) ? mul(sub(end, self), weight) : scaled(sub(end, self), weight));
  },
);

type Value = { value?: number };
type Third = (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: Value) => Tensor;

/** `value · x` in the dtype of the sum: among integers `value` loses its fraction. */
const scaledFor = (self: Tensor, x: Tensor, value: number): Tensor =>
  value === 1 ? x : mul(x, isFloat(promoted(self, x)) ? value : Math.trunc(value));

/** `self + value · tensor1 · tensor2`. */
export const addcmul = operator<Third>(
  "addcmul(self, tensor1, tensor2, *, value=1)",
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) => {
    const product = mul(tensor1, tensor2);
    requireNumbers("addcmul")(promoted(self, product));
    return add(self, scaledFor(self, product, value));
  },
);

/** `self + value · tensor1 / tensor2`. */
export const addcdiv = operator<Third>(
  "addcdiv(self, tensor1, tensor2, *, value=1)",
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) => {
    if (!isFloat(promoted(tensor1, tensor2))) {
      throw new DTypeError(
        "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2.",
        { tensor1: tensor1.dtype, tensor2: tensor2.dtype },
      );
    }
    return add(self, mul(div(tensor1, tensor2), value));
  },
);
