import {
  ArgumentError,
  type BinaryName,
  broadcastShapes,
  type Device,
  type DType,
  type Operand,
  sameShape,
} from "@kindling/storage";
import { bind, type Signature, signature, signatures } from "../args.js";
import { commonDevice, expanded, fresh, rawCast, rawFill, scalarFor } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording, unrecorded } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { resultType, type Scalar, withScalar } from "./promotion.js";
import { isScalar, nodeName, type TensorOrScalar } from "./table.js";

/*
 * Pointwise operators of two arguments, from one row of a table each.
 */

/** One of two arguments: its gradient. The formula sees the operands as they were saved, or the bare number. */
export interface Formula {
  /** Which of the operands `a`, `b` and the result `y` the formula reads. */
  readonly reads: string;
  readonly derive: (g: Tensor, a: TensorOrScalar, b: TensorOrScalar, y: Tensor) => Tensor;
}

/** The derivative of a function of two arguments; without a formula an argument has none. */
export interface PairDerivative extends Derivative {
  readonly a: Formula | null;
  readonly b: Formula | null;
  /** What the formulas read. */
  readonly readByA: Reads;
  readonly readByB: Reads;
}

/** What `Formula.reads` says, as bits. */
type Reads = number;
export const READS_A = 1;
const READS_B = 2;
const READS_Y = 4;
const readsOf = (formula: Formula | null): Reads =>
  [..."aby"].reduce((bits, name, i) => (formula?.reads.includes(name) ? bits | (1 << i) : bits), 0);

export function pair(operation: string, a: Formula | null, b: Formula | null, overload = 0): PairDerivative {
  return {
    name: nodeName(operation, overload),
    a,
    b,
    readByA: readsOf(a),
    readByB: readsOf(b),
    backward(node, g) {
      const scalar = node.context as Scalar;
      const saved = node.savedCount > 0;
      const x = (saved ? node.savedOrNull(0) : null) ?? scalar;
      const z = (saved ? node.savedOrNull(1) : null) ?? scalar;
      const y = (saved ? node.savedOrNull(2) : null) as Tensor;
      return [
        a !== null && node.needs(0) ? a.derive(g, x, z, y) : null,
        b !== null && node.needs(1) ? b.derive(g, x, z, y) : null,
      ];
    },
  };
}

/** A row of the table of functions of two arguments. */
export interface BinaryRow extends PairDerivative {
  readonly operation: string;
  /** A kernel's name, or operators on operands in the dtype of the computation, of which nothing is recorded. */
  readonly kernel: BinaryName | ((a: TensorOrScalar, b: TensorOrScalar) => Tensor);
  /** Dtype to compute in, from the promoted one; may refuse it. */
  readonly compute: (promoted: DType) => DType;
  /** Which of the operands may be a bare number. */
  readonly numbers: Numbers;
  /** Refuses values, given the dtype of the computation. */
  readonly check?: (dtype: DType, a: TensorOrScalar, b: TensorOrScalar) => void;
  /** The derivative under the name that PyTorch gives it where the first or the second operand is a number. */
  readonly ofNumber: readonly [first: PairDerivative, second: PairDerivative];
}

/** Which of two operands may be a bare number. */
export type Numbers = "none" | "second" | "either";

interface BinaryOptions {
  readonly compute?: BinaryRow["compute"];
  readonly numbers?: Numbers;
  readonly check?: BinaryRow["check"];
  /** What PyTorch numbers the nodes of two tensors, of a number first, of a number second. */
  readonly overloads?: readonly [number, number, number];
  /** What PyTorch's node is named after, where not after the operator. */
  readonly node?: string;
}

/** A function of two arguments, with the row that defines it. */
export type Binary = ((self: TensorOrScalar, other: TensorOrScalar) => Tensor) & { readonly row: BinaryRow };

