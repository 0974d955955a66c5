import { describe, expect, it } from "vitest";
import { arange, randn, type Tensor, tensor } from "../src/index.js";

const numbers = (t: Tensor): number[] => t.reshape(-1).tolist() as number[];

describe("add_ and sub_ with alpha, outside of the graph", () => {
  it.each(["float32", "float64"] as const)("are one rounding of %s", (dtype) => {
    const [x, y] = [randn(7, 5, { dtype }), randn(7, 5, { dtype })];
    const round = (v: number): number => (dtype === "float32" ? Math.fround(v) : v);
    const want = numbers(x).map((v, i) => round(v + round(-0.3) * numbers(y)[i]));
    expect(numbers(x.clone().add_(y, { alpha: -0.3 }))).toEqual(want);
    expect(numbers(x.clone().sub_(y, { alpha: 0.3 }))).toEqual(want);
  });

  it("count as writes, also through data", () => {
    const x = randn(3);
    const { stamp } = x.storage;
    x.add_(x, { alpha: 2 });
    expect(x.version).toBe(1);
    expect(x.storage.stamp).toBeGreaterThan(stamp);
    const leaf = randn(3, { requiresGrad: true });
    const y = leaf.mul(leaf);
    leaf.data.add_(randn(3), { alpha: 2 });
    expect(leaf.version).toBe(0);
    expect(() => leaf.add_(randn(3), { alpha: 2 })).toThrow("a leaf Variable that requires grad");
    y.sum().backward();
  });

  it("take views, the operand's own memory, other dtypes and broadcasting", () => {
    const x = arange(6, { dtype: "float32" }).reshape(2, 3);
    x.T.add_(arange(6).to("float32").reshape(3, 2), { alpha: 10 });
    expect(numbers(x)).toEqual([0, 21, 42, 13, 34, 55]);
    const square = arange(4, { dtype: "float32" }).reshape(2, 2);
    square.add_(square.T, { alpha: 2 });
    expect(numbers(square)).toEqual([0, 5, 4, 9]);
    expect(numbers(tensor([1, 2]).add_(tensor(3), { alpha: 0.5 }))).toEqual([2.5, 3.5]);
    expect(numbers(tensor([1, 2], { dtype: "int32" }).add_(tensor([1, 1], { dtype: "int32" }), { alpha: 2 }))).toEqual([
      3, 4,
    ]);
    expect(numbers(tensor([1, 2]).add_(tensor([1, 1], { dtype: "float64" }), { alpha: 2 }))).toEqual([3, 4]);
  });

  it("are recorded where an operand is", () => {
    const [x, y] = [randn(3, { requiresGrad: true }), randn(3, { requiresGrad: true })];
    x.mul(1).add_(y, { alpha: 4 }).sum().backward();
    expect(numbers(y.grad as Tensor)).toEqual([4, 4, 4]);
  });
});
