import { arange, manualSeed, randint, randn, type Tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import * as optim from "@kindling/optim";
import { describe, expect, it, vi } from "vitest";
import { initWebGpu } from "../src/adapter.js";
import { expectClose } from "../src/compare.js";

const F = nn.functional;
// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });
const missing = await initWebGpu();
const skipped = missing ? ` (skipped: ${missing})` : "";

/** A net with its optimizer and data; `loss` is that of one step. */
interface Run {
  readonly net: nn.Module;
  readonly optimizer: (parameters: Iterable<nn.Parameter>) => optim.Optimizer;
  readonly data: readonly Tensor[];
  readonly loss: (...data: Tensor[]) => Tensor;
}

const STEPS = 8;

/** The losses of a training, and all parameters after it. Nothing is read before the end. */
async function train(make: () => Run, device: string): Promise<{ losses: number[]; parameters: number[][] }> {
  manualSeed(11);
  const { net, optimizer, data, loss } = make();
  net.to(device);
  const there = data.map((t) => t.to(device));
  const steps = optimizer(net.parameters());
  const losses = Array.from({ length: STEPS }, () => {
    steps.zeroGrad();
    const value = loss(...there);
    value.backward();
    steps.step();
    return value.detach();
  });
  const numbers = async (t: Tensor): Promise<number[]> => (await t.detach().cpu()).reshape([-1]).tolist() as number[];
  return {
    losses: (await Promise.all(losses.map(numbers))).flat(),
    parameters: await Promise.all([...net.parameters()].map(numbers)),
  };
}

const runs: Record<string, () => Run> = {
  "an MLP with SGD": () => {
    const net = new nn.Sequential(
      new nn.Linear(6, 20),
      new nn.ReLU(),
      new nn.Linear(20, 20),
      new nn.Tanh(),
      new nn.Linear(20, 3),
    );
    return {
      net,
      optimizer: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
      data: [randn([16, 6]), randn([16, 3])],
      loss: (x, y) => F.mseLoss(net.forward(x), y),
    };
  },
  "a CNN with Adam": () => {
    const net = new nn.Sequential(
      new nn.Conv2d(2, 6, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(6),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(6, 8, 3),
      new nn.SiLU(),
      new nn.AvgPool2d(2),
      new nn.Flatten(),
      new nn.Linear(8 * 2 * 2, 5),
    );
    return {
      net,
      optimizer: (p) => new optim.Adam(p, { lr: 2e-3, amsgrad: true }),
      data: [randn([4, 2, 12, 12]), randint(0, 5, [4])],
      loss: (x, y) => F.crossEntropy(net.forward(x), y),
    };
  },
  "an LSTM with RMSprop": () => {
    const [embedding, lstm, head] = [
      new nn.Embedding(11, 8),
      new nn.LSTM(8, 12, { numLayers: 2 }),
      new nn.Linear(12, 11),
    ];
    return {
      net: new nn.ModuleList([embedding, lstm, head]),
      optimizer: (p) => new optim.RMSprop(p, { lr: 1e-3, momentum: 0.5, centered: true }),
      data: [randint(0, 11, [7, 4]), randint(0, 11, [28])],
      loss: (x, y) =>
        F.crossEntropy(head.forward(lstm.forward(embedding.forward(x))[0] as Tensor).reshape([28, 11]), y),
    };
  },
  "a GRU with Adagrad": () => {
    const [gru, head] = [new nn.GRU(5, 9, { bidirectional: true }), new nn.Linear(18, 2)];
    return {
      net: new nn.ModuleList([gru, head]),
      optimizer: (p) => new optim.Adagrad(p, { lr: 0.02 }),
      data: [randn([6, 3, 5]), randn([6, 3, 2])],
      loss: (x, y) => F.l1Loss(head.forward(gru.forward(x)[0] as Tensor), y),
    };
  },
  "a transformer with AdamW": () => {
    const [embedding, places, head] = [new nn.Embedding(13, 16), new nn.Embedding(6, 16), new nn.Linear(16, 13)];
    const layer = new nn.TransformerEncoderLayer(16, 4, {
      dimFeedforward: 32,
      dropout: 0,
      activation: "gelu",
      batchFirst: true,
    });
    const mask = nn.Transformer.generateSquareSubsequentMask(6);
    return {
      net: new nn.ModuleList([embedding, places, layer, head]),
      // where a gradient is 0 in theory, a small eps would make steps of what is left by rounding
      optimizer: (p) => new optim.AdamW(p, { lr: 1e-3, eps: 1e-4 }),
      data: [randint(0, 13, [3, 6]), randint(0, 13, [18]), arange(6), mask],
      loss: (x, y, at, hidden) => {
        const given = embedding.forward(x).add(places.forward(at));
        return F.crossEntropy(head.forward(layer.forward(given, { srcMask: hidden })).reshape([18, 13]), y);
      },
    };
  },
};

describe.skipIf(missing)(`training gives what it gives on the CPU${skipped}`, () => {
  it.each(Object.entries(runs))("%s", async (_, make) => {
    const [expected, got] = [await train(make, "cpu"), await train(make, "webgpu")];
    expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]);
    expectClose("losses", got.losses, expected.losses, 1e-4);
    expected.parameters.forEach((values, i) => {
      expectClose(`parameter ${i}`, got.parameters[i], values, 1e-3);
    });
  });
});
