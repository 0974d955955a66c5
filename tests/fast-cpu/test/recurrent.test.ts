import {
  autograd,
  type DType,
  getNumThreads,
  init,
  manualSeed,
  noGrad,
  randn,
  recurrences,
  recurrentLayer,
  registerBackend,
  setNumThreads,
  type Tensor,
} from "@kindling/autograd";
import { createCpuBackend } from "@kindling/backend-cpu";
import { wasmKernels } from "@kindling/backend-wasm";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { nn } from "kindling";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * Recurrent layers by the fast walk against the same in operators, on a device that has none but the reference kernels.
 */

registerBackend("plain", createCpuBackend);
beforeAll(async () => {
  await init("plain");
  await wasmKernels.warmUp?.();
});

interface Settings {
  length?: number;
  batch?: number | null;
  inputs?: number;
  hidden?: number;
  numLayers?: number;
  bidirectional?: boolean;
  bias?: boolean;
  batchFirst?: boolean;
  dtype?: DType;
  state?: boolean;
  /** How the results become a number: all of them, the output's last step, or the last state alone. */
  from?: "all" | "output" | "state";
}
type Kind = "RNN tanh" | "RNN relu" | "LSTM" | "GRU";
const kinds: readonly Kind[] = ["RNN tanh", "RNN relu", "LSTM", "GRU"];

function build(
  kind: Kind,
  {
    inputs = 5,
    hidden = 7,
    numLayers = 1,
    bidirectional = false,
    bias = true,
    batchFirst = false,
    dtype = "float32",
  }: Settings,
) {
  const options = { numLayers, bidirectional, bias, batchFirst, dtype };
  if (kind === "LSTM") return new nn.LSTM(inputs, hidden, options);
  if (kind === "GRU") return new nn.GRU(inputs, hidden, options);
  return new nn.RNN(inputs, hidden, { ...options, nonlinearity: kind === "RNN tanh" ? "tanh" : "relu" });
}

const flat = (results: unknown): Tensor[] => (Array.isArray(results) ? results.flatMap(flat) : [results as Tensor]);

/** Results and gradients of everything, for numbers that depend on the settings alone. */
function outcome(kind: Kind, device: string, s: Settings): Tensor[] {
  const {
    length = 4,
    batch = 3,
    inputs = 5,
    hidden = 7,
    numLayers = 1,
    batchFirst = false,
    dtype = "float32",
    from = "all",
  } = s;
  manualSeed(length + 10 * (batch ?? 0) + 100 * hidden);
  const layers = build(kind, s);
  const shape = batch === null ? [length, inputs] : batchFirst ? [batch, length, inputs] : [length, batch, inputs];
  const x = randn(shape, { dtype }).to(device).requiresGrad_();
  const rows = numLayers * (s.bidirectional ? 2 : 1);
  const states =
    s.state === false
      ? []
      : Array.from({ length: kind === "LSTM" ? 2 : 1 }, () =>
          randn(batch === null ? [rows, hidden] : [rows, batch, hidden], { dtype })
            .to(device)
            .requiresGrad_(),
        );
  layers.to(device);
  const forward = layers.forward.bind(layers) as unknown as (x: Tensor, state: unknown) => unknown;
  const results = flat(forward(x, states.length === 0 ? null : kind === "LSTM" ? states : states[0]));
  const used = from === "all" ? results : from === "output" ? [results[0]] : results.slice(1);
  const loss = used
    .map((t) => t.mul(randn(t.shape as number[], { dtype }).to(device)).sum())
    .reduce((a, b) => a.add(b));
  loss.backward();
  const grads = [x, ...states, ...layers.parameters()].map((t) => t.grad as Tensor);
  return [...results, ...grads].map((t) => t.detach());
}

function expectSame(got: readonly Tensor[], wanted: readonly Tensor[], tolerance: number): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((t, i) => {
    expect(t.shape).toEqual(wanted[i].shape);
    const [ours, theirs] = [t, wanted[i]].map((x) =>
      Array.from(x.to("cpu").contiguous().toTypedArray() as Float32Array),
    );
    const scale = Math.max(1, ...theirs.map(Math.abs));
    const off = Math.max(...ours.map((x, j) => Math.abs(x - theirs[j])));
    expect(off, `result ${i}`).toBeLessThanOrEqual(tolerance * scale);
  });
}

