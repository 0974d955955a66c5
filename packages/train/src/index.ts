export { checkpointEvery } from "./checkpoint.js";
export {
  accuracy,
  type ClassScores,
  type Confusion,
  classScores,
  confusionMatrix,
  meanScores,
} from "./confusion.js";
export { EarlyStopping, type EarlyStoppingOptions, type EarlyStoppingState } from "./early-stopping.js";
export { Mean } from "./mean.js";
export { duration, type Progress, type ProgressOptions, type ProgressState, startProgress } from "./progress.js";
export { topKAccuracy } from "./top-k.js";
