import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";
import { deviceOf, numbers, operand, read } from "../src/operands.js";

const backend = await openWebGpu();
const missing = typeof backend === "string" ? ` (skipped: ${backend})` : "";

describe.skipIf(missing !== "")(`the weight's gradient by Winograd's transform${missing}`, { timeout: 60_000 }, () => {
  if (typeof backend === "string") return;
  const device = deviceOf(backend);

  it.each<[string, number, number, number, [number, number], [number, number], number[]]>([
    ["odd rows", 1, 128, 128, [33, 31], [1, 1], [0, 1, 2, 3]],
    ["no padding, odd channels, several samples", 3, 129, 131, [20, 23], [0, 0], [0, 1, 2, 3]],
    ["more padding than kernel, channels last", 2, 128, 130, [21, 22], [0, 3], [0, 2, 3, 1]],
  ])("%s", async (_, samples, inputs, outputs, size, padding, order) => {
    const [rows, columns] = size.map((n, d) => n + 2 * padding[d] - 2);
    const input = operand(
      device,
      numbers(samples * inputs * size[0] * size[1], 1),
      [samples, inputs, ...size],
      order,
      3,
    );
    const grad = operand(device, numbers(samples * outputs * rows * columns, 2), [samples, outputs, rows, columns]);
    const empty = new Float32Array(outputs * inputs * 9).fill(Number.NaN);
    const weight = operand(device, empty, [outputs, inputs, 3, 3], [0, 1, 2, 3], 5);
    const layout = { kernel: [3, 3], stride: [1, 1], padding, dilation: [1, 1], groups: 1 } as const;
    const stop = backend.record?.("webgpu");
    expect(device.tryFast("conv2dWeight", "float32", weight.view, input.view, grad.view, layout)).toBe(true);
    const names = (await stop?.())?.map(({ name }) => name).join();
    if (names !== undefined) expect(names).toContain("winograd");

    const got = await read(weight);
    const at = (n: number, c: number, y: number, x: number): number => {
      if (y < 0 || x < 0 || y >= size[0] || x >= size[1]) return 0;
      const [s, ch, r, co] = input.view.strides;
      return input.values[3 + n * s + c * ch + y * r + x * co];
    };
    let [worst, largest] = [0, 0];
    // planes of the input as each place of the kernel sees them, one after the other
    for (let c = 0; c < inputs; c++) {
      for (let place = 0; place < 9; place++) {
        const seen = new Float64Array(samples * rows * columns);
        for (let i = 0; i < seen.length; i++) {
          const [y, x] = [Math.floor(i / columns) % rows, i % columns];
          const [p, q] = [Math.floor(place / 3), place % 3];
          seen[i] = at(Math.floor(i / columns / rows), c, y + p - padding[0], x + q - padding[1]);
        }
        for (let o = 0; o < outputs; o++) {
          let sum = 0;
          for (let n = 0; n < samples; n++) {
            const from = (n * outputs + o) * rows * columns;
            const first = n * rows * columns;
            for (let i = 0; i < rows * columns; i++) sum += grad.values[from + i] * seen[first + i];
          }
          largest = Math.max(largest, Math.abs(sum));
          const error = Math.abs(sum - got[5 + (o * inputs + c) * 9 + place]);
          if (!(error <= worst)) worst = error;
        }
      }
    }
    expect(worst / largest).toBeLessThan(2e-6);
    expect(got.subarray(0, 5)).toEqual(new Float32Array(5));
  });
});
