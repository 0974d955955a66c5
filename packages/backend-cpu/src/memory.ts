import { type DType, dtypes, type Shape, type Strides } from "@kindling/storage";
import { bufferOf } from "#buffers";
import { toBfloat16, toFloat16 } from "./half.js";

/** The typed arrays whose elements are numbers; float16 and bfloat16 live as their bits in a `Uint16Array`. */
export type Numbers = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;

/** Every handle of this device. */
export type Memory = Numbers | BigInt64Array;

/** What kernels need of a view; a `View` is one, and so are constants and temporaries, which belong to no device. */
export interface Strided {
  readonly storage: { readonly dtype: DType; readonly handle: unknown };
  readonly shape: Shape;
  readonly strides: Strides;
  readonly offset: number;
}

type MemoryConstructor = {
  new (length: number): Memory;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Memory;
  readonly BYTES_PER_ELEMENT: number;
};

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as unknown as Readonly<Record<DType, MemoryConstructor>>;

/**
 * Bytes up to which V8 keeps a typed array's elements in its own heap. Beyond, an array with a buffer of its own costs
 * some ten times more than one that shares a slab; a slab lives as long as any array on it, so slabs are small and
 * arrays that are large beside a slab have their own buffer.
 */
const IN_HEAP = 64;
const SHARED = 1024;
const SLAB = 8192;

let slab = new ArrayBuffer(SLAB);
let used = 0;

/**
 * Bytes from which glibc's `malloc` takes memory from the system by itself and gives it back at once when it is freed, so that every result costs
 * page faults: five times what filling it does. It learns from the largest of such blocks that a program frees, up to 32 MB, to keep blocks of that
 * size, and twice as much free memory in all. So the first large result teaches it, with a block that nobody touches and the next collection frees.
 */
const LARGE = 1 << 17;
const LESSON = (1 << 25) - (1 << 13);
let taught = false;

function teach(): void {
  taught = new ArrayBuffer(LESSON).byteLength > 0; // used, so that no bundler drops it
}

/** Memory for `length` elements of `dtype`. */
export function allocateMemory(dtype: DType, length: number): Memory {
  const Elements = constructors[dtype];
  const bytes = length * Elements.BYTES_PER_ELEMENT;
  if (bytes >= LARGE && !taught) teach();
  if (bytes <= IN_HEAP || bytes > SHARED) return new Elements(length);
  let start = used;
  used += (bytes + 7) & ~7; // every dtype stays aligned
  if (used > SLAB) {
    slab = new ArrayBuffer(SLAB);
    used = (bytes + 7) & ~7;
    start = 0;
  }
  return new Elements(slab, start, length);
}

/** Bytes from which memory with undefined content is the cheaper. */
const UNDEFINED = 16384;

/** The same for a storage: what is large has undefined content. */
export function allocateStorage(dtype: DType, length: number): Memory {
  const Elements = constructors[dtype];
  const bytes = length * Elements.BYTES_PER_ELEMENT;
  if (bytes < UNDEFINED) return allocateMemory(dtype, length);
  if (!taught) teach(); // what is smaller than LARGE is given back as well, when much of it is freed together
  return new Elements(bufferOf(bytes), 0, length);
}

/** The handle of a view whose elements are numbers. Kernels of int64 get bigints and are typed apart. */
export const memoryOf = (view: Strided): Numbers => view.storage.handle as Numbers;

/** Row-major memory of `shape` that lives as long as the call that made it. */
export function temporary(dtype: DType, shape: Shape): Strided {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return { storage: { dtype, handle: allocateMemory(dtype, step) }, shape, strides, offset: 0 };
}

/** A number that stands for a view filled with it. */
export type Scalar = number | bigint;

/** A number as the nearest bigint towards zero; 0 for NaN and the infinities. */
export const toBigInt = (value: Scalar): bigint =>
  typeof value === "bigint" ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;

/** What memory of `dtype` holds for `value`: rounded, truncated or wrapped, and in bits where it holds bits. */
export function encoded(value: Scalar, dtype: DType): Scalar {
  if (dtype === "int64") return toBigInt(value);
  const x = Number(value);
  if (dtype === "bool") return x === 0 ? 0 : 1;
  if (dtype === "float16") return toFloat16(x);
  if (dtype === "bfloat16") return toBfloat16(x);
  return x;
}

const zeroStrides: Strides[] = [[]];

type Cell = { readonly dtype: DType; readonly handle: Memory };
const cells = {} as Record<DType, readonly [Cell, Cell]>;
for (const dtype of dtypes) {
  const cell = (): Cell => ({ dtype, handle: allocateMemory(dtype, 1) });
  cells[dtype] = [cell(), cell()];
}

/**
 * A view that repeats `value` in the given shape. It lives in one of two cells per dtype: a call has at most two
 * numbers, and no kernel starts another with numbers of its own.
 */
export function constant(value: Scalar, dtype: DType, shape: Shape, cell: 0 | 1): Strided {
  const storage = cells[dtype][cell];
  // The common dtypes store at places of their own, which see one kind of memory only.
  if (dtype === "float32") (storage.handle as Float32Array)[0] = Number(value);
  else if (dtype === "float64") (storage.handle as Float64Array)[0] = Number(value);
  else (storage.handle as Numbers)[0] = encoded(value, dtype) as number;
  const rank = shape.length;
  return { storage, shape, strides: (zeroStrides[rank] ??= new Array<number>(rank).fill(0)), offset: 0 };
}

/** An operand as a view of `dtype` in the given shape. */
export const viewOf = (operand: Strided | Scalar, dtype: DType, shape: Shape, cell: 0 | 1): Strided =>
  typeof operand === "object" ? operand : constant(operand, dtype, shape, cell);

/** The dtype of a pair of operands, of which at most one is a number. */
export const commonDType = (a: Strided | Scalar, b: Strided | Scalar): DType =>
  (typeof a === "object" ? a : (b as Strided)).storage.dtype;
