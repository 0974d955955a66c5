import { type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { defaultCollate } from "../src/index.js";

const summary = (t: unknown): unknown => [(t as Tensor).dtype, (t as Tensor).tolist()];

describe("defaultCollate", () => {
  it("makes tensors of numbers and booleans", () => {
    expect(summary(defaultCollate([1, 2, -3]))).toEqual(["int32", [1, 2, -3]]);
    expect(summary(defaultCollate([1, 2.5]))).toEqual(["float32", [1, 2.5]]);
    expect(summary(defaultCollate([true, false]))).toEqual(["bool", [true, false]]);
    expect(summary(defaultCollate([1n, 2n]))).toEqual(["int64", [1, 2]]);
    expect(summary(defaultCollate([1, 2 ** 40]))).toEqual(["int64", [1, 2 ** 40]]);
  });

  it("stacks tensors and typed arrays", () => {
    expect(summary(defaultCollate([tensor([1, 2]), tensor([3, 4])]))).toEqual([
      "float32",
      [
        [1, 2],
        [3, 4],
      ],
    ]); // prettier-ignore
    expect(summary(defaultCollate([new Int16Array([1]), new Int16Array([2])]))).toEqual(["int16", [[1], [2]]]);
    expect(() => defaultCollate([zeros(2), zeros(3)])).toThrow(
      "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1",
    );
  });

  it("goes into arrays and records and leaves strings", () => {
    const batch = defaultCollate([
      { name: "a", size: [1, 0.5] },
      { name: "b", size: [2, 1] },
    ]);
    expect(batch.name).toEqual(["a", "b"]);
    expect(batch.size.map(summary)).toEqual([
      ["int32", [1, 2]],
      ["float32", [0.5, 1]],
    ]); // prettier-ignore
    expect(() => defaultCollate([[1], [1, 2]])).toThrow("each element in list of batch should be of equal size");
    expect(() => defaultCollate<object>([{ a: 1 }, { b: 1 }])).toThrow("should have the key 'a'");
  });

  it("refuses other kinds", () => {
    expect(() => defaultCollate([null])).toThrow("found null");
    expect(() => defaultCollate([new Date()])).toThrow("found Date");
    expect(() => defaultCollate([])).toThrow("found undefined");
    expect(() => defaultCollate<unknown>([zeros(1), 2])).toThrow("should be a tensor as the first is; found 2");
  });
});
