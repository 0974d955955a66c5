import type { ReduceName } from "@kindling/storage";
import { type Strided } from "./memory.js";
/** Reduces `a` along `dims` into `out`, which has size 1 there; argmax and argmin take one dimension. */
export declare function reduce(name: ReduceName, out: Strided, a: Strided, dims: readonly number[]): void;
