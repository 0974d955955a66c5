import { describe, expect, it } from "vitest";
import {
  adjoint,
  asTensor,
  canCast,
  concat,
  detach,
  ger,
  igamma,
  igammac,
  inferenceMode,
  isFloatingPoint,
  isInference,
  isNonzero,
  isSameSize,
  isSigned,
  numel,
  ones,
  promoteTypes,
  resultType,
  rowStack,
  type Tensor,
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

describe("names of tensors that are not complex", () => {
  // PyTorch 1.13.1
  it.each([
    [[], [], []],
    [
      [2, 3],
      [3, 2],
      [3, 2],
    ],
    [[2, 2, 3], [2, 3, 2], null],
  ])("adjoint, mH, H of %j", (shape, batched, single) => {
    const x = ones(shape).cumsum(-1);
    expect(x.adjoint().shape).toEqual(batched);
    expect(x.mH.tolist()).toEqual(x.mT.tolist());
    if (single) expect(x.H.tolist()).toEqual(x.mT.tolist());
  });

  it("refuse what is no matrix, as PyTorch does", () => {
    const text = " is only supported on matrices or batches of matrices. Got 1-D tensor.";
    expect(() => ones(2).adjoint()).toThrow(`tensor.adjoint()${text}`);
    expect(() => adjoint(ones(2))).toThrow(`tensor.adjoint()${text}`);
    expect(() => ones(2).mH).toThrow(`tensor.mH${text}`);
    expect(() => ones(2).H).toThrow("tensor.H is only supported on matrices (2-D tensors). Got 1-D tensor.");
    expect(() => ones(2, 2, 3).H).toThrow("Got 3-D tensor. For batches of matrices, consider using tensor.mH");
  });

  it("are views with a gradient", () => {
    const x = ones(2, 3).requiresGrad_();
    expect(x.H.gradFn?.name).toBe("TransposeBackward0");
    x.mH
      .mul(
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      )
      .sum()
      .backward();
    expect(x.grad?.tolist()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });
});

describe("questions to tensors", () => {
  it("isNonzero", () => {
    expect([0.5, Number.NaN, -0, 3].map((v) => tensor([[v]]).isNonzero())).toEqual([true, true, false, true]);
    expect(isNonzero(tensor(false))).toBe(false);
    expect(zeros(1, { dtype: "int64" }).isNonzero()).toBe(false);
    expect(ones(1, { dtype: "int64" }).isNonzero()).toBe(true);
    expect(() => ones(2).isNonzero()).toThrow("Boolean value of Tensor with more than one value is ambiguous");
    expect(() => ones(0).isNonzero()).toThrow("Boolean value of Tensor with no values is ambiguous");
  });

  it("isSigned, isFloatingPoint, isSameSize, isInference, nelement, ndimension", () => {
    const dtypes = ["float32", "float16", "int64", "int8", "uint8", "bool"] as const;
    expect(dtypes.map((dtype) => isSigned(ones(1, { dtype })))).toEqual([true, true, true, true, false, false]);
    expect(dtypes.map((dtype) => isFloatingPoint(ones(1, { dtype })))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(ones(2, 3).isSameSize(ones(3, 2))).toBe(false);
    expect(ones(2, 3).isSameSize(ones(2))).toBe(false);
    expect(isSameSize(ones(2, 3), ones(2, 3, { dtype: "int32" }))).toBe(true);
    expect([isInference(ones(1)), inferenceMode(() => isInference(ones(1)))]).toEqual([false, true]);
    expect([ones(2, 4, 3).nelement(), ones(2, 4, 3).ndimension()]).toEqual([24, 3]);
  });
});

describe("igamma and igammac", () => {
  it("are special.gammainc and gammaincc, in place too", () => {
    const [a, x] = [tensor([0.5, 2]), tensor([1, 3])];
    const digits = (t: Tensor): number[] => t.tolist().map((v: number) => Number(v.toFixed(4)));
    expect(digits(igamma(a, x))).toEqual([0.8427, 0.8009]); // PyTorch 1.13.1
    expect(digits(a.igammac(x))).toEqual([0.1573, 0.1991]);
    expect(igammac(a, x).tolist()).toEqual(a.clone().igammac_(x).tolist());
    expect(digits(a.igamma_(x))).toEqual([0.8427, 0.8009]);
    expect(digits(a)).toEqual([0.8427, 0.8009]);
  });
});
