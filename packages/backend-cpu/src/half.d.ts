/** Bits of the float16 nearest to `x`, which is rounded to float32 first. */
export declare function toFloat16(x: number): number;
/** Value of a float16. */
export declare function fromFloat16(half: number): number;
/** Bits of the bfloat16 nearest to `x`, which is rounded to float32 first. */
export declare function toBfloat16(x: number): number;
/** Value of a bfloat16. */
export declare function fromBfloat16(half: number): number;
