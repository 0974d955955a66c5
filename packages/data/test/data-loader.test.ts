import { readFileSync } from "node:fs";
import { arange, Generator, manualSeed, randint, type Tensor, tensor } from "@kindling/autograd";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as data from "../src/index.js";

/** See fixtures/make_data.py. */
interface Fixture {
  loaders: [seed: number, n: number, options: Options, epochs: number[][][], next: number][];
  samplers: [seed: number, name: string, args: unknown[], options: Options, passes: number[][], next: number][];
  splits: [seed: number, n: number, lengths: number[], generator: number | null, parts: number[][]][];
  names: [length: number, first: number[], last: number[]][];
}
interface Options {
  generator?: number;
}

const fixture: Fixture = JSON.parse(readFileSync(new URL("fixtures/data.json", import.meta.url), "utf8"));
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const nextDraw = (): number => randint(2 ** 31 - 1, [1]).item();
const real = ({ generator, ...options }: Options): object =>
  generator === undefined ? options : { ...options, generator: new Generator().manualSeed(generator) };

class Squares extends data.Dataset<[Tensor, number]> {
  constructor(
    readonly length: number,
    readonly delay = false,
  ) {
    super();
  }
  get(index: number): [Tensor, number] | Promise<[Tensor, number]> {
    const sample: [Tensor, number] = [tensor([index, index ** 2]), index];
    return this.delay ? new Promise((resolve) => setTimeout(() => resolve(sample), 4 - (index % 4))) : sample;
  }
}

class Lines extends data.IterableDataset<string> {
  constructor(readonly lines: string[]) {
    super();
  }
  *[Symbol.iterator](): IterableIterator<string> {
    yield* this.lines;
  }
  get length(): number {
    return this.lines.length;
  }
}

class SlowLines extends data.IterableDataset<string> {
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (const line of ["a", "b", "c"]) yield line;
  }
}

describe("orders are PyTorch's", () => {
  for (const [seed, n, options, epochs, next] of fixture.loaders) {
    it(`DataLoader ${JSON.stringify(options)}, seed ${seed}`, () => {
      manualSeed(seed);
      const loader = new data.DataLoader(range(n), real(options));
      expect(epochs.map(() => [...loader].map((batch) => (batch as Tensor).tolist()))).toEqual(epochs);
      expect(nextDraw()).toBe(next);
      expect(loader.length).toBe(epochs[0].length);
    });
  }

  for (const [seed, name, args, options, passes, next] of fixture.samplers) {
    it(`${name} ${JSON.stringify(options)}, seed ${seed}`, () => {
      manualSeed(seed);
      const Class = (data as unknown as Record<string, new (...args: unknown[]) => data.Sampler<number>>)[name];
      const sampler = new Class(...args, real(options));
      expect(passes.map(() => [...sampler])).toEqual(passes);
      expect(nextDraw()).toBe(next);
      expect(sampler.length).toBe(passes[0].length);
    });
  }

  for (const [seed, n, lengths, generator, parts] of fixture.splits) {
    it(`randomSplit ${n} into ${lengths.join(", ")}`, () => {
      manualSeed(seed);
      const options = generator === null ? {} : { generator: new Generator().manualSeed(generator) };
      expect(data.randomSplit(range(n), lengths, options).map((part) => part.indices)).toEqual(parts);
    });
  }

  it("randomSplit of the size of the tutorial's names", () => {
    const parts = data.randomSplit(range(20074), [0.85, 0.15], { generator: new Generator().manualSeed(2024) });
    expect(parts.map(({ length, indices }) => [length, indices.slice(0, 5), indices.slice(-5)])).toEqual(fixture.names);
  });

  it("an asynchronous iteration draws the same", async () => {
    const [seed, n, options, epochs, next] = fixture.loaders[0];
    manualSeed(seed);
    const loader = new data.DataLoader(range(n), real(options));
    for (const epoch of epochs) {
      const batches: number[][] = [];
      for await (const batch of loader) batches.push((batch as Tensor).tolist());
      expect(batches).toEqual(epoch);
    }
    expect(nextDraw()).toBe(next);
  });
});

