/**
 * Kindling under one import: everything of `@kindling/autograd` flat, and the namespaces `nn`, `optim`, `data` and `io`, with
 * the fast CPU kernels of `@kindling/backend-wasm` switched on.
 */
import "@kindling/backend-wasm";

export * from "@kindling/autograd";
export * as data from "@kindling/data";
export { gradcheck, gradgradcheck } from "@kindling/gradcheck";
export * as io from "@kindling/io";
export * as nn from "@kindling/nn";
export * as optim from "@kindling/optim";
