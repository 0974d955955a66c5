import { describe, expect, it } from "vitest";
import {
  arange,
  bernoulli,
  cat,
  type DType,
  DTypeError,
  full,
  maximum,
  ones,
  pow,
  randint,
  randperm,
  stack,
  tensor,
  where,
  zeros,
} from "../src/index.js";

const of = (dtype: DType) => ones(2, { dtype });
const scalar = (dtype: DType) => ones([], { dtype });

describe("dtypes of new tensors", () => {
  it("numbers are float32, booleans bool, typed arrays their own kind", () => {
    expect(tensor([1, 2, 3]).dtype).toBe("float32");
    expect([full(2, 3), zeros(2), ones(2), tensor(0.5)].map((t) => t.dtype)).toEqual(new Array(4).fill("float32"));
    expect([tensor([true]), full(2, false)].map((t) => t.dtype)).toEqual(["bool", "bool"]);
    expect(tensor([1n]).dtype).toBe("int64");
    const kinds = [Float32Array, Float64Array, Int32Array, Int16Array, Int8Array, Uint8Array] as const;
    expect(kinds.map((Kind) => tensor(new Kind(2)).dtype)).toEqual([
      "float32",
      "float64",
      "int32",
      "int16",
      "int8",
      "uint8",
    ]);
    expect(tensor(new BigInt64Array(1)).dtype).toBe("int64");
  });

  it("the default integer is int32", () => {
    expect([arange(3), randint(5, [2]), randperm(3), ones(3).argmax(), ones(3).sort()[1]].map((t) => t.dtype)).toEqual(
      new Array(5).fill("int32"),
    );
    expect(arange(0, 1, 0.5).dtype).toBe("float32");
    expect([of("bool").sum(), of("int16").sum(), of("uint8").cumsum(0), of("bool").prod()].map((t) => t.dtype)).toEqual(
      new Array(4).fill("int32"),
    );
    expect([of("int64").sum(), of("int64").cumsum(0)].map((t) => t.dtype)).toEqual(["int64", "int64"]);
    expect(of("bool").add(1).dtype).toBe("int32");
  });
});

describe("promotion", () => {
  it.each<[DType, DType, DType]>([
    ["float32", "float64", "float64"],
    ["float16", "bfloat16", "float32"],
    ["int64", "float32", "float32"],
    ["int64", "float16", "float16"],
    ["int32", "int64", "int64"],
    ["uint8", "int8", "int16"],
    ["uint8", "int16", "int16"],
    ["bool", "uint8", "uint8"],
    ["bool", "float32", "float32"],
  ])("%s with %s is %s", (a, b, want) => {
    expect(of(a).add(of(b)).dtype).toBe(want);
    expect(of(b).mul(of(a)).dtype).toBe(want);
    expect([cat([of(a), of(b)]), stack([of(a), of(b)]), maximum(of(a), of(b))].map((t) => t.dtype)).toEqual([
      want,
      want,
      want,
    ]);
    expect(where(tensor([true, false]), of(a), of(b)).dtype).toBe(want);
  });

  it("numbers count as Python's: whole ones as integers, others as floats", () => {
    expect([of("int64").add(2), of("uint8").mul(3), of("float16").add(2)].map((t) => t.dtype)).toEqual([
      "int64",
      "uint8",
      "float16",
    ]);
    expect([of("int64").add(0.5), of("bool").mul(0.5)].map((t) => t.dtype)).toEqual(["float32", "float32"]);
    expect([of("float64").mul(0.1), of("float16").mul(0.1)].map((t) => t.dtype)).toEqual(["float64", "float16"]);
    expect([of("bool").add(true), of("uint8").add(true)].map((t) => t.dtype)).toEqual(["bool", "uint8"]);
    expect(pow(2, of("int32")).dtype).toBe("int32");
  });

  it("0-dimensional tensors give way within their category", () => {
    expect(of("float32").add(scalar("float64")).dtype).toBe("float32");
    expect(of("int32").add(scalar("int64")).dtype).toBe("int32");
    expect(of("int32").add(scalar("float64")).dtype).toBe("float64");
    expect(scalar("float32").add(scalar("float64")).dtype).toBe("float64");
  });

  it("division and functions of reals are floating point", () => {
    expect(
      [of("int32").div(2), of("int64").div(of("int64")), of("bool").exp(), of("int8").sqrt()].map((t) => t.dtype),
    ).toEqual(new Array(4).fill("float32"));
    expect(of("int32").div(2, { roundingMode: "floor" }).dtype).toBe("int32");
    expect(of("float64").exp().dtype).toBe("float64");
  });

  it("comparisons are bool, and bernoulli keeps the dtype", () => {
    expect([of("float32").gt(0), of("int32").eq(1), of("float32").isnan()].map((t) => t.dtype)).toEqual([
      "bool",
      "bool",
      "bool",
    ]);
    expect(bernoulli(ones(2, { dtype: "float64" })).dtype).toBe("float64");
  });

  it("gradients have the dtype of what they belong to", () => {
    const x = ones(2, { dtype: "float16", requiresGrad: true });
    const y = ones(2, { dtype: "float64", requiresGrad: true });
    x.mul(y).sum().backward();
    expect([x.grad?.dtype, y.grad?.dtype]).toEqual(["float16", "float64"]);
    const z = ones(2, { requiresGrad: true });
    z.to("float64").mul(2).to("float16").sum().backward();
    expect([z.grad?.dtype, z.grad?.tolist()]).toEqual(["float32", [2, 2]]);
  });
});

