import { randn } from "@kindling/autograd";
import { blasInfo } from "@kindling/backend-blas";
import { createCpuBackend } from "@kindling/backend-cpu";
import { describeBackend } from "@kindling/backend-testkit";
import {
  type Backend,
  backendInfo,
  getDevice,
  getNumThreads,
  numelOf,
  registerKernels,
  setNumThreads,
  unregisterKernels,
} from "@kindling/storage";
import { describe, expect, it } from "vitest";

const { available, description } = blasInfo();
if (!available) {
  if (process.env.KINDLING_REQUIRE?.split(",").includes("blas"))
    throw new Error(`KINDLING_REQUIRE: BLAS is ${description}`);
  console.warn(`skipped: BLAS is ${description}`);
}
const kernels = getDevice("cpu").providers.find(({ name }) => name === "blas")?.kernels.matmul ?? {};

/** The reference kernels, and BLAS for all that it can multiply, however small. */
function createBlasBackend(): Backend {
  const cpu = createCpuBackend();
  return {
    ...cpu,
    matmul(out, a, b, accumulate) {
      const { dtype } = out.storage;
      const entry = dtype === "float32" || dtype === "float64" ? kernels[dtype] : undefined;
      if (entry && numelOf(out.shape) * a.shape[2] > 0) entry.run(out, a, b, accumulate);
      else cpu.matmul(out, a, b, accumulate);
    },
  };
}

if (available) {
  const products = {
    describe,
    it: (title: string, body: () => unknown) => /^(matmul|operator|training) /.test(title) && it(title, body),
  };
  await describeBackend("cpu with BLAS", createBlasBackend, products);
}

it("says what was found", () => {
  const provider = backendInfo("cpu").providers.find(({ name }) => name === "blas");
  expect(provider).toEqual({ name: "blas", priority: 20, info: description });
  expect(description).toMatch(available ? /^(OpenBLAS \d+\.\d+.* for \w+, |Accelerate$)/ : /^none: /);
});

describe.skipIf(!available)("products on BLAS", () => {
  /** Which products of (rows, 64) and (64, 64) reach a provider of that priority. */
  function seenAt(priority: number, rows: number): boolean {
    let seen = false;
    const accepts = (): boolean => {
      seen = true;
      return false;
    };
    const entry = { run: () => expect.fail("it declined"), accepts };
    registerKernels("cpu", { name: "witness", kernels: { matmul: { float32: entry } } }, { priority });
    try {
      randn(rows, 64).matmul(randn(64, 64));
    } finally {
      unregisterKernels("cpu", "witness");
    }
    return seen;
  }

  it("are taken before any kernel below, except small ones", () => {
    expect(seenAt(15, 64)).toBe(false);
    expect(seenAt(25, 64)).toBe(true);
    const small = randn(3, 4).matmul(randn(4, 2));
    expect(small.shape).toEqual([3, 2]);
  });

  it("agree with the reference kernels on any number of threads", () => {
    const before = getNumThreads();
    const reference = createCpuBackend();
    const device = getDevice("cpu");
    const [a, b] = [randn(1, 150, 170, { dtype: "float64" }), randn(1, 170, 130, { dtype: "float64" })];
    const expected = randn(1, 150, 130, { dtype: "float64" });
    reference.matmul(expected, a, b, false);
    try {
      for (const threads of [1, 2, 1]) {
        setNumThreads(threads);
        const out = randn(1, 150, 130, { dtype: "float64" });
        device.kernels.matmul.float64(out, a, b, false);
        expect(out.allclose(expected, 1e-12, 1e-12)).toBe(true);
      }
    } finally {
      setNumThreads(before);
    }
  });

  it("have derivatives like any other", () => {
    const [x, w] = [randn(40, 50).requiresGrad_(), randn(50, 60).requiresGrad_()];
    x.matmul(w).sum().backward();
    const sums = w.detach().sum(1);
    expect(x.grad?.allclose(sums.expand(40, 50), 1e-4, 1e-4)).toBe(true);
    expect(w.grad?.allclose(x.detach().sum(0).unsqueeze(1).expand(50, 60), 1e-4, 1e-4)).toBe(true);
  });
});
