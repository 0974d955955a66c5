import { autograd, manualSeed, randint, randn, type Tensor, tensor } from "@kindling/autograd";
import { fastPaths } from "@kindling/backend-webgpu";
import * as nn from "@kindling/nn";
import { getDevice } from "@kindling/storage";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { initWebGpu } from "../src/adapter.js";
import { compare, withGradients } from "../src/compare.js";

const F = nn.functional;
// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });
const missing = await initWebGpu();
const skipped = missing ? ` (skipped: ${missing})` : "";
beforeEach(() => {
  manualSeed(7);
});

/** Gradients that results get: of their shape, from the CPU's generator, the same for every device. */
const weigher = (): ((t: Tensor) => Tensor) => {
  const known = new Map<string, Tensor>();
  return (t) => {
    const key = t.shape.join();
    const found = known.get(key) ?? randn(t.shape as number[]);
    known.set(key, found);
    return found;
  };
};

const check = (
  inputs: readonly Tensor[],
  forward: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  rtol?: number,
) => compare("webgpu", withGradients(inputs, forward, weigher()), rtol);

describe.skipIf(missing)(`softmax and its logarithm${skipped}`, () => {
  for (const [name, f] of Object.entries({ softmax: F.softmax, logSoftmax: F.logSoftmax })) {
    it.each([
      [[7], 0],
      [[5, 10], 1],
      [[5, 10], 0],
      [[3, 300, 40], 1],
      [[2, 1500], 1],
    ] as [number[], number][])(`${name} of %j along %i`, async (shape, dim) => {
      await check([randn(shape)], (x) => f(x, dim));
    });
    it(`${name} of a transposed matrix, of infinities and NaN`, async () => {
      await check([randn([40, 9])], (x) => f(x.transpose(0, 1), 1));
      const x = tensor([
        [1, Number.NEGATIVE_INFINITY, 2],
        [Number.NaN, 0, 1],
        [1e30, -1e30, 0],
      ]);
      await compare("webgpu", (bring) => [f(bring(x), 1)]);
    });
  }
});

describe.skipIf(missing)("norms", () => {
  const norms: [string, number[], (x: Tensor, w: Tensor | null, b: Tensor | null) => Tensor][] = [
    ["layerNorm", [6, 20], (x, w, b) => F.layerNorm(x, [20], w, b)],
    ["layerNorm", [3, 4, 700], (x, w, b) => F.layerNorm(x, [700], w, b)],
    ["batchNorm", [8, 5], (x, w, b) => F.batchNorm(x, null, null, w, b, true)],
    ["batchNorm", [4, 3, 9, 11], (x, w, b) => F.batchNorm(x, null, null, w, b, true)],
    ["batchNorm", [2, 2, 90, 90], (x, w, b) => F.batchNorm(x, null, null, w, b, true)],
  ];
  it.each(norms)("%s of %j", async (name, shape, f) => {
    const size = name === "layerNorm" ? (shape.at(-1) as number) : shape[1];
    await check([randn(shape).mul(3).add(5), randn([size]), randn([size])], f, 1e-4);
    await check([randn(shape)], (x) => f(x, null, null), 1e-4);
  });
  it("running statistics", async () => {
    const x = randn([6, 4, 5]);
    await compare("webgpu", (bring) => {
      const norm = new nn.BatchNorm1d(4).to(bring(x).device);
      return [norm.forward(bring(x)), ...norm.buffers()];
    });
  });
});

