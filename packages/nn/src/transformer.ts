import { ArgumentError, type DType, full, ShapeError, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { MultiheadAttention } from "./attention.js";
import { ModuleList } from "./containers.js";
import { deepcopy } from "./copy.js";
import { Dropout } from "./dropout.js";
import { gelu, relu } from "./functional/activation.js";
import { xavierUniform_ } from "./init.js";
import { Linear } from "./linear.js";
import { isModule, Module } from "./module.js";
import { LayerNorm } from "./normalization.js";

/*
 * Transformers as in Vaswani et al., "Attention Is All You Need" (2017). Shapes: S source and T target positions, N
 * sequences, E = dModel features; with N first under `batchFirst`, or without N.
 */

/** The function between a layer's two linear maps. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor) | Module;

/** Settings of transformer layers. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** Features between the two linear maps (default 2048). */
  dimFeedforward?: number;
  /** Probability of dropout (default 0.1). */
  dropout?: number;
  /** `"relu"` (default), `"gelu"`, a function or a module. */
  activation?: TransformerActivation;
  layerNormEps?: number;
  /** Whether shapes are (N, S, E) instead of (S, N, E) (default false). */
  batchFirst?: boolean;
  /** Whether layers normalise before attention and linear maps instead of after (default false). */
  normFirst?: boolean;
  /** Whether linear maps and normalisations have biases (default true). */
  bias?: boolean;
}

type LayerSettings = [
  dimFeedforward: number,
  dropout: number,
  activation: TransformerActivation,
  layerNormEps: number,
  batchFirst: boolean,
  normFirst: boolean,
  bias: boolean,
  device: string | null,
  dtype: DType | null,
];
type LayerArgs = [dModel: number, nhead: number, ...Cut<LayerSettings, TransformerLayerOptions>];

const LAYER =
  'dimFeedforward=2048, dropout=0.1, activation="relu", layerNormEps=1e-5, batchFirst=false, normFirst=false, bias=true, device=null, dtype=null';
const bindEncoderLayer = binder<[number, number, ...LayerSettings]>(`TransformerEncoderLayer(dModel, nhead, ${LAYER})`);
const bindDecoderLayer = binder<[number, number, ...LayerSettings]>(`TransformerDecoderLayer(dModel, nhead, ${LAYER})`);

type Activation = ((x: Tensor) => Tensor) | Module;

function activationOf(activation: TransformerActivation): Activation {
  if (activation === "relu") return relu;
  if (activation === "gelu") return gelu;
  if (isModule(activation) || typeof activation === "function") return activation;
  throw new ArgumentError(`activation should be relu/gelu, not ${activation}`, { activation });
}

const activated = (activation: Activation, x: Tensor): Tensor =>
  isModule(activation) ? activation.forward(x) : activation(x);

/** Masks of an encoder's sequences. */
export interface EncoderMasks {
  /** (S, S) or (N·H, S, S): bool, `true` where attention may not go, or a float that is added to the scores. */
  srcMask?: Tensor | null;
  /** (N, S): bool, `true` at positions to leave out, or a float. */
  srcKeyPaddingMask?: Tensor | null;
  isCausal?: boolean;
}

/** Masks of a decoder's sequences, as those of the encoder. */
export interface DecoderMasks {
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
  tgtIsCausal?: boolean;
  memoryIsCausal?: boolean;
}

