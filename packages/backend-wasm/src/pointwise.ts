import type { KernelProvider, View } from "@kindling/storage";
import { isContiguous } from "@kindling/storage";
import type { Kernel } from "./instance.js";
import { instance } from "./instance.js";
import { limits } from "./limits.js";
import { available, begin, copyIn, copyOut, floats, take } from "./memory.js";

/** Elements that are brought in at a time: two operands and a result of them stay in the nearest cache. */
const BLOCK = 2048;

const solid = (view: unknown): view is View =>
  typeof view === "object" && isContiguous((view as View).shape, (view as View).strides);

/** `add` of contiguous float32. */
export const pointwise: KernelProvider["kernels"] = {
  binary: {
    float32: {
      accepts: (name, out, a, b) =>
        name === "add" && sizeOf(out) >= limits.pointwise && solid(out) && solid(a) && solid(b) && available(),
      run(_, out, a, b) {
        begin();
        const [x, y] = [a as View, b as View];
        const n = sizeOf(out);
        const [p, q] = [take(4 * BLOCK), take(4 * BLOCK)];
        const kernel = (instance() as { kernels: Record<string, Kernel> }).kernels.add32;
        for (let i = 0; i < n; i += BLOCK) {
          const count = Math.min(BLOCK, n - i);
          copyIn(p, floats(x), x.offset + i, count);
          copyIn(q, floats(y), y.offset + i, count);
          kernel(p, p, q, count);
          copyOut(floats(out), out.offset + i, p, count);
        }
      },
    },
  },
};

function sizeOf({ shape }: View): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}
