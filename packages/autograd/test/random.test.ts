import { describe, expect, it } from "vitest";
import {
  arange,
  bernoulli,
  type DType,
  dropout,
  Generator,
  getRngState,
  manualSeed,
  multinomial,
  normal,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  setRngState,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";
import fixtures from "./fixtures/random.json";

interface Case {
  name: string;
  fill?: string;
  args?: number[];
  layout?: string;
  dtype: DType;
  shape: number[];
  values: (number | string)[];
  next: number;
}
const cases = fixtures as Case[];

const layouts: Record<string, (dtype: DType) => Tensor> = {
  transposed: (dtype) => zeros(5, 7, { dtype }).t(),
  sliced: (dtype) => zeros(5, 7, { dtype }).at("1:4", "::2"),
  permuted: (dtype) => zeros(2, 3, 4, { dtype }).permute(1, 2, 0),
  offset: (dtype) => zeros(40, { dtype }).at("3:23"),
  empty: (dtype) => zeros(0, 3, { dtype }),
};
const p = arange(35).div(40).reshape(5, 7);
const long = { dtype: "int64" } as const;
const others: Record<string, () => Tensor> = {
  "bernoulli_ tensor": () => zeros(7, 5).t().bernoulli_(p),
  "bernoulli_ transposed": () => zeros(7, 5).bernoulli_(p.t()),
  "bernoulli_ broadcast": () => zeros(5, 7).bernoulli_(p.at(":", ":1")),
  bernoulli: () => bernoulli(p.t()),
  rand_like: () => randLike(p.t()),
  "rand_like sliced": () => randLike(p.at(":", "::2")),
  randn_like: () => randnLike(p.t()),
  "randn_like sliced": () => randnLike(p.at(":", "::2")),
  randint_like: () => randintLike(p.t(), 10),
  dropout: () => dropout(p.t(), 0.3),
  multinomial: () => multinomial(p.add(0.1).t(), 3),
  "multinomial replacement": () => multinomial(p.add(0.1).t(), 9, true),
  "normal tensors": () => normal(p.at(":1"), p.at(":", ":1").add(1)),
  "normal mean": () => normal(p.t(), 2),
  "normal std": () => normal(1, p.t().add(1)),
  "normal size": () => normal(1, 2, [3, 7]),
  "randint wide": () => randint(-(2 ** 40), 2 ** 40, [5], long),
  "randint all": () => randint(-(2n ** 63n), 2n ** 63n - 1n, [5], long),
  "randint far": () => randint(2n ** 60n, 2n ** 60n + 10n, [5], long),
  "randint float16": () => randint(0, 5000, [5], { dtype: "float16" }),
  "randperm int64": () => randperm(12, long),
  "randperm float16": () => randperm(12, { dtype: "float16" }),
};

const tolerance: Partial<Record<DType, number>> = { float32: 1e-6, float64: 1e-7, float16: 1e-3, bfloat16: 1e-2 };
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

describe("the same numbers as PyTorch's, from the same seed", () => {
  it.each(cases.map((c) => [`${c.name} ${c.fill ?? ""} ${c.layout ?? ""} ${c.dtype}`, c] as const))("%s", (_, c) => {
    manualSeed(7);
    const out = c.fill
      ? (layouts[c.layout as string](c.dtype) as unknown as Record<string, (...a: number[]) => Tensor>)[camel(c.fill)](
          ...(c.args as number[]),
        )
      : others[c.name]();
    expect(rand(1).item()).toBe(c.next); // as many were drawn
    expect(out.shape).toEqual(c.shape);
    // index results are int32 where PyTorch has int64
    if (!c.name.startsWith("multinomial")) expect(out.dtype).toBe(c.dtype);
    const within = tolerance[c.dtype] ?? 0;
    (out.reshape(-1).tolist() as (number | bigint)[]).forEach((got, i) => {
      const want = c.values[i];
      const exact = typeof got === "bigint" ? String(got) : Number(got);
      if (within === 0) expect(exact).toBe(want);
      else
        expect(Math.abs((got as number) - (want as number))).toBeLessThanOrEqual(
          within * Math.max(1e-3, Math.abs(want as number)),
        );
    });
  });
});

describe("arguments", () => {
  it("names what it gets in place of a generator", () => {
    expect(() => rand(2, { generator: 1 as never })).toThrow("argument 'generator' must be Generator, not number");
    expect(() => zeros(2).uniform_({ generator: {} as never })).toThrow("must be Generator, not object");
  });

  it("draws from a given generator without touching the default one", () => {
    const before = getRngState();
    const a = rand(3, { generator: new Generator().manualSeed(3) });
    manualSeed(3);
    expect(rand(3).tolist()).toEqual(a.tolist());
    setRngState(before);
  });

  it("takes a state that PyTorch saved as a tensor of bytes", () => {
    manualSeed(5);
    const saved = tensor(getRngState());
    const first = randn(3).tolist();
    setRngState(saved);
    expect(randn(3).tolist()).toEqual(first);
  });

  it("takes randint's bounds and size by name", () => {
    const draws = [
      () => randint(10, [4]),
      () => randint(10, { size: [4] }),
      () => randint({ high: 10, size: [4] }),
      () => randint(0, 10, { size: [4] }),
      () => randint({ low: 0, high: 10, size: [4] }),
      () => randint(10, { low: 0, size: [4] }),
    ];
    const seen = draws.slice(0, 5).map((draw) => {
      manualSeed(1);
      return draw().tolist();
    });
    for (const values of seen) expect(values).toEqual(seen[0]);
    expect(draws[5]).toThrow("randint() got multiple values for argument 'low'");
  });

  it.each([
    [() => randint(0, [3]), "random_ expects 'from' to be less than 'to', but got from=0 >= to=0"],
    [() => randint(10, [2], { dtype: "bool" }), "to - 1 is out of bounds for bool"],
    [() => randint(0, 70000, [2], { dtype: "float16" }), "to - 1 is out of bounds for float16"],
    [() => randint(2 ** 40, [2]), "to - 1 is out of bounds for int32"],
    [() => zeros(3).random_(3, 1), "random_ expects 'from' to be less than 'to', but got from=3 >= to=1"],
    [() => zeros(3).logNormal_(1, 0), "logNormal_ expects std > 0.0, but found std=0"],
    [() => zeros(3).geometric_(0), "geometric_ expects p to be in (0, 1), but got p=0"],
    [() => zeros(3).exponential_(-1), "exponential_ expects lambda >= 0.0, but found lambda=-1"],
    [() => zeros(3).normal_(0, -1), "normal expects std >= 0.0, but found std -1"],
    [() => zeros(3).uniform_(2, 1), "uniform_ expects to return a [from, to) range, but found from=2 > to=1"],
    [() => zeros(3).bernoulli_(2), "bernoulli_ expects p to be in [0, 1], but got p=2"],
    [() => zeros(3).bernoulli_(zeros(3, { dtype: "int32" })), "\"bernoulli_tensor_cpu_p_\" not implemented for 'Int'"],
    [() => zeros(3).int().cauchy_(), "\"cauchy_\" not implemented for 'Int'"],
    [
      () => zeros(3).expand(2, 3).uniform_(),
      "more than one element of the written-to tensor refers to a single memory",
    ],
    [() => zeros(3).normal_("1" as never), "normal_(): argument 'mean' must be number, not string"],
    [() => randperm(300, { dtype: "uint8" }), "n cannot be greater than 256 for Byte type."],
    [() => randperm(3, { dtype: "bool" }), "\"randperm\" not implemented for 'Bool'"],
    [() => normal(tensor([0]), tensor([-1])), "normal expects all elements of std >= 0.0"],
  ])("%s", (call, text) => {
    expect(call).toThrow(text);
  });
});
