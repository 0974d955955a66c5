import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";
import { conformance, parts } from "../src/conformance.js";
import { at, deviceOf, numbers, operand, read } from "../src/operands.js";

await conformance(parts.matmul);

const backend = await openWebGpu();

describe.skipIf(typeof backend === "string")("products in tiles", { timeout: 60_000 }, () => {
  if (typeof backend === "string") return;
  const device = deviceOf(backend);

  type Order = readonly number[];
  const [plain, turned]: Order[] = [
    [0, 1, 2],
    [0, 2, 1],
  ];

  /** The largest difference from float64, in units of what rounding may do over this depth. */
  async function error(
    [batch, m, k, n]: readonly [number, number, number, number],
    orders: readonly [out: Order, a: Order, b: Order] = [plain, plain, plain],
    { accumulate = false, offset = 0, whole = false } = {},
  ): Promise<number> {
    const elements = (count: number, seed: number): Float32Array =>
      whole ? Float32Array.from(numbers(count, seed), (x) => Math.round(8 * x)) : numbers(count, seed);
    const a = operand(device, elements(batch * m * k, 1), [batch, m, k], orders[1], offset);
    const b = operand(device, elements(batch * k * n, 2), [batch, k, n], orders[2]);
    const there = accumulate ? numbers(batch * m * n, 3) : new Float32Array(batch * m * n).fill(Number.NaN);
    const out = operand(device, there, [batch, m, n], orders[0]);
    device.kernels.matmul.float32(out.view, a.view, b.view, accumulate);
    const actual = { view: out.view, values: await read(out) };
    let worst = 0;
    for (const i of new Set([0, batch - 1])) {
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let sum = accumulate ? at(out, i, row, column) : 0;
          for (let d = 0; d < k; d++) sum += at(a, i, row, d) * at(b, i, d, column);
          const difference = Math.abs(at(actual, i, row, column) - sum);
          if (!(difference <= worst)) worst = difference;
        }
      }
    }
    return worst / Math.sqrt(k) / 2 ** -23;
  }

  it("reads operands of either order, in vectors and element by element", async () => {
    for (const offset of [0, 1]) {
      for (const a of [plain, turned]) {
        for (const b of [plain, turned]) {
          expect(await error([1, 40, 24, 36], [plain, a, b], { offset })).toBeLessThan(8);
        }
      }
    }
  });

  it("handles sizes that end within a tile", async () => {
    for (const size of [
      [1, 33, 9, 31],
      [3, 17, 5, 70],
      [2, 40, 1, 33],
    ] as const) {
      expect(await error(size)).toBeLessThan(8);
    }
  });

  it("writes results of transposed layout, and adds to what is there", async () => {
    expect(await error([2, 36, 16, 20], [turned, plain, plain])).toBeLessThan(8);
    expect(await error([2, 36, 16, 20], [turned, plain, plain], { accumulate: true })).toBeLessThan(8);
    expect(await error([1, 36, 16, 20], [plain, turned, plain], { accumulate: true })).toBeLessThan(8);
  });

  it("cuts a deep product of few tiles into parts, and adds those up", async () => {
    expect(await error([1, 20, 1000, 24])).toBeLessThan(8);
    expect(await error([2, 20, 1000, 24], [turned, plain, plain], { accumulate: true })).toBeLessThan(8);
  });

  it("has kernels of their own for few rows or few columns", async () => {
    for (const order of [plain, turned]) {
      expect(await error([2, 1, 300, 70], [plain, plain, order])).toBeLessThan(8);
      expect(await error([1, 70, 300, 3], [plain, order, plain], { accumulate: true })).toBeLessThan(8);
    }
  });

  it("makes large products in large tiles", async () => {
    expect(await error([1, 256, 16, 256])).toBeLessThan(8);
    expect(await error([32, 256, 8, 256])).toBeLessThan(8);
    expect(await error([120, 128, 512, 128], [plain, plain, turned], { whole: true })).toBe(0);
  }, 120_000); // a software GPU takes ten seconds to compile those
});
