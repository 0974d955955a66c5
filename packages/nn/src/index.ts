/*
 * Neural networks: modules, the functions behind them, initialisation, helpers.
 */

export * from "./activation.js";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from "./adaptive-pool.js";
export { AdaptiveLogSoftmaxWithLoss } from "./adaptive-softmax.js";
export { type AttentionCallOptions, MultiheadAttention, type MultiheadAttentionOptions } from "./attention.js";
export { AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d, LPPool3d } from "./avg-pool.js";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from "./channel-norm.js";
export { ModuleDict, ModuleList, type NamedModules, Sequential } from "./containers.js";
export { Conv1d, Conv2d, Conv3d } from "./conv.js";
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./conv-transpose.js";
export type { PaddingMode } from "./convolution.js";
export { deepcopy } from "./copy.js";
export { CosineSimilarity, PairwiseDistance } from "./distance.js";
export * from "./dropout.js";
export { Embedding } from "./embedding.js";
export { EmbeddingBag } from "./embedding-bag.js";
export { Flatten, Unflatten } from "./flatten.js";
export * as functional from "./functional.js";
export * as init from "./init.js";
export { CTCLoss, GaussianNLLLoss, PoissonNLLLoss } from "./likelihood-loss.js";
export { Bilinear, Identity, Linear } from "./linear.js";
export { LocalResponseNorm } from "./local-response-norm.js";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
} from "./loss.js";
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./margin-loss.js";
export { MaxPool1d, MaxPool2d, MaxPool3d, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from "./max-pool.js";
export { Module } from "./module.js";
export type {
  ForwardHook,
  ForwardPreHook,
  FullBackwardHook,
  FullBackwardPreHook,
  HookOptions,
} from "./module-hooks.js";
export { GroupNorm, LayerNorm, RMSNorm } from "./normalization.js";
export * from "./padding.js";
export { Buffer, Parameter } from "./parameter.js";
export { ParameterDict, ParameterList } from "./parameter-containers.js";
export { ChannelShuffle, Fold, PixelShuffle, PixelUnshuffle, Unfold } from "./rearrangement.js";
export * from "./rectifier.js";
export { GRU, LSTM, type RecurrentOptions, RNN } from "./rnn.js";
export { GRUCell, LSTMCell, RNNCell } from "./rnn-cells.js";
export * from "./softmax.js";
export type { IncompatibleKeys, StateDict } from "./state-dict.js";
export { Transformer, TransformerDecoder, TransformerEncoder, type TransformerOptions } from "./transformer.js";
export {
  type DecoderMasks,
  type EncoderMasks,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layers.js";
export { Upsample, UpsamplingBilinear2d, UpsamplingNearest2d } from "./upsampling.js";
export * as utils from "./utils.js";
