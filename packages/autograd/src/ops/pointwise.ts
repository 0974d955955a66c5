import {
  ArgumentError,
  type BinaryName,
  broadcastShapes,
  canCast,
  type DType,
  DTypeError,
  dtypeInfo,
  isFloat,
  type Operand,
  type UnaryName,
} from "@kindling/storage";
import { bind, isOptions, signature } from "../args.js";
import { commonDevice, expanded, fresh, rawCast, scalarFor } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eq, ge, le, logicalNot, lt } from "./compare.js";
import { zerosLike } from "./creation.js";
import { floatType, resultType, type Scalar, withScalar } from "./promotion.js";
import { where } from "./where.js";

/** A tensor, or a number that counts as a 0-dimensional one. */
export type TensorOrScalar = Tensor | Scalar;

const isScalar = (value: unknown): value is Scalar =>
  typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";

export function expectTensor(value: unknown, operation: string, argument = "self"): asserts value is Tensor {
  if (!isTensor(value)) {
    const got = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    throw new ArgumentError(`${operation}(): argument '${argument}' must be Tensor, not ${got}`, {
      argument,
      operation,
    });
  }
}

// ---------------------------------------------------------------------------------------------- one argument

/** What the derivative of a function `y = f(x)` reads. */
type Saves = "x" | "y" | "none";

/** A row of the table of functions of one argument. */
export interface UnaryRow extends Derivative {
  readonly operation: string;
  readonly kernel: UnaryName;
  readonly saves: Saves;
  /** Whether integers become float32 first. */
  readonly floating: boolean;
}

/** A function of one argument, with the row that defines it. */
export type Unary = ((self: Tensor) => Tensor) & { readonly row: UnaryRow };

/**
 * Defines `y = f(x)` by its kernel and its derivative: `derive(g, v)` is the gradient of `x` from that of `y`,
 * `v` being what `saves` names.
 */
function unary(
  operation: string,
  kernel: UnaryName,
  saves: Saves,
  derive: (g: Tensor, v: Tensor) => Tensor,
  floating = true,
): Unary {
  const row: UnaryRow = {
    name: `${operation[0].toUpperCase()}${operation.slice(1)}Backward0`,
    operation,
    kernel,
    saves,
    floating,
    backward: (node: Node, g: Tensor) => derive(g, saves === "none" ? g : node.saved(0)),
  };
  return Object.assign((self: Tensor): Tensor => applyUnary(row, self), { row });
}

function applyUnary(row: UnaryRow, x: Tensor): Tensor {
  expectTensor(x, row.operation);
  const { device } = x.storage;
  const dtype = row.floating ? floatType(x.storage.dtype) : x.storage.dtype;
  const a = rawCast(x, dtype, row.operation);
  const out = fresh(device, dtype, x.shape, row.operation);
  device.kernels.unary[dtype](row.kernel, out, a);
  if (recording(x)) {
    const node = record(row, out, [x]);
    if (row.saves !== "none") node.save(row.saves === "x" ? x : out);
  }
  return out;
}

const constant = (g: Tensor): Tensor => zerosLike(g);

/** `-x`. */
export const neg = unary("neg", "neg", "none", (g) => neg(g), false);
/** `|x|`; the derivative at 0 is 0. */
export const abs = unary("abs", "abs", "x", (g, x) => mul(g, sign(x)), false);
/** -1, 0 or 1. */
export const sign = unary("sign", "sign", "none", constant, false);
/** The largest integer not above `x`. */
export const floor = unary("floor", "floor", "none", constant, false);
/** The smallest integer not below `x`. */
export const ceil = unary("ceil", "ceil", "none", constant, false);
/** The nearest integer; halves go to the even one. */
export const round = unary("round", "round", "none", constant, false);
/** `x` without its fraction. */
export const trunc = unary("trunc", "trunc", "none", constant, false);
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
export function bitwiseNot(x: Tensor): Tensor {
  expectTensor(x, "bitwiseNot");
  requireIntegers(x.dtype, "bitwiseNot");
  const out = fresh(x.storage.device, x.dtype, x.shape, "bitwiseNot");
  x.storage.device.kernels.unary[x.dtype]("bitwiseNot", out, x);
  return out;
}

