import { registerBackend, registerKernels } from "@kindling/storage";
import { createWebGpuBackend } from "./backend.js";
import { fastPaths } from "./fast-paths.js";

export type { MemoryLimits } from "./memory.js";
export { createWebGpuBackend, fastPaths };

registerBackend("webgpu", () => createWebGpuBackend());
registerKernels("webgpu", fastPaths);
