import { describe, expect, it } from "vitest";
import {
  asTensor,
  canCast,
  concat,
  detach,
  ger,
  numel,
  ones,
  promoteTypes,
  resultType,
  rowStack,
  tensor,
  zeros,
} from "../src/index.js";

describe("further names of torch", () => {
  it("are the operators they name", () => {
    const x = tensor([1, 2]);
    expect(concat([x, x]).tolist()).toEqual([1, 2, 1, 2]);
    expect(rowStack([x, x]).shape).toEqual([2, 2]);
    expect(ger(x, x).tolist()).toEqual(x.ger(x).tolist());
    expect(numel(ones(2, 3))).toBe(6);
    const leaf = tensor([1], { requiresGrad: true });
    expect(detach(leaf.mul(2)).requiresGrad).toBe(false);
  });

  it("asTensor keeps what fits, and converts with the gradient", () => {
    const x = tensor([1], { requiresGrad: true });
    expect(asTensor(x)).toBe(x);
    asTensor(x, { dtype: "float64" }).sum().backward();
    expect(x.grad?.tolist()).toEqual([1]);
    expect(asTensor([1, 2], { dtype: "int32" }).dtype).toBe("int32");
    expect(asTensor(Float64Array.of(1)).dtype).toBe("float64");
  });

  it("tell dtypes as PyTorch does", () => {
    expect(promoteTypes("int32", "float16")).toBe("float16");
    expect(promoteTypes("uint8", "int8")).toBe("int16");
    expect(canCast("float32", "int32")).toBe(false);
    expect(canCast("int64", "float16")).toBe(true);
    expect(resultType(tensor([1], { dtype: "int32" }), 1.5)).toBe("float32");
    expect(resultType(tensor([1], { dtype: "float32" }), tensor(1, { dtype: "float64" }))).toBe("float32");
  });
});

describe("fillDiagonal_", () => {
  it("fills the one diagonal", () => {
    expect(zeros(2, 3).fillDiagonal_(5).tolist()).toEqual([
      [5, 0, 0],
      [0, 5, 0],
    ]);
    expect(zeros(3, 3, 3).fillDiagonal_(1).sum().item()).toBe(3);
  });

  it("wraps in tall matrices, as in PyTorch", () => {
    const column = (wrap: boolean) => zeros(7, 3).fillDiagonal_(1, wrap).argmax(1).tolist();
    expect(column(true)).toEqual([0, 1, 2, 0, 0, 1, 2]);
    expect(zeros(7, 3).fillDiagonal_(1, true).sum().item()).toBe(6);
    expect(zeros(7, 3).fillDiagonal_(1).sum().item()).toBe(3);
  });

  it("zeroes the gradient of what it overwrites", () => {
    const x = ones(2, 2, { requiresGrad: true });
    x.mul(2).fillDiagonal_(0).sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [0, 2],
      [2, 0],
    ]);
  });

  it("refuses vectors and unequal sizes", () => {
    expect(() => zeros(3).fillDiagonal_(1)).toThrow("dimensions must larger than 1");
    expect(() => zeros(2, 2, 3).fillDiagonal_(1)).toThrow("all dimensions of input must be of equal length");
  });
});