describe.skipIf(missing)("pooling", () => {
  const x = () => randn([2, 3, 9, 11]);
  const pools: Record<string, (x: Tensor) => Tensor | readonly Tensor[]> = {
    "of the largest": (x) => F.maxPool2d(x, 2),
    "of the largest, overlapping": (x) => F.maxPool2d(x, 3, { stride: 1, padding: 1 }),
    "of the largest, dilated": (x) => F.maxPool2d(x, [2, 3], { stride: [1, 2], dilation: 2, ceilMode: true }),
    "of the mean": (x) => F.avgPool2d(x, 2),
    "of the mean, padded": (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
    "of the mean, in windows of any size": (x) => F.adaptiveAvgPool2d(x, [3, 3]),
    "in one dimension": (x) => F.maxPool1d(x.reshape([2, 3, 99]), 3, { stride: 2 }),
  };
  it.each(Object.entries(pools))("%s", async (_, f) => {
    await check([x()], f);
    await check([x()], (t) => f(t.transpose(0, 1).mul(1)));
  });
  it("says where the largest is", async () => {
    const image = x();
    await compare("webgpu", (bring) => {
      const [values, indices] = F.maxPool2d(bring(image), 3, { stride: 2, padding: 1, returnIndices: true });
      return [values, indices];
    });
  });
});

describe.skipIf(missing)("losses of classes", () => {
  it.each([
    [[6, 5], [6]],
    [
      [3, 4, 6, 7],
      [3, 6, 7],
    ],
    [[9000, 3], [9000]],
  ])("of %j", async (shape, targets) => {
    const [x, target, weight] = [randn(shape), randint(0, shape[1], targets), randn([shape[1]]).abs()];
    for (const reduction of ["mean", "sum", "none"] as const) {
      for (const weighted of [false, true]) {
        const weigh = weigher();
        await compare("webgpu", (bring) => {
          const options = { ...(weighted && { weight: bring(weight) }), ignoreIndex: 1, reduction };
          return withGradients([x], (t) => F.crossEntropy(t, bring(target), options), weigh)(bring);
        });
      }
    }
  });
});

describe.skipIf(missing)("embedding", () => {
  it.each([
    [5, 3, 4],
    [50, 33, 200],
    [3, 64, 3000],
  ])("of %i rows of %i, %i times", async (rows, width, times) => {
    const [table, index] = [randn([rows, width]), randint(0, rows, [times])];
    for (const options of [{}, { paddingIdx: 1, scaleGradByFreq: true }]) {
      const weigh = weigher();
      await compare("webgpu", (bring) =>
        withGradients([table], (w) => F.embedding(bring(index), w, options), weigh)(bring),
      );
    }
  });
});

describe.skipIf(missing)("activations", () => {
  const x = () => randn([5, 77]).mul(3);
  it.each([
    ["gelu", (x: Tensor) => F.gelu(x)],
    ["gelu by tanh", (x: Tensor) => F.gelu(x, { approximate: "tanh" })],
    ["silu", (x: Tensor) => F.silu(x)],
    ["relu", (x: Tensor) => F.relu(x)],
  ] as const)("%s", async (_, f) => {
    await check([x()], f);
    await check([x()], (t) => f(t.transpose(0, 1)));
  });
  it("stay finite far out", async () => {
    const far = tensor([-1e4, -100, -30, 30, 100, 1e4]);
    for (const f of [
      (t: Tensor) => F.gelu(t),
      (t: Tensor) => F.silu(t),
      (t: Tensor) => F.gelu(t, { approximate: "tanh" }),
    ])
      await check([far], f);
  });
});

describe.skipIf(missing)("recurrent layers", () => {
  const layers: [string, () => nn.RNN | nn.LSTM | nn.GRU][] = [
    ["RNN", () => new nn.RNN(5, 7)],
    ["RNN with ReLU", () => new nn.RNN(5, 7, { nonlinearity: "relu" })],
    ["LSTM", () => new nn.LSTM(5, 7)],
    ["GRU", () => new nn.GRU(5, 7)],
    ["LSTM of two layers both ways", () => new nn.LSTM(5, 7, { numLayers: 2, bidirectional: true })],
    ["GRU without biases, both ways", () => new nn.GRU(5, 7, { bias: false, bidirectional: true })],
  ];
  for (const [name, make] of layers) {
    it.each(["padded", "packed"])(`${name}, %s`, async (form) => {
      const [layer, x, weigh] = [make(), randn([6, 3, 5]), weigher()];
      await compare("webgpu", (bring) => {
        const [input, there] = [bring(x.clone()).requiresGrad_(), layer.to(bring(x).device)];
        there.zeroGrad();
        const given = form === "packed" ? nn.utils.rnn.packPaddedSequence(input, [6, 4, 1]) : input;
        const [out, state] = (there as nn.LSTM).forward(given as never) as unknown as [Tensor, Tensor | Tensor[]];
        const results = [form === "packed" ? (out as unknown as { data: Tensor }).data : out, state].flat();
        autograd.backward(
          results,
          results.map((t) => bring(weigh(t))),
        );
        return [...results, ...[input, ...there.parameters()].map((t) => (t.grad as Tensor).clone())];
      });
    });
  }
});

describe.skipIf(missing)("a linear layer adds its bias", () => {
  const turned = (w: Tensor): Tensor => w.t().contiguous().t();
  it.each([
    ["to few rows", 3, 20, 50, (w: Tensor) => w],
    ["to many rows", 40, 24, 36, (w: Tensor) => w],
    ["to rows in vectors", 40, 24, 36, turned],
    ["to few columns, as the transposed product", 70, 33, 5, (w: Tensor) => w],
    ["to a product in parts", 40, 300, 36, (w: Tensor) => w],
    ["to a product of few columns in parts", 50, 300, 20, turned],
  ])("%s", async (_, rows, inner, columns, lay) => {
    const [x, w, b] = [randn([rows, inner]), randn([columns, inner]), randn([2 * columns])];
    await compare("webgpu", (bring) => [F.linear(bring(x), lay(bring(w)), bring(b).at("::2"))]);
  });
});

describe.skipIf(missing)("recurrent layers whose products are made in parts", () => {
  const layers: [string, () => nn.RNN | nn.LSTM | nn.GRU][] = [
    ["RNN", () => new nn.RNN(4, 256)],
    ["LSTM", () => new nn.LSTM(4, 64)],
    ["GRU", () => new nn.GRU(4, 96)],
  ];
  it.each(layers)("%s", async (_, make) => {
    const [layer, x, weigh] = [make(), randn([3, 9, 4]), weigher()];
    await compare("webgpu", (bring) => {
      const [input, there] = [bring(x.clone()).requiresGrad_(), layer.to(bring(x).device)];
      there.zeroGrad();
      const [out, state] = (there as nn.LSTM).forward(input) as unknown as [Tensor, Tensor | Tensor[]];
      const results = [out, state].flat();
      autograd.backward(
        results,
        results.map((t) => bring(weigh(t))),
      );
      return [...results, ...[input, ...there.parameters()].map((t) => (t.grad as Tensor).clone())];
    });
  });
});

it.skipIf(missing)("every fast path is there", () => {
  const device = getDevice("webgpu");
  const missing = Object.keys(fastPaths.kernels).filter((name) => !device.hasFast(name as "softmax", "float32"));
  expect(missing).toEqual([]);
});
