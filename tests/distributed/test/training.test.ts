import { beforeAll, describe, expect, it } from "vitest";
import { hasMpi, ranksOf } from "../src/mpirun.js";

interface Run {
  losses: number[];
  names: string[];
  weights: unknown[];
}
type Report = Record<"float64" | "uneven" | "float32", Run>;

const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;

let one: Report;
beforeAll(async () => {
  if (hasMpi) [one] = await ranksOf<Report>(1, "training.mjs");
}, 120_000);

describe.skipIf(!hasMpi).each([2, 4])("DistributedDataParallel on %i ranks", (ranks) => {
  let several: Report[];
  beforeAll(async () => {
    several = await ranksOf<Report>(ranks, "training.mjs");
  }, 120_000);

  it.each([
    ["float64", 1e-6],
    ["uneven", 1e-6],
    ["float32", 1e-4],
  ] as const)("has the losses of one rank over 100 steps: %s", (name, bound) => {
    const { losses: expected } = one[name];
    expect(expected).toHaveLength(100);
    expect(mean(expected.slice(-10))).toBeLessThan(mean(expected.slice(0, 10)) / 2);
    for (const report of several) {
      const { losses, names, weights } = report[name];
      expect(Math.max(...losses.map((loss, i) => Math.abs(loss - expected[i])))).toBeLessThan(bound);
      expect(weights).toEqual(several[0][name].weights);
      expect(names).toEqual(["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"]);
    }
  });
});
