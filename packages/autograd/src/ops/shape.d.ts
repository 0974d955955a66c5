import { type DType, type Shape } from "@kindling/storage";
import { type Tensor } from "../tensor.js";
type OfOne = (self: Tensor) => Tensor;
/** A contiguous copy that the graph knows of. */
export declare const clone: OfOne;
/** `self` where it is contiguous already, else a contiguous copy. */
export declare const contiguous: OfOne;
/** A copy of `self` in a shape that it broadcasts to. */
export declare const expandCopy: (self: Tensor, shape: Shape) => Tensor;
interface ToOptions {
    dtype?: DType | null;
    device?: string | null;
    copy?: boolean;
}
/**
 * `self` in another dtype or on another device: `to("float64")`, `to("webgpu")`, `to(other)`, `to({ dtype, device })`.
 * Returns `self` where nothing changes.
 * @throws DeviceError where moving would need a synchronous read of a device that has none; use `await x.cpu()`.
 */
export declare function to(self: Tensor, target: DType | string | Tensor | ToOptions, more?: DType | ToOptions): Tensor;
/** `self` in the dtype of `other`. */
export declare const typeAs: (self: Tensor, other: Tensor) => Tensor;
/** As float32. */
export declare const float: OfOne;
/** As float64. */
export declare const double: OfOne;
/** As float16. */
export declare const half: OfOne;
/** As bfloat16. */
export declare const bfloat16: OfOne;
/** As uint8. */
export declare const byte: OfOne;
/** As int8. */
export declare const char: OfOne;
/** As int16. */
export declare const short: OfOne;
/** As int32. */
export declare const int: OfOne;
/** As int64. */
export declare const long: OfOne;
/** As bool: whether elements differ from 0. */
export declare const bool: OfOne;
/**
 * The tensor on the `cpu`, from any device. A promise, because most devices can only be read asynchronously; the result is
 * outside the graph unless `self` is on `cpu` already.
 */
export declare function cpu(self: Tensor): Promise<Tensor>;
/** Tensors joined along an existing dimension. */
export declare const cat: (tensors: readonly Tensor[], dim?: number | {
    dim?: number;
}) => Tensor;
/** Tensors of one shape joined along a new dimension. */
export declare const stack: (tensors: readonly Tensor[], dim?: number | {
    dim?: number;
}) => Tensor;
type Join = (tensors: readonly Tensor[]) => Tensor;
/** A tensor of at least one dimension. */
export declare const asVector: (t: Tensor) => Tensor;
/** A tensor of at least two dimensions; a vector becomes a row. */
export declare const asRow: (t: Tensor) => Tensor;
/** A tensor of at least three dimensions; the new ones are the first and the last. */
export declare const asLayer: (t: Tensor) => Tensor;
/** Rows joined: vectors become rows first. */
export declare const vstack: Join;
/** Joined along the second dimension; vectors along their only one. */
export declare const hstack: Join;
/** Joined along the third dimension, which vectors and matrices get first. */
export declare const dstack: Join;
/** The whole tensor repeated `sizes[d]` times along each dimension; new dimensions come in front. */
export declare const repeat: (self: Tensor, ...sizes: (number | readonly number[])[]) => Tensor;
/** `repeat` for dimensions aligned at the end: missing ones count 1. */
export declare const tile: (self: Tensor, ...dims: (number | readonly number[])[]) => Tensor;
/** Each element repeated `repeats` times along `dim` (flattened first where `dim` is absent). */
export declare const repeatInterleave: (self: Tensor, repeats: number, dim?: number | {
    dim?: number;
}) => Tensor;
/** Elements in reverse order along `dims`. */
export declare const flip: (self: Tensor, ...dims: (number | readonly number[])[]) => Tensor;
/** Elements moved along `dims` by `shifts`; what leaves at one end enters at the other. */
export declare const roll: (self: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null) => Tensor;
/** The lower triangle of matrices: zero above diagonal `diagonal`. */
export declare const tril: (self: Tensor, diagonal?: number | {
    diagonal?: number;
}) => Tensor;
/** The upper triangle of matrices: zero below diagonal `diagonal`. */
export declare const triu: (self: Tensor, diagonal?: number | {
    diagonal?: number;
}) => Tensor;
/** The tensors expanded to their common shape. */
export declare function broadcastTensors(...tensors: Tensor[]): Tensor[];
export {};
