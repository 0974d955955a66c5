import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";
import { at, deviceOf, numbers, type Operand, operand, read } from "../src/operands.js";

type Pair = readonly [number, number];

interface Case {
  readonly samples: number;
  /** Channels of the input and of the result. */
  readonly channels: Pair;
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
  /** Whether the input's channels are the fastest dimension. */
  readonly channelsLast?: boolean;
}

const backend = await openWebGpu();

describe.skipIf(typeof backend === "string")(
  "convolution and its gradients, against sums in float64",
  { timeout: 60_000 },
  () => {
    if (typeof backend === "string") return;
    const device = deviceOf(backend);

    /** The largest difference as a part of the largest element: of the result, of the input's gradient, of the weight's. */
    async function errors(c: Case): Promise<number[]> {
      const { samples, channels, size, kernel, groups = 1 } = c;
      const { stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = c;
      const layout = { kernel, stride, padding, dilation, groups };
      const count = [0, 1].map(
        (d) => Math.floor((size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
      );
      const [inputs, outputs] = channels;
      const of = (seed: number | null, shape: readonly number[], order?: readonly number[]): Operand => {
        const n = shape.reduce((a, b) => a * b, 1);
        return operand(device, seed === null ? new Float32Array(n).fill(Number.NaN) : numbers(n, seed), shape, order);
      };
      const order = c.channelsLast ? [0, 2, 3, 1] : [0, 1, 2, 3];
      const input = of(1, [samples, inputs, ...size], order);
      const weight = of(2, [outputs, inputs / groups, ...kernel]);
      const bias = of(3, [outputs]);
      const biasIn = of(4, [inputs]);
      const grad = of(5, [samples, outputs, ...count]);
      const [result, gradInput, gradWeight] = [
        of(null, grad.view.shape),
        of(null, input.view.shape),
        of(null, weight.view.shape),
      ];
      const took = [
        device.tryFast("conv2d", "float32", result.view, input.view, weight.view, bias.view, layout),
        device.tryFast("conv2dInput", "float32", gradInput.view, grad.view, weight.view, biasIn.view, layout),
        device.tryFast("conv2dWeight", "float32", gradWeight.view, input.view, grad.view, layout),
      ];
      expect(took).toEqual([true, true, true]);

      const zeros = (x: Operand): Float64Array => new Float64Array(x.values.length);
      const [y, dx, dw] = [zeros(result), zeros(gradInput), zeros(gradWeight)];
      const place = (x: Operand, ...index: number[]): number =>
        index.reduce((sum, i, d) => sum + i * x.view.strides[d], 0);
      for (let n = 0; n < samples; n++) {
        for (let o = 0; o < outputs; o++) {
          const group = Math.floor(o / (outputs / groups));
          for (let i = 0; i < count[0]; i++) {
            for (let j = 0; j < count[1]; j++) {
              const to = place(result, n, o, i, j);
              y[to] = at(bias, o);
              for (let c2 = 0; c2 < inputs / groups; c2++) {
                for (let p = 0; p < kernel[0]; p++) {
                  for (let q = 0; q < kernel[1]; q++) {
                    const row = i * stride[0] - padding[0] + p * dilation[0];
                    const column = j * stride[1] - padding[1] + q * dilation[1];
                    if (row < 0 || row >= size[0] || column < 0 || column >= size[1]) continue;
                    const channel = (group * inputs) / groups + c2;
                    const g = at(grad, n, o, i, j);
                    y[to] += at(weight, o, c2, p, q) * at(input, n, channel, row, column);
                    dx[place(gradInput, n, channel, row, column)] += at(weight, o, c2, p, q) * g;
                    dw[place(gradWeight, o, c2, p, q)] += g * at(input, n, channel, row, column);
                  }
                }
              }
            }
          }
        }
      }
      for (let n = 0; n < samples; n++) {
        for (let c2 = 0; c2 < inputs; c2++) {
          for (let row = 0; row < size[0]; row++) {
            for (let column = 0; column < size[1]; column++) dx[place(gradInput, n, c2, row, column)] += at(biasIn, c2);
          }
        }
      }
      const error = async (x: Operand, expected: Float64Array): Promise<number> => {
        const actual = await read(x);
        let [worst, largest] = [0, 0];
        expected.forEach((value, i) => {
          largest = Math.max(largest, Math.abs(value));
          const difference = Math.abs(value - actual[i]);
          if (!(difference <= worst)) worst = difference;
        });
        return worst / largest;
      };
      return [await error(result, y), await error(gradInput, dx), await error(gradWeight, dw)];
    }

    const cases: Record<string, Case> = {
      "3 × 3, rows of fours": { samples: 2, channels: [4, 12], size: [8, 8], kernel: [3, 3], padding: [1, 1] },
      "3 × 3, odd rows": { samples: 2, channels: [3, 9], size: [9, 7], kernel: [3, 3], padding: [1, 1] },
      "5 × 3, stride 2": {
        samples: 2,
        channels: [4, 8],
        size: [11, 12],
        kernel: [5, 3],
        stride: [2, 2],
        padding: [2, 1],
      },
      "stride 3 and 2, no padding": { samples: 1, channels: [3, 8], size: [10, 9], kernel: [2, 3], stride: [3, 2] },
      "dilation and groups": {
        ...{ samples: 2, channels: [4, 16], size: [10, 9], kernel: [3, 2] },
        ...{ padding: [2, 2], dilation: [2, 3], groups: 2 },
      },
      "more padding than kernel": { samples: 1, channels: [2, 8], size: [4, 5], kernel: [2, 2], padding: [3, 2] },
      "stride 3, kernel 2: places that no window reaches": {
        ...{ samples: 1, channels: [2, 8], size: [8, 12], kernel: [2, 2], stride: [3, 3] },
      },
      "stride 2, rows of fours": {
        ...{ samples: 2, channels: [4, 8], size: [16, 16], kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
      },
      "stride and dilation": {
        ...{ samples: 1, channels: [2, 8], size: [11, 13], kernel: [3, 3], stride: [2, 2], dilation: [2, 2] },
      },
      "one channel to three, a large kernel": {
        samples: 1,
        channels: [1, 3],
        size: [20, 24],
        kernel: [9, 9],
        padding: [4, 4],
      },
      "to two channels, more places than workgroup memory takes at once": {
        ...{ samples: 2, channels: [14, 2], size: [6, 9], kernel: [9, 9], padding: [4, 3] },
      },
      "to one channel, stride 2 and 3": {
        ...{ samples: 2, channels: [1, 1], size: [23, 26], kernel: [4, 5], stride: [2, 3], padding: [1, 2] },
      },
      "1 × 1, planes of fours": { samples: 2, channels: [8, 12], size: [4, 6], kernel: [1, 1] },
      "1 × 1, odd planes": { samples: 2, channels: [5, 9], size: [3, 5], kernel: [1, 1] },
      "1 × 1, stride 2": { samples: 2, channels: [8, 8], size: [6, 8], kernel: [1, 1], stride: [2, 2] },
      "channels last": {
        samples: 2,
        channels: [4, 8],
        size: [6, 8],
        kernel: [3, 3],
        padding: [1, 1],
        channelsLast: true,
      },
      depthwise: { samples: 2, channels: [6, 6], size: [7, 9], kernel: [3, 3], padding: [1, 1], groups: 6 },
      "depthwise, stride 2, two results a channel": {
        ...{ samples: 2, channels: [4, 8], size: [8, 9], kernel: [3, 3] },
        ...{ stride: [2, 2], padding: [1, 1], groups: 4 },
      },
      "weights of few columns, many positions": {
        ...{ samples: 2, channels: [3, 40], size: [50, 53], kernel: [3, 3], padding: [1, 1] },
      },
      "many positions": { samples: 2, channels: [2, 8], size: [24, 24], kernel: [3, 3], padding: [1, 1] },
    };
    it.each(Object.entries(cases))("%s", async (_, c) => {
      for (const error of await errors(c)) expect(error).toBeLessThan(2e-6);
    });
  },
);
