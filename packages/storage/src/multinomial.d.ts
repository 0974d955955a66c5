import type { Generator } from "./generator.js";
/**
 * Draws `samples` category numbers for each row of `weights`, which need not sum to one (`multinomial`).
 * With replacement each draw is a search in the row's cumulative sum, in the weights' dtype. Without, the categories with
 * the largest weight / exponential are taken, largest first; those of weight zero come last, in index order.
 * @param weights (rows, categories), row-major
 * @returns (rows, samples), row-major
 * @throws ArgumentError when weights are negative, not finite or all zero, or `samples` does not fit
 */
export declare function multinomial(gen: Generator, weights: Float32Array | Float64Array, categories: number, samples: number, replacement?: boolean): Int32Array;
