import { type Strided } from "./memory.js";
/** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus what is in `out` where `accumulate`. */
export declare function matmul(out: Strided, a: Strided, b: Strided, accumulate: boolean): void;
