/** Sizes of the dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];
/** Distance in elements between neighbours along each dimension; 0 repeats an element. */
export type Strides = readonly number[];
/** Number of elements; 1 for a scalar, 0 where any dimension is empty. */
export declare function numelOf(shape: Shape): number;
/** Strides of a row-major layout without gaps. */
export declare function contiguousStrides(shape: Shape): Strides;
/** Whether elements lie in row-major order without gaps; strides of dimensions of size 1 do not matter. */
export declare function isContiguous(shape: Shape, strides: Strides): boolean;
export declare function sameShape(a: Shape, b: Shape): boolean;
/** `[2, 3]`, as PyTorch prints sizes. */
export declare const formatShape: (shape: Shape) => string;
/**
 * The common shape of two operands: aligned at the last dimension, size 1 stretches.
 * @throws ShapeError where two sizes differ and neither is 1.
 */
export declare function broadcastShapes(a: Shape, b: Shape): Shape;
/** Whether `shape` can be stretched to `target` by broadcasting. */
export declare function isExpandable(shape: Shape, target: Shape): boolean;
/** Strides that read a tensor of `shape` as if it had the broadcast shape `target`. */
export declare function expandStrides(shape: Shape, strides: Strides, target: Shape): Strides;
/**
 * A dimension counted from 0, from one that may be negative. Scalars accept 0 and -1.
 * @throws IndexError outside `[-ndim, ndim - 1]`.
 */
export declare function wrapDim(dim: number, ndim: number): number;
/**
 * A complete shape from one that may hold a single -1.
 * @throws ShapeError "shape '[5, 3]' is invalid for input of size 12".
 */
export declare function inferShape(sizes: Shape, numel: number): number[];
/**
 * Strides under which the same elements read as `target`, or `null` where that needs a copy.
 * Dimensions of the input that lie in one run of memory may be split and merged freely.
 */
export declare function viewStrides(shape: Shape, strides: Strides, target: Shape): Strides | null;
/** Elements that a view reaches beyond its offset: 1 + Σ (size − 1)·stride, or 0 where it is empty. */
export declare function extentOf(shape: Shape, strides: Strides): number;
/** Whether two indices of the view may name the same element (exact for views of one tensor, careful otherwise). */
export declare function overlapsItself(shape: Shape, strides: Strides): boolean;
