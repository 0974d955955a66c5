import { autograd, full, init, manualSeed, ones, randn, setNumThreads, type Tensor, zeros } from "@kindling/autograd";
import { wasmKernels } from "@kindling/backend-wasm";
import { functional as F } from "@kindling/nn";
import { registerKernels, unregisterKernels } from "@kindling/storage";
import { expect, it } from "vitest";

setNumThreads(2);
await init("cpu");

/** What `fn` gives on the kernels in TypeScript. */
function reference<T>(fn: () => T): T {
  unregisterKernels("cpu", "wasm");
  try {
    return fn();
  } finally {
    registerKernels("cpu", wasmKernels, { priority: 10 });
  }
}

/** The largest difference, as a part of the largest element. */
function error(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.toTypedArray(), expected.toTypedArray()] as [Float32Array, Float64Array];
  let [largest, worst] = [1e-30, 0];
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Math.abs(b[i]));
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= worst)) worst = difference;
  }
  return worst / largest;
}

interface Options {
  stride?: number | [number, number];
  padding?: number | [number, number];
  dilation?: number | [number, number];
  groups?: number;
}

/** Result and gradients, on the kernels in `dtype`, against the composite in float64. */
function compare(
  x: Tensor,
  k: Tensor,
  b: Tensor | null,
  options: Options,
  dtype: "float32" | "float64",
  bound: number,
) {
  const operands = [x, k, ...(b === null ? [] : [b])];
  const results = (of: Tensor[], g: Tensor | null): Tensor[] => {
    const leaves = of.map((t) => t.detach().requiresGrad_());
    const y = F.conv2d(leaves[0], leaves[1], leaves[2] ?? null, options);
    return [y.detach(), ...(autograd.grad(y, leaves, g ?? cotangent(y).to(y.dtype)) as Tensor[])];
  };
  const cotangent = (y: Tensor): Tensor => {
    manualSeed(5);
    return randn(...y.shape);
  };
  const actual = results(
    operands.map((t) => t.to(dtype)),
    null,
  );
  const expected = reference(() =>
    results(
      operands.map((t) => t.to("float64")),
      null,
    ),
  );
  for (const [i, t] of actual.entries()) expect(error(t, expected[i])).toBeLessThan(bound);
}

it.each([
  [1, 1, 1, 4, 4, 1],
  [1, 3, 5, 7, 9, 1],
  [2, 13, 14, 9, 6, 0],
  [3, 8, 12, 16, 16, 1],
  [1, 20, 30, 5, 33, 2],
  [2, 4, 4, 6, 7, 3],
  [1, 64, 64, 40, 40, 1],
  [1, 300, 200, 12, 12, 1],
  [1, 512, 512, 8, 8, 1],
  [2, 40, 30, 130, 70, 1],
])("3×3 of float32: %i×%i→%i channels of %i×%i, padding %i", (n, c, o, h, w, padding) => {
  manualSeed(0);
  compare(randn(n, c, h, w), randn(o, c, 3, 3), randn(o), { padding }, "float32", 3e-5);
});

const cases: [string, number[], number[], Options][] = [
  ["1×1", [2, 5, 6, 7], [9, 5, 1, 1], {}],
  ["1×1, stride 2", [2, 5, 7, 8], [4, 5, 1, 1], { stride: 2 }],
  ["1×1, padded", [1, 20, 5, 5], [30, 20, 1, 1], { padding: 2 }],
  ["5×5", [3, 1, 14, 14], [6, 1, 5, 5], { padding: 2 }],
  ["5×5, many", [2, 6, 14, 14], [16, 6, 5, 5], {}],
  ["3×3, stride 2", [2, 7, 11, 12], [13, 7, 3, 3], { stride: 2, padding: 1 }],
  ["3×3, dilation 2", [2, 4, 11, 12], [5, 4, 3, 3], { dilation: 2, padding: 2 }],
  ["stride and dilation unequal", [2, 4, 13, 17], [6, 4, 3, 2], { stride: [2, 3], dilation: [3, 2], padding: [2, 1] }],
  ["stride above the kernel", [1, 3, 12, 13], [4, 3, 2, 2], { stride: [4, 3] }],
  ["groups", [2, 6, 9, 8], [9, 2, 3, 3], { groups: 3, padding: 1 }],
  ["depthwise", [2, 21, 9, 10], [21, 1, 3, 3], { groups: 21, padding: 1 }],
  ["depthwise, two a channel, stride 2", [1, 5, 9, 10], [10, 1, 5, 5], { groups: 5, padding: 2, stride: 2 }],
  ["groups of many rows", [1, 4, 6, 6], [120, 2, 2, 2], { groups: 2 }],
  ["a wide filter", [1, 2, 3, 40], [3, 2, 1, 31], { padding: [0, 15] }],
  ["padding beyond the kernel", [1, 2, 4, 5], [3, 2, 2, 2], { padding: 4 }],
  ["rows in several units", [2, 60, 70, 50], [5, 60, 2, 3], { padding: 1 }],
  ["7×7, stride 2", [1, 3, 40, 41], [8, 3, 7, 7], { stride: 2, padding: 3 }],
];

