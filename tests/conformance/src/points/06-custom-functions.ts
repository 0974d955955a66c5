import { autograd, randn, type Tensor } from "@kindling/autograd";
import { Linear, Module, Parameter } from "@kindling/nn";
import { expect } from "vitest";
import { type Context, custom, severalOf } from "./custom.js";
import { fixtures } from "./fixtures.js";
import type { Place, Point } from "./place.js";

const { customFunctions: wanted } = fixtures;

/** input · weights. */
class F extends autograd.Function {
  static override forward(ctx: Context, input: Tensor, weights: Tensor): Tensor {
    ctx.saveForBackward(input, weights);
    return input.mul(weights);
  }
  static override backward(ctx: Context, g: Tensor): [Tensor, Tensor] {
    const [input, weights] = ctx.savedTensors;
    return [g.mul(weights), g.mul(input)];
  }
}

class LayerWithCustomGrad extends Module {
  readonly weights: Parameter;
  readonly fn = F.apply;

  constructor(at: Place, weights: number[]) {
    super();
    this.weights = new Parameter(at.tensor(weights));
  }
  override forward(x: Tensor): Tensor {
    return this.fn(x, this.weights);
  }
}

/** Zeroes the first n columns. */
export class KillHead extends autograd.Function {
  static override forward(ctx: Context, x: Tensor, n: number): Tensor {
    ctx.n = n;
    const y = x.clone();
    y.at(":", `:${n}`).zero_();
    return y;
  }
  static override backward(ctx: Context, g: Tensor): [Tensor, null] {
    const gx = g.clone();
    gx.at(":", `:${ctx.n}`).zero_();
    return [gx, null];
  }
}

/** |u · v|. */
class Something extends autograd.Function {
  static override forward(ctx: Context, u: Tensor, v: Tensor): Tensor {
    ctx.saveForBackward(u, v);
    return u.dot(v).abs();
  }
  static override backward(ctx: Context, g: Tensor): [Tensor, Tensor] {
    const [u, v] = ctx.savedTensors;
    const s = g.mul(u.dot(v).sign());
    return [s.mul(v), s.mul(u)];
  }
}

