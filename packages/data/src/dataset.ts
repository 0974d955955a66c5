import { ArgumentError, IndexError, ShapeError, type Tensor } from "@kindling/autograd";

/**
 * Samples that are reached by their number. A class of one's own extends it; anything with `length` and `get` serves as one.
 */
export abstract class Dataset<T> {
  /** Number of samples. */
  abstract readonly length: number;
  /** Sample number `index`, from 0, or a promise of it. */
  abstract get(index: number): T | Promise<T>;
}

/** What has numbered samples: a dataset, or a plain array. */
export type Samples<T> = Dataset<T> | readonly T[];

/** Samples that come one after another; a subclass has one of the two iterators, and `length` where that is known. */
export abstract class IterableDataset<T> {
  [Symbol.iterator]?(): Iterator<T>;
  [Symbol.asyncIterator]?(): AsyncIterator<T>;
}

/** Sample number `index` of a dataset or an array. */
export const sampleOf = <T>(samples: Samples<T>, index: number): T | Promise<T> =>
  Array.isArray(samples) ? samples[index] : (samples as Dataset<T>).get(index);

/** Whether something has numbered samples. */
export const isSamples = (value: unknown): value is Samples<unknown> =>
  Array.isArray(value) || typeof (value as Dataset<unknown> | null | undefined)?.get === "function";

/** Refuses what has no numbered samples. */
export function expectSamples(value: unknown, operation: string): asserts value is Samples<unknown> {
  if (isSamples(value)) return;
  throw new ArgumentError(`${operation} expects a dataset with length and get(index), or an array`);
}

/** A number of a sample, counted from the end where it is negative, as one from 0. */
function wrapIndex(index: number, length: number): number {
  const wrapped = index < 0 ? index + length : index;
  if (Number.isInteger(wrapped) && wrapped >= 0 && wrapped < length) return wrapped;
  throw new IndexError(`index ${index} is out of range for a dataset of ${length} samples`, { index, length });
}

/** Tensors of one length: sample `i` holds row `i` of each, as views. */
export class TensorDataset extends Dataset<Tensor[]> {
  readonly tensors: readonly Tensor[];

  /** @throws ShapeError where the first sizes differ */
  constructor(...tensors: Tensor[]) {
    super();
    if (tensors.length === 0) throw new ArgumentError("TensorDataset expects at least one tensor");
    const sizes = tensors.map((t) => t.shape[0]);
    if (sizes.some((size) => size === undefined || size !== sizes[0])) {
      throw new ShapeError("Size mismatch between tensors", { sizes });
    }
    this.tensors = tensors;
  }

  get length(): number {
    return this.tensors[0].shape[0];
  }

  get(index: number): Tensor[] {
    const i = wrapIndex(index, this.length);
    return this.tensors.map((t) => t.select(0, i));
  }
}

/** The samples of several datasets, one dataset behind the other. */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly Samples<T>[];

  /** @throws ArgumentError for no datasets, and for those without numbered samples */
  constructor(datasets: Iterable<Samples<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw new ArgumentError("datasets should not be an empty iterable");
    for (const dataset of this.datasets) {
      if (dataset instanceof IterableDataset) throw new ArgumentError("ConcatDataset does not support IterableDataset");
      expectSamples(dataset, "ConcatDataset");
    }
  }

  get length(): number {
    return this.datasets.reduce((sum, dataset) => sum + dataset.length, 0);
  }

  get(index: number): T | Promise<T> {
    let i = wrapIndex(index, this.length);
    for (const dataset of this.datasets) {
      if (i < dataset.length) return sampleOf(dataset, i);
      i -= dataset.length;
    }
    throw new IndexError(`index ${index} is out of range`, { index });
  }
}

/** Some of a dataset's samples, in an order of its own. */
export class Subset<T> extends Dataset<T> {
  readonly dataset: Samples<T>;
  /** Numbers of the samples in the dataset. */
  readonly indices: readonly number[];

  constructor(dataset: Samples<T>, indices: readonly number[]) {
    super();
    expectSamples(dataset, "Subset");
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T | Promise<T> {
    return sampleOf(this.dataset, this.indices[wrapIndex(index, this.length)]);
  }
}
