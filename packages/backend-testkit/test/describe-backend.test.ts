import { createCpuBackend } from "@kindling/backend-cpu";
import { allocate, type Backend, contiguousStrides, type View } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { type ConformanceOptions, describeBackend } from "../src/index.js";

interface Outcome {
  readonly titles: string[];
  /** Messages of the tests that failed, by title. */
  readonly failed: Map<string, string>;
}

/** Runs the suite under a runner of our own, or the part of it whose titles match. */
async function run(
  make: () => Backend | Promise<Backend>,
  part = /(?:)/,
  options?: ConformanceOptions,
): Promise<Outcome> {
  const tests: [string, () => void | Promise<void>][] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (...test: (typeof tests)[number]) => tests.push(test),
  };
  await describeBackend("broken", make, runner, options);
  const failed = new Map<string, string>();
  for (const [title, body] of tests.filter(([title]) => part.test(title))) {
    try {
      await body();
    } catch (error) {
      failed.set(title, (error as Error).message);
    }
  }
  return { titles: tests.map(([title]) => title), failed };
}

/** The CPU's kernels with some members changed. */
function altered(change: (cpu: Backend) => Partial<Backend>): () => Backend {
  return () => {
    const cpu = createCpuBackend();
    return {
      ...cpu,
      capabilities: { ...cpu.capabilities, dtypes: ["float32", "int32", "bool"] },
      ...change(cpu),
    };
  };
}

const whole = ({ storage }: View): View => ({ storage, shape: [storage.length], strides: [1], offset: 0 });

describe("a sound backend", () => {
  it("passes every test", async () => {
    // of the operators some: tests/conformance has them all
    const { titles, failed } = await run(
      altered(() => ({})),
      /^(?!operator )|^operator (add|conv2d|det|softmax|item) /,
    );
    expect([...failed]).toEqual([]);
    expect(titles.filter((title) => title.startsWith("operator ")).length).toBeGreaterThan(300);
    expect(titles).toContain("training a recurrent network");
    expect(new Set(titles).size).toBe(titles.length);
    for (const layout of ["contiguous", "transposed", "expanded", "offset slice", "mixed", "0-dim", "empty"]) {
      expect(titles).toContain(`binary add float32 ${layout}`);
    }
  });

  it("may be made asynchronously", async () => {
    const { titles, failed } = await run(async () => altered(() => ({}))(), /^sort/);
    expect(failed.size).toBe(0);
    expect(titles.length).toBeGreaterThan(500);
  });

  it("may lack NaN and infinity", async () => {
    const finite = altered((cpu) => ({
      capabilities: { ...cpu.capabilities, dtypes: ["float32", "int32", "bool"], nonFinite: false },
    }));
    const { titles } = await run(finite, /^none$/);
    expect(titles.filter((title) => title.endsWith("non-finite"))).toEqual([]);
  });
});

