import { type BinaryName, type DType, DTypeError, type UnaryName } from "@kindling/storage";
import { floatBinary, floatUnary } from "./float-rows.js";
import { boolBinary, boolUnary, int64Binary, int64Unary, integerBinary, integerUnary } from "./integer-rows.js";
import { each2, each3, type Loop2, type Loop3 } from "./iterate.js";
import { type Scalar, type Strided, viewOf } from "./memory.js";

/** Rows per dtype; float16 and bfloat16 compute in float32. */
const unaryRows: Readonly<Record<DType, Partial<Record<UnaryName, Loop2>>>> = {
  float32: floatUnary,
  float64: floatUnary,
  float16: floatUnary,
  bfloat16: floatUnary,
  int64: int64Unary,
  int32: integerUnary,
  int16: integerUnary,
  int8: integerUnary,
  uint8: integerUnary,
  bool: boolUnary,
};

const binaryRows: Readonly<Record<DType, Partial<Record<BinaryName, Loop3>>>> = {
  float32: floatBinary,
  float64: floatBinary,
  float16: floatBinary,
  bfloat16: floatBinary,
  int64: int64Binary,
  int32: integerBinary,
  int16: integerBinary,
  int8: integerBinary,
  uint8: integerBinary,
  bool: boolBinary,
};

function absent(name: string, dtype: DType): never {
  throw new DTypeError(`[${name}] is not defined for ${dtype}`, { operation: name, dtype });
}

/** The loop of a binary function for a dtype. */
export const binaryRow = (name: BinaryName, dtype: DType): Loop3 => binaryRows[dtype][name] ?? absent(name, dtype);

/** `out[i] = f(a[i])`. */
export function unary(name: UnaryName, out: Strided, a: Strided): void {
  const dtype = a.storage.dtype;
  each2(unaryRows[dtype][name] ?? absent(name, dtype), out, a);
}

/** `out[i] = f(a[i], b[i])`. */
export function binary(name: BinaryName, out: Strided, a: Strided | Scalar, b: Strided | Scalar): void {
  const dtype = out.storage.dtype;
  const row = binaryRows[dtype][name] ?? absent(name, dtype);
  each3(row, out, viewOf(a, dtype, out.shape, 0), viewOf(b, dtype, out.shape, 1));
}