// --------------------------------------------------------------------------------------------- two arguments

/** An operand as the derivatives see it: what was saved, or the bare number; `null` where it was not needed. */
type Operand1 = Tensor | Scalar;

interface Formula {
  /** Which of the operands `a`, `b` and the result `y` the formula reads. */
  readonly reads: string;
  readonly derive: (g: Tensor, a: Operand1, b: Operand1, y: Tensor) => Tensor;
}

/** A row of the table of functions of two arguments. */
export interface BinaryRow extends Derivative {
  readonly operation: string;
  readonly kernel: BinaryName;
  readonly a: Formula | null;
  readonly b: Formula | null;
  /** Dtype to compute in, from the promoted one; may refuse it. */
  readonly compute: (promoted: DType) => DType;
}

/** A function of two arguments, with the row that defines it. */
export type Binary = ((self: TensorOrScalar, other: TensorOrScalar) => Tensor) & { readonly row: BinaryRow };

const same = (promoted: DType): DType => promoted;

/** Defines `y = f(a, b)` by its kernel and the gradients of `a` and `b`; without formulas it has no derivative. */
function binary(
  operation: string,
  kernel: BinaryName,
  a: Formula | null,
  b: Formula | null,
  compute: (promoted: DType) => DType = same,
): Binary {
  const row: BinaryRow = {
    name: `${operation[0].toUpperCase()}${operation.slice(1)}Backward0`,
    operation,
    kernel,
    a,
    b,
    compute,
    backward(node, g) {
      const scalar = node.context as Scalar | undefined;
      const values = a || b ? [operandOf(node, 0, scalar), operandOf(node, 1, scalar)] : [];
      const y = (r: Formula): Tensor => (r.reads.includes("y") ? node.saved(2) : g);
      return [
        a && node.needs(0) ? a.derive(g, values[0], values[1], y(a)) : null,
        b && node.needs(1) ? b.derive(g, values[0], values[1], y(b)) : null,
      ];
    },
  };
  return Object.assign((self: TensorOrScalar, other: TensorOrScalar): Tensor => applyBinary(row, self, other), { row });
}

function operandOf(node: Node, i: number, scalar: Scalar | undefined): Operand1 {
  return (node.savedCount > 0 ? node.savedOrNull(i) : null) ?? (scalar as Scalar);
}

/** The common dtype of two operands, of which one at least is a tensor. */
export function promoted(a: TensorOrScalar, b: TensorOrScalar): DType {
  if (isScalar(b)) return withScalar((a as Tensor).dtype, b);
  return isScalar(a) ? withScalar(b.dtype, a) : resultType(a, b);
}

export function checkOperands(operation: string, a: unknown, b: unknown): void {
  if (isTensor(a) ? isTensor(b) || isScalar(b) : isScalar(a) && isTensor(b)) return;
  const bad = isTensor(a) || isScalar(a) ? b : a;
  const got = bad === null ? "null" : Array.isArray(bad) ? "array" : typeof bad;
  const argument = bad === a ? "self" : "other";
  throw new ArgumentError(`${operation}(): argument '${argument}' must be Tensor or number, not ${got}`, {
    operation,
    argument,
  });
}

function applyBinary(row: BinaryRow, a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const ta = isTensor(a) ? a : null;
  const tb = isTensor(b) ? b : null;
  if (ta === null || tb === null) checkOperands(row.operation, a, b);
  const dtype = row.compute(promoted(a, b));
  const first = (ta ?? tb) as Tensor;
  const shape = ta === null || tb === null ? first.shape : broadcastShapes(ta.shape, tb.shape);
  const device =
    ta !== null && tb !== null && ta.storage.device !== tb.storage.device
      ? commonDevice(row.operation, [ta, tb])
      : first.storage.device;
  const va: Operand = ta === null ? scalarFor(dtype, a as Scalar) : expanded(rawCast(ta, dtype, row.operation), shape);
  const vb: Operand = tb === null ? scalarFor(dtype, b as Scalar) : expanded(rawCast(tb, dtype, row.operation), shape);
  const out = fresh(device, dtype, shape, row.operation);
  device.kernels.binary[dtype](dtype === "bool" ? logical(row.kernel) : row.kernel, out, va, vb);
  if ((row.a !== null || row.b !== null) && recording(first, tb)) recordBinary(row, out, a, b, ta, tb);
  return out;
}

