import { type DType, full, ShapeError, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { ModuleList } from "./containers.js";
import { deepcopy } from "./copy.js";
import { xavierUniform_ } from "./init.js";
import { Module } from "./module.js";
import { LayerNorm } from "./normalization.js";
import {
  bindDecode,
  type DecoderMasks,
  type EncoderCall,
  type EncoderMasks,
  type FourMasks,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
  type TwoMasks,
} from "./transformer-layers.js";

/*
 * Stacks of transformer layers, and the whole of encoder and decoder.
 */

const bindStackEncode = binder<EncoderCall>("forward(src, mask=null, srcKeyPaddingMask=null, isCausal=false)");

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