describe("DataLoader", () => {
  it("joins samples into batches", () => {
    const batches = [...new data.DataLoader(new Squares(5), { batchSize: 2 })];
    expectTypeOf(batches).toEqualTypeOf<[Tensor, Tensor][]>();
    expect(batches.map(([x, n]) => [x.tolist(), n.tolist()])).toEqual([
      [
        [
          [0, 0],
          [1, 1],
        ],
        [0, 1],
      ], // prettier-ignore
      [
        [
          [2, 4],
          [3, 9],
        ],
        [2, 3],
      ], // prettier-ignore
      [[[4, 16]], [4]],
    ]);
  });

  it("takes a dataset that gives promises, in order", async () => {
    const loader = new data.DataLoader(new Squares(7, true), { batchSize: 3 });
    const labels: number[][] = [];
    for await (const [, n] of loader) labels.push(n.tolist());
    expect(labels).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(() => [...loader]).toThrow("iterate over its DataLoader with `for await (const batch of loader)`");
  });

  it("takes samples that come one after another", async () => {
    const lines = new Lines(["a", "b", "c", "d", "e"]);
    const loader = new data.DataLoader(lines, { batchSize: 2, dropLast: true });
    expect([...loader]).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]); // prettier-ignore
    expect(loader.length).toBe(2);
    const slow = new data.DataLoader(new SlowLines(), { batchSize: 2 });
    const batches: string[][] = [];
    for await (const batch of slow) batches.push(batch);
    for await (const batch of loader) batches.push(batch);
    expect(batches).toEqual([["a", "b"], ["c"], ["a", "b"], ["c", "d"]]); // prettier-ignore
    expect(() => [...slow]).toThrow("for await");
    expect(() => slow.length).toThrow("a dataset without a length");
  });

  it("takes samplers, batch samplers and a collateFn", () => {
    const collateFn = (samples: string[]): string => samples.join("");
    const letters = ["a", "b", "c", "d"];
    const joined = (options: data.DataLoaderOptions<string, string>): string[] => [
      ...new data.DataLoader(letters, { collateFn, ...options }),
    ];
    expect(joined({ sampler: [3, 1, 2], batchSize: 2 })).toEqual(["db", "c"]);
    expect(joined({ batchSampler: [[0], [1, 1, 3]] })).toEqual(["a", "bbd"]);
    expect(joined({ batchSampler: new data.BatchSampler([0, 1, 2], 2, true) })).toEqual(["ab"]);
  });

  it("gives samples one by one without a batch size", async () => {
    const samples = [new Float32Array([1, 2]), { a: [new Int32Array([3])], b: "x" }];
    const [first, second] = [...new data.DataLoader<unknown, unknown>(samples, { batchSize: null })];
    expect((first as Tensor).tolist()).toEqual([1, 2]);
    expect((second as { a: Tensor[] }).a[0].tolist()).toEqual([3]);
    const loader = new data.DataLoader<number, number>([5, 6, 7], null, { sampler: [2, 0] });
    expect([...loader]).toEqual([7, 5]);
    expect(loader.length).toBe(2);
    const half = { collateFn: (n: unknown) => (n as number) / 2 };
    expect([...new data.DataLoader<number, number>([5, 6], { batchSize: null, ...half })]).toEqual([2.5, 3]);
    const lines = new data.DataLoader<string, string>(new Lines(["a", "b"]), { batchSize: null });
    expect([[...lines], lines.length]).toEqual([["a", "b"], 2]);
    const slow: string[] = [];
    for await (const line of new data.DataLoader<string, string>(new SlowLines(), { batchSize: null })) slow.push(line);
    expect(slow).toEqual(["a", "b", "c"]);
    const seen: number[] = [];
    for await (const [, n] of new data.DataLoader<[Tensor, number], [Tensor, number]>(new Squares(3, true), null)) {
      seen.push(n);
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  it("refuses options that exclude each other", () => {
    const make =
      (options: object, dataset: unknown = range(4)) =>
      () =>
        new data.DataLoader(dataset as number[], options);
    expect(make({ shuffle: true, sampler: [1] })).toThrow("sampler option is mutually exclusive with shuffle");
    expect(make({ batchSampler: [[1]], batchSize: 2 })).toThrow(
      "batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast",
    );
    expect(make({ batchSize: 0 })).toThrow("batchSize should be a positive integer value, but got batchSize=0");
    expect(make({ batchSize: null, dropLast: true })).toThrow(
      "batchSize=null option disables auto-batching and is mutually exclusive with dropLast",
    );
    expect(() => [...make({ batchSampler: [[4]] })()]).toThrow("index 4 is out of range for a dataset of 4 samples");
    expect(make({ dropLast: 1 })).toThrow("dropLast should be a boolean value, but got dropLast=1");
    expect(make({ batch_size: 2 })).toThrow("unexpected keyword argument 'batch_size'");
    expect(make({ shuffle: true }, new Lines([]))).toThrow(
      "DataLoader with IterableDataset: expected unspecified shuffle option",
    );
    expect(make({ shuffle: true }, [])).toThrow("numSamples should be a positive integer value, but got numSamples=0");
    expect(make({}, 5)).toThrow("DataLoader expects a dataset with length and get(index)");
    expect(() => make({ sampler: new Set([1]) })().length).toThrow("a sampler without a length");
  });
});

describe("datasets", () => {
  const x = arange(6).reshape(3, 2);
  const tensors = new data.TensorDataset(x, tensor([7, 8, 9]));

  it("of tensors give rows, as views", () => {
    expect(tensors.length).toBe(3);
    expect(tensors.get(1).map((t) => t.tolist())).toEqual([[2, 3], 8]);
    expect(tensors.get(-1)[1].item()).toBe(9);
    expect(tensors.get(1)[0].storage).toBe(x.storage);
    expect(() => tensors.get(3)).toThrow("index 3 is out of range for a dataset of 3 samples");
    expect(() => new data.TensorDataset(x, tensor([1]))).toThrow("Size mismatch between tensors");
    const [[rows, labels]] = new data.DataLoader(tensors, { batchSize: 3 });
    expect(rows.tolist()).toEqual(x.tolist());
    expect(labels.tolist()).toEqual([7, 8, 9]);
  });

  it("can be joined and cut", () => {
    const whole = new data.ConcatDataset<number | Promise<number>>([[1, 2], [], new data.Subset([3, 4, 5], [2, 0])]);
    expect(range(whole.length).map((i) => whole.get(i))).toEqual([1, 2, 5, 3]);
    expect(whole.get(-4)).toBe(1);
    expect(() => whole.get(4)).toThrow("index 4 is out of range for a dataset of 4 samples");
    expect(() => new data.ConcatDataset([])).toThrow("datasets should not be an empty iterable");
    expect(() => new data.ConcatDataset([new Lines([]) as never])).toThrow(
      "ConcatDataset does not support IterableDataset",
    );
  });

  it("count an array's samples from its end too, and refuse those it does not have", () => {
    expect(new data.Subset([1, 2], [-1]).get(0)).toBe(2);
    expect(() => new data.Subset([1, 2], [5]).get(0)).toThrow("index 5 is out of range for a dataset of 2 samples");
  });

  it("stand side by side", async () => {
    const pairs = new data.StackDataset([1, 2, 3], ["a", "b", "c"]);
    expect([pairs.length, pairs.get(-1)]).toEqual([3, [3, "c"]]);
    const named = new data.StackDataset({ n: [1, 2], word: ["a", "b"] });
    expect(named.get(1)).toEqual({ n: 2, word: "b" });
    const slow = new data.StackDataset(new Squares(2, true), [8, 9]);
    expect((await slow.get(1))[1]).toBe(9);
    expect(() => new data.StackDataset([1], [1, 2])).toThrow("Size mismatch between datasets");
    expect(() => new data.StackDataset()).toThrow("At least one dataset should be passed");
  });

  it("of streams come one behind the other", async () => {
    const chain = new data.ChainDataset([new Lines(["a"]), new Lines(["b", "c"])]);
    expect([[...chain], chain.length]).toEqual([["a", "b", "c"], 3]);
    expect([...new data.DataLoader(chain, 2)]).toEqual([["a", "b"], ["c"]]);
    const mixed = new data.ChainDataset<string>([new Lines(["x"]), new SlowLines()]);
    const all: string[] = [];
    for await (const line of mixed) all.push(line);
    expect([all, mixed.length]).toEqual([["x", "a", "b", "c"], undefined]);
    expect(() => [...mixed]).toThrow("iterate with `for await`");
    expect(() => new data.ChainDataset([5 as never])).toThrow("ChainDataset only supports IterableDataset");
  });

  it("are split into parts that add up", () => {
    expect(() => data.randomSplit(range(10), [3, 8])).toThrow(
      "Sum of input lengths does not equal the length of the input dataset!",
    );
    expect(() => data.randomSplit(range(10), [1.5, -0.5])).toThrow("Fraction at index 0 is not between 0 and 1");
    expect(() => data.randomSplit(range(10), [2.5, 7.5])).toThrow("Length at index 0 is neither a size nor");
    expect(data.randomSplit(range(3), [1]).map((part) => part.length)).toEqual([3]);
  });
});

describe("samplers", () => {
  it("refuse what they cannot draw", () => {
    expect(() => new data.RandomSampler(range(3), { numSamples: 0 })).toThrow("but got numSamples=0");
    expect(() => new data.WeightedRandomSampler([1], 0)).toThrow("but got numSamples=0");
    expect(() => new data.WeightedRandomSampler(tensor([[1]]), 1)).toThrow(
      "weights should be a 1d sequence but given weights have shape [1, 1]",
    );
    expect(() => [...new data.WeightedRandomSampler([1, 2], 3, { replacement: false })]).toThrow(
      "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
    );
    expect(() => [...new data.RandomSampler([], { numSamples: 2 })]).toThrow("cannot draw from 0 samples");
  });

  it("of batches count them", () => {
    const order = new data.SequentialSampler(range(7));
    expect(new data.BatchSampler(order, 3).length).toBe(3);
    expect(new data.BatchSampler(order, { batchSize: 3, dropLast: true }).length).toBe(2);
  });
});