/** Of bool, a sum is the logical or and a product the logical and. */
export const logical = (kernel: BinaryName): BinaryName =>
  kernel === "add" ? "bitwiseOr" : kernel === "mul" ? "bitwiseAnd" : kernel;

/** Records `out = f(a, b)`, saving only what the derivatives of tracked operands read. */
export function recordBinary(
  row: BinaryRow,
  out: Tensor,
  a: TensorOrScalar,
  b: TensorOrScalar,
  ta: Tensor | null,
  tb: Tensor | null,
): Node {
  const node = record(row, out, [ta, tb]);
  saveOperands(row, node, a, b, ta, tb, out);
  return node;
}

export function saveOperands(
  row: BinaryRow,
  node: Node,
  a: TensorOrScalar,
  b: TensorOrScalar,
  ta: Tensor | null,
  tb: Tensor | null,
  out: Tensor,
): void {
  const reads =
    (node.inputs[0] !== null && row.a !== null ? row.a.reads : "") +
    (node.inputs[1] !== null && row.b !== null ? row.b.reads : "");
  if (ta === null) node.context = a;
  else if (tb === null) node.context = b;
  if (reads !== "") {
    const y = reads.includes("y") ? out : null;
    const x = reads.includes("a") ? ta : null;
    const z = reads.includes("b") ? tb : null;
    if (x !== null || z !== null || y !== null) node.save(x, z, y);
  }
}

function requireIntegers(dtype: DType, operation: string): DType {
  if (isFloat(dtype)) {
    throw new DTypeError(`"${operation}" not implemented for '${dtypeInfo[dtype].scalarName}'`, { operation, dtype });
  }
  return dtype;
}

function refuseBool(operation: string, text: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype === "bool") throw new DTypeError(text, { operation, dtype });
    return dtype;
  };
}