export const customFunctions: Point = {
  "input · weights in a module": async (at) => {
    const layer = new LayerWithCustomGrad(at, [0.5, -2, 3]);
    const x = at.leaf([1, 2, 3]);
    const y = layer.forward(x);
    await at.close(y, [0.5, -4, 9]);
    expect(y.gradFn?.name).toBe("FBackward");
    expect(String(y)).toContain("gradFn=<FBackward>");
    y.sum().backward();
    await at.close(x.grad, [0.5, -2, 3]);
    await at.close(layer.weights.grad, [1, 2, 3]);
  },

  "KillHead: a plain argument, and null for it": async (at) => {
    const x = at.leaf(wanted.x);
    KillHead.apply(x, 4).mul(at.tensor(wanted.k)).sum().backward();
    await at.close(x.grad, wanted.x_grad);
    await at.close(x, wanted.x);
  },

  "Something: two gradients, and their derivatives": async (at) => {
    const [u, v] = [at.leaf(wanted.u), at.leaf(wanted.v)];
    const y = Something.apply(u, v);
    await at.close(y, wanted.y);
    const [gu, gv] = autograd.grad(y, [u, v], { createGraph: true }) as [Tensor, Tensor];
    await at.close(gu, wanted.gu);
    await at.close(gv, wanted.gv);
    const [su, sv] = autograd.grad(gu.mul(gv).sum(), [u, v]);
    await at.close(su, wanted.second_u);
    await at.close(sv, wanted.second_v);
  },

  "apply is one function, stored, passed on, inherited": async (at) => {
    expect(F.apply).toBe(F.apply);
    expect(KillHead.apply).not.toBe(F.apply);
    class Child extends F {}
    const holder = { run: Child.apply, list: [F.apply] };
    const x = at.leaf([2]);
    expect(holder.run(x, x).gradFn?.name).toBe("ChildBackward");
    await at.close(holder.list[0](x, x), [4]);
    const { apply } = KillHead;
    await at.close(apply(at.tensor([[1, 2, 3]]), 2), [0, 0, 3]);
  },

  "several outputs, of which some are used": async (at) => {
    const seen: (Tensor | null)[][] = [];
    const both = custom(
      (_, x) => [x.mul(2), x.mul(3)],
      (_, a, b) => {
        seen.push([a, b]);
        return a.mul(2).add(b.mul(3));
      },
    );
    const x = at.leaf([1, 2]);
    const [y, z] = severalOf(both, x);
    expect([y.gradFn === z.gradFn, y.outputNumber, z.outputNumber]).toEqual([true, 0, 1]);
    y.sum().add(z.sum()).backward();
    await at.close(x.grad, [5, 5]);
    x.grad = null;
    severalOf(both, x)[1].sum().backward();
    await at.close(x.grad, [3, 3]);
    await at.close(seen[1][0], [0, 0]); // made up
  },

  "a value that is no tensor may be among the outputs": async (at) => {
    let grads: unknown[] = [];
    const mixed = custom(
      (_, x) => [x.mul(2), 3, "text"],
      (_, ...g) => {
        grads = g;
        return g[0].mul(2);
      },
    );
    const x = at.leaf([1]);
    const [y, three, text] = severalOf(mixed, x);
    expect([three, text]).toEqual([3, "text"]);
    y.sum().backward();
    await at.close(x.grad, [2]);
    expect(grads.slice(1)).toEqual([null, null]);
  },

  "setMaterializeGrads(false): absent gradients stay null": (at) => {
    let seen: unknown[] = [];
    const both = custom(
      (ctx, x) => {
        ctx.setMaterializeGrads(false);
        return [x.mul(2), x.mul(3)];
      },
      (_, ...g) => {
        seen = g;
        return (g[1] ?? g[0]).mul(1);
      },
    );
    severalOf(both, at.leaf([1, 2]))[1]
      .sum()
      .backward();
    expect([seen[0], seen[1] !== null]).toEqual([null, true]);
  },

  "markNonDifferentiable, and results that are no floats": async (at) => {
    const sorted = custom(
      (ctx, x) => {
        const copy = x.mul(1);
        const where = x.gt(1);
        ctx.markNonDifferentiable(copy);
        return [copy, where, x.mul(2)];
      },
      (_, ...g) => g[2].mul(2),
    );
    const x = at.leaf([1, 2]);
    const [copy, where, y] = severalOf(sorted, x);
    expect([copy.requiresGrad, copy.isLeaf, where.requiresGrad, y.requiresGrad]).toEqual([false, true, false, true]);
    y.sum().backward();
    await at.close(x.grad, [2, 2]);
    const none = custom(
      (ctx, t) => {
        ctx.markNonDifferentiable(t);
        return t;
      },
      (_, g) => g,
    );
    expect(none(x) === x || none(x).requiresGrad).toBe(false);
  },

  "a function that returns its input yields a new tensor with a node of its own": async (at) => {
    const same = custom(
      (_, x) => x,
      (_, g) => g.mul(10),
    );
    const x = at.leaf([1, 2]);
    const y = same(x);
    expect([y === x, y.gradFn?.name, x.gradFn, x.isLeaf]).toEqual([false, "FNBackward", null, true]);
    y.sum().backward();
    await at.close(x.grad, [10, 10]);
    x.sum().backward();
    await at.close(x.grad, [11, 11]);
    const plain = at.tensor([1]);
    expect(same(plain) === plain).toBe(false);
  },

  "a step without a derivative, bridged by a gradient of one's own between two graphs": async (at) => {
    const a = at.leaf(wanted.a);
    const first = a.mul(2).tanh();
    const stepped = first.detach().round().requiresGrad_();
    stepped.sub(at.tensor(wanted.target)).pow(2).sum().backward();
    first.backward(stepped.grad);
    await at.close(a.grad, wanted.a_grad);
  },

  "backward inside of a function's backward": async (at) => {
    const inner = at.leaf([1, 2]);
    const fn = custom(
      (ctx, x) => {
        ctx.saveForBackward(x);
        return x.mul(x);
      },
      (ctx, g) => {
        const [x] = ctx.savedTensors;
        return autograd.enableGrad(() => {
          const copy = x.detach().requiresGrad_();
          const y = copy.mul(copy).mul(inner);
          y.backward(g);
          return (copy.grad as Tensor).div(inner.detach());
        });
      },
    );
    const x = at.leaf([3, 4]);
    fn(x).mul(2).sum().backward();
    await at.close(x.grad, [12, 16]);
    await at.close(inner.grad, [18, 32]);
    expect(autograd.isGradEnabled()).toBe(true);
  },

  "checkpointing: backward runs the forward pass again, through modules": async (at) => {
    const layer = new Linear(3, 3, at.options);
    const checkpoint = custom(
      (ctx, x) => {
        ctx.saveForBackward(x);
        return layer.forward(x).tanh();
      },
      (ctx, g) => {
        const x = ctx.savedTensors[0].detach().requiresGrad_();
        autograd.enableGrad(() => layer.forward(x).tanh()).backward(g);
        return x.grad;
      },
    );
    const start = await at.read(randn(2, 3));
    const grads = async (run: (x: Tensor) => Tensor): Promise<Tensor[]> => {
      layer.zeroGrad();
      const x = at.tensor(start).reshape(2, 3).clone().requiresGrad_();
      run(run(x)).sum().backward();
      return [x.grad as Tensor, layer.weight.grad as Tensor, layer.bias?.grad as Tensor].map((g) => g.clone());
    };
    const plain = await grads((x) => layer.forward(x).tanh());
    for (const [i, g] of (await grads(checkpoint)).entries()) await at.same(g, plain[i]);
  },
};
