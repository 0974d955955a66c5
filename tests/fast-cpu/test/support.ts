import { registerBackend, type Tensor } from "@kindling/autograd";
import { createCpuBackend } from "@kindling/backend-cpu";
import { limits } from "@kindling/backend-wasm";
import { expect } from "vitest";

/** A device without the fast kernels, to compare with. */
export const plain = "plain";
registerBackend(plain, createCpuBackend);

/** Every size goes through the kernels, not only those from which they are faster. */
export function withoutLimits(): void {
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) limits[name] = 0;
}

/** Whether all elements are as near as `bound`, absolutely or relative to the second; NaN and infinities are the same. */
export function close(ours: Tensor, theirs: Tensor, bound: number): void {
  expect(ours.shape).toEqual(theirs.shape);
  expect(ours.dtype).toBe(theirs.dtype);
  const wanted = Array.from(theirs.detach().toTypedArray(), Number);
  const far = Array.from(ours.detach().toTypedArray(), Number)
    .map((x, i) => [i, x, wanted[i]])
    .filter(([, x, y]) => !(Object.is(x, y) || Math.abs(x - y) <= bound * (1 + Math.abs(y))));
  expect(far.slice(0, 5)).toEqual([]);
}
