import { type DType, type Shape } from "@kindling/storage";
import type { Derivative, Node } from "../node.js";
import { type Tensor } from "../tensor.js";
/** One dimension, several, or (`null`, `[]`) all. */
export type Dims = number | readonly number[] | null;
/** Reduced dimensions counted from 0, in ascending order. */
export declare function dimsOf(dim: Dims, ndim: number): number[];
/** The same elements with the reduced dimensions (of size 1) dropped, outside of the graph. */
export declare const dropped: (t: Tensor, dims: readonly number[], keepdim: boolean) => Tensor;
export interface Reduced {
    readonly dims: readonly number[];
    readonly keepdim: boolean;
    readonly shape: Shape;
}
/** A reduced gradient with its dimensions of size 1 restored. */
export declare function keptDims(g: Tensor, { dims, keepdim, shape }: Reduced): Tensor;
export declare const reducedOf: (node: Node) => Reduced;
/** Sums of bool and integers are int32, int64 stays. */
export declare const sumType: (dtype: DType) => DType;
export type DimOptions = {
    dim?: Dims;
    keepdim?: boolean;
    dtype?: DType | null;
};
export type DimReduction = (self: Tensor, dim?: Dims | DimOptions, keepdim?: boolean | DimOptions, options?: DimOptions) => Tensor;
export type OneDim = {
    dim?: number | null;
    keepdim?: boolean;
    dtype?: DType | null;
};
export interface Pick {
    readonly dim: number;
    readonly keepdim: boolean;
    readonly shape: Shape;
}
/** The derivative of results that are elements of the input: the gradient goes to where they came from. */
export declare function pick(name: string): Derivative;
/** Indices found in `self`, in their dtype. */
export declare const foundIn: (self: Tensor, index: Tensor) => Tensor;
