import { autograd, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import { Counter } from "./counted.js";
import type { Point } from "./place.js";

const DEPTH = 200_000;

class AddOne extends autograd.Function {
  static override forward(_ctx: unknown, x: Tensor): Tensor {
    return x.add(1);
  }
  static override backward(_ctx: unknown, g: Tensor): Tensor {
    return g;
  }
}

export const depth: Point = {
  "a chain of 200,000 operations": async (at) => {
    const x = at.leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < DEPTH / 2; i++) y = y.add(1).mul(1);
    y.sum().backward();
    await at.close(x.grad, [1]);
  },

  "a chain, for one input": async (at) => {
    const x = at.leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < DEPTH / 4; i++) y = y.neg();
    await at.close(autograd.grad(y.sum(), x)[0], [1]);
  },

  "a chain in place, and through views": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(1);
    const view = y.select(0, 0);
    for (let i = 0; i < DEPTH / 4; i++) y.neg_();
    for (let i = 0; i < 2_000; i++) view.neg_();
    y.sum().backward();
    await at.close(x.grad, [1, 1]);
  },

  "a chain of 200,000 custom functions": async (at) => {
    const x = at.leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < DEPTH; i++) y = AddOne.apply(y);
    y.sum().backward();
    await at.close(x.grad, [1]);
  },

  "a chain of 200,000 operations recorded, and its second derivative": async (at) => {
    const x = at.leaf([2]);
    let y: Tensor = x.mul(x);
    for (let i = 0; i < DEPTH; i++) y = y.neg();
    const [g] = autograd.grad(y.sum(), x, { createGraph: true }) as [Tensor];
    await at.close(g, [4]);
    await at.close(autograd.grad(g.sum(), x)[0], [2]);
  },

  "a diamond of 60 levels: y = y + y": async (at) => {
    const x = at.leaf([1]);
    const counter = new Counter();
    let y: Tensor = x;
    for (let i = 0; i < 60; i++) {
      const z = counter.through("level", y);
      y = z.add(z);
    }
    y.sum().backward();
    expect(counter.take()).toEqual({ level: 60 });
    await at.close(x.grad, [2 ** 60]);
  },

  "diamonds of two paths, for one input": async (at) => {
    const [x, w] = [at.leaf([1]), at.leaf([1])];
    const counter = new Counter();
    let y: Tensor = x.mul(w);
    for (let i = 0; i < 60; i++) {
      const z = counter.through("level", y);
      y = z.neg().add(z.mul(3));
    }
    const [g] = autograd.grad(y.sum(), x, { retainGraph: true });
    await at.close(g, [2 ** 60]);
    expect(counter.take()).toEqual({ level: 60 });
    y.sum().backward();
    expect(counter.take()).toEqual({ level: 60 });
  },

  "one value used 50,000 times": async (at) => {
    const x = at.leaf([1]);
    const counter = new Counter();
    const shared = counter.through("shared", x);
    let total: Tensor = shared;
    for (let i = 1; i < 50_000; i++) total = total.add(shared);
    total.sum().backward();
    expect(counter.take()).toEqual({ shared: 1 });
    await at.close(x.grad, [50_000]);
  },
};
