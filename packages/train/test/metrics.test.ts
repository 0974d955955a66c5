import { readFileSync } from "node:fs";
import { ShapeError, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { accuracy, classScores, confusionMatrix, Mean, meanScores, topKAccuracy } from "../src/index.js";

/** scikit-learn's figures: see fixtures/metrics.py. */
interface Case {
  scores: number[][];
  target: number[];
  classes: number;
  confusion: number[][];
  accuracy: number;
  each: [precision: number[], recall: number[], f1: number[]];
  macro: [precision: number, recall: number, f1: number];
  weighted: [precision: number, recall: number, f1: number];
  top2: number;
}
const cases: Case[] = JSON.parse(readFileSync(new URL("./fixtures/metrics.json", import.meta.url), "utf8"));

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 12);
};

describe.each(cases.map((it, i) => [i, it] as const))("scikit-learn's case %i", (_, it_) => {
  const { scores, target, classes, confusion } = it_;
  const [s, t] = [tensor(scores), tensor(target, { dtype: "int64" })];
  const counts = confusionMatrix(s, t, classes);

  it("has the same confusion matrix, from scores, from classes and batch by batch", () => {
    expect(counts).toEqual(confusion);
    expect(confusionMatrix(s.argmax(1), t, classes)).toEqual(confusion);
    let sum: number[][] | undefined;
    for (let i = 0; i < target.length; i += 7) {
      sum = confusionMatrix(s.at(`${i}:${i + 7}`), t.at(`${i}:${i + 7}`), classes, sum);
    }
    expect(sum).toEqual(confusion);
  });

  it("has the same figures", () => {
    expect(accuracy(counts)).toBeCloseTo(it_.accuracy, 12);
    const each = classScores(counts);
    close(
      each.map(({ precision }) => precision),
      it_.each[0],
    );
    close(
      each.map(({ recall }) => recall),
      it_.each[1],
    );
    close(
      each.map(({ f1 }) => f1),
      it_.each[2],
    );
    for (const average of ["macro", "weighted"] as const) {
      const { precision, recall, f1 } = meanScores(counts, average);
      close([precision, recall, f1], it_[average]);
    }
    expect(topKAccuracy(s, t, 2)).toBeCloseTo(it_.top2, 12);
    expect(topKAccuracy(s, t, classes)).toBe(1);
  });
});

it("counts nothing of a batch that cannot be", () => {
  const counts = confusionMatrix(tensor([0, 1], { dtype: "int64" }), tensor([0, 1], { dtype: "int64" }), 2);
  const int = (...values: number[]) => tensor(values, { dtype: "int64" });
  expect(() => confusionMatrix(int(0, 2), int(0, 1), 2, counts)).toThrow("prediction 1 is 2, which is no class");
  expect(() => confusionMatrix(int(0, 1), int(0, -1), 2, counts)).toThrow("target 1 is -1, which is no class");
  expect(() => confusionMatrix(int(0), int(0, 1), 2, counts)).toThrow("1 predictions for 2 targets");
  expect(counts).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(
    accuracy([
      [0, 0],
      [0, 0],
    ]),
  ).toBe(0);
  expect(() => topKAccuracy(zeros(2, 3), int(0, 1), 4)).toThrow("k must be from 1 to 3");
  expect(() => topKAccuracy(zeros(2, 3), int(0), 1)).toThrow("topKAccuracy expects");
});

it("counts each place of pictures, and takes no scores of other classes for them", () => {
  const scores = tensor([
    [
      [0.1, 0.9],
      [0.2, 0.3],
    ],
    [
      [0.5, 0.4],
      [0.1, 0.8],
    ],
  ]); // (N, C, L)
  const target = tensor(
    [
      [1, 0],
      [1, 1],
    ],
    { dtype: "int64" },
  );
  const counts = [
    [1, 0],
    [1, 2],
  ];
  expect(confusionMatrix(scores, target, 2)).toEqual(counts); // largest over dimension 1: [[1, 0], [0, 1]]
  expect(confusionMatrix(scores.argmax(1), target, 2)).toEqual(counts);
  const labels = tensor([0, 1, 1], { dtype: "int64" });
  expect(() => confusionMatrix(zeros(3, 1), labels, 2)).toThrow(ShapeError); // logits of BCE are no scores of two classes
  expect(() => confusionMatrix(zeros(3), tensor([[0], [1], [1]], { dtype: "int64" }), 2)).toThrow(ShapeError);
  expect(() => confusionMatrix(labels, labels, 2, [[0]])).toThrow("counts of 1 classes for 2");
});

it("means values by their weights", () => {
  const mean = new Mean();
  expect(mean.value).toBeNaN();
  expect(mean.add(1, 3).add(5).value).toBe(2);
  expect(mean.weight).toBe(4);
  expect(() => mean.add(1, -1)).toThrow("a weight is 0 or more");
  mean.reset();
  expect(mean.add(7).value).toBe(7);
});
