/** The logistic function; -∞ gives 0. */
export declare const sigmoid: (x: number) => number;
/** To the nearest integer, halves to the even one. */
export declare function roundHalfEven(x: number): number;
/** IEEE 754's pow: 1 to any power is 1, NaN included, and -1 to an infinite power is 1 (JavaScript says NaN there). */
export declare function pow(x: number, y: number): number;
/** Power of 32-bit integers, exact modulo 2³². A negative exponent gives 0, except for the bases 1 and -1. */
export declare function powInteger(base: number, exponent: number): number;
/** Power of 64-bit integers, exact modulo 2⁶⁴; negative exponents as in `powInteger`. */
export declare function powBigInt(base: bigint, exponent: bigint): bigint;
/** The error function, to about 1e-16 relative. */
export declare function erf(x: number): number;
