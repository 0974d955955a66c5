import { ArgumentError } from "./errors.js";
import type { Generator } from "./generator.js";
import { exponential } from "./random.js";

/**
 * Draws `samples` category numbers for each row of `weights`, which need not sum to one (`multinomial`).
 * With replacement each draw is a search in the row's cumulative sum, in the weights' dtype. Without, the categories with
 * the largest weight / exponential are taken, largest first; those of weight zero come last, in index order.
 * @param weights (rows, categories), row-major
 * @param byColumns without replacement: draw along the columns, as PyTorch does for weights that are a transposed matrix
 * @returns (rows, samples), row-major
 * @throws ArgumentError when weights are negative, not finite or all zero, or `samples` does not fit
 */
export function multinomial(
  gen: Generator,
  weights: Float32Array | Float64Array,
  categories: number,
  samples: number,
  replacement = false,
  byColumns = false,
): Int32Array {
  if (!(samples > 0)) throw new ArgumentError("cannot sample n_sample <= 0 samples", { samples });
  if (!replacement && samples > categories) {
    throw new ArgumentError("cannot sample n_sample > prob_dist.size(-1) samples without replacement", {
      samples,
      categories,
    });
  }
  if (categories > 2 ** 24) throw new ArgumentError("number of categories cannot exceed 2^24", { categories });
  const rows = categories === 0 ? 0 : weights.length / categories;
  checkWeights(weights, categories, rows, replacement);

  const out = new Int32Array(rows * samples);
  const scores = weights.slice();
  if (!replacement) {
    const drawn = weights.slice();
    exponential(gen, drawn);
    for (let i = 0; i < scores.length; i++) {
      const from = byColumns ? (i % categories) * rows + Math.floor(i / categories) : i;
      scores[i] = weights[i] / drawn[from];
    }
  }
  for (let row = 0; row < rows; row++) {
    const rowScores = scores.subarray(row * categories, (row + 1) * categories);
    const picked = out.subarray(row * samples, (row + 1) * samples);
    if (replacement) drawFromCumulative(gen, rowScores, picked);
    else if (samples === 1) picked[0] = argmax(rowScores);
    else
      picked.set(
        Uint32Array.from(rowScores.keys())
          .sort((a, b) => rowScores[b] - rowScores[a] || a - b)
          .subarray(0, samples),
      );
  }
  return out;
}

function checkWeights(
  weights: Float32Array | Float64Array,
  categories: number,
  rows: number,
  replacement: boolean,
): void {
  for (let row = 0; row < rows; row++) {
    let positive = false;
    for (let i = row * categories; i < (row + 1) * categories; i++) {
      const weight = weights[i];
      if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
        const entry = weight < 0 ? "< 0" : "= infinity or NaN";
        throw new ArgumentError(
          replacement
            ? `invalid multinomial distribution (encountering probability entry ${entry})`
            : "probability tensor contains either `inf`, `nan` or element < 0",
          { row, weight },
        );
      }
      positive ||= weight > 0;
    }
    if (!positive) throw new ArgumentError("invalid multinomial distribution (sum of probabilities <= 0)", { row });
  }
}

/** Turns `weights` into their normalised cumulative sum and searches it once per sample. */
function drawFromCumulative(gen: Generator, weights: Float32Array | Float64Array, picked: Int32Array): void {
  const round = weights instanceof Float32Array ? Math.fround : (value: number) => value;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum = round(sum + weights[i]);
    weights[i] = sum;
  }
  for (let i = 0; i < weights.length; i++) weights[i] /= sum;
  weights[weights.length - 1] = 1;
  for (let sample = 0; sample < picked.length; sample++) {
    const target = gen.random53() * 2 ** -53;
    let low = 0;
    let high = weights.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (weights[middle] < target) low = middle + 1;
      else high = middle;
    }
    picked[sample] = low;
  }
}

/** The index of the first largest value. */
function argmax(values: Float32Array | Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