type EncoderCall = [src: Tensor, srcMask: Tensor | null, srcKeyPaddingMask: Tensor | null, isCausal: boolean];
type DecoderCall = [
  tgt: Tensor,
  memory: Tensor,
  tgtMask: Tensor | null,
  memoryMask: Tensor | null,
  tgtKeyPaddingMask: Tensor | null,
  memoryKeyPaddingMask: Tensor | null,
  tgtIsCausal: boolean,
  memoryIsCausal: boolean,
];
const bindEncode = binder<EncoderCall>("forward(src, srcMask=null, srcKeyPaddingMask=null, isCausal=false)");
const bindStackEncode = binder<EncoderCall>("forward(src, mask=null, srcKeyPaddingMask=null, isCausal=false)");
const bindDecode = binder<DecoderCall>(
  "forward(tgt, memory, tgtMask=null, memoryMask=null, tgtKeyPaddingMask=null, memoryKeyPaddingMask=null, tgtIsCausal=false, memoryIsCausal=false)",
);
type TwoMasks = [mask: Tensor | null, keyPaddingMask: Tensor | null];
type FourMasks = [...TwoMasks, tgtKeyPaddingMask: Tensor | null, memoryKeyPaddingMask: Tensor | null];

/**
 * Self-attention, then two linear maps with a nonlinearity between them, each added to its input and normalised.
 * Input and output (S, N, E).
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32 });
 * layer.forward(randn(10, 2, 16)).shape; // [10, 2, 16]
 */
export class TransformerEncoderLayer extends Module {
  readonly normFirst: boolean;
  readonly activation: Activation;
  self_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;

  constructor(...args: LayerArgs) {
    const [dModel, nhead, dimFeedforward, dropout, activation, eps, batchFirst, normFirst, bias, device, dtype] =
      bindEncoderLayer(args);
    super();
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, device, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, device, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, device, dtype });
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, device, dtype });
    this.norm2 = new LayerNorm(dModel, { eps, bias, device, dtype });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activationOf(activation);
  }

  override forward(src: Tensor, ...masks: Cut<TwoMasks, EncoderMasks>): Tensor {
    const [, srcMask, srcKeyPaddingMask, isCausal] = bindEncode([src, ...masks]);
    const attend = (x: Tensor): Tensor => {
      const options = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal, needWeights: false };
      return this.dropout1.forward(this.self_attn.forward(x, x, x, options)[0]);
    };
    const feed = (x: Tensor): Tensor =>
      this.dropout2.forward(
        this.linear2.forward(this.dropout.forward(activated(this.activation, this.linear1.forward(x)))),
      );
    if (this.normFirst) {
      const x = src.add(attend(this.norm1.forward(src)));
      return x.add(feed(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(src.add(attend(src)));
    return this.norm2.forward(x.add(feed(x)));
  }
}

/**
 * Self-attention over the target, attention to the encoder's result (`memory`), then two linear maps with a nonlinearity
 * between them, each added to its input and normalised. Input and output (T, N, E), memory (S, N, E).
 *
 * @example
 * const layer = new nn.TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * layer.forward(randn(7, 2, 16), randn(10, 2, 16)).shape; // [7, 2, 16]
 */
export class TransformerDecoderLayer extends Module {
  readonly normFirst: boolean;
  readonly activation: Activation;
  self_attn: MultiheadAttention;
  multihead_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;

  constructor(...args: LayerArgs) {
    const [dModel, nhead, dimFeedforward, dropout, activation, eps, batchFirst, normFirst, bias, device, dtype] =
      bindDecoderLayer(args);
    super();
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, device, dtype });
    this.multihead_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, device, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, device, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, device, dtype });
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, device, dtype });
    this.norm2 = new LayerNorm(dModel, { eps, bias, device, dtype });
    this.norm3 = new LayerNorm(dModel, { eps, bias, device, dtype });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activationOf(activation);
  }

  override forward(tgt: Tensor, memory: Tensor, ...masks: Cut<FourMasks, DecoderMasks>): Tensor {
    const [, , tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal, memoryIsCausal] = bindDecode([
      tgt,
      memory,
      ...masks,
    ]);
    const attend = (x: Tensor): Tensor => {
      const options = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal };
      return this.dropout1.forward(this.self_attn.forward(x, x, x, { ...options, needWeights: false })[0]);
    };
    const look = (x: Tensor): Tensor => {
      const options = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, isCausal: memoryIsCausal };
      return this.dropout2.forward(
        this.multihead_attn.forward(x, memory, memory, { ...options, needWeights: false })[0],
      );
    };
    const feed = (x: Tensor): Tensor =>
      this.dropout3.forward(
        this.linear2.forward(this.dropout.forward(activated(this.activation, this.linear1.forward(x)))),
      );
    if (this.normFirst) {
      const x = tgt.add(attend(this.norm1.forward(tgt)));
      const y = x.add(look(this.norm2.forward(x)));
      return y.add(feed(this.norm3.forward(y)));
    }
    const x = this.norm1.forward(tgt.add(attend(tgt)));
    const y = this.norm2.forward(x.add(look(x)));
    return this.norm3.forward(y.add(feed(y)));
  }
}

