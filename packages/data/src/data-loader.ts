import { ArgumentError, bind, type Generator, signature } from "@kindling/autograd";
import { type Collated, defaultCollate, defaultConvert } from "./collate.js";
import { IterableDataset, isSamples, type Samples, sampleOf } from "./dataset.js";
import { BatchSampler, batchCount, drawSeed, RandomSampler, SequentialSampler } from "./sampler.js";

/** How a loader picks and joins samples. */
export interface DataLoaderOptions<T, B> {
  /**
   * Samples in a batch; 1 by default. With `null` samples come one by one, as they are or through `collateFn`, which then gets
   * one sample; name the types then: `new DataLoader<Sample, Sample>(…)`.
   */
  batchSize?: number | null;
  /** Whether the order is drawn anew at each iteration. */
  shuffle?: boolean | null;
  /** Numbers of the samples in their order, instead of `shuffle`. */
  sampler?: Iterable<number> | null;
  /** Numbers of the samples of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Iterable<readonly number[]> | null;
  /** Makes a batch of samples; `defaultCollate` where absent, `defaultConvert` for samples that come one by one. */
  collateFn?: ((samples: T[]) => B) | null;
  /** Whether a last, smaller batch is left out. */
  dropLast?: boolean;
  /** Source of the order; where absent, the default generator seeds one. */
  generator?: Generator | null;
}

const arguments_ = signature(
  "DataLoader(batchSize=1, shuffle=null, sampler=null, batchSampler=null, *, collateFn=null, dropLast=false, generator=null)",
);

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";

