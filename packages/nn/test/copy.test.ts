import { ones, randn, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

class Tied extends nn.Module {
  first = new nn.Linear(3, 3);
  second = this.first;
  cells = new nn.ModuleDict({ gru: new nn.GRU(3, 4), bag: new nn.ModuleList([new nn.BatchNorm1d(3)]) });
  steps = new nn.Buffer(zeros([]), { persistent: false });
  settings = { sizes: [1, 2] };

  override forward(x: ReturnType<typeof randn>) {
    return this.second.forward(this.first.forward(x));
  }
}

/** Modules that keep something of their own besides parameters, and an input for each. */
const samples: [nn.Module, ...unknown[]][] = [
  [new nn.Sequential({ first: new nn.Linear(3, 2), last: new nn.Tanh() }), ones(1, 3)],
  [new nn.BatchNorm1d(3), randn(4, 3)],
  [new nn.RNN(3, 2, { numLayers: 2, bidirectional: true }), ones(4, 1, 3)],
  [new nn.LSTM(3, 4, { projSize: 2 }), ones(4, 1, 3)],
  [new nn.GRU(3, 2), ones(4, 3)],
  [new nn.RNNCell(3, 2, { nonlinearity: "relu" }), ones(3)],
  [new nn.LSTMCell(3, 2), ones(3)],
  [new nn.GRUCell(3, 2), ones(3)],
  [new nn.Embedding(3, 2), tensor([1], { dtype: "int32" })],
  [new nn.CrossEntropyLoss(ones(3)), ones(1, 3), tensor([1], { dtype: "int32" })],
];

describe("deepcopy", () => {
  it.each(samples.map(([module, ...args]) => [module.constructor.name, module, args] as const))(
    "%s computes the same with memory of its own",
    (_, module, args) => {
      module.eval();
      const copy = nn.deepcopy(module);
      expect(String(copy)).toBe(String(module));
      expect(String(copy.forward(...args))).toBe(String(module.forward(...args)));
      const values = (): unknown[] => Object.values(module.stateDict()).map((t) => t.tolist());
      const before = values();
      for (const t of Object.values(copy.stateDict())) t.zero_();
      expect(values()).toEqual(before);
    },
  );

  it("copies parameters and buffers, and keeps what is shared shared", () => {
    const net = new Tied();
    const copy = nn.deepcopy(net);
    expect(copy).toBeInstanceOf(Tied);
    expect(copy.first).toBe(copy.second);
    expect(copy.first).not.toBe(net.first);
    expect(copy.steps.persistent).toBe(false);
    expect(copy.toString()).toBe(net.toString());
    expect(Object.keys(copy.stateDict())).toEqual(Object.keys(net.stateDict()));
    copy.first.weight.data.fill_(0);
    copy.settings.sizes.push(3);
    expect(net.first.weight.abs().sum().item()).toBeGreaterThan(0);
    expect(net.settings.sizes).toEqual([1, 2]);
  });

  it("gives a module that works, with parameters that learn", () => {
    const gru = nn.deepcopy(new nn.GRU(3, 4));
    gru
      .forward(randn(5, 2, 3))[0]
      .sum()
      .backward();
    expect(gru.parameters().every((p) => p.requiresGrad && p.grad !== null)).toBe(true);
    const x = randn(2, 3);
    const net = new Tied();
    expect(nn.deepcopy(net).forward(x).tolist()).toEqual(net.forward(x).tolist());
    net.forward(x).sum().backward();
    expect(nn.deepcopy(net).first.weight.grad).toBeNull();
  });

  it("takes the hooks over, once, on the copy alone", () => {
    const net = new nn.Linear(1, 1);
    const seen: nn.Module[] = [];
    net.registerForwardHook((module) => void seen.push(module));
    const copy = nn.deepcopy(net);
    copy.forward(tensor([1]));
    expect(seen).toEqual([copy]);
  });

  it("takes over a forward of the instance's own, with its hooks once", () => {
    class Net extends nn.Module {
      override forward = (x: number): number => x + 1;
    }
    const net = new Net();
    let calls = 0;
    net.registerForwardHook(() => void calls++);
    expect(nn.deepcopy(net).forward(1)).toBe(2);
    expect(calls).toBe(1);
  });

  it("refuses a computed tensor", () => {
    class Keeps extends nn.Module {
      kept = new nn.Parameter(tensor([1])).mul(2);
    }
    expect(() => nn.deepcopy(new Keeps())).toThrow("Only Tensors created explicitly by the user");
  });
});
