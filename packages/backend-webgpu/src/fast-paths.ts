import type { KernelProvider } from "@kindling/storage";
import { convolution } from "./convolution-paths.js";

/** Kernels beyond the required ones. They find their runtime by `runtimeOf` of a view. */
export const fastPaths: KernelProvider = {
  name: "webgpu",
  kernels: { ...convolution } as KernelProvider["kernels"],
};