/** Defines `y = f(a, b)` by its kernel and the gradients of `a` and `b`; without formulas it has no derivative. */
export function binary(
  operation: string,
  kernel: BinaryRow["kernel"],
  a: Formula | null,
  b: Formula | null,
  { compute = (promoted) => promoted, numbers = "either", check, overloads, node = operation }: BinaryOptions = {},
): Binary {
  const [tensors, first, second] = (overloads ?? [0, 0, 0]).map((n) => pair(node, a, b, n));
  const row: BinaryRow = { ...tensors, operation, kernel, compute, numbers, check, ofNumber: [first, second] };
  const text = `${operation}(self, other)`;
  const sig = signature(text);
  const call = (self: TensorOrScalar, other: TensorOrScalar, extra?: unknown): Tensor => {
    if (extra === undefined && isTensor(self) && isTensor(other)) return ofTensors(row, self, other);
    const [x, y] = operands(sig, self, other, extra);
    checkOperands(operation, x, y, numbers);
    return applyBinary(row, x, y);
  };
  signatures.set(call, text);
  return Object.assign(call as (self: TensorOrScalar, other: TensorOrScalar) => Tensor, { row });
}

/** Both operands, of which the second may be named in an options object. */
export function operands(
  sig: Signature,
  self: TensorOrScalar,
  other: TensorOrScalar,
  extra: unknown,
): readonly TensorOrScalar[] {
  if (extra === undefined && (isTensor(other) || isScalar(other))) return [self, other];
  return bind(sig, extra === undefined ? [self, other] : [self, other, extra]) as TensorOrScalar[];
}

/** The common dtype of two operands, of which one at least is a tensor. */
export function promoted(a: TensorOrScalar, b: TensorOrScalar): DType {
  if (isScalar(b)) return withScalar((a as Tensor).dtype, b);
  return isScalar(a) ? withScalar(b.dtype, a) : resultType(a, b);
}

/** @throws ArgumentError where an operand is neither a tensor nor, where it may be, a number; one at least is a tensor. */
export function checkOperands(
  operation: string,
  a: unknown,
  b: unknown,
  numbers: Numbers = "either",
  second = "other",
): void {
  const first = isTensor(a);
  const both = isTensor(b);
  if (first && (both || (numbers !== "none" && isScalar(b)))) return;
  if (!first && both && numbers === "either" && isScalar(a)) return;
  const [bad, argument, position] = first ? [b, second, 2] : [a, "self", 1];
  const got = bad === null ? "null" : Array.isArray(bad) ? "array" : typeof bad;
  const tensorOnly = numbers === "none" || (position === 1 && (numbers === "second" || !both));
  const want = tensorOnly ? "Tensor" : "Tensor or number";
  throw new ArgumentError(`${operation}(): argument '${argument}' (position ${position}) must be ${want}, not ${got}`, {
    operation,
    argument,
  });
}

/** `f(a, b)` of two tensors: at once where neither conversion nor broadcasting is needed. */
function ofTensors(row: BinaryRow, a: Tensor, b: Tensor): Tensor {
  const { device, dtype } = a.storage;
  const { kernel } = row;
  const alike = b.storage.dtype === dtype && b.storage.device === device && sameShape(a.shape, b.shape);
  if (!alike || typeof kernel !== "string" || dtype === "bool" || row.compute(dtype) !== dtype)
    return applyBinary(row, a, b);
  row.check?.(dtype, a, b);
  const out = fresh(device, dtype, a.shape, row.operation);
  device.kernels.binary[dtype](kernel, out, a, b);
  if ((row.a !== null || row.b !== null) && recording(a, b)) recordBinary(row, out, a, b, a, b);
  return out;
}

