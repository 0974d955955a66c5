import {
  aminmax,
  bincount,
  bucketize,
  combinations,
  cummax,
  cummin,
  gradient,
  histc,
  histogram,
  isin,
  kthvalue,
  logcumsumexp,
  logspace,
  median,
  mode,
  nanmedian,
  nanquantile,
  quantile,
  repeatInterleave,
  searchsorted,
  type Tensor,
  tensor,
  trapezoid,
  trilIndices,
  unique,
  uniqueConsecutive,
} from "@kindling/autograd";
import { describe, expect, it } from "vitest";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const ints = (values: readonly number[]): Tensor => tensor(values, { dtype: "int32" });
const lists = (results: Tensor | readonly Tensor[]): unknown[] => [results].flat().map((t) => (t as Tensor).tolist());

// PyTorch 1.13.1 printed the expected values
describe("order statistics", () => {
  it("take the lower middle, and NaN for the median unless it is ignored", () => {
    expect(lists(median(tensor([4, 1, 3, 2]), 0))).toEqual([2, 3]);
    expect(lists(median(tensor([1, nan, 2, nan]), 0))).toEqual([nan, 1]);
    expect(lists(nanmedian(tensor([1, nan, 2, nan]), 0))).toEqual([1, 0]);
    expect(lists(nanmedian(tensor([nan, nan]), 0))).toEqual([nan, 0]);
    expect(lists(kthvalue(tensor([1, nan, 2, nan]), 3, 0))).toEqual([nan, 1]);
    expect(() => kthvalue(tensor([1, 2]), 3)).toThrow("kthvalue(): selected number k out of range for dimension 0");
    expect(() => median(tensor([[], []]), 1)).toThrow("median(): Expected reduction dim 1 to have non-zero size.");
  });

  it("find the most frequent element, of equally frequent ones the smallest", () => {
    expect(lists(mode(tensor([3, 1, 3, 1, 2])))).toEqual([1, 3]);
    expect(lists(mode(tensor([[5, 5, nan, nan]]), 1, true))).toEqual([[[5]], [[1]]]);
  });

  it("share the gradient of the whole median, of a dimension's pick one", () => {
    const make = (): Tensor => tensor([2, 1, 2, 5], { requiresGrad: true });
    const [x, y] = [make(), make()];
    x.median().backward();
    expect(x.grad?.tolist()).toEqual([0.5, 0, 0.5, 0]);
    y.median(0)[0].backward();
    expect(y.grad?.tolist()).toEqual([1, 0, 0, 0]);
  });

  it("interpolate quantiles", () => {
    const x = tensor([1, 2, 3, 4]);
    const q = tensor([0, 0.25, 1]);
    expect(quantile(x, q).tolist()).toEqual([1, 1.75, 4]);
    expect(quantile(x, 0.5, { interpolation: "lower" }).item()).toBe(2);
    expect(quantile(x, 0.5, { interpolation: "higher" }).item()).toBe(3);
    expect(quantile(x, 0.5, { interpolation: "midpoint" }).item()).toBe(2.5);
    expect(quantile(tensor([nan, 1, 2]), q).tolist()).toEqual([nan, nan, nan]);
    expect(nanquantile(tensor([nan, 1, 2]), q).tolist()).toEqual([1, 1.25, 2]);
    expect(quantile(tensor([[1, 2], [3, 5]]), q, 0, true).shape).toEqual([3, 1, 2]); // biome-ignore format: a matrix
    expect(() => quantile(x, 1.5)).toThrow("quantile() q must be in the range [0, 1] but got 1.5");
    expect(() => quantile(x, 0.5, { interpolation: "cubic" as "linear" })).toThrow(
      "quantile() interpolation must be one of",
    );
  });
});

describe("running extremes and sums", () => {
  it("name the last of equal ones, and stay at NaN", () => {
    expect(lists(cummax(tensor([1, 1, nan, 2, nan, 3]), 0))).toEqual([
      [1, 1, nan, nan, nan, nan],
      [0, 1, 2, 2, 4, 4],
    ]);
    expect(lists(cummin(ints([2, 2, 3, 1]), 0))).toEqual([
      [2, 2, 2, 1],
      [0, 1, 1, 3],
    ]);
    expect(lists(aminmax(tensor([1, nan])))).toEqual([nan, nan]);
  });

  it("do not overflow", () => {
    const x = tensor([-inf, -1000, 1000, 0, 1000], { dtype: "float64" });
    expect(logcumsumexp(x, 0).tolist()).toEqual([-inf, -1000, 1000, 1000, 1000 + Math.log(2)]);
    expect(logcumsumexp(tensor([1, inf, 2]), 0).tolist()).toEqual([1, inf, inf]);
  });
});

