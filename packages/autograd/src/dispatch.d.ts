import { type BinaryName, type CompareName, type Device, type DType, type Operand, type ReduceName, type ScanName, type Shape, type UnaryName, type View } from "@kindling/storage";
import { Tensor } from "./tensor.js";
/** A contiguous tensor with undefined content. `operation` is named where the device lacks the dtype. */
export declare function fresh(device: Device, dtype: DType, shape: Shape, operation: string): Tensor;
/** `t` read in the broadcast shape `shape`. */
export declare function expanded(t: Tensor, shape: Shape): View;
/** A window on `t` with other sizes and strides. */
export declare const windowOn: (t: View, shape: Shape, strides: readonly number[], offset?: number) => View;
/**
 * The device that all the tensors are on.
 * @throws DeviceError where there are two.
 */
export declare function commonDevice(operation: string, tensors: readonly (Tensor | null | undefined)[]): Device;
/** Element by element conversion into fresh contiguous memory (`dtype` given or kept). */
export declare function rawCopy(t: View, dtype?: DType, operation?: string): Tensor;
/** `t` itself where it has the dtype, else a converted copy, outside the graph. */
export declare const rawCast: (t: Tensor, dtype: DType, operation?: string) => Tensor;
/** `t` itself where it is contiguous, else a contiguous copy, outside the graph. */
export declare const rawContiguous: (t: Tensor) => Tensor;
export declare function rawUnary(name: UnaryName, a: Tensor, operation?: string): Tensor;
export declare function rawBinary(name: BinaryName, a: Operand, b: Operand, shape: Shape, dtype: DType, device: Device, operation?: string): Tensor;
export declare function rawCompare(name: CompareName, a: Operand, b: Operand, shape: Shape, dtype: DType, device: Device): Tensor;
/** Reduction over `dims`, which stay as dimensions of size 1. */
export declare function rawReduce(name: ReduceName, a: Tensor, dims: readonly number[], operation?: string): Tensor;
export declare function rawScan(name: ScanName, a: Tensor, dim: number): Tensor;
export declare function rawFill(out: View, value: number | bigint): void;
/** A number as int64 stores it. */
export declare const toBigInt: (value: number | bigint) => bigint;
/** `value` as the kernels of `dtype` take scalars. */
export declare const scalarFor: (dtype: DType, value: number | bigint | boolean) => number | bigint;
/** PyTorch's name of the class of such tensors, for error texts. */
export declare const tensorName: (dtype: DType) => string;
