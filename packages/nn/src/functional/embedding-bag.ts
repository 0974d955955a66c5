import { ArgumentError, arange, full, ones, operator, ShapeError, type Tensor, where, zeros } from "@kindling/autograd";
import type { Cut } from "../args.js";
import { embedding, paddingRow } from "./embedding.js";
import { sizes } from "./loss.js";

/** What becomes of the vectors of a bag: their sum, their mean, the largest of each component. */
export type BagMode = "sum" | "mean" | "max";

export interface EmbeddingBagOptions {
  /** Where each bag starts in a 1-dimensional input; 2-dimensional inputs have a bag in each row. */
  offsets?: Tensor | null;
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  mode?: BagMode;
  /** A factor for each vector, in the shape of the input; for sums alone. */
  perSampleWeights?: Tensor | null;
  /** Whether the last offset is where the last bag ends. */
  includeLastOffset?: boolean;
  /** The row that counts as nothing. */
  paddingIdx?: number | null;
}

/** The bag of each index, and how many bags there are. */
interface Bags {
  readonly of: Tensor;
  readonly count: number;
}

/**
 * Looks rows of `weight` (V, D) up and puts those of a bag together, without an entry for each row in the result: indices (B, N), or
 * (N) cut into bags at `offsets` (B), give (B, D). An empty bag gives zeros.
 */
export const embeddingBag = operator<
  (
    input: Tensor,
    weight: Tensor,
    ...args: Cut<
      [
        offsets: Tensor | null,
        maxNorm: number | null,
        normType: number,
        scaleGradByFreq: boolean,
        mode: BagMode,
        perSampleWeights: Tensor | null,
        includeLastOffset: boolean,
        paddingIdx: number | null,
      ],
      EmbeddingBagOptions
    >
  ) => Tensor
>(
  'embeddingBag(input, weight, offsets=null, maxNorm=null, normType=2, scaleGradByFreq=false, mode="mean", perSampleWeights=null, ' +
    "includeLastOffset=false, paddingIdx=null)",
  (
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | null,
    maxNorm: number | null,
    normType: number,
    scaleGradByFreq: boolean,
    mode: BagMode,
    perSampleWeights: Tensor | null,
    includeLastOffset: boolean,
    paddingIdx: number | null,
  ) => {
    check(input, offsets, mode, scaleGradByFreq, perSampleWeights);
    const bags = bagsOf(input, offsets, includeLastOffset);
    const index = input.reshape(-1);
    const padding = paddingRow(paddingIdx, weight.shape[0]);
    const rows = embedding(index, weight, padding, maxNorm, normType, scaleGradByFreq);
    const counted = padding === null ? null : index.ne(padding);
    if (mode === "max") return largest(rows, bags, counted);
    let factor = perSampleWeights?.reshape(-1) ?? null;
    if (counted !== null) factor = where(counted, factor ?? ones([], { dtype: rows.dtype, device: rows.device }), 0);
    const options = { dtype: rows.dtype, device: rows.device };
    const total = zeros(bags.count, rows.shape[1], options).indexAdd(
      0,
      bags.of,
      factor === null ? rows : rows.mul(factor.unsqueeze(1)),
    );
    if (mode === "sum") return total;
    const members = zeros(bags.count, options).scatterAdd(0, bags.of, factor ?? ones(index.shape, options));
    return total.div(members.clampMin(1).unsqueeze(1));
  },
);

function bagsOf(input: Tensor, offsets: Tensor | null, includeLastOffset: boolean): Bags {
  const { device } = input;
  if (offsets === null) {
    const [count, size] = input.shape;
    return { of: arange(count, { device }).repeatInterleave(size), count };
  }
  const count = offsets.shape[0] - (includeLastOffset ? 1 : 0);
  const starts = offsets.narrow(0, 0, count).to("int32");
  const n = input.shape[0];
  const begins = zeros(n + 1, { dtype: "int32", device }).scatterAdd(0, starts, starts.mul(0).add(1));
  return { of: begins.cumsum(0).sub(1).narrow(0, 0, n), count };
}

/** The largest of each component, of equal ones the first; its gradient goes to that one alone. */
function largest(rows: Tensor, { of, count }: Bags, counted: Tensor | null): Tensor {
  const [n, size] = rows.shape;
  const { device, dtype } = rows;
  if (n === 0) return rows.sum(0).expand(count, size);
  const bag = of.unsqueeze(1).expand(n, size);
  const least = Number.NEGATIVE_INFINITY;
  const values = counted === null ? rows.detach() : where(counted.unsqueeze(1), rows.detach(), least);
  const top = full([count, size], least, { dtype, device }).scatterReduce(0, bag, values, "amax");
  const number = arange(n, { device }).unsqueeze(1).expand(n, size);
  const hit = values.eq(top.gather(0, bag));
  const wanted = counted === null ? hit : hit.logicalAnd(counted.unsqueeze(1));
  const first = full([count, size], n, { dtype: "int32", device }).scatterReduce(
    0,
    bag,
    where(wanted, number, n),
    "amin",
  );
  return where(first.lt(n), rows.gather(0, first.clampMax(n - 1)), 0);
}

function check(
  input: Tensor,
  offsets: Tensor | null,
  mode: string,
  scaleGradByFreq: boolean,
  perSampleWeights: Tensor | null,
): void {
  if (input.ndim !== 1 && input.ndim !== 2) {
    throw new ShapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`, {
      shape: input.shape,
    });
  }
  if (input.ndim === 2 && offsets !== null) {
    throw new ArgumentError(
      "if input is 2D, then offsets has to be null, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor",
    );
  }
  if (input.ndim === 1 && offsets?.ndim !== 1) {
    throw new ArgumentError(`offsets has to be a 1D Tensor${offsets === null ? " but got null" : ""}`);
  }
  if (mode !== "sum" && mode !== "mean" && mode !== "max") {
    throw new ArgumentError("mode has to be one of sum, mean or max", { mode });
  }
  if (mode === "max" && scaleGradByFreq) {
    throw new ArgumentError("max mode does not support scaling the gradient by the frequency");
  }
  if (perSampleWeights === null) return;
  if (mode !== "sum") {
    throw new ArgumentError(
      `embeddingBag: perSampleWeights was not null. perSampleWeights is only supported for mode='sum' (got mode='${mode}').`,
      { mode },
    );
  }
  if (perSampleWeights.shape.join() !== input.shape.join()) {
    throw new ShapeError(
      `embeddingBag: If perSampleWeights (${sizes(perSampleWeights)}) is not null, then it must have the same shape as the input (${sizes(input)})`,
      { perSampleWeights: perSampleWeights.shape, input: input.shape },
    );
  }
}
