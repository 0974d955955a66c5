import { createWebGpuBackend } from "@kindling/backend-webgpu";
import { allocate, type BinaryName, Device, storageFrom, type UnaryName, type View } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";

const found = await openWebGpu();
const missing = typeof found === "string" ? ` (skipped: ${found})` : "";

const COUNT = 4096;

/** Floats of all magnitudes between two powers of ten, of both signs or of one. */
function spread(low: number, high: number, signed: boolean, seed: number): Float32Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: COUNT }, () => {
    const size = 10 ** (low + (high - low) * next());
    return signed && next() < 0.5 ? -size : size;
  });
}

const units = (got: number, expected: number): number => {
  const rounded = Math.fround(expected);
  if (Object.is(got, rounded) || got === rounded || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) return Infinity;
  // what is denormal may be 0
  const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(expected))) - 23, -126);
  return Math.abs(got - expected) / unit;
};

describe.skipIf(missing !== "")(`functions of all magnitudes${missing}`, { timeout: 60_000 }, async () => {
  const device = new Device("webgpu", missing === "" ? await createWebGpuBackend() : ({} as never), []);
  const view = (values?: Float32Array): View => ({
    storage: values ? storageFrom(device, "float32", values) : allocate(device, "float32", COUNT),
    shape: [COUNT],
    strides: [1],
    offset: 0,
  });

  /** The largest error in units of the last place, and where. */
  async function worst(
    out: View,
    expected: (i: number) => number,
    of: (i: number) => string,
  ): Promise<[number, string]> {
    const got = (await device.backend.read(out.storage, 0, COUNT)) as Float32Array;
    let most: [number, string] = [0, ""];
    for (let i = 0; i < COUNT; i++) {
      const error = units(got[i], expected(i));
      if (!(error <= most[0])) most = [error, `${of(i)}: expected ${expected(i)}, got ${got[i]}`];
    }
    return most;
  }

  const one: [UnaryName, (x: number) => number, Float32Array, number][] = [
    ["exp", Math.exp, spread(-8, 2.2, true, 1), 4],
    ["expm1", Math.expm1, spread(-8, 2.2, true, 2), 4],
    ["log", Math.log, spread(-37, 38, false, 3), 4],
    ["log", Math.log, spread(-0.3, 0.3, false, 4), 4],
    ["log1p", Math.log1p, spread(-8, 30, false, 5), 4],
    ["sin", Math.sin, spread(-6, 3, true, 6), 4],
    ["sin", Math.sin, spread(3, 38, true, 7), 8],
    ["cos", Math.cos, spread(3, 38, true, 8), 8],
    ["tanh", Math.tanh, spread(-8, 3, true, 9), 4],
    ["sigmoid", (x) => 1 / (1 + Math.exp(-x)), spread(-3, 1.9, true, 10), 6],
    ["sqrt", Math.sqrt, spread(-30, 38, false, 11), 4],
  ];
  it.each(one.map((row, i) => [`${row[0]} ${i}`, ...row] as const))("%s", async (_, name, f, values, most) => {
    const [a, out] = [view(values), view()];
    device.backend.unary(name, out, a);
    const [error, where] = await worst(
      out,
      (i) => f(values[i]),
      (i) => `${name}(${values[i]})`,
    );
    expect(error, where).toBeLessThanOrEqual(most);
  });

  const two: [BinaryName, (x: number, y: number) => number, Float32Array, Float32Array, number][] = [
    ["pow", Math.pow, spread(-1, 1, false, 21), spread(-2, 1.5, true, 22), 64],
    ["pow", Math.pow, spread(-20, 20, false, 23), spread(-2, 0.2, true, 24), 64],
    ["atan2", Math.atan2, spread(-6, 6, true, 25), spread(-6, 6, true, 26), 4],
    ["fmod", (x, y) => x % y, spread(-3, 30, true, 27), spread(-3, 3, true, 28), 0],
    ["div", (x, y) => x / y, spread(-10, 10, true, 29), spread(-10, 10, true, 30), 4],
  ];
  it.each(two.map((row, i) => [`${row[0]} ${i}`, ...row] as const))("%s", async (_, name, f, x, y, most) => {
    const [a, b, out] = [view(x), view(y), view()];
    device.backend.binary(name, out, a, b);
    const [error, where] = await worst(
      out,
      (i) => f(x[i], y[i]),
      (i) => `${name}(${x[i]}, ${y[i]})`,
    );
    expect(error, where).toBeLessThanOrEqual(most);
  });
});
