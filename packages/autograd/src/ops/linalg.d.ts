import type { Tensor } from "../tensor.js";
type Product = (self: Tensor, other: Tensor) => Tensor;
/** Product of two matrices: (M, K) · (K, N). */
export declare const mm: Product;
/** Batched product: (B, M, K) · (B, K, N). */
export declare const bmm: Product;
/** Matrix times vector: (M, K) · (K). */
export declare const mv: Product;
/** Inner product of two vectors. */
export declare const dot: Product;
/** All products of the elements of two vectors. */
export declare const outer: Product;
/**
 * Matrix product with PyTorch's rules: vectors are rows on the left and columns on the right, leading dimensions broadcast.
 * @throws ShapeError "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)".
 */
export declare const matmul: Product;
type Scaled = {
    beta?: number;
    alpha?: number;
};
/** `beta · self + alpha · (mat1 · mat2)`. */
export declare const addmm: (self: Tensor, mat1: Tensor, mat2: Tensor, options?: Scaled) => Tensor;
/** `beta · self + alpha · (batch1 · batch2)`. */
export declare const baddbmm: (self: Tensor, batch1: Tensor, batch2: Tensor, options?: Scaled) => Tensor;
/** `beta · self + alpha · Σ (batch1 · batch2)` over the batch. */
export declare const addbmm: (self: Tensor, batch1: Tensor, batch2: Tensor, options?: Scaled) => Tensor;
/** `beta · self + alpha · (mat · vec)`. */
export declare const addmv: (self: Tensor, mat: Tensor, vec: Tensor, options?: Scaled) => Tensor;
/** `beta · self + alpha · vec1 ⊗ vec2`. */
export declare const addr: (self: Tensor, vec1: Tensor, vec2: Tensor, options?: Scaled) => Tensor;
/** Inner products of the last dimensions: (…, K) and (…, K) give (…, …); a scalar multiplies. */
export declare const inner: Product;
/** Inner product of two vectors. */
export declare const vdot: Product;
type Dims = number | readonly (readonly number[])[];
/**
 * Sums of products over dimensions of both: over the last `dims` of `self` and the first of `other`, or over two lists of
 * dimensions that belong together. The result has the other dimensions of `self`, then those of `other`.
 */
export declare const tensordot: (self: Tensor, other: Tensor, dims?: Dims | {
    dims?: Dims;
}) => Tensor;
/**
 * `input · weightᵀ + bias`: input (…, in), weight (out, in), bias (out) or `null`. The result is (…, out).
 */
export declare const linear: (input: Tensor, weight: Tensor, bias?: Tensor | null | {
    bias?: Tensor | null;
}) => Tensor;
export {};
