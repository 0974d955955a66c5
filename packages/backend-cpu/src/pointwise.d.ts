import { type BinaryName, type DType, type UnaryName } from "@kindling/storage";
import { type Loop3 } from "./iterate.js";
import { type Scalar, type Strided } from "./memory.js";
/** The loop of a binary function for a dtype. */
export declare const binaryRow: (name: BinaryName, dtype: DType) => Loop3;
/** `out[i] = f(a[i])`. */
export declare function unary(name: UnaryName, out: Strided, a: Strided): void;
/** `out[i] = f(a[i], b[i])`. */
export declare function binary(name: BinaryName, out: Strided, a: Strided | Scalar, b: Strided | Scalar): void;
