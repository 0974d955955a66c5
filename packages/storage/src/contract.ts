import type { DType, HostArray } from "./dtype.js";
import type { Storage, View } from "./storage.js";

/**
 * # The backend contract, version 1
 *
 * A backend owns memory and computes on strided views of it. It never meets a gradient: derivatives are written above.
 * Rules that hold for every member:
 *
 * - The caller allocates every output. An output is fresh, or it is exactly the storage and layout of one pointwise input;
 *   partial overlap never arrives here.
 * - Offsets, strides and sizes count elements. Strides are not negative; 0 repeats an element (inputs only).
 * - Inputs arrive in the output's shape (already broadcast, by strides of 0), unless a member says otherwise.
 *   Any view may be empty: then nothing is written (but a sum or matrix product over nothing writes 0, a product 1).
 *   Any view may be 0-dimensional: then there is one element. Members with a `dim` get at least one dimension.
 * - Members run in the order of the calls, or behave as if they did. Only `read` is asynchronous.
 * - float16 and bfloat16 compute in float32 and round once. Integers wrap around. Sums of float32 may be done in any order.
 * - An output never lies in the storage of an input that it is not identical with.
 * - bool is 0 or 1; it arrives in bitwise members, comparisons, `maximum`, `minimum`, `max`, `min`, and all that move elements.
 * - What a float outside of an integer's range converts to, `fmod` by the integer 0 and shifts by the width or more are the
 *   backend's choice. Scalar operands fit the dtype: whole for integers, 0 or 1 for bool, bigint for int64.
 * - NaN travels through `maximum`, `minimum`, `max` and `min`; `argmax`, `argmin` give the index of a NaN, and `sort` takes NaN for largest.
 */
export const CONTRACT_VERSION = 1;

/** Pointwise functions of one argument. float dtypes; neg, abs, sign, floor, ceil, round, trunc of integers too. */
export type UnaryName =
  | "neg"
  | "abs"
  /** -1, 0 or 1; NaN gives 0. */
  | "sign"
  | "floor"
  | "ceil"
  /** To the nearest integer, halves to the even one. */
  | "round"
  | "trunc"
  | "sqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "erf"
  /** Integers and bool (there: logical not). */
  | "bitwiseNot"
  /** The output is bool. */
  | "isnan";

/** Pointwise functions of two arguments of the output's dtype. */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  /** Integers: the quotient rounded towards zero; by zero, 0. */
  | "div"
  /** As C's: `pow(1, NaN)`, `pow(-1, ±∞)` and `pow(x, 0)` are 1. Integers to a negative power: 0, but for the bases 1 and -1. */
  | "pow"
  | "maximum"
  | "minimum"
  /** The remainder of division rounded towards zero, with the sign of the first argument. */
  | "fmod"
  | "atan2"
  /** Integers and bool. */
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  /** Integers. */
  | "shiftLeft"
  | "shiftRight";

/** Comparisons: two arguments of one dtype, a bool output. */
export type CompareName = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** Reductions. argmax and argmin have an int32 output: the first index of the extreme along the (single) dimension. */
export type ReduceName = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";

/** Running sums and the like. */
export type ScanName = "sum" | "prod" | "max" | "min";

/** How `scatter` combines what is there with what arrives. */
export type ScatterReduction = "none" | "sum" | "prod" | "max" | "min";

/** A view, or a number that stands for a view filled with it (at most one of two operands is a number). */
export type Operand = View | number | bigint;

/** The pointwise names, frozen for this version of the contract: a new operator never adds to them. */
export const unaryNames: readonly UnaryName[] = [
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sqrt",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "erf",
  "bitwiseNot",
  "isnan",
];
export const binaryNames: readonly BinaryName[] = [
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "maximum",
  "minimum",
  "fmod",
  "atan2",
  "bitwiseAnd",
  "bitwiseOr",
  "bitwiseXor",
  "shiftLeft",
  "shiftRight",
];
export const compareNames: readonly CompareName[] = ["eq", "ne", "lt", "le", "gt", "ge"];
export const reduceNames: readonly ReduceName[] = ["sum", "prod", "max", "min", "argmax", "argmin"];
export const scanNames: readonly ScanName[] = ["sum", "prod", "max", "min"];
export const scatterReductions: readonly ScatterReduction[] = ["none", "sum", "prod", "max", "min"];

