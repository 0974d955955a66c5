import { IndexError, ShapeError } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { ArgumentError, arange, type Index, KindlingError, slice, type Tensor, tensor, zeros } from "../src/index.js";

const int = (values: number | number[]): Tensor => tensor(values, { dtype: "int32" });
const matrix = (): Tensor => arange(12).reshape(3, 4);
const cube = (): Tensor => arange(24).reshape(2, 3, 4);

describe("at", () => {
  it.each<[string, Tensor, Index[], unknown]>([
    ["a number", matrix(), [-1], [8, 9, 10, 11]],
    [
      "slices as text",
      matrix(),
      ["1:3", "::2"],
      [
        [4, 6],
        [8, 10],
      ],
    ],
    ["a slice", matrix(), [slice(1, null, 2), slice(2)], [[4, 5]]],
    ["an ellipsis and a new dimension", matrix(), ["...", 0, null], [[0], [4], [8]]],
    ["a list", matrix(), [[0, 2], 1], [1, 9]],
    [
      "two lists",
      matrix(),
      [
        [0, 2],
        [1, 3],
      ],
      [1, 11],
    ],
    [
      "lists apart from each other: their dimension comes first",
      cube(),
      [[0, 1], ":", [1, 2]],
      [
        [1, 5, 9],
        [14, 18, 22],
      ],
    ],
    [
      "lists side by side: it stays in its place",
      cube(),
      [":", [0, 1], [1, 2]],
      [
        [1, 6],
        [13, 18],
      ],
    ],
    [
      "a tensor of one number is that number",
      cube(),
      [int(0), ":", [1, 2]],
      [
        [1, 2],
        [5, 6],
        [9, 10],
      ],
    ],
    ["a number beside a list", cube(), [[0], ":", 0], [[0, 4, 8]]],
    ["int64 indices", matrix(), [int([2, -3]).long(), 0], [8, 0]],
    ["int8 indices", matrix(), [int([0, -1]).char(), 0], [0, 8]],
    ["uint8, which is an old kind of mask", matrix(), [int([0, 1, 1]).byte(), 0], [4, 8]],
    ["a mask", matrix(), [matrix().gt(9)], [10, 11]],
    [
      "a mask of two dimensions beside a list",
      cube(),
      [
        tensor([
          [true, false, true],
          [false, false, true],
        ]),
        [0],
      ],
      [0, 8, 20],
    ],
    ["true", arange(2), [true], [[0, 1]]],
    ["false", arange(2), [false], []],
    ["a mask of one element", tensor(5), [tensor(true)], [5]],
    ["nothing", arange(2), [], [0, 1]],
    ["an empty list", arange(2), [[]], []],
  ])("%s", (_, x, indices, want) => {
    expect(x.at(...indices).tolist()).toEqual(want);
  });

  it.each<[string, Index[], boolean]>([
    ["a number", [0], true],
    ["a slice", ["::2"], true],
    ["a tensor of one number", [int(0)], true],
    ["two of them", [int(0), int(1)], true],
    ["nothing", [], true],
    ["a list", [[0]], false],
    ["a mask", [tensor([true, false, false])], false],
  ])("%s gives a view: %s %s", (_, indices, view) => {
    const x = matrix();
    x.at(...indices).fill_(-7);
    expect(x.min().item() === -7).toBe(view);
  });

  it.each<[Tensor, unknown[], string]>([
    [matrix(), [3], "index 3 is out of bounds for dimension 0 with size 3"],
    [matrix(), [0, 4], "index 4 is out of bounds for dimension 1 with size 4"],
    [matrix(), [null, 0, 4], "index 4 is out of bounds for dimension 1 with size 4"],
    [matrix(), [0, [4]], "index 4 is out of bounds for dimension 1 with size 4"],
    [matrix(), [0, 0, 0], "too many indices for tensor of dimension 2"],
    [matrix(), ["...", "..."], "an index can only have a single ellipsis ('...')"],
    [tensor(5), [0], "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number"],
    [tensor(5), [":"], "slice() cannot be applied to a 0-dim tensor."],
    [matrix(), ["::0"], "slice step cannot be zero"],
    [matrix(), ["::-1"], "step must be greater than zero"],
    [matrix(), [tensor([0.5])], "tensors used as indices must be integer or bool tensors"],
    [matrix(), [1.5], "1.5 is not a whole number"],
    [matrix(), [{}], "are valid indices (got object)"],
    [matrix(), [undefined], "are valid indices (got undefined)"],
    [matrix(), ["a"], '"a" is not an index'],
    [
      matrix(),
      [
        [0, 1],
        [0, 1, 2],
      ],
      "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]",
    ],
    [
      cube(),
      [0, [true, false]],
      "The shape of the mask [2] at index 0 does not match the shape of the indexed tensor [3, 4] at index 0",
    ],
  ])("refuses %# %s", (x, indices, text) => {
    const call = (): Tensor => x.at(...(indices as Index[]));
    expect(call).toThrow(text);
    expect(call).toThrow(KindlingError);
  });
});

describe("setAt", () => {
  it("writes where at reads, numbers, arrays and tensors", () => {
    const x = zeros(2, 3);
    expect(x.setAt([":", 0], tensor([1, 2]))).toBe(x);
    x.setAt([0, "1:"], [5, 6]);
    x.setAt([[[1]], 2], 9);
    expect(x.tolist()).toEqual([
      [1, 5, 6],
      [2, 0, 9],
    ]);
    x.setAt(x.gt(4), 0);
    x.setAt(0, tensor([[7, 8, 9]])); // leading dimensions of size 1 are no matter
    expect(x.tolist()).toEqual([
      [7, 8, 9],
      [2, 0, 0],
    ]);
  });

  it("adds with accumulate, repeated indices too", () => {
    const x = zeros(3);
    x.setAt([[0, 0, 1]], tensor([1, 2, 3]), { accumulate: true });
    expect(x.tolist()).toEqual([3, 3, 0]);
  });

  it("keeps int64 exact", () => {
    const x = zeros(2, { dtype: "int64" });
    x.setAt(0, 2n ** 60n + 1n);
    x.setAt([[1]], 2n ** 60n + 3n);
    expect(x.tolist()).toEqual([2n ** 60n + 1n, 2n ** 60n + 3n]);
  });

  it.each<[() => unknown, typeof KindlingError, string]>([
    [() => zeros(3).setAt(5, 1), IndexError, "index 5 is out of bounds for dimension 0 with size 3"],
    [
      () => zeros(3, 4).setAt(tensor([true, false, true]), tensor([1, 2])),
      ShapeError,
      "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [2, 4]",
    ],
    [
      () => zeros(2, 3).setAt([":", 0], tensor([1, 2, 3])),
      ShapeError,
      "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 0.  Target sizes: [2].  Tensor sizes: [3]",
    ],
    [
      () => zeros(3).setAt(0, [1, 2]),
      ShapeError,
      "expand(FloatTensor{[2]}, size=[]): the number of sizes provided (0) must be greater or equal to the number of dimensions in the tensor (1)",
    ],
    [
      () => zeros(3).int().setAt(0, Number.NaN),
      KindlingError,
      "value cannot be converted to type int32 without overflow",
    ],
    [() => (zeros(3).setAt as (i: number) => unknown)(0), ArgumentError, "setAt() missing required argument: 'value'"],
  ])("refuses %#", (call, kind, text) => {
    expect(call).toThrow(text);
    expect(call).toThrow(kind);
  });
});
