import { isTensor, manualSeed, randn, type Tensor, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { beforeEach, describe, expect, it } from "vitest";

/*
 * Modules, losses and helpers on a device that cannot be read while it runs: the same results as on the CPU.
 */

registerOpaqueBackend();

const { functional: F, utils } = nn;
const integers = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });
const flat = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(flat) : [];

interface Case {
  readonly make: () => nn.Module;
  readonly inputs: () => Tensor[];
  readonly call?: (module: nn.Module, inputs: Tensor[]) => unknown;
}

const batch = (): Tensor[] => [randn(4, 3)];
const steps = (): Tensor[] => [randn(5, 2, 3)];
const packed: Case["call"] = (module, [x]) => {
  const sequence = utils.rnn.packPaddedSequence(x, [2, 5], { enforceSorted: false });
  const [out, state] = module.forward(sequence);
  const [padded, lengths] = utils.rnn.padPackedSequence(out);
  expect(lengths.tolist()).toEqual([2, 5]);
  return [padded, state];
};

const cases: Record<string, Case> = {
  Linear: { make: () => new nn.Linear(3, 4), inputs: batch },
  Bilinear: { make: () => new nn.Bilinear(3, 2, 4), inputs: () => [randn(4, 3), randn(4, 2)] },
  Embedding: { make: () => new nn.Embedding(5, 3, { paddingIdx: 1 }), inputs: () => [integers(0, 1, 4, 4)] },
  "Embedding with a limit": { make: () => new nn.Embedding(5, 3, { maxNorm: 1 }), inputs: () => [integers(0, 1, 4)] },
  LayerNorm: { make: () => new nn.LayerNorm(3), inputs: batch },
  BatchNorm1d: { make: () => new nn.BatchNorm1d(3), inputs: batch },
  "BatchNorm1d, cumulative": { make: () => new nn.BatchNorm1d(3, { momentum: null }), inputs: batch },
  Dropout: { make: () => new nn.Dropout(0.5), inputs: batch },
  Activations: {
    make: () => new nn.Sequential(new nn.ReLU(), new nn.ELU(), new nn.GELU(), new nn.SiLU(), new nn.LogSoftmax(1)),
    inputs: batch,
  },
  "Activations, more": {
    make: () =>
      new nn.Sequential(new nn.LeakyReLU(), new nn.LogSigmoid(), new nn.Softplus(), new nn.Hardtanh(), new nn.Tanh()),
    inputs: batch,
  },
  RNN: { make: () => new nn.RNN(3, 4, { numLayers: 2, bidirectional: true }), inputs: steps },
  LSTM: { make: () => new nn.LSTM(3, 4, { numLayers: 2, dropout: 0.5, batchFirst: true }), inputs: steps },
  GRU: { make: () => new nn.GRU(3, 4, { bidirectional: true }), inputs: steps },
  "RNN, packed": { make: () => new nn.RNN(3, 4), inputs: steps, call: packed },
  "LSTM, packed": { make: () => new nn.LSTM(3, 4, { bidirectional: true }), inputs: steps, call: packed },
  LSTMCell: { make: () => new nn.LSTMCell(3, 4), inputs: batch },
  GRUCell: { make: () => new nn.GRUCell(3, 4), inputs: batch },
  MSELoss: { make: () => new nn.MSELoss(), inputs: () => [randn(4, 3), randn(4, 3)] },
  SmoothL1Loss: { make: () => new nn.SmoothL1Loss(), inputs: () => [randn(4, 3), randn(4, 3)] },
  NLLLoss: { make: () => new nn.NLLLoss(tensor([1, 2, 3])), inputs: () => [randn(4, 3), integers(0, 2, -100, 1)] },
  CrossEntropyLoss: {
    make: () => new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }),
    inputs: () => [randn(4, 3), integers(0, 2, -100, 1)],
  },
  BCELoss: { make: () => new nn.BCELoss(), inputs: () => [randn(4, 3).sigmoid().detach(), randn(4, 3).sigmoid()] },
  BCEWithLogitsLoss: { make: () => new nn.BCEWithLogitsLoss(), inputs: () => [randn(4, 3), randn(4, 3).sigmoid()] },
  KLDivLoss: { make: () => new nn.KLDivLoss(), inputs: () => [randn(4, 3), randn(4, 3).softmax(1)] },
};

/** Results, gradients, their norm and the state after one step of training. */
async function train({ make, inputs, call = (m, x) => m.forward(...x) }: Case, device: string): Promise<number[][]> {
  manualSeed(0);
  const module = make().to(device);
  const given = inputs().map((t) => t.to(device));
  if (given[0].isFloatingPoint()) given[0].requiresGrad_();
  const outs = flat(call(module, given));
  outs
    .map((t) => t.mul(t).sum())
    .reduce((a, b) => a.add(b))
    .backward();
  const leaves = [...module.parameters(), given[0]];
  const norm = utils.clipGradNorm_(leaves, 1);
  const grads = leaves.flatMap((p) => p.grad ?? []);
  const state = Object.values(module.stateDict());
  const host = await Promise.all([...outs, norm, ...grads, ...state].map((t) => t.detach().cpu()));
  return host.map((t) => [...t.toTypedArray()].map(Number));
}

describe("modules on a device that cannot be read", () => {
  it.each(Object.entries(cases))("%s", async (_, entry) => {
    const [here, there] = [await train(entry, "cpu"), await train(entry, "opaque")];
    expect(there.length).toBe(here.length);
    for (const [i, values] of here.entries()) {
      values.forEach((x, k) => {
        expect(Math.abs(x - there[i][k])).toBeLessThan(1e-4 * Math.max(1, Math.abs(x)));
      });
    }
  });
});

describe("what stands on that device", () => {
  let layer: nn.Linear;
  beforeEach(() => {
    manualSeed(0);
    layer = new nn.Linear(2, 3, { device: "opaque" });
  });

  it("is initialised by the CPU's numbers", async () => {
    manualSeed(0);
    const here = new nn.Linear(2, 3);
    expect((await layer.weight.cpu()).tolist()).toEqual(here.weight.tolist());
    expect((await layer.bias?.cpu())?.tolist()).toEqual(here.bias?.tolist());
  });

  it("comes back with its state, and takes one", async () => {
    const { weight } = layer;
    await layer.cpu();
    expect(layer.weight).toBe(weight);
    expect(weight.device).toBe("cpu");
    const other = new nn.Linear(2, 3, { device: "opaque" });
    other.loadStateDict(layer.stateDict());
    expect((await other.weight.cpu()).tolist()).toEqual(weight.tolist());
  });

  it("takes one-hot rows without a read", async () => {
    const rows = F.oneHot(integers(0, 2).to("opaque"), 3);
    expect((await rows.cpu()).tolist()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ]);
  });
});
