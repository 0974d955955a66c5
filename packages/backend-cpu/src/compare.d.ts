import type { CompareName } from "@kindling/storage";
import { type Scalar, type Strided } from "./memory.js";
/** `out[i] = a[i] ⋛ b[i]`; `out` is bool. */
export declare function compare(name: CompareName, out: Strided, a: Strided | Scalar, b: Strided | Scalar): void;
/** `out[i] = condition[i] ? a[i] : b[i]`. */
export declare function where(out: Strided, condition: Strided, a: Strided | Scalar, b: Strided | Scalar): void;
