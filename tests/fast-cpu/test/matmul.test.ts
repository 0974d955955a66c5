import { init, linear, matmul, randn, sum, zeros } from "@kindling/autograd";
import { createCpuBackend } from "@kindling/backend-cpu";
import { limits, wasmKernels } from "@kindling/backend-wasm";
import {
  type DType,
  getDevice,
  type KernelEntry,
  type Primitives,
  Storage,
  setNumThreads,
  type View,
} from "@kindling/storage";
import { beforeAll, describe, expect, it } from "vitest";

for (const name of Object.keys(limits) as (keyof typeof limits)[]) limits[name] = 0;

beforeAll(async () => {
  setNumThreads(3);
  await init("cpu");
});

const reference = createCpuBackend();
const device = getDevice("cpu");
const kernelOf = (dtype: DType) => wasmKernels.kernels.matmul?.[dtype] as Required<KernelEntry<Primitives["matmul"]>>;

let seed = 1;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
};

function storageOf(dtype: DType, length: number): Storage {
  const handle = dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  for (let i = 0; i < length; i++) handle[i] = random();
  return new Storage(device, dtype, length, handle);
}

type Layout = "rows" | "columns" | "gaps" | "odd" | "one";
const layouts: readonly Layout[] = ["rows", "columns", "gaps", "odd", "one"];

/** A batch of matrices in random memory, laid out in one of the ways that occur; "one" is a single matrix for all. */
function view(dtype: DType, [count, rows, columns]: readonly [number, number, number], layout: Layout): View {
  const offset = 3;
  const shape = [count, rows, columns];
  const strides = {
    rows: [rows * columns, columns, 1],
    columns: [rows * columns, 1, rows],
    gaps: [rows * (columns + 5) + 2, columns + 5, 1],
    odd: [2 * rows * columns * 3, columns * 3, 2],
    one: [0, columns, 1],
  }[layout];
  const span = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i], offset + 1);
  return { storage: storageOf(dtype, span + 4), shape, strides, offset };
}

const copyOf = (x: View): View => {
  const handle = (x.storage.handle as Float32Array).slice();
  return { ...x, storage: new Storage(device, x.storage.dtype, handle.length, handle) };
};
const values = (x: View) => x.storage.handle as Float32Array;

/** The largest difference, relative to the size of a sum of so many products. */
function expectEqual(got: View, want: View, depth: number): void {
  const bound = (got.storage.dtype === "float32" ? 2e-7 : 4e-16) * (8 + depth);
  const [x, y] = [values(got), values(want)];
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    if (!Object.is(x[i], y[i])) worst = Math.max(worst, Number.isFinite(y[i]) ? Math.abs(x[i] - y[i]) : Infinity);
  }
  expect(worst).toBeLessThan(bound);
}

function check(
  dtype: DType,
  count: number,
  m: number,
  n: number,
  depth: number,
  a: Layout,
  b: Layout,
  out: Layout,
): void {
  const x = view(dtype, [count, m, depth], a);
  const y = view(dtype, [count, depth, n], b);
  for (const accumulate of [false, true]) {
    const got = view(dtype, [count, m, n], out);
    const want = copyOf(got);
    const { accepts, run } = kernelOf(dtype);
    expect(accepts(got, x, y, accumulate)).toBe(true);
    run(got, x, y, accumulate);
    reference.matmul(want, x, y, accumulate);
    expectEqual(got, want, depth);
  }
}

describe.each(["float32", "float64"] as const)("products of %s", (dtype) => {
  it.each([
    [1, 1, 1],
    [1, 7, 5],
    [7, 1, 5],
    [6, 8, 1],
    [5, 4, 3],
    [13, 17, 29],
    [64, 57, 31],
    [3, 130, 70],
    [2, 130, 70],
  ])("%i × %i, %i deep, in all layouts", (m, n, depth) => {
    for (const a of layouts) {
      for (const b of layouts) {
        for (const out of layouts.slice(0, 4)) check(dtype, 3, m, n, depth, a, b, out);
      }
    }
  });

  it.each([
    [1, 185, 128],
    [2, 185, 333],
    [1, 1000, 77],
    [64, 784, 129],
    [131, 200, 401],
    [97, 1000, 70],
    [300, 129, 800],
    [1000, 5, 100],
  ])("%i × %i, %i deep, in layouts that occur", (m, n, depth) => {
    for (const a of ["rows", "columns", "odd"] as const) {
      for (const b of ["rows", "columns", "gaps"] as const) check(dtype, 1, m, n, depth, a, b, "rows");
    }
    for (const out of ["columns", "gaps", "odd"] as const) check(dtype, 2, m, n, depth, "rows", "columns", out);
  });

  it("of more rows than are in the workspace at a time", () => {
    check(dtype, 1, 430_000, 5, 5, "rows", "columns", "rows");
  });

  it("are the same for every number of threads", () => {
    for (const [count, m, n, depth] of [
      [1, 200, 300, 500],
      [1, 128, 120, 130],
      [1, 300, 700, 700],
      [70, 64, 32, 64],
    ] as const) {
      const x = view(dtype, [count, m, depth], "rows");
      const y = view(dtype, [count, depth, n], "columns");
      const [first, ...others] = [1, 2, 3].map((threads) => {
        setNumThreads(threads);
        const out = view(dtype, [count, m, n], "rows");
        kernelOf(dtype).run(out, x, y, false);
        return values(out).slice(out.offset, out.offset + count * m * n);
      });
      for (const other of others) expect(other).toEqual(first);
    }
    setNumThreads(3);
  });

  it("see that a weight has changed", () => {
    for (const m of [1, 3, 64]) {
      for (const layout of ["rows", "columns"] as const) {
        const x = view(dtype, [1, m, 100], "rows");
        const y = view(dtype, [1, 100, 90], layout);
        for (let step = 0; step < 6; step++) {
          const got = view(dtype, [1, m, 90], "rows");
          const want = copyOf(got);
          kernelOf(dtype).run(got, x, y, false);
          reference.matmul(want, x, y, false);
          expectEqual(got, want, 100);
          if (step % 2 === 1) {
            values(y).fill(random());
            y.storage.touch();
          }
        }
      }
    }
  });

  it("give NaN and infinities where the plain kernels do", () => {
    for (const m of [1, 2, 9]) {
      const x = view(dtype, [2, m, 40], "rows");
      const y = view(dtype, [2, 40, 50], "columns");
      values(x)[20] = Number.NaN;
      values(y)[30] = Number.POSITIVE_INFINITY;
      const got = view(dtype, [2, m, 50], "rows");
      const want = copyOf(got);
      kernelOf(dtype).run(got, x, y, false);
      reference.matmul(want, x, y, false);
      expectEqual(got, want, 40);
    }
  });
});

it("gradients of a weight that is used many times are those of one product", () => {
  const weight = randn(100, 120, { dtype: "float64", requiresGrad: true });
  const rows = randn(1100, 120, { dtype: "float64" });
  const factors = randn(1100, 100, { dtype: "float64" });
  const bias = zeros(100, { dtype: "float64" });
  let total = null;
  for (let i = 0; i < 1100; i++) {
    const part = sum(linear(rows.narrow(0, i, 1), weight, bias).mul(factors.narrow(0, i, 1)));
    total = total === null ? part : total.add(part);
  }
  total?.backward();
  const want = matmul(factors.t(), rows);
  expect(weight.grad?.sub(want).abs().max().item()).toBeLessThan(1e-12);
});
