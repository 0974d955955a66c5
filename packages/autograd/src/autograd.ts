/** The `autograd` namespace: explicit passes, custom functions, recording modes. */
export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from "./anomaly.js";
export { type BackwardOptions, backward, type GradOptions, grad } from "./backward.js";
export { type CheckpointOptions, checkpoint, checkpointSequential } from "./checkpoint.js";
export { Function, FunctionContext, onceDifferentiable } from "./function.js";
export * as functional from "./functional.js";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./grad-mode.js";
export * as graph from "./graph.js";
export { Node, type RemovableHandle } from "./node.js";
