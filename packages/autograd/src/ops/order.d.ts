import { type DType } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
type Cumulative = (self: Tensor, dim: number | {
    dim: number;
    dtype?: DType;
}, options?: {
    dtype?: DType;
}) => Tensor;
/** Running sum along `dim`. */
export declare const cumsum: Cumulative;
/** Running product along `dim`. */
export declare const cumprod: Cumulative;
type SortOptions = {
    dim?: number;
    descending?: boolean;
    stable?: boolean;
};
/** `[values, indices]` in ascending or descending order along `dim`; equal elements keep their order, NaN counts as largest. */
export declare const sort: (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => [values: Tensor, indices: Tensor];
/** The indices that sort along `dim`. */
export declare const argsort: (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => Tensor;
/** Sorted along the first dimension. */
export declare const msort: (self: Tensor) => Tensor;
type TopkOptions = {
    dim?: number;
    largest?: boolean;
    sorted?: boolean;
};
/** `[values, indices]` of the `k` largest (or smallest) elements along `dim`, in order. */
export declare const topk: (self: Tensor, k: number, dim?: number | TopkOptions, largest?: boolean | TopkOptions) => [values: Tensor, indices: Tensor];
export {};