it.each(cases)("%s", (_, image, filter, options) => {
  manualSeed(0);
  const [x, k, b] = [randn(...image), randn(...filter), randn(filter[0])];
  compare(x, k, b, options, "float32", 3e-6);
  compare(x, k, null, options, "float64", 1e-14);
});

it.each([3, 5])("takes operands as they lie: %i", (size) => {
  manualSeed(2);
  const options = { padding: 1 };
  const whole = randn(3, 12, 24, 20);
  const images: Tensor[] = [
    whole.narrow(1, 2, 7),
    whole.narrow(2, 3, 15).narrow(3, 1, 17),
    whole.transpose(2, 3),
    whole.transpose(0, 1),
    whole.narrow(0, 1, 1).expand(2, -1, -1, -1),
    whole.narrow(3, 0, 1).expand(-1, -1, -1, 18),
    whole.narrow(0, 2, 1),
  ];
  for (const x of images) {
    const c = x.shape[1];
    compare(x, randn(size, size, c, 10).permute(3, 2, 1, 0), randn(20).narrow(0, 10, 10), options, "float32", 3e-5);
    const k = randn(14, c, size, size).narrow(0, 3, 10);
    const b = full([10], 2);
    compare(x, k, b, options, "float64", 1e-13);
    // a gradient of ones that takes no memory
    const leaf = k.detach().requiresGrad_();
    const of = (): Tensor => autograd.grad(F.conv2d(x, leaf, b, options).sum(), [leaf])[0] as Tensor;
    expect(
      error(
        of(),
        reference(() => of().to("float64")),
      ),
    ).toBeLessThan(3e-5);
  }
});

it.each([3, 5])("without samples there is nothing: %i", (size) => {
  const [x, k] = [ones(0, 3, 8, 8).requiresGrad_(), ones(4, 3, size, size).requiresGrad_()];
  const y = F.conv2d(x, k, null, { padding: 1 });
  expect(y.shape).toEqual([0, 4, 11 - size, 11 - size]);
  const [gx, gk] = autograd.grad(y, [x, k], ones(...y.shape)) as Tensor[];
  expect(gx.shape).toEqual(x.shape);
  expect(gk.equal(zeros(4, 3, size, size))).toBe(true);
});

it.each([NaN, Infinity, -Infinity])("%f stays in the tiles that see it", (value) => {
  manualSeed(3);
  const clean = randn(1, 9, 24, 24);
  const x = clean.clone();
  x.at(0, 4, 9, 10).fill_(value);
  for (const [size, tile] of [
    [3, 4],
    [5, 1],
  ]) {
    const k = randn(7, 9, size, size);
    const options = { padding: (size - 1) / 2 };
    const [a, b] = [clean, x].map((t) => F.conv2d(t, k, null, options).toTypedArray() as Float32Array);
    const expected = reference(() => F.conv2d(x, k, null, options).toTypedArray()) as Float32Array;
    // places of a dimension that are in a tile which sees `at`
    const reach = (size - 1) / 2;
    const sees = (place: number, at: number): boolean =>
      Math.floor(place / tile) >= Math.floor((at - reach) / tile) &&
      Math.floor(place / tile) <= Math.floor((at + reach) / tile);
    for (const [i, v] of b.entries()) {
      if (!sees(Math.floor(i / 24) % 24, 9) || !sees(i % 24, 10)) expect(v).toBe(a[i]);
      else if (tile === 1) expect(v).toBe(expected[i]);
      else if (!Number.isFinite(expected[i])) expect(v).not.toBeCloseTo(a[i]);
    }
  }
});

it("goes through large batches in parts", () => {
  manualSeed(4);
  for (const size of [3, 2]) {
    const [x, k] = [randn(40, 2, 300, 400), randn(3, 2, size, size)];
    const some = F.conv2d(x, k);
    expect(some.narrow(0, 33, 2).equal(F.conv2d(x.narrow(0, 33, 2), k))).toBe(true);
    const g = randn(...some.shape);
    const on = (n: number, many: number): Tensor => {
      const leaf = x.narrow(0, n, many).detach().requiresGrad_();
      return autograd.grad(F.conv2d(leaf, k), [leaf], g.narrow(0, n, many))[0] as Tensor;
    };
    expect(on(0, 40).narrow(0, 33, 2).allclose(on(33, 2), { rtol: 1e-5, atol: 1e-5 })).toBe(true);
  }
});

it("is the same on any number of threads", () => {
  manualSeed(1);
  const x = randn(2, 40, 50, 46);
  const g = randn(2, 30, 50, 46);
  for (const [size, padding] of [
    [3, 1],
    [5, 2],
  ]) {
    const k = randn(30, 40, size, size);
    const on = (threads: number): Tensor[] => {
      setNumThreads(threads);
      const [a, b] = [x.detach().requiresGrad_(), k.clone().requiresGrad_()];
      const y = F.conv2d(a, b, null, { padding });
      return [y.detach(), ...(autograd.grad(y, [a, b], g) as Tensor[])];
    };
    const expected = on(1);
    for (const threads of [2, 3]) expect(on(threads).map((t, i) => t.equal(expected[i]))).toEqual([true, true, true]);
  }
  setNumThreads(2);
});
