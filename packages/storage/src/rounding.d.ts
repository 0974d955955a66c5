/** Bits of the significand of a float16 (11) or bfloat16 (8) whose values a Float32Array holds. */
export type NarrowBits = 8 | 11;
/** The float32 nearest to `value`, rounded on to the nearest float16 (ties to even). */
export declare function roundToFloat16(value: number): number;
/** The float32 nearest to `value`, rounded on to the nearest bfloat16 (ties to even). */
export declare function roundToBfloat16(value: number): number;
/** Rounds every element to float16 (11) or bfloat16 (8). */
export declare function roundNarrow(values: Float32Array | Float64Array, bits: NarrowBits): void;
/** `a·b + c` in float64 with a single rounding: the product's and the sum's errors, both exact, are added back. */
export declare function fusedMultiplyAdd(a: number, b: number, c: number): number;