/** `f(a, b)` of operands that were checked. */
export function applyBinary(row: BinaryRow, a: TensorOrScalar, b: TensorOrScalar): Tensor {
  const ta = isTensor(a) ? a : null;
  const tb = isTensor(b) ? b : null;
  const dtype = row.compute(promoted(a, b));
  row.check?.(dtype, a, b);
  const first = (ta ?? tb) as Tensor;
  const shape = ta === null || tb === null ? first.shape : broadcastShapes(ta.shape, tb.shape);
  const device =
    ta !== null && tb !== null && ta.storage.device !== tb.storage.device
      ? commonDevice(row.operation, [ta, tb])
      : first.storage.device;
  const x = ta === null ? scalarFor(dtype, a as Scalar) : rawCast(ta, dtype, row.operation);
  const y = tb === null ? scalarFor(dtype, b as Scalar) : rawCast(tb, dtype, row.operation);
  const { kernel } = row;
  let out: Tensor;
  if (typeof kernel === "string") {
    const va: Operand = isTensor(x) ? expanded(x, shape) : x;
    const vb: Operand = isTensor(y) ? expanded(y, shape) : y;
    out = fresh(device, dtype, shape, row.operation);
    device.kernels.binary[dtype](dtype === "bool" ? logical(kernel) : kernel, out, va, vb);
  } else out = unrecorded(kernel, x, y);
  if ((row.a !== null || row.b !== null) && recording(first, tb)) recordBinary(row, out, a, b, ta, tb);
  return out;
}

/** Of bool, a sum is the logical or and a product the logical and. */
export const logical = (kernel: BinaryName): BinaryName =>
  kernel === "add" ? "bitwiseOr" : kernel === "mul" ? "bitwiseAnd" : kernel;

/** Records `out = f(a, b)`, saving only what the derivatives of tracked operands read. */
export function recordBinary(
  row: PairDerivative,
  out: Tensor,
  a: TensorOrScalar,
  b: TensorOrScalar,
  ta: Tensor | null,
  tb: Tensor | null,
): Node {
  const node = record(named(row, ta, tb), out, [ta, tb]);
  saveOperands(row, node, a, b, ta, tb, out);
  return node;
}

/** The derivative of a row for operands of these kinds. */
export const named = (row: PairDerivative & Partial<BinaryRow>, a: Tensor | null, b: Tensor | null): PairDerivative =>
  row.ofNumber === undefined || (a !== null && b !== null) ? row : row.ofNumber[a === null ? 0 : 1];

export function saveOperands(
  row: PairDerivative,
  node: Node,
  a: TensorOrScalar,
  b: TensorOrScalar,
  ta: Tensor | null,
  tb: Tensor | null,
  out: Tensor,
): void {
  const reads = (node.inputs[0] !== null ? row.readByA : 0) | (node.inputs[1] !== null ? row.readByB : 0);
  if (ta === null) node.context = a;
  else if (tb === null) node.context = b;
  if (reads !== 0) {
    const x = (reads & READS_A) !== 0 ? ta : null;
    const z = (reads & READS_B) !== 0 ? tb : null;
    const y = (reads & READS_Y) !== 0 ? out : null;
    node.save(x, z, y); // a number that a formula reads counts as saved, as PyTorch's does
  }
}

/** `f` of two operands, computed in float64 where the device has it, and rounded once; a number stands for a 0-dimensional tensor. */
export const preciseOfTwo =
  (f: (a: Tensor, b: Tensor) => Tensor): BinaryRow["kernel"] =>
  (a, b) => {
    const { device, dtype } = (isTensor(a) ? a : (b as Tensor)).storage;
    const type = device.dtypes.has("float64") ? "float64" : dtype;
    const x = (t: TensorOrScalar): Tensor => (isTensor(t) ? rawCast(t, type) : filled(t, type, device));
    return rawCast(f(x(a), x(b)), dtype);
  };

/** A 0-dimensional tensor of that value. */
function filled(value: Scalar, dtype: DType, device: Device): Tensor {
  const out = fresh(device, dtype, [], "full");
  rawFill(out, scalarFor(dtype, value));
  return out;
}