/** `self + other`, without options. */
export const addPlain = binary("add", "add", { reads: "", derive: (g) => g }, { reads: "", derive: (g) => g });
/** `self − other`, without options. */
export const subPlain = binary(
  "sub",
  "sub",
  { reads: "", derive: (g) => g },
  { reads: "", derive: (g) => neg(g) },
  refuseBool(
    "sub",
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logicalXor()` operator instead.",
  ),
);
/** `a · b`. */
export const mul = binary(
  "mul",
  "mul",
  { reads: "b", derive: (g, _a, b) => mul(g, b) },
  { reads: "a", derive: (g, a) => mul(g, a) },
);
/** `a / b` in floating point, also of integers. */
export const trueDivide = binary(
  "div",
  "div",
  { reads: "b", derive: (g, _a, b) => div(g, b) },
  { reads: "ab", derive: (g, a, b) => neg(mul(g, div(div(a, b), b))) },
  floatType,
);
/** The larger of two; equal operands share the gradient, NaN wins. */
export const maximum = binary(
  "maximum",
  "maximum",
  { reads: "ab", derive: (g, a, b) => toExtreme(g, le(a as Tensor, b), eq(a as Tensor, b)) },
  { reads: "ab", derive: (g, a, b) => toExtreme(g, le(b as Tensor, a), eq(a as Tensor, b)) },
);
/** The smaller of two; equal operands share the gradient, NaN wins. */
export const minimum = binary(
  "minimum",
  "minimum",
  { reads: "ab", derive: (g, a, b) => toExtreme(g, ge(a as Tensor, b), eq(a as Tensor, b)) },
  { reads: "ab", derive: (g, a, b) => toExtreme(g, ge(b as Tensor, a), eq(a as Tensor, b)) },
);
/** `aᵇ`. */
export const pow = binary(
  "pow",
  "pow",
  { reads: "ab", derive: (g, a, b) => powBase(g, a as Tensor, b) },
  { reads: "aby", derive: (g, a, b, y) => powExponent(g, a, b as Tensor, y) },
);
/** The angle of the point (b, a), in (−π, π]. */
export const atan2 = binary(
  "atan2",
  "atan2",
  { reads: "ab", derive: (g, a, b) => mul(g, div(b, add(mul(a as Tensor, a), mul(b, b)))) },
  { reads: "ab", derive: (g, a, b) => mul(g, div(neg(a as Tensor), add(mul(a as Tensor, a), mul(b, b)))) },
  floatType,
);
/** The remainder of division rounded towards zero: it has the sign of `a`. */
export const fmod = binary(
  "fmod",
  "fmod",
  { reads: "", derive: (g) => g },
  { reads: "ab", derive: (g, a, b) => neg(mul(g, trunc(div(a, b)))) },
);
/** Bits of both; of bool the logical and. */
export const bitwiseAnd = binary("bitwiseAnd", "bitwiseAnd", null, null, (t) => requireIntegers(t, "bitwiseAnd"));
/** Bits of either; of bool the logical or. */
export const bitwiseOr = binary("bitwiseOr", "bitwiseOr", null, null, (t) => requireIntegers(t, "bitwiseOr"));
/** Bits of one but not both; of bool the logical exclusive or. */
export const bitwiseXor = binary("bitwiseXor", "bitwiseXor", null, null, (t) => requireIntegers(t, "bitwiseXor"));

/** The gradient of one operand of an extreme: none where it lost, half where both are equal. */
const toExtreme = (g: Tensor, lost: Tensor, equal: Tensor): Tensor => where(equal, mul(g, 0.5), where(lost, 0, g));

function powBase(g: Tensor, a: Tensor, b: Operand1): Tensor {
  if (isScalar(b)) return Number(b) === 0 ? zerosLike(g) : mul(g, mul(pow(a, Number(b) - 1), b));
  const slope = mul(b, pow(a, sub(b, 1)));
  return where(logicalNot(b), 0, mul(g, slope));
}

function powExponent(g: Tensor, a: Operand1, b: Tensor, y: Tensor): Tensor {
  const logA = isScalar(a) ? Math.log(Number(a)) : log(a);
  const slope = mul(y, logA);
  const atZero = isScalar(a) ? Number(a) === 0 : logicalNot(a);
  if (atZero === false) return mul(g, slope);
  const flat = atZero === true ? logicalNot(lt(b, 0)) : bitwiseAnd(atZero, logicalNot(lt(b, 0)));
  return where(flat, 0, mul(g, slope));
}

// ------------------------------------------------------------------------------- operators with further options

const addSignature = signature("add(self, other, *, alpha=1)");
const subSignature = signature("sub(self, other, *, alpha=1)");

function withAlpha(plain: Binary, sig: typeof addSignature, args: readonly unknown[]): Tensor {
  const [self, other, alpha] = bind(sig, args) as [TensorOrScalar, TensorOrScalar, Scalar];
  if (alpha === 1) return plain(self, other);
  const dtype = promoted(self, other);
  if (!canCast(isScalar(alpha) && Number.isInteger(alpha) ? "int32" : "float32", dtype)) {
    throw new DTypeError("For integral input tensors, argument alpha must not be a floating point number.", { alpha });
  }
  return plain(self, isTensor(other) ? mul(other, alpha) : Number(other) * Number(alpha));
}

/** `self + alpha · other`. */
export function add(self: TensorOrScalar, other: TensorOrScalar, options?: { alpha?: number }): Tensor {
  if (options === undefined && !isOptions(other)) return addPlain(self, other);
  return withAlpha(addPlain, addSignature, options === undefined ? [self, other] : [self, other, options]);
}

/** `self − alpha · other`. */
export function sub(self: TensorOrScalar, other: TensorOrScalar, options?: { alpha?: number }): Tensor {
  if (options === undefined && !isOptions(other)) return subPlain(self, other);
  return withAlpha(subPlain, subSignature, options === undefined ? [self, other] : [self, other, options]);
}

/** `other − alpha · self`. */
export const rsub = (self: Tensor, other: TensorOrScalar, options?: { alpha?: number }): Tensor =>
  sub(other, self, options);

const divSignature = signature("div(self, other, *, roundingMode=null)");

/** `self / other`; `roundingMode: "floor"` or `"trunc"` gives whole numbers and keeps integer dtypes. */
export function div(
  self: TensorOrScalar,
  other: TensorOrScalar,
  options?: { roundingMode?: "floor" | "trunc" | null },
): Tensor {
  if (options === undefined && !isOptions(other)) return trueDivide(self, other);
  const [a, b, mode] = bind(divSignature, options === undefined ? [self, other] : [self, other, options]);
  return divide(a as TensorOrScalar, b as TensorOrScalar, mode as string | null);
}

const integerDivide = binary("div", "div", null, null, (t) => requireIntegers(t, "div"));

function divide(a: TensorOrScalar, b: TensorOrScalar, mode: string | null): Tensor {
  if (mode === null) return trueDivide(a, b);
  if (mode !== "floor" && mode !== "trunc") {
    throw new ArgumentError(`div expected roundingMode to be one of null, 'trunc', or 'floor' but found '${mode}'`, {
      roundingMode: mode,
    });
  }
  checkOperands("div", a, b);
  if (isFloat(promoted(a, b))) return mode === "trunc" ? trunc(trueDivide(a, b)) : floor(trueDivide(a, b));
  if (mode === "trunc") return integerDivide(a, b);
  const quotient = integerDivide(a, b);
  return sub(quotient, borrows(a, b));
}

/** 1 where rounding towards zero rounded up: there is a remainder, and its sign is not the divisor's. */
function borrows(a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const rest = fmod(a, b);
  return bitwiseAnd(logicalNot(logicalNot(rest)), bitwiseXor(lt(rest, 0), lt(fullLike(rest, b), 0)));
}

const fullLike = (t: Tensor, value: TensorOrScalar): Tensor => (isTensor(value) ? value : add(zerosLike(t), value));

/** `⌊self / other⌋`. */
export const floorDivide = (self: TensorOrScalar, other: TensorOrScalar): Tensor => divide(self, other, "floor");

/** The remainder of division rounded down: it has the sign of `other`. */
export function remainder(self: TensorOrScalar, other: TensorOrScalar): Tensor {
  checkOperands("remainder", self, other);
  const rest = fmod(self, other);
  return where(borrows(self, other), add(rest, other), rest);
}

// ------------------------------------------------------------------------------------- composites of the above

/** `x²`. */
export const square = (x: Tensor): Tensor => pow(x, 2);
/** `1 / x`. */
export const reciprocal = (x: Tensor): Tensor => trueDivide(1, x);
/** `1 / √x`. */
export const rsqrt = (x: Tensor): Tensor => reciprocal(sqrt(x));
/** Base-2 logarithm. */
export const log2 = (x: Tensor): Tensor => mul(log(x), Math.LOG2E);
/** Base-10 logarithm. */
export const log10 = (x: Tensor): Tensor => mul(log(x), Math.LOG10E);
/** `2ˣ`. */
export const exp2 = (x: Tensor): Tensor => pow(2, x);
/** Tangent of radians. */
export const tan = (x: Tensor): Tensor => div(sin(x), cos(x));
/** Inverse tangent, in radians. */
export const atan = (x: Tensor): Tensor => atan2(x, 1);
/** `start + weight · (end − start)`. */
export const lerp = (start: Tensor, end: Tensor, weight: TensorOrScalar): Tensor =>
  add(start, mul(sub(end, start), weight));

const addcSignature = (name: string) => signature(`${name}(self, tensor1, tensor2, *, value=1)`);
const addcmulSignature = addcSignature("addcmul");
const addcdivSignature = addcSignature("addcdiv");

/** `self + value · tensor1 · tensor2`. */
export function addcmul(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor {
  const [a, b, c, value] = bind(
    addcmulSignature,
    options ? [self, tensor1, tensor2, options] : [self, tensor1, tensor2],
  );
  return add(a as Tensor, mul(mul(b as Tensor, c as Tensor), value as number));
}

/** `self + value · tensor1 / tensor2`. */
export function addcdiv(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor {
  const [a, b, c, value] = bind(
    addcdivSignature,
    options ? [self, tensor1, tensor2, options] : [self, tensor1, tensor2],
  );
  return add(a as Tensor, mul(div(b as Tensor, c as Tensor), value as number));
}
