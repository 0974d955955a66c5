/** Datasets, samplers, and the loader that makes batches of them. */
export { type Collated, defaultCollate, defaultConvert } from "./collate.js";
export { DataLoader, type DataLoaderOptions } from "./data-loader.js";
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  type Samples,
  StackDataset,
  Subset,
  TensorDataset,
} from "./dataset.js";
export { randomSplit } from "./random-split.js";
export {
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./sampler.js";
