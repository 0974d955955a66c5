import { ArgumentError } from "@kindling/autograd";

/** TensorBoard's `HistogramProto`: counts of values between limits, of which the first bucket has none on its left. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Right limits of the buckets, and the values in each. */
  readonly limits: number[];
  readonly counts: number[];
}

/** Limits that are a tenth apart, from 1e-12 to 1e20 and the same below zero: those of TensorFlow, and PyTorch's default. */
function defaultLimits(): number[] {
  const positive: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  return [...positive.map((limit) => -limit).reverse(), 0, ...positive];
}

let limits: number[] | undefined;

/** The bucket that holds `value`: `limits[i] <= value < limits[i + 1]`; -1 where none does. */
function bucketOf(value: number, limits: readonly number[]): number {
  let [low, high] = [0, limits.length - 1];
  if (value < limits[low] || value > limits[high]) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value < limits[middle]) high = middle;
    else low = middle;
  }
  return low;
}

/**
 * The histogram of `values`, as PyTorch's `SummaryWriter.add_histogram` makes it; NaN and infinities are left out.
 * @throws ArgumentError where there are none
 */
export function histogramOf(values: Iterable<number>): Histogram {
  limits ??= defaultLimits();
  const counts = new Array<number>(limits.length - 1).fill(0);
  let [min, max, num, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    num++;
    sum += value;
    sumSquares += value * value;
    const bucket = bucketOf(value, limits);
    if (bucket >= 0) counts[bucket]++;
  }
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) throw new ArgumentError("a histogram needs a value that is finite, and below 1e20");
  let last = counts.length - 1;
  while (counts[last] === 0) last--;
  const own = first > 0 ? counts.slice(first - 1, last + 1) : [0, ...counts.slice(0, last + 1)];
  return { min, max, num, sum, sumSquares, limits: limits.slice(first, last + 2), counts: own };
}
