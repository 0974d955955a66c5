import type { ScanName } from "@kindling/storage";
import type { Strided } from "./memory.js";
/** The view of the first elements along `dim`: the places where a walk along it starts. */
export declare const starts: ({ storage, shape, strides, offset }: Strided, dim: number) => Strided;
/** Running reduction of `a` along `dim`. */
export declare function scan(name: ScanName, out: Strided, a: Strided, dim: number): void;
