import { autograd, init, manualSeed, randn, setNumThreads, type Tensor } from "@kindling/autograd";
import { limits } from "@kindling/backend-wasm";
import { functional as F } from "@kindling/nn";
import { expect, it } from "vitest";

for (const name of Object.keys(limits) as (keyof typeof limits)[]) limits[name] = 0;
setNumThreads(2);
await init("cpu");

/** The largest difference, as a part of the largest element. */
function error(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.detach().contiguous().toTypedArray(), expected.detach().contiguous().toTypedArray()] as [
    Float32Array,
    Float64Array,
  ];
  let [largest, worst] = [1e-30, 0];
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Math.abs(b[i]));
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= worst)) worst = difference;
  }
  return worst / largest;
}

it.each([
  [1, 1, 1, 4, 4, 1],
  [1, 3, 5, 7, 9, 1],
  [2, 13, 14, 9, 6, 0],
  [3, 8, 12, 16, 16, 1],
  [1, 20, 30, 5, 33, 2],
  [2, 4, 4, 6, 7, 3],
  [1, 64, 64, 40, 40, 1],
])("3×3: %i×%i→%i of %i×%i, padding %i", (n, c, o, h, w, padding) => {
  manualSeed(0);
  const x = randn(n, c, h, w).requiresGrad_();
  const k = randn(o, c, 3, 3).requiresGrad_();
  const b = randn(o).requiresGrad_();
  const y = F.conv2d(x, k, b, { padding });
  const g = randn(...y.shape);
  const grads = autograd.grad(y, [x, k, b], g);
  const [x6, k6, b6] = [x, k, b].map((t) => t.detach().to("float64").requiresGrad_());
  const y6 = F.conv2d(x6, k6, b6, { padding });
  const grads6 = autograd.grad(y6, [x6, k6, b6], g.to("float64"));
  expect(error(y, y6)).toBeLessThan(3e-5);
  for (const [i, t] of grads.entries()) expect(error(t as Tensor, grads6[i] as Tensor)).toBeLessThan(3e-5);
});

it("is the same on any number of threads", () => {
  manualSeed(1);
  const x = randn(2, 40, 50, 46);
  const k = randn(30, 40, 3, 3);
  const g = randn(2, 30, 50, 46);
  const on = (threads: number): Tensor[] => {
    setNumThreads(threads);
    const [a, b] = [x.detach().requiresGrad_(), k.clone().requiresGrad_()];
    const y = F.conv2d(a, b, null, { padding: 1 });
    return [y.detach(), ...(autograd.grad(y, [a, b], g) as Tensor[])];
  };
  const expected = on(1);
  for (const threads of [2, 3]) expect(on(threads).map((t, i) => t.equal(expected[i]))).toEqual([true, true, true]);
  setNumThreads(2);
});