/** The required primitives. Everything that Kindling computes is made of these where no faster kernel is registered. */
export interface Primitives {
  /** `out[i] = f(a[i])`. */
  unary(name: UnaryName, out: View, a: View): void;
  /** `out[i] = f(a[i], b[i])`. */
  binary(name: BinaryName, out: View, a: Operand, b: Operand): void;
  /** `out[i] = a[i] ⋛ b[i]`; `out` is bool. */
  compare(name: CompareName, out: View, a: Operand, b: Operand): void;
  /** `out[i] = condition[i] ? a[i] : b[i]`; both may be numbers. */
  where(out: View, condition: View, a: Operand, b: Operand): void;
  /** Converts and lays out: `out[i] = dtype(a[i])`. To an integer rounds towards zero, to bool is `≠ 0`. */
  copy(out: View, a: View): void;
  /** `out[i] = value`. */
  fill(out: View, value: number | bigint): void;
  /** `out[i] = start + i·step`; `out` has one dimension. */
  range(out: View, start: number | bigint, step: number | bigint): void;
  /** `out` has the rank of `a` and size 1 along each reduced dimension. An empty sum is 0, an empty product 1; other empty reductions never arrive. */
  reduce(name: ReduceName, out: View, a: View, dims: readonly number[]): void;
  /** Running reduction along `dim`; `out` has the shape of `a`. */
  scan(name: ScanName, out: View, a: View, dim: number): void;
  /** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus what is in `out` where `accumulate`. */
  matmul(out: View, a: View, b: View, accumulate: boolean): void;
  /**
   * `out[i][j] = a[index[i][j]][j]` for `dim` 0, and so on. `index` is int32 and has the shape of `out`; in the other
   * dimensions it is at most as large as `a`.
   * @throws IndexError for an index outside `[0, a.shape[dim])` where the backend can read synchronously; elsewhere the element is undefined.
   */
  gather(out: View, a: View, index: View, dim: number): void;
  /**
   * `out[index[i][j]][j] ⊕= src[i][j]` for `dim` 0, and so on, in place; `src` has the shape of `index` (int32). With `"none"` and
   * repeated indices one of the values wins.
   * @throws IndexError as `gather`; elsewhere such an element is dropped.
   */
  scatter(out: View, index: View, src: Operand, dim: number, reduction: ScatterReduction): void;
  /** Stable sort along `dim`; `indices` (int32) says where each value came from. All three have one shape. */
  sort(values: View, indices: View, a: View, dim: number, descending: boolean): void;
}

export type PrimitiveName = keyof Primitives;

export const primitiveNames: readonly PrimitiveName[] = [
  "unary",
  "binary",
  "compare",
  "where",
  "copy",
  "fill",
  "range",
  "reduce",
  "scan",
  "matmul",
  "gather",
  "scatter",
  "sort",
];

/**
 * Kernels that a backend may have besides the required ones: the open map from name to signature. Each has a composite
 * default above the contract. Add a name by declaration merging:
 * `declare module "@kindling/storage" { interface FastPaths { softmax(out: View, a: View, dim: number): void } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: open for declaration merging
export interface FastPaths {}

/** What a device can do, as data: operations it cannot do fail when they are called. */
export interface Capabilities {
  /** Whether `readSync` exists: `item()`, `tolist()` and operators whose shape depends on data need it. */
  readonly syncRead: boolean;
  /** Dtypes of storages. float32, int32 and bool are always among them. */
  readonly dtypes: readonly DType[];
  /** Whether NaN and infinities behave as IEEE 754 says (default true). */
  readonly nonFinite?: boolean;
}

/** One run of a kernel. */
export interface KernelEvent {
  /** The primitive and which of its functions (`"binary.add"`, `"matmul"`), the fast path, or the device's own name of the kernel. */
  readonly name: string;
  readonly device: string;
  /** Milliseconds, on the clock of `performance.now()`. */
  readonly start: number;
  /** Milliseconds. */
  readonly time: number;
}

/** Memory of a device whose storages are not the garbage collector's own, in bytes. */
export interface MemoryStats {
  /** Of storages that are alive, as far as is known. */
  readonly bytes: number;
  /** The most that ever were alive at once. */
  readonly peakBytes: number;
  /** Storages that are alive. */
  readonly count: number;
  /** Of memory that waits for the next allocation. */
  readonly pooledBytes: number;
  /** What a program may allocate between two returns to the event loop. */
  readonly softLimit: number;
  /** Beyond it allocations fail. */
  readonly hardLimit: number;
}

/** A device's memory and kernels: what `registerBackend`'s factory returns. */
export interface Backend extends Primitives {
  readonly capabilities: Capabilities;
  /** Memory for `length` elements, content undefined; what it returns becomes `Storage.handle`. `length` may be 0. */
  allocate(dtype: DType, length: number): unknown;
  /** Copies host values into the storage, from element `offset` on. `values` is free to change after the call. */
  write(storage: Storage, offset: number, values: HostArray): void;
  /** Copies `length` elements from `offset` on to the host, after everything that was called before. */
  read(storage: Storage, offset: number, length: number): Promise<HostArray>;
  /** The same at once; present where `capabilities.syncRead`. */
  readSync?(storage: Storage, offset: number, length: number): HostArray;
  /** Resolves when everything called so far has been done. */
  synchronize?(): Promise<void>;
  /** Gives a storage's memory back before the garbage collector finds it: it is not used again, and use of it throws. May be called twice. */
  release?(storage: Storage): void;
  /** Present where memory has a limit of its own. */
  memoryStats?(): MemoryStats;
  /**
   * Starts to take the times of kernels; what it returns stops that and gives them. Present where kernels run later than they are called, and
   * the device has a clock. `device` is its name in the events.
   */
  record?(device: string): () => Promise<readonly KernelEvent[]>;
  /** Why the device is gone, or `null` while it works. `init` opens a device that is gone anew. */
  lost?(): string | null;
}
