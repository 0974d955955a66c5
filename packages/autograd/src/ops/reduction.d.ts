import { type DType, type Shape } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
import { type DimOptions, type DimReduction, type Dims, type OneDim } from "./dims.js";
/** Sum over `dim` (all dimensions without it). bool and small integers add up in int32. */
export declare const sum: DimReduction;
/** Sums a tensor to a shape that broadcasts to its own. */
export declare function sumToSize(self: Tensor, ...size: (number | Shape)[]): Tensor;
/** Mean over `dim` (all dimensions without it). */
export declare const mean: DimReduction;
/** Product over one dimension, or over all. */
export declare const prod: (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor;
type SpreadOptions = {
    dim?: Dims;
    correction?: number;
    unbiased?: boolean;
    keepdim?: boolean;
};
type Spread = (self: Tensor, dim?: Dims | boolean | SpreadOptions, unbiased?: boolean | SpreadOptions, keepdim?: boolean, options?: SpreadOptions) => Tensor;
/** Variance over `dim`: the mean squared distance from the mean, with `n − correction` (default 1) for `n`. */
export declare const variance: Spread;
/** Standard deviation: the root of `variance`. The gradient where all elements are equal is 0. */
export declare const std: Spread;
type SpreadAndMean = (...args: Parameters<Spread>) => [spread: Tensor, mean: Tensor];
/** `[variance, mean]` over `dim`. */
export declare const varMean: SpreadAndMean;
/** `[standard deviation, mean]` over `dim`. */
export declare const stdMean: SpreadAndMean;
/** Sum over `dim` without the elements that are NaN. */
export declare const nansum: DimReduction;
/** Mean over `dim` of the elements that are not NaN. */
export declare const nanmean: DimReduction;
/** How many elements over `dim` are not zero: int32, or int64 of int64. */
export declare const countNonzero: (self: Tensor, dim?: Dims | {
    dim?: Dims;
}) => Tensor;
/** `log Σ eˣ` over `dim`, without overflow. */
export declare const logsumexp: (self: Tensor, dim: Dims | DimOptions, keepdim?: boolean | DimOptions) => Tensor;
/**
 * The p-norm over `dim`: `(Σ |x|ᵖ)^(1/p)`; `Infinity` gives the largest magnitude, `"fro"` is 2. The gradient of the 2-norm at 0 is 0.
 */
export declare const norm: Norm;
type NormOptions = {
    p?: number | "fro" | null;
    dim?: Dims;
    keepdim?: boolean;
    dtype?: DType | null;
};
type Norm = (self: Tensor, p?: NormOptions["p"] | NormOptions, dim?: Dims | NormOptions, keepdim?: boolean | NormOptions) => Tensor;
export {};
