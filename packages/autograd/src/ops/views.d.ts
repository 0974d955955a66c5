import { type Shape, type Strides } from "@kindling/storage";
import type { Derivative } from "../node.js";
import { type Tensor, type ViewKind } from "../tensor.js";
/** A view of `x` that the graph knows of. */
export declare function view(derivative: Derivative, x: Tensor, shape: Shape, strides: Strides, offset: number, context?: unknown, kind?: ViewKind): Tensor;
/** Sizes, strides and offset at will, over the storage of `self`. @throws ShapeError where they leave the storage. */
export declare const asStrided: (self: Tensor, size: Shape, stride: Strides, storageOffset?: number | null) => Tensor;
/** A contiguous copy of `self` whose elements under the given layout are replaced by `src`, or added to (`"sum"`, also where the layout overlaps). */
export declare function asStridedScatter(self: Tensor, src: Tensor, size: Shape, stride: Strides, storageOffset: number, reduction?: "none" | "sum"): Tensor;
type Sizes = (number | readonly number[])[];
/**
 * The same elements in another shape; one size may be -1. Exported as `view`'s method.
 * @throws ShapeError where that needs a copy (`reshape` makes one).
 */
export declare const viewTo: (self: Tensor, ...sizes: Sizes) => Tensor;
/** The same elements in another shape: a view where possible, else a copy. One size may be -1. */
export declare const reshape: (self: Tensor, ...shape: Sizes) => Tensor;
type Like = (self: Tensor, other: Tensor) => Tensor;
/** `self` in the shape of `other`, as a view. */
export declare const viewAs: Like;
/** `self` in the shape of `other`. */
export declare const reshapeAs: Like;
/** All elements in one dimension. */
export declare const ravel: (self: Tensor) => Tensor;
/** Dimensions `startDim` to `endDim` as one. */
export declare const flatten: (self: Tensor, startDim?: number | {
    startDim?: number;
    endDim?: number;
}, endDim?: number) => Tensor;
/** Dimension `dim` divided into `sizes`; one may be -1. */
export declare const unflatten: (self: Tensor, dim: number, sizes: Shape) => Tensor;
/** A new dimension of size 1 at `dim`. */
export declare const unsqueeze: (self: Tensor, dim: number | {
    dim: number;
}) => Tensor;
/** Without dimensions of size 1: all of them, or those named by `dim`. */
export declare const squeeze: (self: Tensor, dim?: number | readonly number[] | {
    dim?: number | readonly number[];
}) => Tensor;
/** Two dimensions exchanged. */
export declare const transpose: (self: Tensor, dim0: number, dim1: number) => Tensor;
/** A matrix transposed; vectors and scalars as they are. */
export declare const t: (self: Tensor) => Tensor;
/** Dimensions in another order. */
export declare const permute: (self: Tensor, ...dims: Sizes) => Tensor;
/** Dimensions `source` moved to `destination`, the others in order. */
export declare const movedim: (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) => Tensor;
/** Dimensions of size 1 repeated without a copy; -1 keeps a size. New dimensions come in front. */
export declare const expand: (self: Tensor, ...size: Sizes) => Tensor;
/** `self` expanded to the shape of `other`. */
export declare const expandAs: Like;
/** `self` expanded to `size`. */
export declare const broadcastTo: (self: Tensor, size: Shape) => Tensor;
/** A gradient brought to exactly `shape`: summed or repeated where broadcasting has to be undone or done. */
export declare const expandedTo: (g: Tensor, shape: Shape) => Tensor;
/** An alias of `self` with a node of its own. */
export declare const aliasView: (self: Tensor, derivative: Derivative, kind: ViewKind) => Tensor;
export {};
