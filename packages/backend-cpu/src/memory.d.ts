import { type DType, type Shape, type Strides } from "@kindling/storage";
/** The typed arrays whose elements are numbers; float16 and bfloat16 live as their bits in a `Uint16Array`. */
export type Numbers = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;
/** Every handle of this device. */
export type Memory = Numbers | BigInt64Array;
/** What kernels need of a view; a `View` is one, and so are constants and temporaries, which belong to no device. */
export interface Strided {
    readonly storage: {
        readonly dtype: DType;
        readonly handle: unknown;
    };
    readonly shape: Shape;
    readonly strides: Strides;
    readonly offset: number;
}
/** Memory for `length` elements of `dtype`. */
export declare function allocateMemory(dtype: DType, length: number): Memory;
/** The handle of a view whose elements are numbers. Kernels of int64 get bigints and are typed apart. */
export declare const memoryOf: (view: Strided) => Numbers;
/** Row-major memory of `shape` that lives as long as the call that made it. */
export declare function temporary(dtype: DType, shape: Shape): Strided;
/** A number that stands for a view filled with it. */
export type Scalar = number | bigint;
/** A number as the nearest bigint towards zero; 0 for NaN and the infinities. */
export declare const toBigInt: (value: Scalar) => bigint;
/** What memory of `dtype` holds for `value`: rounded, truncated or wrapped, and in bits where it holds bits. */
export declare function encoded(value: Scalar, dtype: DType): Scalar;
/**
 * A view that repeats `value` in the given shape. It lives in one of two cells per dtype: a call has at most two
 * numbers, and no kernel starts another with numbers of its own.
 */
export declare function constant(value: Scalar, dtype: DType, shape: Shape, cell: 0 | 1): Strided;
/** An operand as a view of `dtype` in the given shape. */
export declare const viewOf: (operand: Strided | Scalar, dtype: DType, shape: Shape, cell: 0 | 1) => Strided;
/** The dtype of a pair of operands, of which at most one is a number. */
export declare const commonDType: (a: Strided | Scalar, b: Strided | Scalar) => DType;
