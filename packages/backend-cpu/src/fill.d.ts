import { type Scalar, type Strided } from "./memory.js";
/** `out[i] = value`. */
export declare function fill(out: Strided, value: Scalar): void;
/** `out[i] = start + i·step`, rounded once; `out` has one dimension. */
export declare function range(out: Strided, start: Scalar, step: Scalar): void;
