import { autograd, noGrad, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import { fixtures } from "./fixtures.js";
import { type Point, SECOND_TIME, thrown } from "./place.js";

const { hooks: wanted } = fixtures;

/** The programs of the fixture, each on a fresh leaf. */
const replacing: Record<string, (x: Tensor) => void> = {
  scaled(x) {
    const y = x.mul(2);
    y.registerHook((g) => g.mul(10));
    y.mul(y).sum().backward();
  },
  chained(x) {
    const y = x.sin();
    y.registerHook((g) => g.add(1));
    y.registerHook((g) => g.mul(3));
    y.mul(x).sum().backward();
  },
  used_twice(x) {
    const y = x.mul(3);
    y.registerHook((g) => g.mul(g));
    y.exp().add(y.mul(2)).sum().backward();
  },
  clamped(x) {
    x.registerHook((g) => g.clamp(-0.5, 0.5));
    x.pow(3).mul(4).sum().backward();
  },
};

export const hooks: Point = {
  "a hook reads the gradient": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(2);
    const seen: Tensor[] = [];
    y.registerHook((g) => {
      seen.push(g);
    });
    y.mul(y).sum().backward();
    expect(seen).toHaveLength(1);
    await at.close(seen[0], [4, 8]);
    await at.close(x.grad, [8, 16]);
  },

  "hooks replace the gradient, in the order of their registration": async (at) => {
    for (const [name, run] of Object.entries(replacing)) {
      const x = at.leaf(wanted.x);
      run(x);
      await at.close(x.grad, wanted.cases[name], 10);
    }
  },

  "a hook stays with the value that was there when it was registered": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(2);
    y.registerHook((g) => g.add(1));
    y.mul_(3);
    y.registerHook((g) => g.mul(2));
    y.sum().backward();
    await at.close(x.grad, [14, 14]); // ((1 · 2) · 3 + 1) · 2
  },

  "a hook on a leaf runs before the gradient accumulates, and for autograd.grad too": async (at) => {
    const x = at.leaf([1, 2]);
    x.grad = at.tensor([100, 100]);
    x.registerHook((g) => g.neg());
    x.mul(3).sum().backward();
    await at.close(x.grad, [97, 97]);
    await at.close(autograd.grad(x.mul(3).sum(), x)[0], [-3, -3]);
    await at.close(x.grad, [97, 97]);
  },

  "a hook sees the whole sum, once": async (at) => {
    const x = at.leaf([1]);
    const y = x.mul(1);
    let calls = 0;
    y.registerHook(() => {
      calls++;
    });
    let total = y;
    for (let i = 0; i < 5; i++) total = total.add(y);
    total.sum().backward();
    expect(calls).toBe(1);
    await at.close(x.grad, [6]);
  },

  "what is neither a tensor nor undefined is refused, and so is a tensor that does not fit": (at) => {
    const run = (hook: unknown) => {
      const y = at.leaf([1, 2]).mul(2);
      y.registerHook(hook as never);
      return thrown(() => y.sum().backward()).message;
    };
    expect(run(() => 3)).toBe("expected Tensor, but hook returned 'number'");
    expect(run(() => [1, 2])).toContain("expected Tensor, but hook returned");
    expect(run(async () => {})).toContain("expected Tensor, but hook returned");
    expect(run((g: Tensor) => g.select(0, 0))).toContain("hook has changed the size of value");
    expect(run((g: Tensor) => g.to("int32"))).toContain("hook has changed the type of value");
  },

  "hooks need a gradient to listen to": (at) => {
    const x = at.tensor([1]);
    expect(thrown(() => x.registerHook(() => {})).message).toBe(
      "cannot register a hook on a tensor that doesn't require gradient",
    );
    expect(thrown(() => x.registerPostAccumulateGradHook(() => {})).message).toBe(
      "cannot register a hook on a tensor that doesn't require gradient",
    );
    expect(thrown(() => x.retainGrad()).message).toBe("can't retainGrad on Tensor that has requiresGrad=false");
    expect(
      thrown(() =>
        at
          .leaf([1])
          .mul(2)
          .registerPostAccumulateGradHook(() => {}),
      ).message,
    ).toBe("post accumulate grad hooks cannot be registered on non-leaf tensors");
  },

  "handles remove hooks, once and for all": async (at) => {
    const x = at.leaf([1]);
    const factor = (n: number) => (g: Tensor) => g.mul(n);
    const times2 = factor(2);
    const [first, second, third] = [x.registerHook(times2), x.registerHook(factor(3)), x.registerHook(times2)];
    const run = async (want: number): Promise<void> => {
      x.grad = null;
      x.mul(1).sum().backward();
      await at.close(x.grad, [want]);
    };
    await run(12);
    first.remove();
    first.remove();
    await run(6);
    second.remove();
    await run(2);
    third.remove();
    await run(1);
  },

  "a hook may remove itself while hooks run": async (at) => {
    const x = at.leaf([1]);
    const calls: string[] = [];
    const once = x.registerHook(() => {
      calls.push("once");
      once.remove();
    });
    x.registerHook(() => {
      calls.push("always");
    });
    x.mul(1).sum().backward();
    x.mul(1).sum().backward();
    expect(calls).toEqual(["once", "always", "always"]);
  },

  "retainGrad keeps gradients of inner tensors": async (at) => {
    const x = at.leaf(wanted.x);
    const y = x.mul(2);
    const z = y.exp();
    y.retainGrad();
    z.retainGrad();
    expect([y.retainsGrad(), z.retainsGrad(), x.retainsGrad()]).toEqual([true, true, false]);
    const loss = z.mul(z).sum();
    loss.backward({ retainGraph: true });
    await at.close(y.grad, wanted.retained.y);
    await at.close(z.grad, wanted.retained.z);
    loss.backward();
    await at.close(
      z.grad,
      (wanted.retained.z as number[]).map((g) => 2 * g),
    );
    expect(thrown(() => loss.backward()).message).toBe(SECOND_TIME);
  },

  "retainGrad comes after the hooks, and follows a tensor that is changed in place": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(2);
    y.retainGrad();
    y.registerHook((g) => g.mul(5));
    y.mul(1).sum().backward();
    await at.close(y.grad, [5, 5]);
    const z = x.mul(2);
    z.retainGrad();
    z.mul_(3);
    z.sum().backward();
    await at.close(z.grad, [1, 1]);
    const base = x.mul(2);
    base.retainGrad();
    base.select(0, 0).mul_(7);
    base.sum().backward();
    await at.close(base.grad, [1, 1]);
  },

  "post-accumulate hooks see the finished gradient": async (at) => {
    const x = at.leaf([1, 2]);
    const seen: Tensor[] = [];
    const handle = x.registerPostAccumulateGradHook((leaf) => {
      expect(leaf).toBe(x);
      seen.push((leaf.grad as Tensor).clone());
    });
    x.mul(2).add(x.mul(3)).sum().backward();
    x.sum().backward();
    expect(seen).toHaveLength(2);
    await at.close(seen[0], [5, 5]);
    await at.close(seen[1], [6, 6]);
    autograd.grad(x.sum(), x);
    expect(seen).toHaveLength(2);
    handle.remove();
    x.sum().backward();
    expect(seen).toHaveLength(2);
  },

  "a post-accumulate hook may take the step and drop the gradient": async (at) => {
    const ws = [at.leaf([1, 2]), at.leaf([3, 4])];
    for (const w of ws) {
      w.registerPostAccumulateGradHook((leaf) => {
        noGrad(() => leaf.sub_(leaf.grad as Tensor, { alpha: 0.5 }));
        leaf.grad = null;
      });
    }
    ws[0]
      .mul(at.tensor([3, 4]))
      .add(ws[1].mul(2))
      .sum()
      .backward();
    await at.close(ws[0], [-0.5, 0]);
    await at.close(ws[1], [2, 3]);
    for (const w of ws) expect(w.grad).toBeNull();
  },

  "backward inside of a hook": async (at) => {
    const x = at.leaf(wanted.x);
    const inner: Tensor[] = [];
    const y = x.mul(1);
    y.registerHook((g) => {
      const t = at.leaf(wanted.inner);
      autograd.enableGrad(() => t.pow(3).sum()).backward();
      inner.push(t.grad as Tensor);
      return g.mul((t.grad as Tensor).sum());
    });
    y.mul(y).sum().backward();
    await at.close(inner[0], wanted.inner_grad);
    await at.close(x.grad, wanted.nested);
  },

  "backward inside of a hook, over the graph that is being walked": async (at) => {
    const x = at.leaf([1, 2]);
    const shared = x.mul(3);
    const a = shared.exp();
    const other = shared.mul(shared).sum();
    const calls: string[] = [];
    a.registerHook(() => {
      calls.push("hook");
      other.backward({ retainGraph: true });
    });
    shared.registerHook(() => {
      calls.push("shared");
    });
    a.sum().backward();
    expect(calls).toEqual(["hook", "shared", "shared"]);
    const want = [1, 2].map((v) => 18 * v + 3 * Math.exp(3 * v));
    await at.close(x.grad, want);
  },

  "passes nest deeply": async (at) => {
    const x = at.leaf([1]);
    let depth = 0;
    const run = (): void => {
      if (++depth > 20) return;
      const y = autograd.enableGrad(() => x.mul(2));
      y.registerHook(run);
      autograd.enableGrad(() => y.sum()).backward();
    };
    run();
    await at.close(x.grad, [40]);
  },

  "an error in a hook comes out, and leaves the engine as it was": async (at) => {
    const x = at.leaf([1]);
    const y = x.mul(2);
    const handle = y.registerHook(() => {
      throw new RangeError("mine");
    });
    expect(thrown(() => y.sum().backward())).toBeInstanceOf(RangeError);
    handle.remove();
    y.sum().backward();
    await at.close(x.grad, [2]);
  },

  "hooks run outside of the graph, unless the pass is recorded": (at) => {
    const x = at.leaf([2]);
    const tracked: boolean[] = [];
    x.registerHook((g) => {
      tracked.push(g.requiresGrad, autograd.isGradEnabled());
    });
    x.mul(x).sum().backward();
    autograd.grad(x.mul(x).sum(), x, { createGraph: true });
    expect(tracked).toEqual([false, false, true, true]);
  },

  "nodes take hooks before and after their derivative": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(3);
    const seen: string[] = [];
    const { gradFn } = y;
    const before = gradFn?.registerPrehook(([g]) => {
      seen.push("before");
      return [(g as Tensor).mul(2)];
    });
    gradFn?.registerHook((inputs, outputs) => {
      seen.push(`after ${inputs.length} ${outputs.length}`);
      return inputs.map((g) => g?.mul(5) ?? null);
    });
    y.sum().backward({ retainGraph: true });
    expect(seen).toEqual(["before", "after 2 1"]);
    await at.close(x.grad, [30, 30]);
    before?.remove();
    x.grad = null;
    y.sum().backward();
    await at.close(x.grad, [15, 15]);
  },

  "a leaf's node takes hooks as well, before and after the gradient accumulates": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(3);
    const leaf = y.gradFn?.nextFunctions[0][0];
    expect(leaf?.name).toBe("AccumulateGrad");
    const seen: number[][] = [];
    leaf?.registerPrehook(([g]) => [(g as Tensor).mul(2)]);
    leaf?.registerHook((inputs, outputs) => {
      seen.push([inputs.length, outputs.length]);
      expect(x.grad).not.toBeNull();
    });
    y.sum().backward();
    expect(seen).toEqual([[0, 1]]);
    await at.close(x.grad, [6, 6]);
    autograd.grad(x.mul(3).sum(), x);
    expect(seen).toHaveLength(1);
  },

  "what a node's hook returns must fit": async (at) => {
    const run = (hook: unknown) => {
      const [x, w] = [at.leaf([1, 2]), at.leaf([3, 4])];
      const y = x.mul(w);
      y.gradFn?.registerHook(hook as never);
      y.sum().backward();
      return { x, w };
    };
    const message = (hook: (grads: Tensor[]) => unknown) => thrown(() => run(hook)).message;
    expect(message((g) => [g[0]])).toBe("hook has returned an incorrect number of values (got 1, but expected 2)");
    expect(message((g) => g[0])).toBe("expected an array, but hook returned 'Tensor'");
    expect(message((g) => [g[0], 3])).toBe("expected Tensor, but hook returned 'number'");
    expect(message((g) => [g[0], g[1].sum()])).toBe("hook has changed the size of value");
    const { x, w } = run((g: Tensor[]) => [null, g[1].mul(10)]);
    expect(x.grad).toBeNull();
    await at.close(w.grad, [10, 20]);
    const plain = at.leaf([1]).mul(at.tensor([2]));
    plain.gradFn?.registerHook(([g]) => [g, g]);
    expect(thrown(() => plain.sum().backward()).message).toBe("can't replace a null gradient with a non-null value");
  },

  "retainGrad follows a view whose base is changed in place": async (at) => {
    const x = at.leaf([1, 2]);
    const base = x.mul(1);
    const view = base.narrow(0, 0, 1);
    view.retainGrad();
    base.mul_(2);
    view.mul(3).sum().backward();
    expect(view.retainsGrad()).toBe(true);
    await at.close(view.grad, [3]);
    await at.close(x.grad, [6, 0]);
  },
};