const cases: Record<string, Settings> = {
  small: {},
  "one sequence, one step": { length: 1, batch: 1, hidden: 1, inputs: 1 },
  "one sequence": { batch: 1, hidden: 13 },
  unbatched: { batch: null },
  "odd sizes, several chunks": { length: 5, batch: 67, inputs: 3, hidden: 19 },
  "whole vectors": { length: 3, batch: 64, inputs: 8, hidden: 32 },
  "without biases": { bias: false },
  "batch first": { batchFirst: true, batch: 6 },
  "several layers and directions": { numLayers: 2, bidirectional: true, batch: 9 },
  "state of zeros": { state: false },
  "gradient of the output alone": { from: "output" },
  "gradient of the state alone": { from: "state" },
};

describe.each(kinds)("%s", (kind) => {
  it.each(Object.entries(cases))("%s", (_, settings) => {
    expectSame(outcome(kind, "cpu", settings), outcome(kind, "plain", settings), 3e-5);
    const wide = { ...settings, dtype: "float64" as const };
    expectSame(outcome(kind, "cpu", wide), outcome(kind, "plain", wide), 1e-12);
  });
});

/** A layer in one direction over rows of steps that become shorter, as its own operator. */
function packedLayer(kind: keyof typeof recurrences, device: string, sizes: readonly number[], reverse: boolean) {
  manualSeed(5);
  const recurrence = recurrences[kind];
  const [wide, inputs, hidden] = [recurrence.gates * 6, 4, 6];
  const of = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" }).mul(0.5).to(device).requiresGrad_();
  const rows = sizes.reduce((a, b) => a + b, 0);
  const [x, weightIh, weightHh, biasIh, biasHh] = [
    of(rows, inputs),
    of(wide, inputs),
    of(wide, hidden),
    of(wide),
    of(wide),
  ];
  const state = Array.from({ length: recurrence.states }, () => of(sizes[0], hidden));
  const run = (...args: Tensor[]): Tensor[] => {
    const [input, ih, hh, bi, bh, ...initial] = args;
    const weights = { weightIh: ih, weightHh: hh, biasIh: bi, biasHh: bh };
    const { output, state: last } = recurrentLayer(recurrence, input, sizes, initial, weights, reverse);
    return [output, ...last];
  };
  return { run, args: [x, weightIh, weightHh, biasIh, biasHh, ...state] };
}

const layerKinds = ["rnnTanh", "rnnRelu", "lstm", "gru"] as const;

