import { manualSeed, randn, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { plain, withoutLimits } from "./support.js";

withoutLimits();

const floats = ["float32", "float64"] as const;
const numbers = (t: Tensor): ArrayLike<number> => t.toTypedArray() as ArrayLike<number>;
const reduced = (x: Tensor, name: string, dim?: number | number[]): Tensor =>
  (x as unknown as Record<string, (dim?: number | number[]) => Tensor>)[name](dim);

/** That the result is within `bound` of the plain kernels', relative to the sizes of what was added. */
function close(x: Tensor, name: string, dim: number | number[] | undefined, bound: number): void {
  const ours = numbers(reduced(x, name, dim));
  const theirs = numbers(reduced(x.to(plain), name, dim));
  const scale = name === "sum" ? numbers(reduced(x.to(plain).abs(), name, dim)) : undefined;
  expect(ours.length).toBe(theirs.length);
  for (let i = 0; i < ours.length; i++) {
    if (Object.is(ours[i], theirs[i])) continue;
    expect(Math.abs(ours[i] - theirs[i])).toBeLessThanOrEqual(bound * (scale?.[i] ?? Math.abs(theirs[i])));
  }
}

const shapes: [number[], (number | number[] | undefined)[]][] = [
  [[1], [undefined]],
  [[7], [undefined, 0]],
  [[263], [undefined]],
  [[100_003], [undefined]],
  [
    [5, 3],
    [0, 1, undefined],
  ],
  [
    [67, 129],
    [0, 1],
  ],
  [
    [3, 20_001],
    [0, 1],
  ],
  [
    [9001, 3],
    [0, 1],
  ],
  [[40, 9001], [0]],
  [
    [4, 5, 6],
    [0, 1, 2, [0, 2], [0, 1], [1, 2]],
  ],
  [
    [3, 70, 130],
    [0, 1, 2, [0, 2], [0, 1], [1, 2]],
  ],
  [
    [3, 2, 20_001],
    [1, [0, 2]],
  ],
  [
    [2, 3, 4, 5],
    [
      [0, 2],
      [1, 3],
      [0, 2, 3],
      [1, 2],
      [0, 3],
    ],
  ],
];

describe.each(["sum", "amax", "amin"])("%s", (name) => {
  it.each(shapes)("of %j", (shape, dims) => {
    manualSeed(3);
    for (const dtype of floats) {
      const x = randn(shape, { dtype });
      // within sixteen additions in float32, rounded
      const bound = name === "sum" ? (dtype === "float32" ? 6e-7 : 1e-15) : 0;
      for (const dim of dims) {
        close(x, name, dim, bound);
        if (shape.length > 1)
          close(
            randn([...shape].reverse(), { dtype }).permute(...shape.map((_, i) => shape.length - 1 - i)),
            name,
            dim,
            bound,
          );
        close(randn([shape[0] + 1, ...shape.slice(1)], { dtype }).narrow(0, 1, shape[0]), name, dim, bound);
      }
    }
  });

  it("lets NaN and infinities through, wherever they are", () => {
    for (const dtype of floats) {
      for (const special of [NaN, Infinity, -Infinity]) {
        for (let at = 0; at < 37; at++) {
          const x = randn([37, 5], { dtype });
          x.select(0, at)
            .select(0, at % 5)
            .fill_(special);
          for (const dim of [0, 1]) close(x, name, dim, 6e-7);
          close(x, name, undefined, 6e-7);
        }
      }
    }
  });
});

it("prod", () => {
  for (const dtype of floats) {
    const x = randn([60, 7, 5], { dtype });
    for (const dim of [undefined, 0, 1, 2]) close(x, "prod", dim, dtype === "float32" ? 1e-6 : 1e-13);
  }
});

it.each(["argmax", "argmin"])("%s", (name) => {
  for (const dtype of floats) {
    for (const [shape, dims] of shapes) {
      // few different values: the first of equals counts
      for (const x of [randn(shape, { dtype }), randn(shape, { dtype }).mul(2).round()]) {
        for (const dim of dims) if (!Array.isArray(dim)) close(x, name, dim, 0);
      }
    }
    const x = zeros(40_000, { dtype });
    for (const at of [0, 1, 5, 16_383, 16_384, 39_999]) {
      const y = x.clone();
      y.narrow(0, at, 1).fill_(NaN);
      expect(reduced(y, name).item()).toBe(at);
      y.narrow(0, at, 1).fill_(name === "argmax" ? 1 : -1);
      expect(reduced(y, name).item()).toBe(at);
    }
    expect(reduced(tensor([-Infinity, -Infinity], { dtype }), name).item()).toBe(0);
    expect(reduced(tensor([Infinity, Infinity], { dtype }), name).item()).toBe(0);
  }
});

it("adds a million float32 as exactly as a cascade of sums", () => {
  manualSeed(5);
  const x = randn(1_000_000).abs();
  const exact = x.to("float64").to(plain).sum().item() as number;
  expect(Math.abs((x.sum().item() as number) - exact) / exact).toBeLessThan(1.2e-7);
});
