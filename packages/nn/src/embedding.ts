import { type DType, empty, noGrad, ShapeError, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { embedding, paddingRow } from "./functional/embedding.js";
import { normal_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { real } from "./repr.js";

type Settings = [paddingIdx: number | null, maxNorm: number | null, normType: number, scaleGradByFreq: boolean];

interface EmbeddingOptions extends FactoryOptions {
  paddingIdx?: number | null;
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
}

const bindEmbedding = binder<[number, number, ...Settings, device: string | null, dtype: DType | null]>(
  "Embedding(numEmbeddings, embeddingDim, paddingIdx=null, maxNorm=null, normType=2, scaleGradByFreq=false, *, device=null, dtype=null)",
);
const bindPretrained = binder<[freeze: boolean, ...Settings]>(
  "fromPretrained(freeze=true, paddingIdx=null, maxNorm=null, normType=2, scaleGradByFreq=false)",
);

/**
 * A table of vectors, looked up by number: integers (*) → (*, embeddingDim). `weight` (numEmbeddings, embeddingDim) starts
 * normal. The row `paddingIdx` starts at zero and gets no gradient. With `maxNorm`, rows looked up that are longer (in the
 * norm `normType`) are shortened in place. `scaleGradByFreq` divides gradients by how often their row occurs.
 *
 * @example
 * const table = new nn.Embedding(10, 3, { paddingIdx: 0 });
 * table.forward(tensor([[1, 2, 4, 0]], { dtype: "int32" })).shape; // [1, 4, 3]
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  weight: Parameter;

  constructor(...args: [numEmbeddings: number, embeddingDim: number, ...Cut<Settings, EmbeddingOptions>]) {
    const [numEmbeddings, embeddingDim, paddingIdx, maxNorm, normType, scaleGradByFreq, device, dtype] =
      bindEmbedding(args);
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingRow(paddingIdx, numEmbeddings);
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { device, dtype }));
    this.resetParameters();
  }

  /** A table that shares the memory of `embeddings` (numEmbeddings, embeddingDim); frozen unless told otherwise. */
  static fromPretrained(
    embeddings: Tensor,
    ...args: Cut<[freeze: boolean, ...Settings], { freeze?: boolean } & Omit<EmbeddingOptions, keyof FactoryOptions>>
  ): Embedding {
    const [freeze, paddingIdx, maxNorm, normType, scaleGradByFreq] = bindPretrained(args);
    if (embeddings.ndim !== 2) {
      throw new ShapeError("Embeddings parameter is expected to be 2-dimensional", { shape: embeddings.shape });
    }
    const [rows, columns] = embeddings.shape;
    const table = new this(0, columns, { maxNorm, normType, scaleGradByFreq });
    Object.assign(table, { numEmbeddings: rows, paddingIdx: paddingRow(paddingIdx, rows) });
    table.weight = new Parameter(embeddings, !freeze);
    return table;
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).fill_(0));
  }

  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, this.paddingIdx, this.maxNorm, this.normType, this.scaleGradByFreq);
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== null) parts.push(`paddingIdx=${this.paddingIdx}`);
    if (this.maxNorm !== null) parts.push(`maxNorm=${this.maxNorm}`);
    if (this.normType !== 2) parts.push(`normType=${real(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scaleGradByFreq=true");
    return parts.join(", ");
  }
}
