import { DTypeError } from "./errors.js";

/** Names of the element types, as in PyTorch. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** What `write` and `read` exchange with a backend: bool as bytes, float16 and bfloat16 as float32, int64 as bigint. */
export type HostArray = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array | BigInt64Array;

type HostArrayConstructor = {
  new (length: number): HostArray;
  new (values: ArrayLike<number> & ArrayLike<bigint>): HostArray;
  readonly BYTES_PER_ELEMENT: number;
};

interface DTypeInfo {
  /** Category of promotion: bool < integer < floating point. */
  readonly category: 0 | 1 | 2;
  /** Bytes of an element in files and on the CPU. */
  readonly bytes: number;
  /** The typed array that carries elements between host and device. */
  readonly Host: HostArrayConstructor;
  /** PyTorch's class name of such a tensor, which its error texts use ("torch.FloatTensor" without "torch."). */
  readonly tensorName: string;
  /** PyTorch's scalar type name ("Float", "Long"), which its error texts use. */
  readonly scalarName: string;
}

const info = (category: 0 | 1 | 2, bytes: number, Host: unknown, scalarName: string): DTypeInfo => ({
  category,
  bytes,
  Host: Host as HostArrayConstructor,
  tensorName: `${scalarName}Tensor`,
  scalarName,
});

export const dtypeInfo: Readonly<Record<DType, DTypeInfo>> = {
  float32: info(2, 4, Float32Array, "Float"),
  float64: info(2, 8, Float64Array, "Double"),
  float16: info(2, 2, Float32Array, "Half"),
  bfloat16: info(2, 2, Float32Array, "BFloat16"),
  int64: info(1, 8, BigInt64Array, "Long"),
  int32: info(1, 4, Int32Array, "Int"),
  int16: info(1, 2, Int16Array, "Short"),
  int8: info(1, 1, Int8Array, "Char"),
  uint8: info(1, 1, Uint8Array, "Byte"),
  bool: info(0, 1, Uint8Array, "Bool"),
};

/** All dtypes. */
export const dtypes = Object.keys(dtypeInfo) as readonly DType[];

export const isDType = (value: unknown): value is DType => typeof value === "string" && Object.hasOwn(dtypeInfo, value);

export const isFloat = (dtype: DType): boolean => dtypeInfo[dtype].category === 2;

/** Integers, bool not included. */
export const isInteger = (dtype: DType): boolean => dtypeInfo[dtype].category === 1;

/** The dtype that a typed array carries; `Uint8Array` is uint8. */
export function dtypeOf(array: ArrayBufferView): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Int16Array) return "int16";
  if (array instanceof Int8Array) return "int8";
  throw new DTypeError(`no dtype holds the elements of a ${array.constructor.name}`, { array: array.constructor.name });
}

const integerWidth = ["int8", "int16", "int32", "int64"] as const;

/**
 * The smallest dtype that both operands fit into, by PyTorch's lattice (`torch.promote_types`).
 * uint8 with int8 gives int16; float16 with bfloat16 gives float32.
 */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const ca = dtypeInfo[a].category;
  const cb = dtypeInfo[b].category;
  if (ca !== cb) return ca > cb ? a : b;
  if (ca === 2) {
    if (a === "float64" || b === "float64") return "float64";
    return "float32"; // two different ones of float32, float16, bfloat16
  }
  if (a === "uint8" || b === "uint8") {
    const other = a === "uint8" ? b : a;
    return other === "int8" ? "int16" : other;
  }
  return integerWidth[Math.max(integerWidth.indexOf(a as "int8"), integerWidth.indexOf(b as "int8"))];
}

/** Whether a result of dtype `from` may be written into a tensor of dtype `to` (`torch.can_cast`). */
export const canCast = (from: DType, to: DType): boolean => dtypeInfo[from].category <= dtypeInfo[to].category;
