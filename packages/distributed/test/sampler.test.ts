import { describe, expect, it } from "vitest";
import { DistributedSampler, type DistributedSamplerOptions } from "../src/index.js";

const sharesOf = (length: number, numReplicas: number, options: DistributedSamplerOptions = {}): number[][] =>
  Array.from({ length: numReplicas }, (_, rank) => {
    const sampler = new DistributedSampler({ length }, { numReplicas, rank, ...options });
    sampler.setEpoch(3);
    const share = [...sampler];
    expect(share).toHaveLength(sampler.length);
    return share;
  });

describe("DistributedSampler", () => {
  it("has the order of PyTorch 1.13's in epoch 3", () => {
    expect(sharesOf(10, 3)).toEqual([
      [6, 7, 1, 4],
      [0, 8, 9, 6],
      [3, 5, 2, 0],
    ]);
    expect(sharesOf(10, 3, { dropLast: true })).toEqual([
      [6, 7, 1],
      [0, 8, 9],
      [3, 5, 2],
    ]);
    expect(sharesOf(11, 4, { seed: 5 })).toEqual([
      [10, 0, 6],
      [9, 1, 8],
      [2, 7, 5],
      [4, 3, 10],
    ]);
    expect(sharesOf(2, 5, { shuffle: false })).toEqual([[0], [1], [0], [1], [0]]);
    expect(sharesOf(12, 4, { shuffle: false })[1]).toEqual([1, 5, 9]);
  });

  it("refuses a rank that is none, and a world that nobody has joined", () => {
    expect(() => new DistributedSampler({ length: 4 }, 2, 2)).toThrow(
      "Invalid rank 2, rank should be in the interval [0, 1]",
    );
    expect(() => new DistributedSampler({ length: 4 })).toThrow(
      "Default process group has not been initialized, please make sure to call initProcessGroup.",
    );
  });
});
