import { ArgumentError, IndexError, isOptions, ShapeError, type Tensor } from "@kindling/autograd";

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

/** Sample number `index` of a dataset or an array. @throws IndexError for a number that an array does not have */
export const sampleOf = <T>(samples: Samples<T>, index: number): T | Promise<T> =>
  Array.isArray(samples) ? samples[wrapIndex(index, samples.length)] : (samples as Dataset<T>).get(index);

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

/** A tensor for each of the tensors. */
type Rows<T extends readonly Tensor[]> = { -readonly [K in keyof T]: Tensor };

/** Tensors of one length: sample `i` holds row `i` of each, as views. */
export class TensorDataset<T extends readonly Tensor[] = Tensor[]> extends Dataset<Rows<T>> {
  readonly tensors: T;

  /** @throws ShapeError where the first sizes differ */
  constructor(...tensors: T) {
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

  get(index: number): Rows<T> {
    const i = wrapIndex(index, this.length);
    return this.tensors.map((t) => t.select(0, i)) as Rows<T>;
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

/** Samples made of the samples of several datasets of one length: an array of them, or a record where the datasets are named. */
export class StackDataset<
  D extends readonly Samples<unknown>[] | Readonly<Record<string, Samples<unknown>>>,
> extends Dataset<Stacked<D>> {
  readonly datasets: D;
  readonly length: number;

  /** @throws ShapeError where the lengths differ */
  constructor(...datasets: D extends readonly Samples<unknown>[] ? D : [D]) {
    super();
    const named = datasets.length === 1 && isOptions(datasets[0]) && !isSamples(datasets[0]);
    this.datasets = (named ? datasets[0] : datasets) as D;
    const all = Object.values(this.datasets) as Samples<unknown>[];
    if (all.length === 0) throw new ArgumentError("At least one dataset should be passed");
    for (const dataset of all) expectSamples(dataset, "StackDataset");
    const sizes = all.map((dataset) => dataset.length);
    if (sizes.some((size) => size !== sizes[0])) throw new ShapeError("Size mismatch between datasets", { sizes });
    this.length = sizes[0];
  }

  get(index: number): Stacked<D> | Promise<Stacked<D>> {
    const i = wrapIndex(index, this.length);
    const keys = Object.keys(this.datasets);
    const samples = (Object.values(this.datasets) as Samples<unknown>[]).map((dataset) => sampleOf(dataset, i));
    const together = (values: unknown[]): Stacked<D> =>
      (Array.isArray(this.datasets) ? values : Object.fromEntries(values.map((v, k) => [keys[k], v]))) as Stacked<D>;
    return samples.some((sample) => sample instanceof Promise)
      ? Promise.all(samples).then(together)
      : together(samples);
  }
}

type SampleOf<D> = D extends Samples<infer T> ? T : never;
type Stacked<D> = { -readonly [K in keyof D]: SampleOf<D[K]> };

/** The samples of several streams, one stream behind the other. */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  /** @throws ArgumentError for datasets without an iterator */
  constructor(datasets: Iterable<IterableDataset<T>>) {
    super();
    this.datasets = [...datasets];
    for (const dataset of this.datasets) {
      const stream = Object(dataset) as object;
      if (Symbol.iterator in stream || Symbol.asyncIterator in stream) continue;
      throw new ArgumentError("ChainDataset only supports IterableDataset");
    }
  }

  /** Number of all samples; `undefined` where a dataset does not tell. */
  get length(): number | undefined {
    let length = 0;
    for (const dataset of this.datasets as readonly { length?: number }[]) {
      if (dataset.length === undefined) return undefined;
      length += dataset.length;
    }
    return length;
  }

  override *[Symbol.iterator](): globalThis.Generator<T, void, undefined> {
    for (const dataset of this.datasets) {
      if (dataset[Symbol.iterator] === undefined)
        throw new ArgumentError("a dataset of the chain is asynchronous: iterate with `for await`");
      yield* dataset as Iterable<T>;
    }
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (const dataset of this.datasets) yield* dataset as AsyncIterable<T>;
  }
}
