/**
 * Kindling under one import: everything of `@kindling/autograd` flat, and the namespaces `nn`, `optim`, `data` and `io`, with
 * the fast CPU kernels of `@kindling/backend-wasm` switched on and the `webgpu` device there for `await init("webgpu")`.
 */
import "@kindling/backend-wasm";
import { registerBackend } from "@kindling/autograd";

export * from "@kindling/autograd";
export * as data from "@kindling/data";
export { gradcheck, gradgradcheck } from "@kindling/gradcheck";
export * as io from "@kindling/io";
export * as nn from "@kindling/nn";
export * as optim from "@kindling/optim";

// loaded by `init` alone
registerBackend("webgpu", async () => (await import("@kindling/backend-webgpu")).createWebGpuBackend());