describe("reading", () => {
  it("int64 is exact: numbers, and bigint beyond 2^53", () => {
    const big = tensor([2n ** 60n + 1n, 3n]);
    expect(big.tolist()).toEqual([2n ** 60n + 1n, 3]);
    expect(big.add(1).at(0).item()).toBe(2n ** 60n + 2n);
    expect(big.at(1).item()).toBe(3);
  });

  it("bool reads as booleans, narrow floats as Float32Array", () => {
    expect([tensor([true, false]).tolist(), tensor(true).item()]).toEqual([[true, false], true]);
    expect(of("float16").toTypedArray()).toBeInstanceOf(Float32Array);
    expect(of("bfloat16").toTypedArray()).toBeInstanceOf(Float32Array);
  });
});

describe("values that a dtype cannot hold", () => {
  it.each<[DType, number | bigint]>([
    ["int64", 2n ** 63n],
    ["int64", -(2n ** 63n) - 1n],
    ["int64", Number.POSITIVE_INFINITY],
    ["int32", Number.NaN],
    ["int32", 2 ** 31],
    ["int8", -129],
    ["uint8", 256],
  ])("%s refuses %s", (dtype, value) => {
    const text = `value cannot be converted to type ${dtype} without overflow`;
    for (const call of [
      () => tensor([value], { dtype }),
      () => full([2], value, { dtype }),
      () => zeros(2, { dtype }).fill_(value),
    ]) {
      expect(call).toThrow(DTypeError);
      expect(call).toThrow(text);
    }
  });

  it("the smallest and the largest fit, and below 0 uint8 wraps around", () => {
    expect(tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: "int32" }).tolist()).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(tensor([-(2n ** 63n), 2n ** 63n - 1n]).tolist()).toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
    expect(tensor([-1, 255], { dtype: "uint8" }).tolist()).toEqual([255, 255]);
  });

  it("NaN is true, and true beside a bigint is 1", () => {
    expect(tensor([Number.NaN, 0, -0], { dtype: "bool" }).tolist()).toEqual([true, false, false]);
    expect(tensor([true, 2n]).tolist()).toEqual([1, 2]);
  });
});

describe("bigint", () => {
  it("makes int64", () => {
    expect(full([1], 2n ** 60n).tolist()).toEqual([2n ** 60n]);
    expect(arange(2n ** 60n, 2n ** 60n + 3n).tolist()).toEqual([2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 2n]);
    expect(arange(3n, { dtype: "float32" }).tolist()).toEqual([0, 1, 2]);
  });
});
