export * from "./contract.js";
export { Device, type KernelTable } from "./device.js";
export * from "./dtype.js";
export * from "./errors.js";
export * from "./generator.js";
export { multinomial as fillMultinomial } from "./multinomial.js";
export { normal as fillNormal } from "./normal.js";
export {
  bernoulli as fillBernoulli,
  exponential as fillExponential,
  randint as fillRandint,
  randperm as permutation,
  uniform as fillUniform,
} from "./random.js";
export {
  type BackendFactory,
  backendInfo,
  deviceNames,
  getDevice,
  init,
  type KernelEntry,
  type KernelProvider,
  registerBackend,
  registerKernels,
  unregisterKernels,
} from "./registry.js";
export * from "./shape.js";
export { type SharedState, state } from "./state.js";
export { allocate, Storage, storageFrom, type View } from "./storage.js";
