import { expect, test } from "vitest";
import { confusionOf, figuresOf, majorityBaseline, topMistakes } from "../src/metrics.js";

const counts = [
  [50, 3, 2, 0],
  [10, 20, 5, 1],
  [0, 0, 0, 4],
  [7, 0, 0, 0],
];

test("the figures are those of PyTorch's program", () => {
  const figures = figuresOf(counts);
  expect(figures.total).toBe(102);
  expect(figures.accuracy).toBeCloseTo(0.68627451, 7);
  expect(figures.macroRecall).toBeCloseTo(0.36616162, 7);
  expect(figures.macroPrecision).toBeCloseTo(0.40395847, 7);
  expect(figures.macroF1).toBeCloseTo(0.37440956, 7);
  expect(figures.classes[3]).toEqual({ support: 7, recall: 0, precision: 0, f1: 0 });
});

test("the baseline answers the largest language always", () => {
  const baseline = majorityBaseline(counts);
  expect(baseline.accuracy).toBeCloseTo(55 / 102, 12);
  expect(baseline.macroRecall).toBe(0.25);
  expect(baseline.macroF1).toBeCloseTo((2 * (55 / 102)) / (1 + 55 / 102) / 4, 12);
});

test("a language without names has no part in the figures", () => {
  expect(
    figuresOf([
      [2, 0],
      [0, 0],
    ]),
  ).toMatchObject({ accuracy: 1, macroRecall: 1, macroF1: 1 });
});

test("mistakes are counted and sorted", () => {
  expect(confusionOf([0, 0, 1], Int32Array.of(0, 1, 1), 2)).toEqual([
    [1, 1],
    [0, 1],
  ]);
  expect(topMistakes(counts, 2)).toEqual([
    { truth: 1, predicted: 0, count: 10, share: 10 / 36 },
    { truth: 3, predicted: 0, count: 7, share: 1 },
  ]);
});
