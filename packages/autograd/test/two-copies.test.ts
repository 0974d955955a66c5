import { expect, it, vi } from "vitest";
import * as one from "../src/index.js";

vi.resetModules();
const two = (await import("../src/index.js")) as typeof one;

it("two copies of the package work together", () => {
  expect(two.Tensor).not.toBe(one.Tensor);
  const x = one.tensor([1, 2, 3]).requiresGrad_();
  const w = two.tensor([4, 5, 6]).requiresGrad_();
  expect(two.isTensor(x)).toBe(true);
  two.mul(x, w).sum().backward();
  expect(x.grad?.tolist()).toEqual([4, 5, 6]);
  expect(w.grad?.tolist()).toEqual([1, 2, 3]);
  expect(x.at(two.slice(1, null)).tolist()).toEqual([2, 3]);
  expect(two.at(x, one.tensor([true, false, true])).tolist()).toEqual([1, 3]);
});

it("and share generator, grad mode and threads", () => {
  one.manualSeed(3);
  const first = one.rand(2).tolist();
  two.manualSeed(3);
  expect(one.rand(2).tolist()).toEqual(first);
  expect(one.rand(2, { generator: new two.Generator().manualSeed(3) }).tolist()).toEqual(first);
  expect(one.noGrad(() => two.isGradEnabled())).toBe(false);
  one.setNumThreads(2);
  expect(two.getNumThreads()).toBe(2);
  one.setNumThreads(1);
});

it("errors carry their kind's name in both", () => {
  expect(() => two.zeros(2).add(one.zeros(3))).toThrow(expect.objectContaining({ name: "ShapeError", a: [2], b: [3] }));
});
