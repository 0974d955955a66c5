import { registerBackend, registerKernels } from "@kindling/storage";
import { createWebGpuBackend } from "./backend.js";
import { fastPaths } from "./fast-paths.js";

export { createWebGpuBackend, fastPaths };

registerBackend("webgpu", createWebGpuBackend);
registerKernels("webgpu", fastPaths);
