export * from "./contract.js";
export { Device, type KernelTable } from "./device.js";
export * from "./dtype.js";
export * from "./errors.js";
export type * from "./fast-paths.js";
export * from "./generator.js";
export { holds, memoryStats, release, type Scope, scoped, synchronize } from "./memory.js";
export { multinomial as fillMultinomial } from "./multinomial.js";
export { logNormal as fillLogNormal, normal as fillNormal, normalSerial as fillNormalSerial } from "./normal.js";
export { type Profile, type ProfileRow, profile } from "./profile.js";
export {
  bernoulli as fillBernoulli,
  cauchy as fillCauchy,
  exponential as fillExponential,
  geometric as fillGeometric,
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
export { type KernelObserver, type SharedState, state } from "./state.js";
export { allocate, Storage, storageFrom, type View } from "./storage.js";
export { getNumThreads, setNumThreads } from "./threads.js";
