import { describe, expect, it } from "vitest";
import { autograd, dropout, getRngState, manualSeed, noGrad, ones, randn, type Tensor, tensor } from "../src/index.js";

const { graph } = autograd;

describe("savedTensorsHooks", () => {
  it("packs what operations save and asks for it when it is needed", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const packed: Tensor[] = [];
    let unpacked = 0;
    const y = graph.savedTensorsHooks(
      (t) => packed.push(t) - 1,
      (i) => {
        unpacked++;
        return packed[i];
      },
      () => x.mul(x).exp().sum(),
    );
    expect(packed.map((t) => t.requiresGrad)).toEqual([false, false, false]);
    expect(unpacked).toBe(0);
    y.backward();
    expect(unpacked).toBe(3);
    const expected = x.detach().pow(2).exp().mul(x.detach()).mul(2);
    expect(x.grad?.allclose(expected)).toBe(true);
    expect(() => y.backward()).toThrow("Trying to backward through the graph a second time");
  });

  it("lets the hooks change precision", () => {
    const x = tensor([1.0001, 2], { requiresGrad: true });
    const y = graph.savedTensorsHooks(
      (t) => t.half(),
      (t) => t.float(),
      () => x.mul(x).sum(),
    );
    y.backward();
    expect(x.grad?.tolist()).toEqual([2, 4]);
  });

  it("keeps the graph of what was saved, for second derivatives", () => {
    const x = tensor([2], { requiresGrad: true, dtype: "float64" });
    const y = graph.savedTensorsHooks(
      (t) => t,
      (t) => t,
      () => x.exp().mul(x).exp(), // saves a leaf, inputs and results
    );
    const plain = x.exp().mul(x).exp();
    const second = (out: Tensor): number => {
      const [g] = autograd.grad(out, x, { createGraph: true }) as Tensor[];
      return (autograd.grad(g, x)[0] as Tensor).item() as number;
    };
    expect(second(y)).toBeCloseTo(second(plain), 6);
  });

  it("counts the innermost of nested hooks, and none while packing", () => {
    const x = ones(2, { requiresGrad: true });
    const seen: string[] = [];
    const hooks = (name: string) => (t: Tensor) => {
      seen.push(name);
      return t.mul(1);
    };
    graph.savedTensorsHooks(
      hooks("outer"),
      (t) => t,
      () =>
        graph.savedTensorsHooks(
          hooks("inner"),
          (t) => t,
          () => x.exp(),
        ),
    );
    x.exp();
    expect(seen).toEqual(["inner"]);
  });

  it("refuses a hook that changes its argument, and one that gives no tensor", () => {
    const x = ones(2, { requiresGrad: true });
    const spoil = () =>
      graph.savedTensorsHooks(
        (t) => t.mul_(2),
        (t) => t,
        () => x.exp(),
      );
    expect(spoil).toThrow("A saved tensor pack hook is modifying its input in place.");
    const y = graph.savedTensorsHooks(
      (t) => t,
      () => 3 as never,
      () => x.exp().sum(),
    );
    expect(() => y.backward()).toThrow("expected to be a Tensor but got result of type number");
  });
});

