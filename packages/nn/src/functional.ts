/*
 * The functions behind the modules: layers, activations and losses as plain calls.
 */

export {
  elu,
  gelu,
  hardtanh,
  leakyRelu,
  logSoftmax,
  logsigmoid,
  relu,
  sigmoid,
  silu,
  softmax,
  softmin,
  softplus,
  tanh,
} from "./functional/activation.js";
export { multiHeadAttentionForward, scaledDotProductAttention } from "./functional/attention.js";
export { cosineSimilarity, normalize } from "./functional/distance.js";
export { dropout } from "./functional/dropout.js";
export { embedding, oneHot } from "./functional/embedding.js";
export { bilinear, linear } from "./functional/linear.js";
export * from "./functional/loss.js";
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from "./functional/normalization.js";
