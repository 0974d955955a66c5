import { beforeAll, describe, expect, it } from "vitest";
import { hasMpi, ranksOf } from "../src/mpirun.js";

// biome-ignore lint/suspicious/noExplicitAny: as the program reports it
type Report = any;

describe.skipIf(!hasMpi)("DistributedDataParallel", () => {
  let ranks: Report[];
  beforeAll(async () => {
    ranks = await ranksOf(2, "behaviour.mjs");
  }, 120_000);

  it("accumulates under noSync, and averages behind it", () => {
    expect(ranks.map((r) => r.accumulated)).toEqual([
      [1, 11, 166.5],
      [2, 22, 166.5],
    ]);
  });

  it("finds parameters that a pass leaves out", () => {
    // each branch has the gradient of one rank, and half of it in the mean; nobody's has none
    const grads = { "common.weight": 1.5, "first.weight": 0.5, "second.weight": 1, "idle.weight": null };
    expect(ranks.map((r) => r.branches)).toEqual([grads, grads]);
  });

  it("says which parameters a pass has left out", () => {
    for (const { unused } of ranks) {
      expect(unused).toContain("DistributedError: Expected to have finished reduction in the prior iteration");
      expect(unused).toContain("`findUnusedParameters: true`");
      expect(unused).toMatch(/Parameter indices which did not receive grad: 2 3$/);
    }
  });

  it("keeps buffers equal, and the names of the module", () => {
    const [one, other] = ranks.map((r) => r.statistics);
    expect(one).toEqual(other);
    expect(one[1]).toBe(3);
    expect(one[0][0]).not.toEqual(one[0][1]);
    expect(one[2]).toEqual(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
    expect(ranks[0].modes).toEqual([false, false]);
  });

  it("joins loops of different lengths", () => {
    // two steps of the mean gradient (0.25 + 0.5) / 2, two of 0.5 / 2
    expect(ranks.map((r) => r.joined)).toEqual([
      [2, -0.25],
      [4, -0.25],
    ]);
  });

  it("takes a loader's share by DistributedSampler", () => {
    for (const { loaded } of ranks) {
      const [[first, second], seen, length] = loaded;
      expect(first).not.toEqual(second);
      expect(seen).toEqual(new Array(10).fill(1));
      expect(length).toBe(3);
    }
  });

  it("refuses modules that differ", () => {
    for (const { different } of ranks)
      expect(different).toMatch(/^DistributedError: .* rank 1 has others than rank 0$/);
  });
});
