import { autograd, init, manualSeed, randn, setNumThreads, type Tensor, tensor } from "@kindling/autograd";
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

interface Options {
  stride?: number | [number, number];
  padding?: number | [number, number];
  dilation?: number | [number, number];
  ceilMode?: boolean;
}

function largest(x: Tensor, kernel: number | [number, number], options: Options): Tensor[] {
  const leaf = x.detach().requiresGrad_();
  const [y, indices] = F.maxPool2d(leaf, kernel, { ...options, returnIndices: true });
  const plain = F.maxPool2d(x, kernel, options);
  const [g] = autograd.grad(y, [leaf], y.detach().mul(2)) as Tensor[];
  return [y.detach(), indices, plain, g];
}

const cases: [string, number[], number | [number, number], Options][] = [
  ["2×2", [2, 3, 12, 20], 2, {}],
  ["2×2, odd sizes", [2, 3, 13, 21], 2, {}],
  ["2×2, odd sizes, also the rest", [2, 3, 13, 23], 2, { ceilMode: true }],
  ["2×2, stride 1", [1, 3, 7, 9], 2, { stride: 1 }],
  ["3×3, stride 2, padded", [2, 5, 15, 17], 3, { stride: 2, padding: 1 }],
  ["unequal", [2, 5, 15, 17], [3, 2], { stride: [1, 3], padding: [1, 0], dilation: [2, 3] }],
  ["several blocks", [3, 40, 66, 64], 2, {}],
];

it.each(cases)("largest: %s", (_, shape, kernel, options) => {
  manualSeed(0);
  for (const dtype of ["float32", "float64"] as const) {
    const x = randn(...shape).to(dtype);
    const some = shape[0] === 3 ? x : x.transpose(0, 1);
    for (const t of [x, some]) {
      const expected = reference(() => largest(t, kernel, options));
      expect(largest(t, kernel, options).map((r, i) => r.equal(expected[i]))).toEqual([true, true, true, true]);
    }
  }
});

it("takes the first of equal elements, and the first NaN", () => {
  const values = [1, 1, NaN, 3, -0, 0, -Infinity, -Infinity, 1, 1, NaN, 4, 0, -0, -Infinity, -Infinity];
  const x = tensor([...values, ...values.map((v) => v)]).reshape(1, 1, 2, 16);
  for (const dtype of ["float32", "float64"] as const) {
    const t = x.to(dtype);
    const [y, indices] = F.maxPool2d(t, 2, { returnIndices: true });
    const [y2, indices2] = reference(() => F.maxPool2d(t, 2, { returnIndices: true }));
    expect(y.tolist()).toEqual(y2.tolist());
    expect(indices.tolist()).toEqual(indices2.tolist());
  }
});

it.each(cases.filter(([, , , options]) => options.dilation === undefined))("mean: %s", (_, shape, kernel, options) => {
  manualSeed(0);
  for (const more of [{}, { countIncludePad: false }, { divisorOverride: 3 }]) {
    const of = (x: Tensor): Tensor[] => {
      const leaf = x.detach().requiresGrad_();
      const y = F.avgPool2d(leaf, kernel, { ...options, ...more });
      return [y.detach(), ...(autograd.grad(y, [leaf], y.detach().mul(2)) as Tensor[])];
    };
    const x = randn(...shape);
    const expected = reference(() => of(x.to("float64")));
    for (const [i, t] of of(x.to("float64")).entries())
      expect(t.allclose(expected[i], { rtol: 1e-13, atol: 1e-14 })).toBe(true);
    for (const [i, t] of of(x).entries()) {
      expect(t.to("float64").allclose(expected[i], { rtol: 1e-5, atol: 1e-6 })).toBe(true);
    }
  }
});

it("is the same on any number of threads", () => {
  manualSeed(0);
  const x = randn(4, 40, 64, 64);
  const on = (threads: number): Tensor[] => {
    setNumThreads(threads);
    return [F.maxPool2d(x, 3, { stride: 2, padding: 1 }), F.avgPool2d(x, 3, { stride: 2, padding: 1 })];
  };
  const expected = on(1);
  for (const threads of [2, 3]) expect(on(threads).map((t, i) => t.equal(expected[i]))).toEqual([true, true]);
  setNumThreads(2);
});
