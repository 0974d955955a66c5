import { type ScatterReduction } from "@kindling/storage";
import { type Scalar, type Strided } from "./memory.js";
/**
 * `out[i][j] = a[index[i][j]][j]` for `dim` 0, and so on.
 * @throws IndexError for an index outside `[0, a.shape[dim])`.
 */
export declare function gather(out: Strided, a: Strided, index: Strided, dim: number): void;
/**
 * `out[index[i][j]][j] ⊕= src[i][j]` for `dim` 0, and so on, in row-major order of `index` or any other.
 * @throws IndexError for an index outside `[0, out.shape[dim])`, before anything is written.
 */
export declare function scatter(out: Strided, index: Strided, src: Strided | Scalar, dim: number, reduction: ScatterReduction): void;
