import { type Shape } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
/** Zeros of `shape` in which the part that `part` views holds `g`. */
export declare function intoPart(g: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor;
/** The slice `index` of dimension `dim`, without that dimension. */
export declare const select: (self: Tensor, dim: number, index: number) => Tensor;
/** Elements `start, start + step, …` before `end` of dimension `dim`; negative bounds count from the end, beyond it they are cut. */
export declare function sliceDim(self: Tensor, dim: number, start: number | null, end: number | null, step?: number): Tensor;
/** `length` elements of dimension `dim` from `start` on, which may be a 0-dimensional tensor. */
export declare const narrow: (self: Tensor, dim: number, start: number | Tensor, length: number) => Tensor;
/** The diagonal of two dimensions, as the last dimension; `offset` above (positive) or below the main one. */
export declare const diagonal: (self: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor;
/** Windows of `size` elements along `dim`, `step` apart, as a new last dimension. */
export declare const unfold: (self: Tensor, dimension: number, size: number, step: number) => Tensor;
/** Parts along `dim`: of `splitSize` each (the last may be smaller), or of the sizes listed. */
export declare const split: (self: Tensor, splitSize: number | readonly number[], dim?: number | {
    dim?: number;
}) => Tensor[];
/** At most `chunks` parts of equal size along `dim`; the last may be smaller. */
export declare const chunk: (self: Tensor, chunks: number, dim?: number | {
    dim?: number;
}) => Tensor[];
/** All slices along `dim`, without that dimension. */
export declare const unbind: (self: Tensor, dim?: number | {
    dim?: number;
}) => Tensor[];
