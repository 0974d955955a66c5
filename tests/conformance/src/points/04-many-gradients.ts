import { autograd, stack, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import { Counter } from "./counted.js";
import { fixtures } from "./fixtures.js";
import { type Place, type Point, thrown } from "./place.js";

const { manyGradients: wanted } = fixtures;

/** Five layers of tanh, each behind a counter. */
function deep(at: Place): { ws: Tensor[]; y: Tensor; counter: Counter } {
  const ws = (wanted.ws as number[][][]).map((w) => at.leaf(w));
  const counter = new Counter();
  const y = ws.reduce((h, w, i) => counter.through(`w${i}`, h.matmul(w).tanh()), at.tensor(wanted.x));
  return { ws, y, counter };
}

const once = { w0: 1, w1: 1, w2: 1, w3: 1, w4: 1 };

export const manyGradients: Point = {
  "all gradients come from one walk": async (at) => {
    const { ws, y, counter } = deep(at);
    const grads = autograd.grad(y.sum(), ws);
    expect(counter.take()).toEqual(once);
    for (const [i, g] of grads.entries()) await at.close(g, wanted.grads[i]);
  },

  "the walk goes only where it leads to an input": (at) => {
    const { ws, y, counter } = deep(at);
    autograd.grad(y.sum(), ws[4], { retainGraph: true });
    expect(counter.take()).toEqual({ w4: 1 });
    autograd.grad(y.sum(), [ws[3], ws[2]], { retainGraph: true });
    expect(counter.take()).toEqual({ w2: 1, w3: 1, w4: 1 });
    for (const w of ws) autograd.grad(y.sum(), w, { retainGraph: true });
    expect(counter.take()).toEqual({ w0: 1, w1: 2, w2: 3, w3: 4, w4: 5 });
  },

  "branches that lead nowhere are left out": (at) => {
    const [a, b] = [at.leaf([1]), at.leaf([2])];
    const counter = new Counter();
    const left = counter.through("left", a.mul(2));
    const right = counter.through("right", b.mul(3));
    autograd.grad(left.mul(right).sum(), a, { retainGraph: true });
    expect(counter.take()).toEqual({ left: 1 });
    left.mul(right).sum().backward({ inputs: b, retainGraph: true });
    expect(counter.take()).toEqual({ right: 1 });
    expect(a.grad).toBeNull();
  },

  "a walk stops at an inner tensor that is asked for": async (at) => {
    const a = at.leaf([1, 2]);
    const counter = new Counter();
    const inner = counter.through("inner", a.mul(2));
    const outer = counter.through("outer", inner.exp());
    const [g] = autograd.grad(outer.sum(), inner, { retainGraph: true });
    expect(counter.take()).toEqual({ outer: 1 });
    await at.close(g, [Math.exp(2), Math.exp(4)]);
    const both = autograd.grad(outer.sum(), [a, inner]);
    await at.close(both[0], [2 * Math.exp(2), 2 * Math.exp(4)]);
    await at.same(both[1], g);
  },

  "nothing is accumulated": (at) => {
    const { ws, y } = deep(at);
    autograd.grad(y.sum(), ws);
    for (const w of ws) expect(w.grad).toBeNull();
  },

  "gradOutputs: of tensors that are no scalars": async (at) => {
    const { ws, y } = deep(at);
    const g = at.tensor(wanted.g);
    const grads = autograd.grad(y, ws, { gradOutputs: g, retainGraph: true });
    for (const [i, grad] of grads.entries()) await at.close(grad, wanted.vjp[i]);
    await at.close(autograd.grad(y, ws[0], g)[0], wanted.vjp[0]);
  },

  "several outputs add up; a scalar among them needs no gradient": async (at) => {
    const { ws, y } = deep(at);
    const grads = autograd.grad([y.sum(), y.mul(y).sum()], ws, { retainGraph: true });
    for (const [i, g] of grads.entries()) await at.close(g, wanted.two[i]);
    const mixed = autograd.grad([y, y.mul(y).sum()], ws, { gradOutputs: [at.tensor(1).expand(2, 3), null] });
    for (const [i, g] of mixed.entries()) await at.close(g, wanted.two[i]);
  },

  "inputs that are not used": async (at) => {
    const [a, b] = [at.leaf([1]), at.leaf([2])];
    const loss = a.mul(3).sum();
    expect(thrown(() => autograd.grad(loss, [a, b], { retainGraph: true })).message).toBe(
      "One of the differentiated Tensors appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.",
    );
    const [ga, gb] = autograd.grad(loss, [a, b], { allowUnused: true });
    await at.close(ga, [3]);
    expect(gb).toBeNull();
  },

  "inputs that need no gradient, and no inputs": (at) => {
    const a = at.leaf([1]);
    expect(thrown(() => autograd.grad(a.sum(), at.tensor([1]))).message).toBe(
      "One of the differentiated Tensors does not require grad",
    );
    expect(thrown(() => autograd.grad(a.sum(), [])).message).toBe("grad requires non-empty inputs.");
    expect(thrown(() => a.sum().backward({ inputs: [] })).message).toBe(
      "'inputs' argument to backward() cannot be empty.",
    );
  },

  "an input asked for twice, and an output that is its own input": async (at) => {
    const a = at.leaf([1, 2]);
    const [g, h] = autograd.grad(a.mul(a).sum(), [a, a]);
    await at.close(g, [2, 4]);
    await at.close(h, [2, 4]);
    await at.close(autograd.grad(a, a, { gradOutputs: at.tensor([5, 6]) })[0], [5, 6]);
    const y = a.mul(2);
    await at.close(autograd.grad(y, [y, a], { gradOutputs: at.tensor([5, 6]) })[1], [10, 12]);
  },

  "backward with inputs accumulates into these alone": async (at) => {
    const { ws, y } = deep(at);
    y.sum().backward({ inputs: [ws[1], ws[3]], retainGraph: true });
    await at.close(ws[1].grad, wanted.grads[1]);
    await at.close(ws[3].grad, wanted.grads[3]);
    for (const i of [0, 2, 4]) expect(ws[i].grad).toBeNull();
    y.sum().backward({ inputs: ws[1] });
    await at.close(
      ws[1].grad,
      (wanted.grads[1] as number[][]).map((row) => row.map((x) => 2 * x)),
    );
  },

  "backward with an inner tensor among the inputs": async (at) => {
    const a = at.leaf([1, 2]);
    const b = a.mul(2);
    b.mul(b)
      .sum()
      .backward({ inputs: [b], retainGraph: true });
    await at.close(b.grad, [4, 8]);
    expect(a.grad).toBeNull();
    b.retainGrad();
    b.mul(b)
      .sum()
      .backward({ inputs: [b, a] });
    await at.close(b.grad, [8, 16]);
    await at.close(a.grad, [8, 16]);
  },

  "20,000 inputs in linear time": async (at) => {
    const xs = Array.from({ length: 20_000 }, () => at.leaf(1));
    const grads = autograd.grad(stack(xs).mul(3).sum(), xs);
    expect(grads).toHaveLength(20_000);
    await at.close(stack(grads as Tensor[]).sum(), 60_000);
  },

  "many outputs, each with its gradient": async (at) => {
    const a = at.leaf([1, 2]);
    const outputs = [a.mul(2), a.pow(2), a.exp().sum()];
    autograd.backward(outputs, { gradTensors: [at.tensor([1, 0]), at.tensor([0, 1]), null] });
    await at.close(a.grad, [2 + Math.exp(1), 4 + Math.exp(2)]);
    expect(thrown(() => autograd.backward(outputs, { gradTensors: [null] })).message).toBe(
      "got 3 tensors and 1 gradients",
    );
  },
};
