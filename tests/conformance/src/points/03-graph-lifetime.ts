import { autograd, type Tensor } from "@kindling/autograd";
import { functional as F, Module } from "@kindling/nn";
import { expect } from "vitest";
import { fixtures } from "./fixtures.js";
import { type Place, type Point, SECOND_TIME, thrown } from "./place.js";

const { graphLifetime: wanted } = fixtures;

/** a (1 × 4) → b = a², c = 2b, d = mean(c), e = sum(c). */
function small(at: Place): { a: Tensor; d: Tensor; e: Tensor } {
  const a = at.leaf([[1, 2, -3, 0.5]]);
  const c = a.pow(2).mul(2);
  return { a, d: c.mean(), e: c.sum() };
}
const dGrad = [1, 2, -3, 0.5];
const eGrad = [4, 8, -12, 2];
const both = dGrad.map((x, i) => x + eGrad[i]);

/** The style transfer tutorial's first form: keeps its loss, and runs its own backward. */
class ContentLoss extends Module {
  loss: Tensor | null = null;
  readonly #target: Tensor;
  readonly #weight: number;

  constructor(target: Tensor, weight: number) {
    super();
    this.#target = target.detach().mul(weight);
    this.#weight = weight;
  }

  override forward(input: Tensor): Tensor {
    this.loss = F.mseLoss(input.mul(this.#weight), this.#target);
    return input.clone();
  }

  backward(retainGraph = true): Tensor {
    this.loss?.backward({ retainGraph });
    return this.loss as Tensor;
  }
}

export const graphLifetime: Point = {
  "with retainGraph, d and e in any order": async (at) => {
    for (const order of ["de", "ed", "dede"]) {
      const { a, d, e } = small(at);
      for (const name of order) ({ d, e })[name]?.backward({ retainGraph: true });
      const times = order.length / 2;
      await at.close(
        a.grad,
        both.map((x) => x * times),
      );
    }
  },

  "without, the second throws the text of the second time, and leaves the gradient as it was": async (at) => {
    const { a, d, e } = small(at);
    d.backward();
    await at.close(a.grad, dGrad);
    expect(thrown(() => e.backward()).message).toBe(SECOND_TIME);
    expect(thrown(() => d.backward()).message).toBe(SECOND_TIME);
    expect(thrown(() => autograd.grad(e, a)).message).toBe(SECOND_TIME);
    await at.close(a.grad, dGrad);
  },

  "where nothing was saved a graph may run twice": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.add(1).sum();
    y.backward();
    y.backward();
    await at.close(x.grad, [2, 2]);
    const z = x.sub(3).neg().add(x, { alpha: 2 }).lerp(x, 0.5).sum();
    z.backward();
    z.backward();
    await at.close(x.grad, [4, 4]);
  },

  "the number of a product or quotient is a saved value, as in PyTorch": (at) => {
    const x = at.leaf([1, 2]);
    for (const y of [x.mul(2), x.div(2), x.clone().mul_(2), x.clone().div_(2)]) {
      const loss = y.sum();
      loss.backward({ retainGraph: true });
      loss.backward();
      expect(thrown(() => loss.backward()).message).toBe(SECOND_TIME);
    }
  },

  "only what was run is freed": async (at) => {
    const x = at.leaf([1, 2]);
    const kept = x.exp();
    const freed = x.sin();
    freed.sum().backward();
    kept.sum().backward();
    expect(thrown(() => freed.sum().backward()).message).toBe(SECOND_TIME);
  },

  "autograd.grad frees only where it walked": async (at) => {
    const [x, y] = [at.leaf([1, 2]), at.leaf([3, 4])];
    const loss = x.exp().add(y.exp()).sum();
    autograd.grad(loss, x);
    await at.close(autograd.grad(loss, y)[0], [3, 4].map(Math.exp));
    expect(thrown(() => autograd.grad(loss, x)).message).toBe(SECOND_TIME);
  },

  "two losses on one trunk": async (at) => {
    const { trunk } = wanted;
    const [w, u, v] = [at.leaf(trunk.w), at.leaf(trunk.u), at.leaf(trunk.v)];
    const h = at.tensor(trunk.x).matmul(w).tanh();
    const first = h.matmul(u).pow(2).mean();
    const second = h.matmul(v).exp().sum();
    first.backward({ retainGraph: true });
    await at.close(w.grad, trunk.after_first);
    second.backward();
    await at.close(w.grad, trunk.w_grad);
    await at.close(u.grad, trunk.u_grad);
    await at.close(v.grad, trunk.v_grad);
  },

  "both losses at once give the same": async (at) => {
    const { trunk } = wanted;
    const [w, u, v] = [at.leaf(trunk.w), at.leaf(trunk.u), at.leaf(trunk.v)];
    const h = at.tensor(trunk.x).matmul(w).tanh();
    autograd.backward([h.matmul(u).pow(2).mean(), h.matmul(v).exp().sum()]);
    await at.close(w.grad, trunk.w_grad);
    await at.close(v.grad, trunk.v_grad);
  },

  "a module that keeps a loss and runs its own backward": async (at) => {
    const x = at.leaf([[0.5, -1, 2]]);
    const losses = [new ContentLoss(at.tensor([[0, 1, 1]]), 1), new ContentLoss(at.tensor([[1, 0, -1]]), 3)];
    const h = losses[0].forward(x.mul(2));
    losses[1].forward(h.tanh());
    for (const l of losses) l.backward();
    const y = at.leaf([[0.5, -1, 2]]);
    const z = y.mul(2);
    const target = at.tensor([[1, 0, -1]]).mul(3);
    F.mseLoss(z, at.tensor([[0, 1, 1]]))
      .add(F.mseLoss(z.tanh().mul(3), target))
      .backward();
    await at.same(x.grad, y.grad);
    losses[1].backward(); // the graph is kept
    losses[1].backward(false);
    expect(thrown(() => losses[1].backward()).message).toBe(SECOND_TIME);
  },

  "createGraph: first, second and third derivatives": async (at) => {
    const t = at.leaf(wanted.t);
    let f = t.pow(3).mul(t.sin()).sum();
    for (const derivative of wanted.derivatives) {
      const [g] = autograd.grad(f, t, { createGraph: true }) as [Tensor];
      await at.close(g, derivative);
      expect(g.requiresGrad).toBe(true);
      f = g.sum();
    }
  },

  "createGraph keeps the graph; backward with it makes gradients that can be differentiated": async (at) => {
    const x = at.leaf([2, -1]);
    const y = x.pow(3).sum();
    y.backward({ createGraph: true });
    const g = x.grad as Tensor;
    expect(g.requiresGrad).toBe(true);
    await at.close(autograd.grad(g.sum(), x)[0], [12, -6]);
    y.backward();
    await at.close(x.grad, [24, 6]);
  },

  "a penalty on a gradient": async (at) => {
    const { penalised } = wanted;
    const [a, b, z] = [at.leaf(penalised.a), at.leaf(penalised.b), at.leaf(penalised.z)];
    const score = z.matmul(a).sigmoid().matmul(b).sum();
    const [gz] = autograd.grad(score, z, { createGraph: true }) as [Tensor];
    const penalty = gz.norm({ dim: 1 }).sub(1).pow(2).mean();
    score.add(penalty.mul(10)).backward();
    await at.close(a.grad, penalised.a_grad, 10);
    await at.close(b.grad, penalised.b_grad, 10);
    await at.close(z.grad, penalised.z_grad, 10);
  },

  "a Hessian, row by row": async (at) => {
    const h = at.leaf(wanted.h);
    const [h0, h1, h2] = h.unbind();
    const value = h0.pow(2).mul(h1).add(h1.mul(h2).exp()).mul(h.cos().prod());
    const [g] = autograd.grad(value, h, { createGraph: true }) as [Tensor];
    for (const [i, row] of (wanted.hessian as number[][]).entries()) {
      await at.close(autograd.grad(g.select(0, i), h, { retainGraph: true })[0], row, 10);
    }
  },

  "a recorded pass through a freed graph throws as well": (at) => {
    const x = at.leaf([1, 2]);
    const y = x.exp().sum();
    y.backward();
    expect(thrown(() => autograd.grad(y, x, { createGraph: true })).message).toBe(SECOND_TIME);
  },
};