describe("checkpoint", () => {
  it("gives the same values and gradients, with the same random numbers, at the cost of a second call", () => {
    let calls = 0;
    const w = randn(4, 4, { requiresGrad: true });
    const block = (t: Tensor, offset: number): Tensor => {
      calls++;
      return dropout(t.matmul(w).add(offset).tanh(), 0.5).pow(2);
    };
    const run = (through: (t: Tensor) => Tensor): unknown[] => {
      manualSeed(0);
      w.grad = null;
      const x = ones(3, 4, { requiresGrad: true });
      const y = through(x);
      y.sum().backward();
      return [y.tolist(), x.grad?.tolist(), w.grad as unknown as Tensor, getRngState()].map((t) => `${t}`);
    };
    const plain = run((t) => block(t, 1));
    expect(run((t) => autograd.checkpoint(block, t, 1))).toEqual(plain);
    expect(calls).toBe(3);
    expect(run((t) => autograd.checkpoint(block, t, 1, { preserveRngState: false }))).not.toEqual(plain);
  });

  it("works with autograd.grad, retainGraph and second derivatives", () => {
    const x = tensor([0.5], { requiresGrad: true, dtype: "float64" });
    const f = (t: Tensor): Tensor => t.exp().mul(t).sin();
    const y = autograd.checkpoint(f, x);
    y.backward({ retainGraph: true });
    const first = x.grad?.item() as number;
    x.grad = null;
    y.backward({ retainGraph: true });
    expect((x.grad as unknown as Tensor).item()).toBe(first);
    const [g] = autograd.grad(y, x, { createGraph: true }) as Tensor[];
    const [g2] = autograd.grad(g, x) as Tensor[];
    expect(g2.item()).toBeCloseTo(
      (autograd.functional.hessian((t) => f(t).sum(), x.detach()) as Tensor).item() as number,
      10,
    );
  });

  it("nests, and runs layers in segments", () => {
    const layers = Array.from({ length: 5 }, (_, i) => (t: Tensor) => t.mul(i + 1).sin());
    const x = tensor([0.3, 0.7], { requiresGrad: true, dtype: "float64" });
    layers
      .reduce((t, f) => f(t), x as Tensor)
      .sum()
      .backward();
    const expected = x.grad?.tolist();
    for (const segments of [1, 2, 3, 5]) {
      x.grad = null;
      autograd.checkpointSequential(layers, segments, x).sum().backward();
      expect(x.grad).not.toBeNull();
      expect((x.grad as unknown as Tensor).tolist()).toEqual(expected);
    }
    x.grad = null;
    autograd
      .checkpoint((t: Tensor) => autograd.checkpoint(layers[2], autograd.checkpoint(layers[1], layers[0](t))), x)
      .sum()
      .backward();
    expect(x.grad).not.toBeNull();
  });

  it("keeps nothing where nothing is recorded", () => {
    let calls = 0;
    const counted = (t: Tensor): Tensor => {
      calls++;
      return t.exp();
    };
    noGrad(() => autograd.checkpoint(counted, ones(2)));
    expect(calls).toBe(1);
  });

  it("says so where the function does not do the same each time", () => {
    let calls = 0;
    const y = autograd.checkpoint(
      (t: Tensor) => (calls++ === 0 ? t.exp() : t.exp().exp()),
      ones(2, { requiresGrad: true }),
    );
    expect(() => y.sum().backward()).toThrow("A different number of tensors was saved");
    expect(() => autograd.checkpoint((t: Tensor) => t, ones(2), { useReentrant: true } as never)).toThrow(
      "unexpected keyword argument 'useReentrant'",
    );
  });
});

describe("drawn graphs", () => {
  const w = tensor([1, 2], { requiresGrad: true });

  it("as text, shared nodes once", () => {
    expect(graph.toText(w.mul(w).add(ones(2)).sum(), { w })).toBe(
      ["SumBackward0", "└─ AddBackward0", "   └─ MulBackward0", "      ├─ #1 w [2]", "      └─ #1"].join("\n"),
    );
  });

  it("as DOT", () => {
    expect(graph.toDot(w.exp().sum(), [['w "1"', w]])).toMatchInlineSnapshot(`
      "digraph {
        node [fontname="monospace"];
        out [label="output []", shape=box, style=filled];
        n0 [label="SumBackward0", shape=ellipse];
        n1 [label="ExpBackward0", shape=ellipse];
        n2 [label="w \\"1\\" [2]", shape=box];
        n0 -> out;
        n1 -> n0;
        n2 -> n1;
      }"
    `);
  });

  it("of any depth, each node once", () => {
    const deep = (levels: number): Tensor => {
      let t: Tensor = w;
      for (let i = 0; i < levels; i++) t = t.add(t);
      return t;
    };
    expect(graph.toText(deep(1000)).split("\n")).toHaveLength(2001);
    expect(graph.toDot(deep(20_000)).split("\n").length).toBeGreaterThan(60_000);
  });

  it("refuses tensors without a graph", () => {
    expect(() => graph.toText(w)).toThrow("the tensor has no gradFn");
  });
});
