import type { KernelProvider } from "@kindling/storage";

/** Kernels beyond the required ones. They find their runtime by `runtimeOf` of a view. */
export const fastPaths: KernelProvider = {
  name: "webgpu",
  kernels: {},
};
