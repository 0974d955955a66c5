/*
 * Helpers around training: clipping of gradients, sequences of different lengths.
 */

export { clipGradNorm_, clipGradValue_ } from "./utils/clip.js";
export * as parametrizations from "./utils/parametrizations.js";
export * as parametrize from "./utils/parametrize.js";
export * as rnn from "./utils/rnn.js";
export { parametersToVector, vectorToParameters } from "./utils/vector.js";
