/*
 * Training on several processes and machines: PyTorch's `torch.distributed`, on an installed MPI.
 */

export {
  type AsyncOptions,
  allGather,
  allGatherIntoTensor,
  allReduce,
  barrier,
  broadcast,
  reduceScatter,
  reduceScatterTensor,
} from "./collectives.js";
export { DistributedDataParallel, type DistributedDataParallelOptions } from "./distributed-data-parallel.js";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed-sampler.js";
export { DistributedError } from "./errors.js";
export { destroyProcessGroup, getRank, getWorldSize, initProcessGroup, isInitialized } from "./process-group.js";
export { ReduceOp } from "./reduce-op.js";
export type { Work } from "./work.js";