/**
 * Batches of a dataset: `for (const [x, y] of loader)` where samples are there at once, `for await` always. The order of
 * shuffled samples, and what is drawn from the default generator, are PyTorch's for the same seed.
 *
 * An asynchronous iteration asks for all samples of a batch at once, and for the next batch when the last one is done with.
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: Samples<T> | IterableDataset<T>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: Iterable<number> | null;
  /** Numbers of the samples of each batch; `null` where samples come one by one. */
  readonly batchSampler: Iterable<readonly number[]> | null;
  readonly generator: Generator | null;
  readonly collateFn: (samples: T[]) => B;

  /** @throws ArgumentError for options that exclude each other or make no sense */
  constructor(
    dataset: Samples<T> | IterableDataset<T>,
    ...options:
      | [batchSize: number | null, options?: Omit<DataLoaderOptions<T, B>, "batchSize">]
      | [DataLoaderOptions<T, B>?]
  ) {
    const bound = bind(arguments_, options);
    const [batchSize, shuffle, sampler, batchSampler, collateFn, dropLast, generator] = bound as [
      number | null,
      boolean | null,
      Iterable<number> | null,
      Iterable<readonly number[]> | null,
      ((samples: T[]) => B) | null,
      boolean,
      Generator | null,
    ];
    this.dataset = dataset;
    this.generator = generator;
    const single = batchSize === null && batchSampler === null;
    this.collateFn = collateFn ?? ((single ? defaultConvert : defaultCollate) as unknown as (samples: T[]) => B);
    if (isStream(dataset)) {
      for (const [name, value] of Object.entries({ shuffle, sampler, batchSampler })) {
        if (value === null || value === false) continue;
        throw new ArgumentError(
          `DataLoader with IterableDataset: expected unspecified ${name} option, but got ${name}`,
          {
            [name]: value,
          },
        );
      }
    }
    if (sampler !== null && shuffle) throw new ArgumentError("sampler option is mutually exclusive with shuffle");
    if (batchSampler !== null) {
      if (batchSize !== 1 || shuffle || sampler !== null || dropLast) {
        throw new ArgumentError(
          "batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast",
        );
      }
      this.batchSize = null;
      this.dropLast = false;
      this.sampler = null;
      this.batchSampler = batchSampler;
      return;
    }
    if (batchSize === null && dropLast) {
      throw new ArgumentError("batchSize=null option disables auto-batching and is mutually exclusive with dropLast");
    }
    const order = isStream(dataset)
      ? []
      : (sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset)));
    this.batchSampler = batchSize === null ? null : new BatchSampler(order, batchSize, dropLast);
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    this.sampler = isStream(dataset) ? null : order;
  }

  /**
   * Number of batches of an iteration.
   * @throws ArgumentError where the dataset or the sampler has no length
   */
  get length(): number {
    const length = isStream(this.dataset)
      ? batchCount((this.dataset as { length?: number }).length as number, this.batchSize ?? 1, this.dropLast)
      : ((this.batchSampler ?? this.sampler) as unknown as { length?: number }).length;
    if (Number.isInteger(length)) return length as number;
    throw new ArgumentError(
      `a ${isStream(this.dataset) ? "dataset" : "sampler"} without a length gives no length to its DataLoader`,
    );
  }

  [Symbol.iterator](): Iterator<B> {
    const { dataset } = this;
    if (!isStream(dataset)) return this.#batches(dataset, this.#begin());
    this.#begin();
    const samples = dataset[Symbol.iterator]?.();
    if (samples === undefined) throw asynchronous();
    return this.#streamed(samples);
  }

  [Symbol.asyncIterator](): AsyncIterator<B> {
    const { dataset } = this;
    if (!isStream(dataset)) return this.#batchesAsync(dataset, this.#begin());
    this.#begin();
    const samples = dataset[Symbol.asyncIterator]?.() ?? dataset[Symbol.iterator]?.();
    if (samples === undefined) throw new ArgumentError("an IterableDataset needs an iterator");
    return this.#streamedAsync(samples);
  }

  /** PyTorch draws a seed for its workers at the start of each iteration, before the sampler draws, workers or not. */
  #begin(): Iterator<number | readonly number[]> {
    const order: Iterable<number | readonly number[]> = this.batchSampler ?? this.sampler ?? [];
    const numbers = order[Symbol.iterator]();
    drawSeed(this.generator);
    return numbers;
  }

  *#batches(dataset: Samples<T>, order: Iterator<number | readonly number[]>): Batches<B> {
    const collate = this.collateFn as (samples: unknown) => B;
    for (let next = order.next(); !next.done; next = order.next()) {
      const samples = fetched(dataset, next.value);
      const all: unknown[] = Array.isArray(next.value) ? (samples as unknown[]) : [samples];
      if (all.some(isPromise)) {
        for (const sample of all) if (isPromise(sample)) sample.catch(() => {});
        throw asynchronous();
      }
      yield collate(samples);
    }
  }

  async *#batchesAsync(
    dataset: Samples<T>,
    order: Iterator<number | readonly number[]>,
  ): AsyncGenerator<B, void, undefined> {
    const collate = this.collateFn as (samples: unknown) => B;
    for (let next = order.next(); !next.done; next = order.next()) {
      const samples = fetched(dataset, next.value);
      yield collate(await (Array.isArray(next.value) ? Promise.all(samples as unknown[]) : samples));
    }
  }

  *#streamed(stream: Iterator<T>): Batches<B> {
    let samples: T[] = [];
    for (const sample of { [Symbol.iterator]: () => stream }) {
      samples = yield* this.#taken(sample, samples);
    }
    if (samples.length > 0 && !this.dropLast) yield this.collateFn(samples);
  }

  async *#streamedAsync(stream: Iterator<T> | AsyncIterator<T>): AsyncGenerator<B, void, undefined> {
    const all = { [Symbol.asyncIterator]: () => stream as AsyncIterator<T> };
    let samples: T[] = [];
    for await (const sample of all) samples = yield* this.#taken(sample, samples);
    if (samples.length > 0 && !this.dropLast) yield this.collateFn(samples);
  }

  /** Adds a sample of a stream to the batch begun, and gives it out when it is full; the result is what is begun then. */
  *#taken(sample: T, begun: T[]): globalThis.Generator<B, T[], undefined> {
    if (this.batchSize === null) {
      yield (this.collateFn as (sample: unknown) => B)(sample);
      return [];
    }
    begun.push(sample);
    if (begun.length < this.batchSize) return begun;
    yield this.collateFn(begun);
    return [];
  }
}

type Batches<B> = globalThis.Generator<B, void, undefined>;

/** The sample of a number, or those of several, or promises of them. */
const fetched = <T>(dataset: Samples<T>, at: number | readonly number[]): unknown =>
  typeof at === "number" ? sampleOf(dataset, at) : at.map((index) => sampleOf(dataset, index));

/** Whether samples come one after another, without numbers. */
function isStream<T>(dataset: Samples<T> | IterableDataset<T>): dataset is IterableDataset<T> {
  if (dataset instanceof IterableDataset) return true;
  if (isSamples(dataset)) return false;
  const stream = Object(dataset) as object;
  if (Symbol.iterator in stream || Symbol.asyncIterator in stream) return true;
  throw new ArgumentError("DataLoader expects a dataset with length and get(index), an array, or an IterableDataset");
}

const asynchronous = (): ArgumentError =>
  new ArgumentError("the dataset gives promises: iterate over its DataLoader with `for await (const batch of loader)`");
