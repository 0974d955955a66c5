/** Names of the element types, as in PyTorch. */
export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "int16" | "int8" | "uint8" | "bool";
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
export declare const dtypeInfo: Readonly<Record<DType, DTypeInfo>>;
/** All dtypes. */
export declare const dtypes: readonly DType[];
export declare const isDType: (value: unknown) => value is DType;
export declare const isFloat: (dtype: DType) => boolean;
/** Integers, bool not included. */
export declare const isInteger: (dtype: DType) => boolean;
/** The dtype that a typed array carries; `Uint8Array` is uint8. */
export declare function dtypeOf(array: ArrayBufferView): DType;
/**
 * The smallest dtype that both operands fit into, by PyTorch's lattice (`torch.promote_types`).
 * uint8 with int8 gives int16; float16 with bfloat16 gives float32.
 */
export declare function promoteTypes(a: DType, b: DType): DType;
/** Whether a result of dtype `from` may be written into a tensor of dtype `to` (`torch.can_cast`). */
export declare const canCast: (from: DType, to: DType) => boolean;
export {};
