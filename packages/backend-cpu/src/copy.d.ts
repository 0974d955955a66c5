import type { DType } from "@kindling/storage";
import { type Loop2 } from "./iterate.js";
import { type Strided } from "./memory.js";
/** float32 and float64, from each to each. */
export declare const moveFloat: Loop2;
/** int32, int16, int8, uint8, and from bool; a narrower output wraps around. */
export declare const moveInteger: Loop2;
/** float16, bfloat16 and int64, each to itself. */
export declare const moveBits: Loop2;
type Sources = Record<DType, Loop2>;
/** For each dtype of the output and each of the input, the loop that converts. */
export declare const copyRows: Readonly<Record<DType, Readonly<Sources>>>;
/** The loop that moves elements of `dtype` as they are. */
export declare const moveRow: (dtype: DType) => Loop2;
/** `out[i] = dtype(a[i])`; an infinity or NaN becomes 0 in an integer. */
export declare function copy(out: Strided, a: Strided): void;
export {};
