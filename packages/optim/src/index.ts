/** Optimizers, and schedulers of their learning rates. */
export { Adagrad, type AdagradOptions } from "./adagrad.js";
export { Adam, type AdamOptions } from "./adam.js";
export { AdamW } from "./adamw.js";
export { LBFGS, type LBFGSOptions } from "./lbfgs.js";
export * as lrScheduler from "./lr-scheduler.js";
export {
  type GroupOptions,
  Optimizer,
  type OptimizerArgs,
  type ParamGroup,
  type ParamGroupInit,
  type Params,
} from "./optimizer.js";
export { RMSprop, type RMSpropOptions } from "./rmsprop.js";
export { SGD, type SGDOptions } from "./sgd.js";
export type { OptimizerStateDict } from "./state-dict.js";