describe.each(layerKinds)("a layer of %s", (kind) => {
  const sizes = [5, 5, 3, 3, 1];

  it("is one node where the kernels are, and made of operators elsewhere", () => {
    const nodeOf = (device: string) => {
      const { run, args } = packedLayer(kind, device, sizes, false);
      return run(...args)[0].gradFn?.name;
    };
    expect(nodeOf("cpu")?.toLowerCase()).toBe(`${kind}backward0`.toLowerCase());
    expect(nodeOf("plain")).toBe("CatBackward0");
  });

  it.each([false, true])("over steps of fewer and fewer sequences, reverse: %s", (reverse) => {
    const results = ["cpu", "plain"].map((device) => {
      const { run, args } = packedLayer(kind, device, sizes, reverse);
      const outs = run(...args);
      const loss = outs
        .map((t, i) =>
          t
            .mul(i + 1)
            .square()
            .sum(),
        )
        .reduce((a, b) => a.add(b));
      return [...outs.map((t) => t.detach()), ...autograd.grad(loss, args)];
    });
    expectSame(results[0], results[1], 1e-12);
  });

  it.each([false, true])("has the right derivatives of first and second order, reverse: %s", (reverse) => {
    const { run, args } = packedLayer(kind, "cpu", [3, 2], reverse);
    const each = args.map((_, i) => i);
    expect(gradcheck(run, args)).toBe(true);
    expect(gradgradcheck(run, args)).toBe(true);
    // of some arguments alone, too
    for (const i of each) {
      const some = args.map((t, j) => (i === j ? t : t.detach()));
      expect(gradcheck(run, some)).toBe(true);
    }
  });

  it("can be differentiated twice as often as its graph is kept", () => {
    const { run, args } = packedLayer(kind, "cpu", sizes, false);
    const loss = run(...args)[0]
      .square()
      .sum();
    const first = autograd.grad(loss, args, { retainGraph: true, allowUnused: true });
    const second = autograd.grad(loss, args, { allowUnused: true });
    first.forEach((g, i) => {
      expect(g?.tolist()).toEqual(second[i]?.tolist());
    });
    expect(() => autograd.grad(loss, args, { allowUnused: true })).toThrow("backward through the graph a second time");
  });

  it("gives the same under createGraph", () => {
    const { run, args } = packedLayer(kind, "cpu", sizes, true);
    const results = [false, true].map((createGraph) => {
      const outs = run(...args);
      return autograd.grad(outs, args, { gradOutputs: outs.map((t) => t.detach().cos()), createGraph });
    });
    expectSame(
      results[0],
      results[1].map((t) => t.detach()),
      1e-12,
    );
  });

  it("says when what it needs was changed in place, and lets its results be changed", () => {
    const { run, args } = packedLayer(kind, "cpu", sizes, false);
    const [x, weightIh, weightHh, ...rest] = args;
    const changed = weightHh.mul(1);
    const loss = run(x, weightIh, changed, ...rest)[0].sum();
    noGrad(() => changed.add_(1));
    expect(() => loss.backward()).toThrow("has been modified by an inplace operation");
    const [output] = run(...args);
    const wanted = autograd.grad(
      run(...args)[0]
        .mul(2)
        .sum(),
      [weightHh],
    )[0];
    output.mul_(2);
    expect(autograd.grad(output.sum(), [weightHh])[0].tolist()).toEqual(wanted.tolist());
  });

  it("takes weights and inputs of any strides", () => {
    const { run, args } = packedLayer(kind, "cpu", sizes, false);
    const turned = args.map((t) => (t.ndim === 2 ? t.detach().t().contiguous().t() : t.detach()).requiresGrad_());
    const [wanted, got] = [args, turned].map((list) => {
      const [output, ...last] = run(...list);
      return [output.detach(), ...autograd.grad([output.sin().sum(), last[0].sum()], list)];
    });
    expectSame(got, wanted, 1e-12);
  });

  it("lets hooks keep what it saves", () => {
    const { run, args } = packedLayer(kind, "cpu", sizes, false);
    const wanted = autograd.grad(run(...args)[0].sum(), args, { allowUnused: true });
    const kept = autograd.graph.savedTensorsHooks(
      (t) => t.clone(),
      (t) => t,
      () => run(...args)[0].sum(),
    );
    expect(autograd.grad(kept, args, { allowUnused: true }).map((g) => g?.tolist())).toEqual(
      wanted.map((g) => g?.tolist()),
    );
    const again = autograd.checkpoint(() => run(...args)[0].sum());
    expect(autograd.grad(again, args, { allowUnused: true }).map((g) => g?.tolist())).toEqual(
      wanted.map((g) => g?.tolist()),
    );
  });
});

describe("threads", () => {
  const before = getNumThreads();
  afterAll(() => setNumThreads(before));

  it.each(kinds)("%s gives the same bits on 1, 2 and 3", async (kind) => {
    const results: number[][][] = [];
    for (const threads of [1, 2, 3]) {
      setNumThreads(threads);
      await wasmKernels.warmUp?.();
      results.push(
        outcome(kind, "cpu", { length: 6, batch: 50, hidden: 33 }).map((t) => t.flatten().tolist() as number[]),
      );
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

it.each(["RNN", "LSTM", "GRU"] as const)("a cell of %s is a layer of one step", (name) => {
  const [inputs, hidden, batch] = [5, 9, 4];
  manualSeed(3);
  const cell = new nn[`${name}Cell`](inputs, hidden);
  const layer = new nn[name](inputs, hidden);
  layer.loadStateDict(
    Object.fromEntries(Object.entries(cell.stateDict()).map(([key, t]) => [`${key}_l0`, t as Tensor])),
  );
  const [x, h, c] = [randn(batch, inputs), randn(batch, hidden), randn(batch, hidden)];
  const one = flat(cell instanceof nn.LSTMCell ? cell.forward(x, [h, c]) : cell.forward(x, h));
  const many = flat(
    layer instanceof nn.LSTM
      ? layer.forward(x.unsqueeze(0), [h.unsqueeze(0), c.unsqueeze(0)])
      : layer.forward(x.unsqueeze(0), h.unsqueeze(0)),
  );
  one.forEach((t, i) => {
    expect(t.tolist()).toEqual(many[i + 1].squeeze(0).tolist());
  });
});
