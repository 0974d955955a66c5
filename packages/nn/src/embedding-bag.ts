import { type DType, empty, noGrad, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { paddingRow } from "./functional/embedding.js";
import { type BagMode, embeddingBag } from "./functional/embedding-bag.js";
import { normal_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { real } from "./repr.js";

type Settings = [maxNorm: number | null, normType: number, scaleGradByFreq: boolean, mode: BagMode];

interface BagOptions extends FactoryOptions {
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  mode?: BagMode;
  includeLastOffset?: boolean;
  paddingIdx?: number | null;
}

const bindBag = binder<
  [
    number,
    number,
    ...Settings,
    includeLastOffset: boolean,
    paddingIdx: number | null,
    device: string | null,
    dtype: DType | null,
  ]
>(
  'EmbeddingBag(numEmbeddings, embeddingDim, maxNorm=null, normType=2, scaleGradByFreq=false, mode="mean", *, includeLastOffset=false, paddingIdx=null, device=null, dtype=null)',
);
const bindForward = binder<[input: Tensor, offsets: Tensor | null, perSampleWeights: Tensor | null]>(
  "forward(input, offsets=null, perSampleWeights=null)",
);

/**
 * Sums, means or maxima of bags of vectors, looked up by number: integers (B, N), or (N) with the offsets (B) where bags start, give
 * (B, embeddingDim). `weight` (numEmbeddings, embeddingDim) starts normal. The row `paddingIdx` counts as nothing.
 *
 * @example
 * const bags = new nn.EmbeddingBag(10, 3, { mode: "sum" });
 * const [words, offsets] = [tensor([1, 2, 4, 5, 4], { dtype: "int32" }), tensor([0, 3], { dtype: "int32" })];
 * bags.forward(words, offsets).shape; // [2, 3]
 */
export class EmbeddingBag extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly mode: BagMode;
  readonly includeLastOffset: boolean;
  readonly paddingIdx: number | null;
  weight: Parameter;

  constructor(...args: [numEmbeddings: number, embeddingDim: number, ...Cut<Settings, BagOptions>]) {
    const [numEmbeddings, embeddingDim, maxNorm, normType, scaleGradByFreq, mode, ...rest] = bindBag(args);
    const [includeLastOffset, paddingIdx, device, dtype] = rest;
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.mode = mode;
    this.includeLastOffset = includeLastOffset;
    this.paddingIdx = paddingRow(paddingIdx, numEmbeddings);
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { device, dtype }));
    this.resetParameters();
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).fill_(0));
  }

  override forward(
    input: Tensor,
    ...args: Cut<
      [offsets: Tensor | null, perSampleWeights: Tensor | null],
      { offsets?: Tensor | null; perSampleWeights?: Tensor | null }
    >
  ): Tensor {
    const [indices, offsets, perSampleWeights] = bindForward([input, ...args]);
    const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx } = this;
    const options = { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx };
    return embeddingBag(indices, this.weight, { ...options, offsets, perSampleWeights });
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.maxNorm !== null) parts.push(`maxNorm=${this.maxNorm}`);
    if (this.normType !== 2) parts.push(`normType=${real(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scaleGradByFreq=true");
    parts.push(`mode='${this.mode}'`);
    if (this.paddingIdx !== null) parts.push(`paddingIdx=${this.paddingIdx}`);
    return parts.join(", ");
  }
}
