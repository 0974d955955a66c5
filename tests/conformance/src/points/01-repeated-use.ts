import { autograd, type Tensor, tanh } from "@kindling/autograd";
import { functional as F, Linear, MSELoss } from "@kindling/nn";
import { expect } from "vitest";
import { fixtures } from "./fixtures.js";
import type { Place, Point } from "./place.js";

const { repeatedUse: wanted } = fixtures;

/** A layer without bias that holds `weight`. */
function layer(at: Place, weight: number[][]): Linear {
  const linear = new Linear(weight[0].length, weight.length, { bias: false, ...at.options });
  linear.weight.data.copy_(at.tensor(weight));
  return linear;
}

export const repeatedUse: Point = {
  "one Linear(1, 1) applied twice: 4·(w²x − label)·w·x": async (at) => {
    const w = 0.75;
    const linear = layer(at, [[w]]);
    const x = at.tensor([[10]]);
    const loss = new MSELoss().forward(linear.forward(linear.forward(x)), at.tensor([[5]]));
    loss.backward();
    await at.close(linear.weight.grad, [[4 * (w * w * 10 - 5) * w * 10]]);
  },

  "a wide layer with a nonlinearity, used 1, 2 and 5 times": async (at) => {
    for (const [n, grads] of Object.entries<{ w: number[][]; x: number[][] }>(wanted.uses)) {
      const linear = layer(at, wanted.w);
      const x = at.leaf(wanted.x);
      let y: Tensor = x;
      for (let i = 0; i < Number(n); i++) y = tanh(linear.forward(y));
      y.mul(y).sum().backward();
      await at.close(linear.weight.grad, grads.w);
      await at.close(x.grad, grads.x);
    }
  },

  "the gradient is the sum over unrolled copies with weights of their own": async (at) => {
    const uses = 6;
    const run = (weights: readonly Tensor[]): Tensor => {
      const y = weights.reduce((y, w) => tanh(F.linear(y, w)).mul(1.5).sub(0.1), at.tensor(wanted.x));
      return y.mul(y).sum();
    };
    const shared = at.leaf(wanted.w);
    run(new Array<Tensor>(uses).fill(shared)).backward();
    const copies = Array.from({ length: uses }, () => at.leaf(wanted.w));
    run(copies).backward();
    const sum = copies.map((w) => w.grad as Tensor).reduce((a, b) => a.add(b));
    await at.same(shared.grad, sum);
  },

  "a tensor that is both operands of one operator, and of several": async (at) => {
    const a = at.leaf(wanted.a);
    const loss = a.matmul(a).add(a.mul(a.t())).sin().sum();
    await at.close(autograd.grad(loss, a)[0], wanted.both);
  },

  "gradients add up over passes, until they are set to null": async (at) => {
    const w = at.leaf([1, 2]);
    for (const times of [1, 2, 3]) {
      w.mul(w).sum().backward();
      await at.close(w.grad, [2 * times, 4 * times]);
    }
    w.grad = null;
    w.mul(3).sum().backward();
    await at.close(w.grad, [3, 3]);
    expect((w.grad as Tensor | null)?.requiresGrad).toBe(false);
  },
};
