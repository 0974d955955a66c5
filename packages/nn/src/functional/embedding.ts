import {
  ArgumentError,
  DTypeError,
  dtypeInfo,
  IndexError,
  isFloat,
  lookedUp,
  noGrad,
  ones,
  operator,
  ShapeError,
  type Tensor,
  where,
  zeros,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

type EmbeddingOptions = {
  paddingIdx?: number | null;
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
};
type EmbeddingArgs = Cut<
  [paddingIdx: number | null, maxNorm: number | null, normType: number, scaleGradByFreq: boolean],
  EmbeddingOptions
>;

/**
 * The rows of `weight` (V, D) that `input`, integers of any shape (*), names: (*, D). The row `paddingIdx` gets no gradient.
 * With `maxNorm`, rows that are longer (in the norm `normType`) are first shortened in `weight` itself. `scaleGradByFreq`
 * divides gradients by how often their row occurs in `input`.
 * @throws IndexError where an index is out of range (on devices that can tell)
 */
export const embedding = operator<(input: Tensor, weight: Tensor, ...args: EmbeddingArgs) => Tensor>(
  "embedding(input, weight, paddingIdx=null, maxNorm=null, normType=2, scaleGradByFreq=false)",
  (
    input: Tensor,
    weight: Tensor,
    paddingIdx: number | null,
    maxNorm: number | null,
    normType: number,
    scaleGradByFreq: boolean,
  ) => {
    if (isFloat(input.dtype) || input.dtype === "bool") {
      throw new DTypeError(
        `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${dtypeInfo[input.dtype].tensorName} instead (while checking arguments for embedding)`,
        { dtype: input.dtype },
      );
    }
    if (weight.ndim !== 2) throw new ShapeError("'weight' must be 2-D", { weight: weight.shape });
    const [count, size] = weight.shape;
    const padding = paddingRow(paddingIdx, count);
    const index = input.reshape(-1);
    try {
      if (maxNorm !== null) shorten(weight, index, maxNorm, normType);
      const plain = padding === null && !scaleGradByFreq;
      const factor = plain ? null : gradFactor(index, weight, padding, scaleGradByFreq);
      return lookedUp(weight, index, factor).reshape(...input.shape, size);
    } catch (error) {
      if (error instanceof IndexError && "index" in error)
        throw new IndexError("index out of range in self", { index: error.index });
      throw error;
    }
  },
);

/** `paddingIdx` counted from the front. */
export function paddingRow(paddingIdx: number | null, count: number): number | null {
  if (paddingIdx === null) return null;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -count || paddingIdx >= count) {
    throw new ArgumentError("paddingIdx must be within numEmbeddings", { paddingIdx });
  }
  return paddingIdx < 0 ? paddingIdx + count : paddingIdx;
}

/** By what the gradient of each looked-up row is multiplied: (N, 1). */
function gradFactor(index: Tensor, weight: Tensor, padding: number | null, byFrequency: boolean): Tensor {
  const options = { dtype: weight.dtype, device: weight.device };
  let factor = ones(index.numel(), options);
  if (byFrequency) {
    const counts = zeros(weight.shape[0], options).scatterAdd(0, index, factor);
    factor = factor.div(counts.indexSelect(0, index));
  }
  if (padding !== null) factor = where(index.eq(padding), 0, factor);
  return factor.unsqueeze(1);
}

/** Scales rows that are longer than `maxNorm` down to it, in place. */
function shorten(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    const rows = weight.indexSelect(0, index);
    const length = rows.norm(normType, 1, true);
    const scale = where(length.gt(maxNorm), length.add(1e-7).reciprocal().mul(maxNorm), 1);
    weight.indexCopy_(0, index, rows.mul(scale));
  });
}

/**
 * Integers of shape (*) as rows of zeros with a one: (*, numClasses). Without `numClasses` (-1) there are as many classes as
 * the largest integer asks for, which has to be read.
 */
export const oneHot = operator<(input: Tensor, ...args: Cut<[numClasses: number], { numClasses?: number }>) => Tensor>(
  "oneHot(input, numClasses=-1)",
  (input: Tensor, numClasses: number) => {
    if (isFloat(input.dtype) || input.dtype === "bool") {
      throw new DTypeError("oneHot is only applicable to index tensor.", { dtype: input.dtype });
    }
    let classes = numClasses;
    if (numClasses === -1) {
      if (input.numel() === 0) throw new ArgumentError("Can not infer total number of classes from empty tensor.");
      if (input.min().item() < 0) throw new ArgumentError("Class values must be non-negative.");
      classes = Number(input.max().item()) + 1;
    } else if (numClasses < 1) {
      throw new ArgumentError("numClasses should be positive", { numClasses });
    }
    const dtype = input.dtype === "int64" ? "int64" : "int32";
    const zero = zeros([...input.shape, classes], { dtype, device: input.device });
    try {
      return zero.scatter(-1, input.unsqueeze(-1), 1);
    } catch (error) {
      if (!(error instanceof IndexError && "index" in error)) throw error;
      const negative = Number(error.index) < 0;
      throw new ArgumentError(
        negative ? "Class values must be non-negative." : "Class values must be smaller than numClasses.",
        { index: error.index },
      );
    }
  },
);
