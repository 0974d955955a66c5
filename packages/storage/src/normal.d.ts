import type { Generator } from "./generator.js";
import { type NarrowBits } from "./rounding.js";
/**
 * Fills `out` with normal numbers (PyTorch's `normal_` on a contiguous tensor). From 16 elements up the Box-Muller
 * transform turns blocks of 16 uniforms into 16 normals, and a last incomplete block is drawn anew as the last 16
 * elements; fewer elements are drawn one by one (`normalSerial`), so that the streams of the two differ.
 *
 * float32 equals PyTorch's AVX2 kernel bit for bit; float64 does up to the last bit of the engine's log, sin and cos.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when `std` is negative
 */
export declare function normal(gen: Generator, out: Float32Array | Float64Array, mean?: number, std?: number, bits?: NarrowBits): void;
/**
 * Fills `out` with normal numbers one at a time, whatever its size: PyTorch's `normal_` on a tensor that is not contiguous.
 * They come in float64 pairs, of which the second waits in the generator for the next such draw.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when `std` is negative
 */
export declare function normalSerial(gen: Generator, out: Float32Array | Float64Array, mean?: number, std?: number, bits?: NarrowBits): void;
/** Fills `out` with exp of normal numbers (PyTorch's `log_normal_`). Throws ArgumentError unless `std` > 0. */
export declare function logNormal(gen: Generator, out: Float32Array | Float64Array, mean?: number, std?: number): void;
