import {
  ArgumentError,
  bind,
  defaultGenerator,
  Generator,
  isTensor,
  multinomial,
  randint,
  randperm,
  ShapeError,
  signature,
  type Tensor,
  tensor,
} from "@kindling/autograd";

/** Gives the numbers of samples, or arrays of them, in the order in which they are wanted; anew at each iteration. */
export abstract class Sampler<T> implements Iterable<T> {
  abstract readonly length: number;
  abstract [Symbol.iterator](): Iterator<T>;
}

/** Anything of a length. */
interface Sized {
  readonly length: number;
}

/** The seed that PyTorch draws for a generator of a pass: 63 bits. */
export const drawSeed = (generator: Generator | null): bigint =>
  BigInt.asUintN(63, (generator ?? defaultGenerator()).random64());

const numbers = (t: Tensor): number[] => Array.from(t.toTypedArray(), Number);

function expectBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new ArgumentError(`${name} should be a boolean value, but got ${name}=${value}`, { [name]: value });
  }
}

function expectPositive(name: string, value: unknown): void {
  if (!(Number.isInteger(value) && (value as number) > 0)) {
    throw new ArgumentError(`${name} should be a positive integer value, but got ${name}=${value}`, { [name]: value });
  }
}

/** 0 … length − 1. */
export class SequentialSampler extends Sampler<number> {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    super();
    this.dataSource = dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): Generator_<number> {
    for (let i = 0; i < this.dataSource.length; i++) yield i;
  }
}

type Generator_<T> = globalThis.Generator<T, void, undefined>;

/** Options of RandomSampler. */
export interface RandomSamplerOptions {
  /** Whether a sample may come again before all have come. */
  replacement?: boolean;
  /** How many are drawn; as many as there are where absent. */
  numSamples?: number | null;
  /** The source; where absent, one that is seeded from the default generator at each iteration. */
  generator?: Generator | null;
}

const randomSignature = signature("RandomSampler(replacement=false, numSamples=null, generator=null)");

/** All numbers in random order. */
export class RandomSampler extends Sampler<number> {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | null;
  readonly #numSamples: number | null;

  /** @throws ArgumentError where there is nothing to draw */
  constructor(
    dataSource: Sized,
    ...options: [replacement: boolean, options?: RandomSamplerOptions] | [options?: RandomSamplerOptions]
  ) {
    super();
    const [replacement, numSamples, generator] = bind(randomSignature, options);
    this.dataSource = dataSource;
    this.replacement = replacement as boolean;
    this.generator = generator as Generator | null;
    this.#numSamples = numSamples as number | null;
    expectBoolean("replacement", replacement);
    expectPositive("numSamples", this.length);
  }

  get length(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  *[Symbol.iterator](): Generator_<number> {
    const n = this.dataSource.length;
    if (n === 0) throw new ArgumentError("RandomSampler cannot draw from 0 samples");
    const generator = this.generator ?? new Generator().manualSeed(drawSeed(null));
    // In runs, the last of which may be cut: PyTorch draws it even where nothing of it is left.
    const run = this.replacement ? 32 : n;
    const last = this.length % run;
    for (let left = this.length; left >= run; left -= run) {
      yield* numbers(this.replacement ? randint(n, [run], { generator }) : randperm(n, { generator }));
    }
    if (this.replacement) yield* numbers(randint(n, [last], { generator }));
    else yield* numbers(randperm(n, { generator })).slice(0, last);
  }
}

const subsetSignature = signature("SubsetRandomSampler(generator=null)");

/** The numbers given, in random order. */
export class SubsetRandomSampler extends Sampler<number> {
  readonly indices: readonly number[];
  readonly generator: Generator | null;

  constructor(indices: readonly number[], ...options: [options?: { generator?: Generator | null }]) {
    super();
    this.indices = indices;
    this.generator = bind(subsetSignature, options)[0] as Generator | null;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Generator_<number> {
    for (const i of numbers(randperm(this.indices.length, { generator: this.generator }))) yield this.indices[i];
  }
}

const weightedSignature = signature("WeightedRandomSampler(numSamples, replacement=true, generator=null)");

/** Options of WeightedRandomSampler. */
export interface WeightedRandomSamplerOptions {
  /** Whether a sample may come twice; it may by default. */
  replacement?: boolean;
  generator?: Generator | null;
}

/** Numbers drawn by weight; weights need not sum to one. */
export class WeightedRandomSampler extends Sampler<number> {
  /** float64, one for each sample. */
  readonly weights: Tensor;
  readonly length: number;
  readonly replacement: boolean;
  readonly generator: Generator | null;

  /** @throws ArgumentError, ShapeError where weights are no row or `numSamples` is no positive integer */
  constructor(
    weights: readonly number[] | Tensor,
    ...options:
      | [numSamples: number, options?: WeightedRandomSamplerOptions]
      | [options: WeightedRandomSamplerOptions & { numSamples: number }]
  ) {
    super();
    const [numSamples, replacement, generator] = bind(weightedSignature, options);
    expectPositive("numSamples", numSamples);
    expectBoolean("replacement", replacement);
    this.weights = isTensor(weights) ? weights.to("float64") : tensor(weights, { dtype: "float64" });
    if (this.weights.ndim !== 1) {
      throw new ShapeError(
        `weights should be a 1d sequence but given weights have shape [${this.weights.shape.join(", ")}]`,
        { shape: this.weights.shape },
      );
    }
    this.length = numSamples as number;
    this.replacement = replacement as boolean;
    this.generator = generator as Generator | null;
  }

  *[Symbol.iterator](): Generator_<number> {
    yield* numbers(multinomial(this.weights, this.length, this.replacement, { generator: this.generator }));
  }
}

const batchSignature = signature("BatchSampler(batchSize, dropLast=false)");

/** The numbers that another sampler gives, in arrays of `batchSize`. */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number>;
  readonly batchSize: number;
  /** Whether a last, smaller batch is left out. */
  readonly dropLast: boolean;

  /** @throws ArgumentError where `batchSize` is no positive integer */
  constructor(
    sampler: Iterable<number>,
    ...options:
      | [batchSize: number, dropLast?: boolean | { dropLast?: boolean }]
      | [options: { batchSize: number; dropLast?: boolean }]
  ) {
    super();
    const [batchSize, dropLast] = bind(batchSignature, options);
    expectPositive("batchSize", batchSize);
    expectBoolean("dropLast", dropLast);
    this.sampler = sampler;
    this.batchSize = batchSize as number;
    this.dropLast = dropLast as boolean;
  }

  get length(): number {
    return batchCount((this.sampler as Iterable<number> & Sized).length, this.batchSize, this.dropLast);
  }

  *[Symbol.iterator](): Generator_<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** Batches that `samples` samples fill. */
export const batchCount = (samples: number, batchSize: number, dropLast: boolean): number =>
  dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
