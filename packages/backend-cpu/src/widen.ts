import type { DType } from "@kindling/storage";
import { copy } from "./copy.js";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.js";
import { type Scalar, type Strided, temporary } from "./memory.js";

// How float16 and bfloat16 compute: inputs are copied into float32, a float32 kernel writes into temporary float32
// memory, and a copy rounds that once.

export const isHalf = (dtype: DType): boolean => dtype === "float16" || dtype === "bfloat16";

/** A float32 copy of a float16 or bfloat16 view. */
export function widened(view: Strided): Strided {
  const copied = temporary("float32", view.shape);
  copy(copied, view);
  return copied;
}

/** The same for an operand: a number is rounded to `dtype`. */
export function widenedOperand(operand: Strided | Scalar, dtype: DType): Strided | number {
  if (typeof operand === "object") return widened(operand);
  const x = Number(operand);
  return dtype === "float16" ? fromFloat16(toFloat16(x)) : fromBfloat16(toBfloat16(x));
}