describe("a broken backend", () => {
  it("with a wrong factor in one function", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        unary(name, out, a) {
          cpu.unary(name, out, a);
          if (name === "exp") cpu.binary("mul", out, out, 1.001);
        },
      })),
      /^unary/,
    );
    expect([...failed.keys()].every((title) => title.startsWith("unary exp float32"))).toBe(true);
    expect(failed.get("unary exp float32 0-dim")).toMatch(
      /^unary exp float32 0-dim\n {2}input 0: float32 \[\], strides \[\], offset 3 of a storage of 5\n {2}output: .*\n {2}element \[\] of the output: expected [\d.]+, got [\d.]+ \(1 of 1 elements differ\)$/,
    );
    expect(failed.get("unary exp float32 transposed")).toMatch(
      /float32 \[2, 3, 1, 2, 3\], strides \[1, 2, 6, 6, 12\].*\n.*\n {2}element \[0, 0, 0, 0, 0\] of the output: .* \(36 of 36/,
    );
  });

  it("with a wrong factor in one function, seen in operators and training", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        unary(name, out, a) {
          cpu.unary(name, out, a);
          if (name === "tanh") cpu.binary("mul", out, out, 1.01);
        },
      })),
      /^operator (tanh|exp) |^training a (perceptron|conv)/,
    );
    expect([...failed.keys()]).toEqual(["operator tanh float32", "training a perceptron"]);
    expect(failed.get("operator tanh float32")).toMatch(
      /^operator tanh float32, case 0 \(\[2, 3\]\)\n {2}result 0: float32 \[2, 3\], element \[0, 0\]: expected -?[\d.]+, got -?[\d.]+$/,
    );
    expect(failed.get("training a perceptron")).toMatch(/the loss of step 0: expected [\d.]+, got [\d.]+$/);
  });

  it("in a provider that is stacked on it", async () => {
    const { failed } = await run(
      altered(() => ({})),
      /^binary (add|sub) float32 contiguous$/,
      {
        providers: [
          { name: "wrong", kernels: { binary: { float32: { run: (_, out) => createCpuBackend().fill(out, 7) } } } },
        ],
      },
    );
    expect(failed.size).toBe(2);
  });

  it("that gives gradients a wrong value alone", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        scatter: (out, index, src, dim, reduction) =>
          cpu.scatter(out, index, src, dim, reduction === "sum" ? "none" : reduction),
      })),
      /^operator take float32/,
    );
    expect(failed.get("operator take float32")).toContain("the gradient of argument 0");
  });

  it("with derivatives that finite differences do not confirm", async () => {
    const cpu = createCpuBackend();
    const both = {
      ...cpu,
      binary: ((name, out, a, b) => cpu.binary(name === "mul" ? "add" : name, out, a, b)) as Backend["binary"],
    };
    const { failed } = await run(() => both, /^gradcheck (mul|sub)$/);
    expect([...failed.keys()]).toEqual(["gradcheck mul"]);
  });

  it("that writes outside its view", async () => {
    const { failed } = await run(
      altered((cpu) => ({ fill: (out, value) => cpu.fill(whole(out), value) })),
      /^fill/,
    );
    expect(failed.get("fill float32 offset slice")).toMatch(
      /^fill float32 offset slice \(value 0\)\n {2}output: .*\n {2}wrote to outside the output: element 0 of the storage was 119, is 0$/,
    );
    expect(failed.has("fill int32 0-dim")).toBe(true);
    expect(failed.has("fill float32 contiguous")).toBe(false);
  });

  it("that writes to its input", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        scan(name, out, a, dim) {
          cpu.scan(name, out, a, dim);
          if (!a.strides.includes(0)) cpu.copy(a, out);
        },
      })),
      /^scan/,
    );
    expect(failed.get("scan sum int32 contiguous")).toMatch(/wrote to input 0: element \d+ of the storage was/);
  });

  it("that ignores strides of 0", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        compare: (name, out, a, b) =>
          cpu.compare(name, out, typeof a === "object" ? { ...a, strides: contiguousStrides(a.shape) } : a, b),
      })),
      /^compare/,
    );
    expect(failed.get("compare lt int32 expanded")).toMatch(
      /^compare lt int32 expanded\n {2}input 0: int32 \[2, 3, 4\], strides \[0, 1, 0\]/,
    );
    expect(failed.has("compare lt int32 contiguous")).toBe(false);
  });

  it("that sorts descending by reversing, so that equal elements change places", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        sort(values, indices, a, dim, descending) {
          cpu.sort(values, indices, a, dim, false);
          if (!descending || a.shape.includes(0) || a.shape.length === 0) return;
          const size = a.shape[dim];
          for (const view of [values, indices]) {
            const { device, dtype } = view.storage;
            const length = a.shape.reduce((n, s) => n * s, 1);
            const layout = { shape: a.shape, strides: contiguousStrides(a.shape), offset: 0 };
            const sorted: View = { storage: allocate(device, dtype, length), ...layout };
            cpu.copy(sorted, view);
            for (let i = 0; i < size; i++) cpu.copy(at(view, dim, i), at(sorted, dim, size - 1 - i));
          }
        },
      })),
      /^sort/,
    );
    expect([...failed.keys()]).toContain("sort int32 contiguous");
    expect(failed.get("sort int32 contiguous")).toMatch(
      /^sort int32 contiguous \(dim 0, descending\)[\s\S]*of output 1: expected/,
    );
  });

  it("that reads later than it was called", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        read: (storage, offset, length) =>
          new Promise((resolve) => setTimeout(() => resolve(cpu.read(storage, offset, length)))),
      })),
      /^read/,
    );
    expect([...failed.keys()]).toContain("read float32 sees what was called before it, and nothing later");
  });

  it("that clears its output before it reads an input in place of it", async () => {
    const { failed } = await run(
      altered((cpu) => ({
        binary(name, out, a, b) {
          cpu.fill(out, 0);
          cpu.binary(name, out, a, b);
        },
      })),
      /^binary/,
    );
    expect([...failed.keys()].every((title) => title.endsWith("in place"))).toBe(true);
    expect(failed.get("binary add float32 in place")).toMatch(
      /^binary add float32 in place \(contiguous\)[\s\S]*in place of input 0/,
    );
  });

  it("that throws", async () => {
    const { failed } = await run(
      altered(() => ({
        matmul() {
          throw new Error("no such kernel");
        },
      })),
      /^matmul/,
    );
    expect(failed.get("matmul float32 contiguous")).toMatch(
      /^matmul float32 contiguous \(overwrite\)[\s\S]*threw: no such kernel$/,
    );
  });

  it("that lacks members", async () => {
    const { titles, failed } = await run(altered(() => ({ sort: undefined, write: undefined }) as unknown as Backend));
    expect(titles).toEqual(["has every required member"]);
    expect(failed.get(titles[0])).toBe("backend 'broken': lacks the required write, sort");
  });

  it("that lacks a required dtype", async () => {
    const { titles, failed } = await run(
      altered((cpu) => ({ capabilities: { ...cpu.capabilities, dtypes: ["float32"] } })),
    );
    expect(failed.get(titles[0])).toBe("backend 'broken': lacks the required int32, bool");
  });

  it("that cannot be made", async () => {
    const { titles, failed } = await run(() => Promise.reject(new Error("no adapter")));
    expect(titles).toEqual(["opens"]);
    expect(failed.get("opens")).toBe("backend 'broken': no adapter");
  });
});

