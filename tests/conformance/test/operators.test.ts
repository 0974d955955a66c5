import * as kindling from "@kindling/autograd";
import { manualSeed, rand, type Tensor, tensor } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { beforeEach, describe, expect, it } from "vitest";

// Operators that are made of many primitives, on a device that cannot be read at once: values and gradients are the CPU's.
registerOpaqueBackend();
beforeEach(() => {
  manualSeed(1);
});

type Run = (x: Tensor, y: Tensor) => Tensor | Tensor[];
const on = (t: Tensor, like: Tensor): Tensor => t.to(like.device);
const index = (like: Tensor, values: readonly number[]): Tensor => on(tensor(values, { dtype: "int32" }), like);
const {
  aminmax,
  bucketize,
  combinations,
  cumulativeTrapezoid,
  diff,
  gradient,
  histc,
  isin,
  quantile,
  repeatInterleave,
  searchsorted,
} = kindling;

/** Of `x (3, 4)` and `y (3, 4)`. */
const runs: Record<string, Run> = {
  cummax: (x) => x.cummax(1),
  cummin: (x) => x.cummin(0),
  cumprod: (x) => x.cumprod(1),
  logcumsumexp: (x) => x.logcumsumexp(1),
  kthvalue: (x) => x.kthvalue(2),
  median: (x) => [x.median(), ...x.median(1), ...x.nanmedian(0)],
  mode: (x) => x.mul(2).floor().mode(),
  quantile: (x) => [quantile(x, 0.3), quantile(x, on(tensor([0.2, 0.7]), x), 1)],
  aminmax: (x) => aminmax(x, { dim: 1 }),
  searchsorted: (x, y) => [
    searchsorted(x.sort()[0], y),
    bucketize(y, on(tensor([0.2, 0.5]), x)),
    isin(x, x.select(0, 1)),
  ],
  histc: (x) => histc(x, 4, 0, 1),
  diff: (x) => [diff(x), ...gradient(x, { edgeOrder: 2 }), cumulativeTrapezoid(x)],
  scatterReduce: (x, y) =>
    (["sum", "prod", "mean", "amax", "amin"] as const).map((reduce) =>
      x.scatterReduce(1, index(x, [0, 1, 1, 3, 2, 0, 0, 0, 3, 3, 1, 2]).reshape(3, 4), y, reduce, {
        includeSelf: false,
      }),
    ),
  indexReduce: (x, y) => x.indexReduce(0, index(x, [2, 0, 2]), y, "amax"),
  put: (x, y) => x.put(index(x, [0, -1]), y.at(0, "0:2")),
  maskedScatter: (x, y) => x.maskedScatter(x.gt(0.5), y),
  selectScatter: (x, y) => x.selectScatter(y.select(0, 0), 0, 1),
  repeatInterleave: (x) => repeatInterleave(x, index(x, [1, 0, 2]), 0, { outputSize: 3 }),
  combinations: (x) => combinations(x.select(0, 0)),
  renorm: (x) => x.renorm(2, 0, 0.5),
  unfold: (x) => x.unfold(1, 2, 1),
};

describe.each(Object.entries(runs))("%s", (_, run) => {
  const results = async (device: string) => {
    const leaves = [rand(3, 4), rand(3, 4)].map((t) => t.to(device).requiresGrad_());
    const outs = [run(leaves[0], leaves[1])].flat();
    const read = async (t: Tensor | null) => (t === null ? null : Array.from((await t.cpu()).toTypedArray(), Number));
    const values = await Promise.all(outs.map((t) => read(t.detach())));
    const tracked = outs.filter((t) => t.requiresGrad);
    for (const t of tracked) t.sum().backward({ retainGraph: true });
    return [...values, ...(await Promise.all(leaves.map((t) => read(t.grad))))];
  };

  it("gives the same on a device without synchronous reads", async () => {
    const near = await results("cpu");
    manualSeed(1);
    const far = await results("opaque");
    expect(far.length).toBe(near.length);
    far.forEach((values, i) => {
      expect(values?.length).toBe(near[i]?.length);
      values?.forEach((v, k) => {
        expect(v).toBeCloseTo(near[i]?.[k] as number, 5);
      });
    });
  });
});

it("operators whose shape depends on data name the way out", () => {
  const x = rand(4).to("opaque");
  for (const run of [() => x.unique(), () => x.argwhere(), () => x.to("int32").bincount(), () => histc(x)]) {
    expect(run).toThrow("await x.cpu()");
  }
});
