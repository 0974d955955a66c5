/*
 * Averages of weights along a training run.
 */

export {
  type AveragedArgs,
  AveragedModel,
  type AverageFn,
  getEmaAvgFn,
  getSwaAvgFn,
  type Model,
} from "./swa-utils/averaged-model.js";
export { SWALR, type SWALROptions } from "./swa-utils/swalr.js";
export { updateBn } from "./swa-utils/update-bn.js";