/** The part of a view at one index of a dimension, which it keeps. */
const at = (view: View, dim: number, i: number): View => ({
  ...view,
  shape: view.shape.map((size, d) => (d === dim ? 1 : size)),
  offset: view.offset + i * view.strides[dim],
});

describe("a skip", () => {
  const noErf = altered((cpu) => ({
    unary(name, out, a) {
      if (name === "erf") throw new Error("not yet");
      cpu.unary(name, out, a);
    },
  }));

  it("excuses the tests it names, with its reason in their titles", async () => {
    const { titles, failed } = await run(noErf, /^unary/, {
      skips: [{ test: /^unary erf float32/, reason: "erf is not written" }],
    });
    expect([...failed]).toEqual([]);
    expect(titles).toContain("unary erf float32 contiguous [skip: erf is not written]");
  });

  it("fails where its test passes", async () => {
    const { failed } = await run(noErf, /^unary/, {
      skips: [
        { test: /^unary erf float32/, reason: "erf is not written" },
        { test: "unary exp float32 empty", reason: "exp of nothing" },
      ],
    });
    expect([...failed.values()]).toEqual(["unary exp float32 empty passes: take away its skip ('exp of nothing')"]);
  });

  it("fails where it names no test", async () => {
    const { failed } = await run(
      altered(() => ({})),
      /^skip/,
      { skips: [{ test: "unary foo", reason: "none" }] },
    );
    expect([...failed.values()]).toEqual(["the skip 'unary foo' (none) names no test"]);
  });
});
