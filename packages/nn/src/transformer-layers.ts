import { ArgumentError, type DType, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { MultiheadAttention } from "./attention.js";
import { Dropout } from "./dropout.js";
import { gelu, relu } from "./functional/activation.js";
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

export type EncoderCall = [src: Tensor, srcMask: Tensor | null, srcKeyPaddingMask: Tensor | null, isCausal: boolean];
export type DecoderCall = [
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
export const bindDecode = binder<DecoderCall>(
  "forward(tgt, memory, tgtMask=null, memoryMask=null, tgtKeyPaddingMask=null, memoryKeyPaddingMask=null, tgtIsCausal=false, memoryIsCausal=false)",
);
export type TwoMasks = [mask: Tensor | null, keyPaddingMask: Tensor | null];
export type FourMasks = [...TwoMasks, tgtKeyPaddingMask: Tensor | null, memoryKeyPaddingMask: Tensor | null];

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