describe("searching and counting", () => {
  it("finds places in rows and in one sequence", () => {
    const sorted = tensor([[1, 3, 5, 7], [2, 2, 2, 9]]); // biome-ignore format: a matrix
    const values = tensor([[0, 3, 8], [2, 5, nan]]); // biome-ignore format: a matrix
    expect(searchsorted(sorted, values).tolist()).toEqual([[0, 1, 4], [0, 3, 4]]); // biome-ignore format: a matrix
    expect(searchsorted(sorted, values, { right: true }).tolist()).toEqual([[0, 2, 4], [3, 3, 4]]); // biome-ignore format: a matrix
    expect(bucketize(tensor([3, 2.5]), tensor([1, 3, 5])).tolist()).toEqual([1, 1]);
    expect(searchsorted(tensor([1, 2, nan]), tensor([nan, 3, 0])).tolist()).toEqual([3, 2, 0]);
    expect(searchsorted(tensor([5, 1, 3]), 3, { sorter: ints([1, 2, 0]) }).item()).toBe(1);
    expect(() => searchsorted(sorted, 2)).toThrow(
      "input value can be a scalar only when boundaries tensor dimension is 1",
    );
  });

  it("knows members, NaN never", () => {
    expect(isin(tensor([1, nan, 3]), tensor([nan, 1])).tolist()).toEqual([true, false, false]);
    expect(isin(ints([1, 2]), 2, { invert: true }).tolist()).toEqual([true, false]);
    expect(isin(ints([1, 2]), tensor([])).tolist()).toEqual([false, false]);
  });

  it("gives each element once", () => {
    const options = { returnInverse: true, returnCounts: true };
    expect(lists(unique(ints([3, 1, 2, 1]), options))).toEqual([
      [1, 2, 3],
      [2, 0, 1, 0],
      [2, 1, 1],
    ]);
    expect(lists(uniqueConsecutive(ints([1, 1, 2, 1]), options))).toEqual([
      [1, 2, 1],
      [0, 0, 1, 2],
      [2, 1, 1],
    ]);
    const rows = ints([2, 1, 1, 5, 2, 1]).reshape(3, 2);
    expect(lists(unique(rows, { ...options, dim: 0 }))).toEqual([[[1, 5], [2, 1]], [1, 0, 1], [1, 2]]); // biome-ignore format: matrices
    expect(unique(tensor([9007199254740993n, 9007199254740992n])).tolist()).toEqual([
      9007199254740992n,
      9007199254740993n,
    ]);
    expect(lists(unique(tensor([nan, 1, nan]), options))).toEqual([
      [1, nan, nan],
      [1, 0, 2],
      [1, 1, 1],
    ]);
  });

  it("counts values", () => {
    expect(histc(tensor([1, 2, 1, 3]), 3).tolist()).toEqual([2, 1, 1]);
    expect(histc(tensor([2, 2]), 3).tolist()).toEqual([0, 2, 0]);
    expect(lists(histogram(tensor([1, 2, 4]), 2, { density: true }))[1]).toEqual([1, 2.5, 4]);
    expect(lists(histogram(tensor([0, 1, 2, 2.5]), tensor([0, 1, 2])))[0]).toEqual([1, 2]);
    expect(bincount(ints([1, 2, 2]), { minlength: 4 }).tolist()).toEqual([0, 1, 2, 0]);
    expect(bincount(ints([1, 2]), tensor([0.5, 2])).tolist()).toEqual([0, 0.5, 2]);
    expect(() => bincount(ints([-1]))).toThrow("bincount only supports 1-d non-negative integral inputs.");
    expect(() => histc(tensor([1, nan]))).toThrow("range of [nan, nan] is not finite");
  });
});

describe("differences, ranges and choices", () => {
  it("derive and integrate", () => {
    const [dy] = gradient(tensor([1, 4, 9, 16]), { spacing: [tensor([1, 2, 4, 5])] });
    expect(dy.tolist().map((v: number) => Number(v.toFixed(4)))).toEqual([3, 2.8333, 5.5, 7]);
    expect(trapezoid(tensor([1, 2, 4]), tensor([0, 1, 3])).item()).toBe(7.5);
    expect(() => trapezoid(tensor([1, 2]), { x: tensor([0, 1]), dx: 2 })).toThrow("x and dx exclude each other");
  });

  it("lists", () => {
    expect(combinations(ints([1, 2, 3])).tolist()).toEqual([
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(logspace(0, 3, 4, 2, { dtype: "int32" }).tolist()).toEqual([1, 2, 4, 8]);
    expect(trilIndices(2, 3, 1).tolist()).toEqual([
      [0, 0, 1, 1, 1],
      [0, 1, 0, 1, 2],
    ]);
    expect(repeatInterleave(tensor([5, 6]), ints([1, 2])).tolist()).toEqual([5, 6, 6]);
    expect(() => repeatInterleave(tensor([5, 6]), ints([1, 2]), { outputSize: 4 })).toThrow(
      "allocated size does not match required size",
    );
  });
});
