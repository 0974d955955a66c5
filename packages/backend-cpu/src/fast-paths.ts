import type { KernelProvider } from "@kindling/storage";
import { each3, type Loop3 } from "./iterate.js";
import type { Strided } from "./memory.js";

/*
 * Kernels besides the primitives, each of which spares several passes over memory.
 */

let factor = 1;
const addTimes: Loop3 = (out, o, so, a, i, sa, b, j, sb, n) => {
  const f = factor;
  for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] + f * b[j];
};

/** `out[i] = a[i] + alpha · b[i]`, rounded once; `alpha` is of the dtype. */
function addScaled(out: Strided, a: Strided, b: Strided, alpha: number): void {
  factor = out.storage.dtype === "float32" ? Math.fround(alpha) : alpha;
  each3(addTimes, out, a, b);
}

const ofFloats = <F>(run: F) => ({ float32: { run }, float64: { run } });

export const fastPaths: KernelProvider = {
  name: "typescript",
  // the names are declared above this package, beside their composites
  kernels: { addScaled: ofFloats(addScaled) } as KernelProvider["kernels"],
};
