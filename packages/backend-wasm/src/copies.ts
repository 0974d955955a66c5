import { type KernelProvider, numelOf, type View } from "@kindling/storage";
import { area, available, floats, memoryLike } from "./blocks.js";
import { limits } from "./limits.js";
import { eachBlock, flat, isCrossed, plan } from "./operands.js";

/*
 * Copies from transposed to contiguous views. Other copies move runs, or convert them, as fast without WebAssembly.
 */

function transposing(width: 4 | 8) {
  const A = area(0) / width;
  return {
    accepts: (out: View, a: View): boolean =>
      numelOf(out.shape) >= limits.copy &&
      a.storage.dtype === out.storage.dtype &&
      !flat(a) &&
      flat(out) &&
      plan(out.shape, a) &&
      isCrossed() &&
      available(),
    run(out: View): void {
      const array = floats(out);
      const memory = memoryLike(array);
      eachBlock(width, (from, count) => array.set(memory.subarray(A, A + count), out.offset + from));
    },
  };
}

export const copies: KernelProvider["kernels"] = {
  copy: { float32: transposing(4), float64: transposing(8) },
};
