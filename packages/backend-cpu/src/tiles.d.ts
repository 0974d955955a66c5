import type { Numbers } from "./memory.js";
/**
 * 4 × 4 elements from panels of four rows of the left and four columns of the right factor, interleaved: `a[4k + row]`,
 * `b[4k + column]`. Writes them to `block`, row by row.
 */
export declare function packedTile(depth: number, a: Float64Array, i: number, b: Float64Array, j: number, block: Float64Array): void;
/** 4 × 4 elements from the matrices themselves, with their steps along rows (`m`), shared dimension (`k`) and columns (`n`). */
export declare function stridedTile(depth: number, a: Numbers, i: number, am: number, ak: number, b: Numbers, j: number, bk: number, bn: number, out: Numbers, o: number, om: number, on: number, accumulate: boolean): void;
/** 1 × 8 elements: a vector by eight columns. */
export declare function rowTile(depth: number, a: Numbers, i: number, ak: number, b: Numbers, j: number, bk: number, bn: number, out: Numbers, o: number, on: number, accumulate: boolean): void;
/** One element: the inner product of two runs. */
export declare function dot(depth: number, a: Numbers, i: number, ak: number, b: Numbers, j: number, bk: number): number;
