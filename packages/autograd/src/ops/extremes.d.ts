import type { Tensor } from "../tensor.js";
import { type DimReduction, type OneDim } from "./dims.js";
/** The largest elements over `dim`; equal ones share the gradient. */
export declare const amax: DimReduction;
/** The smallest elements over `dim`; equal ones share the gradient. */
export declare const amin: DimReduction;
/** Index of the largest element along `dim` (of the flattened tensor without it); the first of equal ones, NaN counts as largest. */
export declare const argmax: (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor;
/** Index of the smallest element along `dim` (of the flattened tensor without it); the first of equal ones. */
export declare const argmin: (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor;
export interface Extreme {
    (self: Tensor): Tensor;
    (self: Tensor, other: Tensor): Tensor;
    (self: Tensor, dim: number | {
        dim: number;
        keepdim?: boolean;
    }, keepdim?: boolean | {
        keepdim?: boolean;
    }): [values: Tensor, indices: Tensor];
}
/** The largest element; with `dim`, `[values, indices]` along it; with a tensor, the larger of both element by element. */
export declare const max: Extreme;
/** The smallest element; with `dim`, `[values, indices]` along it; with a tensor, the smaller of both element by element. */
export declare const min: Extreme;
/** Whether some element over `dim` is nonzero. */
export declare const any: DimReduction;
/** Whether all elements over `dim` are nonzero. */
export declare const all: DimReduction;
