import type { Strided } from "./memory.js";
/** Stable sort of `a` along `dim`; `indices` says where each value came from. NaN is the largest. */
export declare function sort(values: Strided, indices: Strided, a: Strided, dim: number, descending: boolean): void;
