import { type Tensor } from "../tensor.js";
import type { TensorOrScalar } from "./table.js";
/** `start:stop:step` of one dimension; `null` leaves a bound open. */
export declare class Slice {
    readonly start: number | null;
    readonly stop: number | null;
    readonly step: number;
    constructor(start: number | null, stop: number | null, step: number);
}
/** A slice for `at`: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`. */
export declare function slice(start: number | null, stop?: number | null, step?: number | null): Slice;
/** What can stand for a dimension in `at` and `setAt`. */
export type Index = number | string | null | boolean | Slice | Tensor | readonly NestedIndex[];
type NestedIndex = number | boolean | readonly NestedIndex[];
/** `x.at(0)`, `x.at("1:3", null, "...", -1)`, `x.at([0, 2])`, `x.at(mask)`: see the file's head. */
export declare function at(self: Tensor, ...indices: Index[]): Tensor;
/**
 * Writes `value` in place where `at` would read. `indices` is the tuple of indices, or one bare index; with `accumulate`
 * the value is added, and repeated indices add up.
 */
export declare function setAt(self: Tensor, indices: Index | readonly Index[], value: TensorOrScalar, options?: {
    accumulate?: boolean;
}): Tensor;
/** Indexes in the sense of `setAt` applied to a copy. */
export declare const indexPut: (self: Tensor, indices: readonly Index[], values: TensorOrScalar, options?: {
    accumulate?: boolean;
}) => Tensor;
export {};
