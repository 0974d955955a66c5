import { type DType, type HostArray } from "@kindling/storage";
import type { Tensor } from "./tensor.js";
/** A number, bigint (beyond 2^53) or boolean, or arrays of such. */
export type Nested = number | bigint | boolean | Nested[];
/** The elements in row-major order, read at once. */
export declare function hostValues(t: Tensor, operation: string): HostArray;
export declare function element(value: number | bigint, dtype: DType): number | bigint | boolean;
/** The only element, as a number (bigint beyond 2^53, boolean for bool). */
export declare function item(self: Tensor): number;
/** The elements as nested arrays of numbers (bigint beyond 2^53, booleans for bool); of a 0-dimensional tensor the bare element. */
export declare function tolist(self: Tensor): any;
/** A copy of the elements in row-major order; float16 and bfloat16 come as `Float32Array`, bool as `Uint8Array`. */
export declare function toTypedArray(self: Tensor): HostArray;
