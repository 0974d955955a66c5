import { type Numbers, type Strided } from "./memory.js";
/**
 * Inner loops over one to four memories: `n` elements of each (at least one), from an offset in steps of a stride. The
 * output comes first.
 */
export type Loop1 = (out: Numbers, o: number, so: number, n: number) => void;
export type Loop2 = (out: Numbers, o: number, so: number, a: Numbers, i: number, sa: number, n: number) => void;
export type Loop3 = (out: Numbers, o: number, so: number, a: Numbers, i: number, sa: number, b: Numbers, j: number, sb: number, n: number) => void;
export type Loop4 = (out: Numbers, o: number, so: number, a: Numbers, i: number, sa: number, b: Numbers, j: number, sb: number, c: Numbers, k: number, sc: number, n: number) => void;
/** Calls `loop` for the runs that make up `out`. */
export declare function each1(loop: Loop1, out: Strided): void;
/** Calls `loop` for the runs that make up `out` and `a`, which have `out`'s shape. */
export declare function each2(loop: Loop2, out: Strided, a: Strided): void;
/** Calls `loop` for the runs that make up `out`, `a` and `b`, which have `out`'s shape. */
export declare function each3(loop: Loop3, out: Strided, a: Strided, b: Strided): void;
/** Calls `loop` for the runs that make up `out`, `a`, `b` and `c`, which have `out`'s shape. */
export declare function each4(loop: Loop4, out: Strided, a: Strided, b: Strided, c: Strided): void;
