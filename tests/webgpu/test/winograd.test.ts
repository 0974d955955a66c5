import { beforeAll, describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";
import { deviceOf, numbers, type Operand, operand, read } from "../src/operands.js";

type Pair = readonly [number, number];

const backend = await openWebGpu();
const missing = typeof backend === "string" ? ` (skipped: ${backend})` : "";
const KERNEL = [0, 1, 2].flatMap((p) => [0, 1, 2].map((q) => [p, q] as const));

describe.skipIf(missing !== "")(`3 × 3 by Winograd's transforms${missing}`, { timeout: 60_000 }, () => {
  if (typeof backend === "string") return;
  const device = deviceOf(backend);
  /** Names of the kernels that `work` ran, where the adapter has a clock. */
  const names = async (work: () => void): Promise<string | undefined> => {
    const stop = backend.record?.("webgpu");
    work();
    return (await stop?.())?.map(({ name }) => name).join("\n");
  };

  interface Case {
    readonly samples: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly size: Pair;
    readonly padding: Pair;
    /** Dimensions of images from the slowest in memory to the fastest. */
    readonly order?: readonly number[];
  }

  /** Operands and results of a convolution and its gradients; results hold NaN. */
  function prepare({ samples, inputs, outputs, size, padding, order }: Case) {
    const count = [0, 1].map((d) => size[d] + 2 * padding[d] - 2);
    const of = (seed: number | null, shape: number[], offset: number, layout?: readonly number[]): Operand => {
      const n = shape.reduce((a, b) => a * b, 1);
      const values = seed === null ? new Float32Array(n).fill(Number.NaN) : numbers(n, seed);
      return operand(device, values, shape, layout, offset);
    };
    const [image, result, kernels] = [
      [samples, inputs, ...size],
      [samples, outputs, ...count],
      [outputs, inputs, 3, 3],
    ];
    return {
      count,
      layout: { kernel: [3, 3], stride: [1, 1], padding, dilation: [1, 1], groups: 1 } as const,
      input: of(1, image, 3, order),
      weight: of(2, kernels, 5),
      bias: of(3, [outputs], 1),
      grad: of(4, result, 0),
      y: of(null, result, 2, order),
      dx: of(null, image, 0, order),
      dw: of(null, kernels, 5),
    };
  }

  const run = (c: ReturnType<typeof prepare>): void => {
    const took = [
      device.tryFast("conv2d", "float32", c.y.view, c.input.view, c.weight.view, c.bias.view, c.layout),
      device.tryFast("conv2dInput", "float32", c.dx.view, c.grad.view, c.weight.view, null, c.layout),
      device.tryFast("conv2dWeight", "float32", c.dw.view, c.input.view, c.grad.view, c.layout),
    ];
    expect(took).toEqual([true, true, true]);
  };

  /** The elements of a view in the order of its shape. */
  const dense = ({ view: { shape, strides, offset } }: Operand, values: Float32Array): Float64Array => {
    const out = new Float64Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < out.length; i++) {
      let [rest, at] = [i, offset];
      for (let d = shape.length - 1; d >= 0; d--) {
        at += (rest % shape[d]) * strides[d];
        rest = Math.floor(rest / shape[d]);
      }
      out[i] = values[at];
    }
    return out;
  };

  /** The three results, by sums in float64 over planes that are moved by the place in the kernel. */
  function expected({ samples, inputs, outputs, size, padding }: Case, c: ReturnType<typeof prepare>): Float64Array[] {
    const [x, w, b, g] = [c.input, c.weight, c.bias, c.grad].map((o) => dense(o, o.values));
    const [y, dx, dw] = [g.length, x.length, w.length].map((n) => new Float64Array(n));
    const [rows, columns] = c.count;
    const plane = rows * columns;
    for (let n = 0; n < samples; n++) {
      for (let o = 0; o < outputs; o++) y.fill(b[o], (n * outputs + o) * plane, (n * outputs + o + 1) * plane);
      for (let i = 0; i < inputs; i++) {
        for (const [p, q] of KERNEL) {
          const from: number[] = [];
          const to: number[] = [];
          for (let r = 0; r < rows; r++) {
            for (let s = 0; s < columns; s++) {
              const [u, v] = [r + p - padding[0], s + q - padding[1]];
              if (u < 0 || v < 0 || u >= size[0] || v >= size[1]) continue;
              from.push(((n * inputs + i) * size[0] + u) * size[1] + v);
              to.push(r * columns + s);
            }
          }
          const seen = Float64Array.from(from, (at) => x[at]);
          const back = new Float64Array(from.length);
          const places = Int32Array.from(to);
          for (let o = 0; o < outputs; o++) {
            const at = (o * inputs + i) * 9 + 3 * p + q;
            const base = (n * outputs + o) * plane;
            const factor = w[at];
            let sum = 0;
            for (let k = 0; k < places.length; k++) {
              const place = base + places[k];
              y[place] += factor * seen[k];
              back[k] += factor * g[place];
              sum += g[place] * seen[k];
            }
            dw[at] += sum;
          }
          for (let k = 0; k < from.length; k++) dx[from[k]] += back[k];
        }
      }
    }
    return [y, dx, dw];
  }

  const cases: Record<string, Case> = {
    "rows of fours, written in vectors where they start at a multiple of four": {
      ...{ samples: 1, inputs: 128, outputs: 128, size: [33, 32], padding: [1, 1] },
    },
    "odd channels, several samples, channels last, less and more padding than the kernel's reach": {
      ...{ samples: 3, inputs: 65, outputs: 67, size: [20, 21], padding: [0, 3], order: [0, 2, 3, 1] },
    },
  };
  it.each(Object.entries(cases))("%s", async (_, c) => {
    const made = prepare(c);
    const ran = await names(() => run(made));
    if (ran !== undefined) expect(ran.match(/winograd (result|weight)/g)).toHaveLength(3);
    const sums = expected(c, made);
    for (const [i, result] of [made.y, made.dx, made.dw].entries()) {
      const got = await read(result);
      expect(got.subarray(0, result.view.offset)).toEqual(new Float32Array(result.view.offset));
      const values = dense(result, got);
      let [worst, largest] = [0, 0];
      sums[i].forEach((sum, k) => {
        largest = Math.max(largest, Math.abs(sum));
        const error = Math.abs(sum - values[k]);
        if (!(error <= worst)) worst = error;
      });
      expect(worst / largest).toBeLessThan(4e-6);
    }
  });

  describe("many tiles", () => {
    const c = { samples: 6, inputs: 64, outputs: 64, size: [23, 16], padding: [1, 1] } as const;
    let whole: Float64Array[];
    const results = async (made: ReturnType<typeof prepare>): Promise<Float64Array[]> =>
      Promise.all([made.y, made.dx, made.dw].map(async (result) => dense(result, await read(result))));
    beforeAll(async () => {
      const made = prepare(c);
      run(made);
      whole = await results(made);
    });

    it("are computed in parts", async () => {
      const made = prepare(c);
      const { runtime } = made.y.view.storage.handle as { runtime: { largest: number } };
      const { largest } = runtime;
      runtime.largest = 36 * 4 * 64 ** 2; // 64 tiles of 64 channels
      try {
        const ran = await names(() => run(made));
        if (ran !== undefined) expect(ran.match(/winograd result/g)).toHaveLength(6);
      } finally {
        runtime.largest = largest;
      }
      const got = await results(made);
      // results come from the same sums, gradients of weights from a sum for each part
      expect([got[0], got[1]]).toEqual([whole[0], whole[1]]);
      const top = whole[2].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = got[2].reduce((most, value, i) => Math.max(most, Math.abs(value - whole[2][i])), 0);
      expect(worst).toBeLessThan(4e-6 * top);
    });

    it("let NaN and infinity through, and nowhere but in windows and tiles that have them", async () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const made = prepare(c);
        const { view } = made.input;
        const [sample, channel, row, column] = view.strides;
        // meets rows 9 to 11 and columns 4 to 6: the tile at row 8 and column 4
        const place = view.offset + 2 * sample + 7 * channel + 10 * row + 5 * column;
        device.backend.write(view.storage, place, new Float32Array([value]));
        device.tryFast("conv2d", "float32", made.y.view, view, made.weight.view, made.bias.view, made.layout);
        const wrong = dense(made.y, await read(made.y)).filter((got, i) => {
          const [r, s] = [Math.floor(i / 16) % 23, i % 16];
          const here = Math.floor(i / (16 * 23 * 64)) === 2;
          if (here && r >= 9 && r <= 11 && s >= 4 && s <= 6) return Number.isFinite(got);
          return (!here || r < 8 || r > 11 || s < 4 || s > 7) && got !== whole[0][i];
        });
        expect(wrong).toHaveLength(0);
      }
    });
  });

  it("are not taken for few channels, groups, strides, dilation, or planes that tiles do not fill", async () => {
    const kinds: [number, Pair, number, number, number][] = [
      // channels, size, groups, stride, dilation
      [48, [32, 32], 1, 1, 1],
      [64, [32, 32], 2, 1, 1],
      [64, [65, 33], 1, 2, 1],
      [64, [36, 35], 1, 1, 2],
      [64, [3, 600], 1, 1, 1],
    ];
    for (const [channels, size, groups, stride, dilation] of kinds) {
      const count = size.map((n) => Math.floor((n - dilation * 2 - 1) / stride) + 1);
      const zeros = (...shape: number[]): Operand =>
        operand(device, new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
      const [y, x, w] = [
        zeros(1, channels, ...count),
        zeros(1, channels, ...size),
        zeros(channels, channels / groups, 3, 3),
      ];
      const two = (n: number): Pair => [n, n];
      const layout = { kernel: two(3), stride: two(stride), padding: two(0), dilation: two(dilation), groups };
      const ran = await names(() => {
        expect(device.tryFast("conv2d", "float32", y.view, x.view, w.view, null, layout)).toBe(true);
      });
      expect(ran ?? "").not.toContain("winograd");
    }
  });
});
