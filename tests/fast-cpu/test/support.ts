import { registerBackend } from "@kindling/autograd";
import { createCpuBackend } from "@kindling/backend-cpu";
import { limits } from "@kindling/backend-wasm";

/** A device without the fast kernels, to compare with. */
export const plain = "plain";
registerBackend(plain, createCpuBackend);

/** Every size goes through the kernels, not only those from which they are faster. */
export function withoutLimits(): void {
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) limits[name] = 0;
}
