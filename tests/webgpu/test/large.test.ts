import { arange, manualSeed, randint, randn, type Tensor } from "@kindling/autograd";
import { beforeEach, describe, it, vi } from "vitest";
import { initWebGpu } from "../src/adapter.js";
import { compare } from "../src/compare.js";

// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });
const missing = await initWebGpu();
beforeEach(() => {
  manualSeed(3);
});

/** Sizes at which kernels take several passes. */
describe.skipIf(missing)(`large on webgpu${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const cases: Record<string, [Tensor | (() => Tensor), (x: Tensor) => Tensor | readonly Tensor[]]> = {
    "a sum of all": [() => randn([300_001]), (x) => x.sum()],
    "a sum of columns": [() => randn([20_000, 7]), (x) => x.sum(0)],
    "a sum of long rows": [() => randn([3, 100_000]), (x) => x.sum(1)],
    "a sum over outer and inner dimensions": [() => randn([40, 5, 900]), (x) => x.sum([0, 2])],
    "a sum of a transposed matrix": [() => randn([3000, 11]), (x) => x.transpose(0, 1).sum(1)],
    "a product": [() => randint(1, 2, [70_000], { dtype: "int32" }), (x) => x.prod()],
    "a maximum and a minimum": [() => randn([90_000]), (x) => [x.max(), x.min()]],
    "where the largest is": [() => randint(0, 50_000, [120_000]), (x) => [x.argmax(), x.argmin()]],
    "where the largest of rows and columns is": [
      () => randn([6000, 12]),
      (x) => [x.argmax(0), x.argmin(1), x.transpose(0, 1).argmax(1)],
    ],
    "running sums of long lanes": [() => randn([2, 30_000]), (x) => [x.cumsum(1), x.cumsum(0)]],
    "running maxima": [() => randint(0, 1_000_000, [20_000]), (x) => x.cummax(0)[0]],
    "running sums of many lanes": [() => randn([90, 5000]), (x) => x.cumsum(0)],
    "a sort of many": [() => randn([70_001]), (x) => [...x.sort(0)]],
    "a sort of ties, largest first": [() => randint(0, 9, [2, 9000]), (x) => [...x.sort(1, true)]],
    "a sort along the first dimension": [() => randn([2500, 3]), (x) => [...x.sort(0)]],
    "elements at repeated places": [
      () => randn([60_000]),
      (x) => x.newZeros([9]).indexAdd(0, arange(60_000).remainder(9).to(x.device), x),
    ],
  };
  it.each(Object.entries(cases))("%s", async (_, [make, f]) => {
    const x = typeof make === "function" ? make() : make;
    await compare("webgpu", (bring) => [f(bring(x))].flat() as Tensor[], 1e-4);
  });
});
