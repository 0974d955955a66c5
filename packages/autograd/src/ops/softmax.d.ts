import { type DType } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
type SoftmaxOptions = {
    dim?: number;
    dtype?: DType | null;
};
type Softmax = (self: Tensor, dim: number | SoftmaxOptions, options?: SoftmaxOptions) => Tensor;
/** `eˣ / Σ eˣ` along `dim`. */
export declare const softmax: Softmax;
/** `x − log Σ eˣ` along `dim`. */
export declare const logSoftmax: Softmax;
/** `softmax(−x)`. */
export declare const softmin: Softmax;
export {};
