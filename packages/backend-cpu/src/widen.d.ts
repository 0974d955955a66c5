import type { DType } from "@kindling/storage";
import { type Scalar, type Strided } from "./memory.js";
export declare const isHalf: (dtype: DType) => boolean;
/** A float32 copy of a float16 or bfloat16 view. */
export declare function widened(view: Strided): Strided;
/** The same for an operand: a number is rounded to `dtype`. */
export declare function widenedOperand(operand: Strided | Scalar, dtype: DType): Strided | number;