type StackArgs<L> = [
  layer: L,
  ...Cut<[numLayers: number, norm: Module | null], { numLayers?: number; norm?: Module | null }>,
];
const bindEncoder = binder<[TransformerEncoderLayer, number, Module | null]>(
  "TransformerEncoder(encoderLayer, numLayers, norm=null)",
);
const bindDecoder = binder<[TransformerDecoderLayer, number, Module | null]>(
  "TransformerDecoder(decoderLayer, numLayers, norm=null)",
);

const copies = <M extends Module>(module: M, count: number): ModuleList =>
  new ModuleList(Array.from({ length: count }, () => deepcopy(module)));

/**
 * `numLayers` copies of an encoder layer one after the other, with the same weights at first, then `norm`.
 *
 * @example
 * const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(16, 4), 2);
 * encoder.forward(randn(10, 2, 16)).shape; // [10, 2, 16]
 */
export class TransformerEncoder extends Module {
  readonly numLayers: number;
  layers: ModuleList;
  norm: Module | null;

  constructor(...args: StackArgs<TransformerEncoderLayer>) {
    const [layer, numLayers, norm] = bindEncoder(args);
    super();
    this.layers = copies(layer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
  }

  override forward(
    src: Tensor,
    ...masks: Cut<TwoMasks, Omit<EncoderMasks, "srcMask"> & { mask?: Tensor | null }>
  ): Tensor {
    const [, srcMask, srcKeyPaddingMask, isCausal] = bindStackEncode([src, ...masks]);
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, { srcMask, srcKeyPaddingMask, isCausal });
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/**
 * `numLayers` copies of a decoder layer one after the other, with the same weights at first, then `norm`.
 *
 * @example
 * const decoder = new nn.TransformerDecoder(new nn.TransformerDecoderLayer(16, 4), 2);
 * decoder.forward(randn(7, 2, 16), randn(10, 2, 16)).shape; // [7, 2, 16]
 */
export class TransformerDecoder extends Module {
  readonly numLayers: number;
  layers: ModuleList;
  norm: Module | null;

  constructor(...args: StackArgs<TransformerDecoderLayer>) {
    const [layer, numLayers, norm] = bindDecoder(args);
    super();
    this.layers = copies(layer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
  }

  override forward(tgt: Tensor, memory: Tensor, ...masks: Cut<FourMasks, DecoderMasks>): Tensor {
    const [, , tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal, memoryIsCausal] = bindDecode([
      tgt,
      memory,
      ...masks,
    ]);
    const options = { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal, memoryIsCausal };
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, options);
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/** Settings of a whole transformer. */
export interface TransformerOptions extends TransformerLayerOptions {
  dModel?: number;
  nhead?: number;
  numEncoderLayers?: number;
  numDecoderLayers?: number;
  /** Takes the encoder's place. */
  customEncoder?: Module | null;
  /** Takes the decoder's place. */
  customDecoder?: Module | null;
}

type TransformerSettings = [
  dModel: number,
  nhead: number,
  numEncoderLayers: number,
  numDecoderLayers: number,
  dimFeedforward: number,
  dropout: number,
  activation: TransformerActivation,
  customEncoder: Module | null,
  customDecoder: Module | null,
  layerNormEps: number,
  batchFirst: boolean,
  normFirst: boolean,
  bias: boolean,
  device: string | null,
  dtype: DType | null,
];
const bindTransformer = binder<TransformerSettings>(
  "Transformer(dModel=512, nhead=8, numEncoderLayers=6, numDecoderLayers=6, dimFeedforward=2048, dropout=0.1, " +
    'activation="relu", customEncoder=null, customDecoder=null, layerNormEps=1e-5, batchFirst=false, normFirst=false, ' +
    "bias=true, device=null, dtype=null)",
);
const bindTransform = binder<
  [
    src: Tensor,
    tgt: Tensor,
    srcMask: Tensor | null,
    tgtMask: Tensor | null,
    memoryMask: Tensor | null,
    srcKeyPaddingMask: Tensor | null,
    tgtKeyPaddingMask: Tensor | null,
    memoryKeyPaddingMask: Tensor | null,
    srcIsCausal: boolean,
    tgtIsCausal: boolean,
    memoryIsCausal: boolean,
  ]
>(
  "forward(src, tgt, srcMask=null, tgtMask=null, memoryMask=null, srcKeyPaddingMask=null, tgtKeyPaddingMask=null, " +
    "memoryKeyPaddingMask=null, srcIsCausal=false, tgtIsCausal=false, memoryIsCausal=false)",
);

/**
 * Encoder and decoder together: source (S, N, E) and target (T, N, E) give (T, N, E).
 *
 * @example
 * const model = new nn.Transformer({ dModel: 16, nhead: 4, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 32 });
 * model.forward(randn(10, 2, 16), randn(7, 2, 16)).shape; // [7, 2, 16]
 */
export class Transformer extends Module {
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;
  encoder: Module;
  decoder: Module;

  constructor(...args: Cut<TransformerSettings, TransformerOptions>) {
    const [dModel, nhead, encoderLayers, decoderLayers, dimFeedforward, dropout, activation, ...rest] =
      bindTransformer(args);
    const [customEncoder, customDecoder, layerNormEps, batchFirst, normFirst, bias, device, dtype] = rest;
    super();
    const factory = { bias, device, dtype };
    const options = { dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, ...factory };
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, options), encoderLayers, norm());
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, options), decoderLayers, norm());
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
    this.resetParameters();
  }

