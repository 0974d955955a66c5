import { type HostArray } from "./dtype.js";
import type { Generator } from "./generator.js";
import { type NarrowBits } from "./rounding.js";
/**
 * Fills `out` with uniform numbers in [from, to) (`uniform_`): float64 takes 53 bits of 64, float32 24 bits of 32.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when the bounds are no interval of the dtype
 */
export declare function uniform(gen: Generator, out: Float32Array | Float64Array, from?: number, to?: number, bits?: NarrowBits): void;
/**
 * Fills `out` with integers in [low, high) (`random_(low, high)`): 32 bits modulo the range, or 64 bits where the range is
 * 2^32 or more. `random_()` without bounds is `high` = the largest value + 1 of an integer dtype (bool: 2), and
 * 2^significand + 1 of a floating one.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when the bounds are no integers, are empty, or leave the dtype
 */
export declare function randint(gen: Generator, out: HostArray, low: number | bigint, high: number | bigint, bits?: NarrowBits): void;
/** A random permutation of 0 … n-1 (`randperm`): Fisher–Yates from the front. Throws ArgumentError for a bad `n`. */
export declare function randperm(gen: Generator, n: number): Int32Array;
/**
 * Fills `out` with ones and zeros (`bernoulli_`): one with probability `p`, or with its own probability per element.
 * One number and a Float64Array compare with a float64 uniform, a Float32Array with a float32 one: two streams.
 * @throws ArgumentError when a probability is outside [0, 1] or there are not as many as elements
 */
export declare function bernoulli(gen: Generator, out: HostArray, p: number | Float32Array | Float64Array): void;
/** Fills `out` with exponential numbers of rate `lambda` (`exponential_`). Throws ArgumentError for a negative rate. */
export declare function exponential(gen: Generator, out: Float32Array | Float64Array, lambda?: number): void;
/** Fills `out` with the number of trials up to the first success (`geometric_`). Throws ArgumentError unless 0 < p < 1. */
export declare function geometric(gen: Generator, out: HostArray, p: number): void;
/** Fills `out` with Cauchy numbers (`cauchy_`). */
export declare function cauchy(gen: Generator, out: Float32Array | Float64Array, median?: number, sigma?: number): void;
