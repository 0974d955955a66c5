/*
 * Schedules of learning rates.
 */

export { LRScheduler, type Resume } from "./lr-scheduler/base.js";
export { ChainedScheduler, SequentialLR } from "./lr-scheduler/combined.js";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from "./lr-scheduler/cosine.js";
export { CyclicLR, type CyclicLROptions } from "./lr-scheduler/cyclic.js";
export { ConstantLR, LinearLR, PolynomialLR } from "./lr-scheduler/factors.js";
export { LambdaLR, type LrLambda, MultiplicativeLR } from "./lr-scheduler/lambdas.js";
export { OneCycleLR, type OneCycleLROptions } from "./lr-scheduler/one-cycle.js";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./lr-scheduler/reduce-on-plateau.js";
export type { SchedulerStateDict } from "./lr-scheduler/state.js";
export { ExponentialLR, MultiStepLR, StepLR } from "./lr-scheduler/steps.js";
