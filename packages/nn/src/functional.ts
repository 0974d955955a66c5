/*
 * The functions behind the modules: layers, activations and losses as plain calls.
 */

export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  channelShuffle,
  col2im as fold,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  im2col as unfold,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  pixelShuffle,
  pixelUnshuffle,
} from "@kindling/autograd";
export * from "./functional/activation.js";
export { multiHeadAttentionForward, scaledDotProductAttention } from "./functional/attention.js";
export { ctcLoss, type Lengths } from "./functional/ctc-loss.js";
export { cosineSimilarity, normalize, pairwiseDistance, pdist } from "./functional/distance.js";
export * from "./functional/dropout.js";
export { embedding, oneHot } from "./functional/embedding.js";
export { type BagMode, type EmbeddingBagOptions, embeddingBag } from "./functional/embedding-bag.js";
export {
  type InterpolationMode,
  interpolate,
  upsample,
  upsampleBilinear,
  upsampleNearest,
} from "./functional/interpolation.js";
export * from "./functional/likelihood-loss.js";
export { bilinear, linear } from "./functional/linear.js";
export { localResponseNorm } from "./functional/local-response.js";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  nllLoss,
  type Reduction,
  smoothL1Loss,
} from "./functional/loss.js";
export * from "./functional/margin-loss.js";
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from "./functional/normalization.js";
export { type PadMode, pad } from "./functional/padding.js";
export * from "./functional/pooling.js";
export { affineGrid, type GridPaddingMode, type GridSampleMode, gridSample } from "./functional/sampling.js";
export * from "./functional/softmax.js";