  /** Draws all matrices anew (Xavier, uniform). */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  override forward(
    src: Tensor,
    tgt: Tensor,
    ...masks: Cut<
      [srcMask: Tensor | null, tgtMask: Tensor | null, memoryMask: Tensor | null],
      EncoderMasks & Omit<DecoderMasks, never> & { srcIsCausal?: boolean }
    >
  ): Tensor {
    const bound = bindTransform([src, tgt, ...masks]);
    const [, , srcMask, tgtMask, memoryMask, srcKeyPaddingMask, tgtKeyPaddingMask, memoryKeyPaddingMask] = bound;
    const [srcIsCausal, tgtIsCausal, memoryIsCausal] = bound.slice(8) as boolean[];
    const batchDim = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batchDim] !== tgt.shape[batchDim]) {
      throw new ShapeError("the batch number of src and tgt must be equal", { src: src.shape, tgt: tgt.shape });
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new ShapeError("the feature number of src and tgt must be equal to dModel", {
        src: src.shape,
        tgt: tgt.shape,
        dModel: this.dModel,
      });
    }
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder.forward(tgt, memory, {
      tgtMask,
      memoryMask,
      tgtKeyPaddingMask,
      memoryKeyPaddingMask,
      tgtIsCausal,
      memoryIsCausal,
    });
  }

  /** The mask (size, size) that keeps positions from seeing later ones: −∞ above the diagonal, 0 elsewhere. */
  static generateSquareSubsequentMask(size: number, options: FactoryOptions = {}): Tensor {
    const { device, dtype } = options;
    return full([size, size], Number.NEGATIVE_INFINITY, { device: device ?? "cpu", dtype: dtype ?? "float32" }).triu(1);
  }
}
