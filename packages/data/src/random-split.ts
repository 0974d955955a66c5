import { ArgumentError, bind, type Generator, randperm, signature } from "@kindling/autograd";
import { expectSamples, type Samples, Subset } from "./dataset.js";

const arguments_ = signature("randomSplit(lengths, generator=null)");

/**
 * Parts of a dataset with different samples, drawn at random: the same as PyTorch draws.
 * @param lengths sizes of the parts, or their shares, which add up to 1; what rounding down leaves goes to the first parts,
 * one sample each
 * @param options the source of the permutation; the default generator where absent
 * @throws ArgumentError where lengths do not add up to the dataset's
 */
export function randomSplit<T>(
  dataset: Samples<T>,
  lengths: readonly number[],
  ...options: [generator?: Generator | { generator?: Generator }]
): Subset<T>[] {
  const [, generator] = bind(arguments_, [lengths, ...options]) as [unknown, Generator | null];
  expectSamples(dataset, "randomSplit");
  const sizes = sizesOf(lengths, dataset.length);
  if (sum(sizes) !== dataset.length) {
    throw new ArgumentError("Sum of input lengths does not equal the length of the input dataset!", {
      lengths,
      length: dataset.length,
    });
  }
  const order = Array.from(randperm(dataset.length, { generator }).toTypedArray(), Number);
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return new Subset(dataset, order.slice(end - size, end));
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function sizesOf(lengths: readonly number[], whole: number): number[] {
  if (Math.abs(sum(lengths) - 1) > 1e-9) {
    lengths.forEach((length, i) => {
      if (!Number.isInteger(length) || length < 0) {
        throw new ArgumentError(`Length at index ${i} is neither a size nor one of shares that add up to 1`, {
          lengths,
        });
      }
    });
    return [...lengths];
  }
  const sizes = lengths.map((share, i) => {
    if (!(share >= 0 && share <= 1))
      throw new ArgumentError(`Fraction at index ${i} is not between 0 and 1`, { lengths });
    return Math.floor(whole * share);
  });
  const rest = whole - sum(sizes);
  for (let i = 0; i < rest; i++) sizes[i % sizes.length]++;
  return sizes;
}
