import { ArgumentError, type DType, empty, noGrad, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { multiHeadAttentionForward } from "./functional/attention.js";
import { xavierNormal_, xavierUniform_ } from "./init.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";

type Settings = [
  dropout: number,
  bias: boolean,
  addBiasKv: boolean,
  addZeroAttn: boolean,
  kdim: number | null,
  vdim: number | null,
  batchFirst: boolean,
  device: string | null,
  dtype: DType | null,
];

/** Settings of multi-head attention. */
export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Probability of dropping an attention weight in training (default 0). */
  dropout?: number;
  /** Whether the projections have biases (default true). */
  bias?: boolean;
  /** Whether a learned key and value are added to every sequence (default false). */
  addBiasKv?: boolean;
  /** Whether a key and value of zeros are added to every sequence (default false). */
  addZeroAttn?: boolean;
  /** Features of the keys (default: those of the queries). */
  kdim?: number | null;
  /** Features of the values (default: those of the queries). */
  vdim?: number | null;
  /** Whether shapes are (N, L, E) instead of (L, N, E) (default false). */
  batchFirst?: boolean;
}

/** What a call takes besides queries, keys and values. */
export interface AttentionCallOptions {
  /** (N, S), or (S) for unbatched inputs: bool, `true` at keys to leave out, or a float that is added to the scores. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned (default true). */
  needWeights?: boolean;
  /** (L, S) or (N·H, L, S): bool, `true` where attention may not go, or a float that is added to the scores. */
  attnMask?: Tensor | null;
  /** Whether the weights returned are the mean over the heads (default true). */
  averageAttnWeights?: boolean;
  /** Says that `attnMask` is the causal one (default false). */
  isCausal?: boolean;
}

const bindModule = binder<[embedDim: number, numHeads: number, ...Settings]>(
  "MultiheadAttention(embedDim, numHeads, dropout=0, bias=true, addBiasKv=false, addZeroAttn=false, kdim=null, vdim=null, batchFirst=false, device=null, dtype=null)",
);
const bindCall = binder<
  [
    query: Tensor,
    key: Tensor,
    value: Tensor,
    keyPaddingMask: Tensor | null,
    needWeights: boolean,
    attnMask: Tensor | null,
    averageAttnWeights: boolean,
    isCausal: boolean,
  ]
>(
  "forward(query, key, value, keyPaddingMask=null, needWeights=true, attnMask=null, averageAttnWeights=true, isCausal=false)",
);

/** The output projection, under the name that PyTorch prints. */
class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention in `numHeads` subspaces at once (Vaswani et al., "Attention Is All You Need", 2017):
 * `concat(head₁ … head_H) · Wᴼ`, `head_i = softmax(q Wᵢ^Q (k Wᵢ^K)ᵀ / √(E/H)) · v Wᵢ^V`.
 *
 * Queries (L, N, E), keys (S, N, kdim), values (S, N, vdim), with N first under `batchFirst`, or without N. The result is
 * (L, N, E) and, unless `needWeights` is false, the weights (N, L, S), or (N, H, L, S) where they are not averaged.
 *
 * @example
 * const attention = new nn.MultiheadAttention(16, 4);
 * const x = randn(5, 2, 16);
 * const [y, weights] = attention.forward(x, x, x); // [5, 2, 16], [2, 5, 5]
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly headDim: number;
  readonly dropout: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  in_proj_weight: Parameter | null = null;
  q_proj_weight: Parameter | null = null;
  k_proj_weight: Parameter | null = null;
  v_proj_weight: Parameter | null = null;
  in_proj_bias: Parameter | null = null;
  bias_k: Parameter | null = null;
  bias_v: Parameter | null = null;
  out_proj: Linear;

  constructor(...args: [embedDim: number, numHeads: number, ...Cut<Settings, MultiheadAttentionOptions>]) {
    const [embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst, device, dtype] =
      bindModule(args);
    super();
    if (!(embedDim > 0 && numHeads > 0)) {
      throw new ArgumentError(
        `embedDim and numHeads must be greater than 0, got embedDim=${embedDim} and numHeads=${numHeads} instead`,
      );
    }
    if (embedDim % numHeads !== 0) throw new ArgumentError("embedDim must be divisible by numHeads");
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.headDim = embedDim / numHeads;
    this.dropout = dropout;
    this.kdim = kdim ?? embedDim;
    this.vdim = vdim ?? embedDim;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(shape, { device, dtype }));
    if (this.kdim === embedDim && this.vdim === embedDim) this.in_proj_weight = parameter(3 * embedDim, embedDim);
    else {
      this.q_proj_weight = parameter(embedDim, embedDim);
      this.k_proj_weight = parameter(embedDim, this.kdim);
      this.v_proj_weight = parameter(embedDim, this.vdim);
    }
    if (bias) this.in_proj_bias = parameter(3 * embedDim);
    this.out_proj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, device, dtype });
    if (addBiasKv) {
      this.bias_k = parameter(1, 1, embedDim);
      this.bias_v = parameter(1, 1, embedDim);
    }
    this.resetParameters();
  }

  /** Draws the input projections anew, and sets the biases to 0; the output projection's weight stays. */
  resetParameters(): void {
    for (const weight of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight]) {
      if (weight !== null) xavierUniform_(weight);
    }
    noGrad(() => {
      this.in_proj_bias?.zero_();
      this.out_proj.bias?.zero_();
    });
    if (this.bias_k !== null) xavierNormal_(this.bias_k);
    if (this.bias_v !== null) xavierNormal_(this.bias_v);
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...rest: Cut<
      [keyPaddingMask: Tensor | null, needWeights: boolean, attnMask: Tensor | null, averageAttnWeights: boolean],
      AttentionCallOptions
    >
  ): [output: Tensor, weights: Tensor | null] {
    const [, , , keyPaddingMask, needWeights, attnMask, averageAttnWeights, isCausal] = bindCall([
      query,
      key,
      value,
      ...rest,
    ]);
    const turned = this.batchFirst && query.ndim === 3;
    // the same tensor stays the same one, so that one product projects all three
    const turn = new Map<Tensor, Tensor>();
    for (const t of turned ? [query, key, value] : []) if (!turn.has(t)) turn.set(t, t.transpose(0, 1));
    const [q, k, v] = [query, key, value].map((t) => turn.get(t) ?? t);
    const [output, weights] = multiHeadAttentionForward(
      q,
      k,
      v,
      this.embedDim,
      this.numHeads,
      this.in_proj_weight,
      this.in_proj_bias,
      this.bias_k,
      this.bias_v,
      this.addZeroAttn,
      this.dropout,
      this.out_proj.weight,
      this.out_proj.bias,
      {
        training: this.training,
        keyPaddingMask,
        needWeights,
        attnMask,
        averageAttnWeights,
        isCausal,
        useSeparateProjWeight: this.in_proj_weight === null,
        qProjWeight: this.q_proj_weight,
        kProjWeight: this.k_proj_weight,
        vProjWeight: this.v_proj_weight,
      },
    );
    return [turned ? output.transpose(0, 1) : output, weights];
  }
}
