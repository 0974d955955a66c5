import { type Tensor } from "../tensor.js";
import { type TensorOrScalar } from "./table.js";
/** An index tensor as int32. */
export declare function indexTensor(index: Tensor, operation: string): Tensor;
/** Indices counted from 0, from ones that may be negative. */
export declare function wrapIndices(index: Tensor, size: number): Tensor;
/** `out[i][j] = self[index[i][j]][j]` for `dim` 0, and so on; the shape is that of `index`. */
export declare const gather: (self: Tensor, dim: number, index: Tensor) => Tensor;
type Reduce = {
    reduce?: "add" | "multiply";
};
/** A copy of `self` in which `self[index[i][j]][j] = src[i][j]` for `dim` 0, and so on; `src` may be a number. */
export declare const scatter: (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, options?: Reduce) => Tensor;
/** The same with the values added to what is there; repeated indices add up. */
export declare const scatterAdd: (self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor;
/** The slices of `dim` that `index` (a vector) names, in its order. */
export declare const indexSelect: (self: Tensor, dim: number, index: Tensor) => Tensor;
/** A copy of `self` in which the slices of `source` are added (times `alpha`) to those that `index` names. */
export declare const indexAdd: (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: {
    alpha?: number;
}) => Tensor;
/** A copy of `self` in which the slices that `index` names are those of `source`. */
export declare const indexCopy: (self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor;
/** A copy of `self` in which the slices that `index` names hold `value`. */
export declare const indexFill: (self: Tensor, dim: number, index: Tensor, value: number) => Tensor;
/** Elements of the flattened tensor at `index`, in the shape of `index`. */
export declare const take: (self: Tensor, index: Tensor) => Tensor;
/** Host copies of the positions of nonzero elements, one array for each dimension. */
export declare function positionsOf(mask: Tensor, operation: string): Int32Array[];
export interface Nonzero {
    (self: Tensor, options?: {
        asTuple?: false;
    }): Tensor;
    (self: Tensor, options: {
        asTuple: true;
    }): Tensor[];
}
/** Positions of nonzero elements, one row each; with `asTuple` one vector for each dimension. int32, or int64 of int64. */
export declare const nonzero: Nonzero;
/** The elements of `self` where `mask` is true, in one dimension; both broadcast. */
export declare const maskedSelect: (self: Tensor, mask: Tensor) => Tensor;
export {};
