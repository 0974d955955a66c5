import { autograd, empty, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import { type Backward, type Context, custom, double, severalOf } from "./custom.js";
import { type Point, SECOND_TIME, thrown } from "./place.js";

export const customFunctionRules: Point = {
  "markDirty: an input changed in place carries the node": async (at) => {
    const twice = custom(
      (ctx, x) => {
        ctx.markDirty(x);
        return x.mul_(2);
      },
      (_, g) => g.mul(2),
    );
    const x = at.leaf([1, 2]);
    const y = x.mul(3);
    const z = twice(y);
    expect([z === y, y.gradFn?.name, y.version]).toEqual([true, "FNBackward", 1]);
    y.sum().backward();
    await at.close(x.grad, [6, 6]);
    expect(thrown(() => twice(x)).message).toBe(
      "a leaf Variable that requires grad has been used in an in-place operation.",
    );
    const forgotten = custom(
      (ctx, t) => {
        ctx.markDirty(t);
        return t.mul(2);
      },
      (_, g) => g,
    );
    expect(thrown(() => forgotten(x.mul(1))).message).toBe(
      "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
    );
  },

  "markDirty on a view reaches the base": async (at) => {
    const twice = custom(
      (ctx, x) => {
        ctx.markDirty(x);
        return x.mul_(2);
      },
      (_, g) => g.mul(2),
    );
    const x = at.leaf([
      [1, 2],
      [3, 4],
    ]);
    const base = x.mul(1);
    twice(base.select(0, 1));
    await at.close(base, [1, 2, 6, 8]);
    base.mul(base).sum().backward();
    await at.close(x.grad, [2, 4, 24, 32]);
  },

  "markDirty on a view that is not the first argument": async (at) => {
    const scaleInto = custom(
      (ctx, factor, t) => {
        ctx.saveForBackward(factor, t.clone());
        ctx.markDirty(t);
        return t.mul_(factor);
      },
      (ctx, g) => {
        const [factor, before] = ctx.savedTensors;
        return [g.mul(before).sum(), g.mul(factor)];
      },
    );
    const [x, factor] = [at.leaf([1, 2]), at.leaf(3)];
    const base = x.mul(1);
    scaleInto(factor, base.narrow(0, 0, 1));
    base.mul(base).sum().backward();
    await at.close(base, [3, 2]);
    await at.close(x.grad, [18, 4]);
    await at.close(factor.grad, 6);
  },

  "an input without a gradient that comes back is another tensor": async (at) => {
    const dirty = custom(
      (ctx, t, other) => {
        t.mul_(2);
        ctx.markDirty(t);
        ctx.markNonDifferentiable(t);
        return [t, other.mul(1)];
      },
      (_, _g, g) => [null, g],
    );
    const x = at.leaf([1, 2]).mul(1);
    const [out] = severalOf(dirty, x, at.leaf([1, 1]));
    expect([out === x, out.requiresGrad, x.requiresGrad]).toEqual([false, false, true]);
    await at.close(out, [2, 4]);
    const constant = custom(
      (ctx, t, other) => {
        ctx.markNonDifferentiable(t);
        return [t, other.mul(1)];
      },
      (_, _g, g) => [null, g],
    );
    const plain = at.tensor([1]);
    expect(severalOf(constant, plain, at.leaf([1]))[0] === plain).toBe(false);
  },

  "of several results one that is a view may not be changed in place": (at) => {
    const two = custom(
      (_, t) => {
        const whole = t.mul(2);
        return [whole, whole.narrow(0, 0, 1)];
      },
      (_, g) => g.mul(2),
    );
    expect(thrown(() => severalOf(two, at.leaf([1, 2]))[1].add_(1)).message).toContain(
      "Output 1 of FNBackward is a view and is being modified inplace. This view is the output of a function that returns multiple views.",
    );
  },

  "a returned input may not be changed in place": (at) => {
    const same = custom(
      (_, x) => x,
      (_, g) => g,
    );
    const { message } = thrown(() => same(at.leaf([1, 2]).mul(1)).mul_(2));
    expect(message).toContain("Output 0 of FNBackward is a view and is being modified inplace.");
    expect(message).toContain(
      "This view was created inside a custom Function (or because an input was returned as-is)",
    );
  },

  "needsInputGrad says which arguments need a gradient": (at) => {
    let seen: readonly boolean[] = [];
    const look = custom(
      (ctx, a) => {
        seen = ctx.needsInputGrad;
        return a.mul(1);
      },
      (_, g) => [g, null, null],
    );
    look(at.leaf([1]), at.tensor([1]), 3);
    expect(seen).toEqual([true, false, false]);
    look(at.tensor([1]), at.leaf([1]), null);
    expect(seen).toEqual([false, true, false]);
  },

  "forward records nothing, and is recorded only where it must be": (at) => {
    let inner: Tensor | null = null;
    const look = custom(
      (_, x) => (inner = x.mul(2)).mul(2),
      (_, g) => g.mul(4),
    );
    look(at.leaf([1]));
    expect((inner as Tensor | null)?.gradFn).toBeNull();
    expect(look(at.tensor([1])).requiresGrad).toBe(false);
    expect(autograd.noGrad(() => look(at.leaf([1])).requiresGrad)).toBe(false);
  },

  "backward computes outside of the graph, unless the pass is recorded": (at) => {
    const modes: boolean[] = [];
    const look = double((_, g) => {
      modes.push(autograd.isGradEnabled());
      return g.mul(2);
    });
    const x = at.leaf([1]);
    look(x).sum().backward();
    autograd.grad(look(x).sum(), x, { createGraph: true });
    expect(modes).toEqual([false, true]);
  },

  "fields of the context are the user's own": async (at) => {
    const power = custom(
      (ctx, x, n) => {
        ctx.n = n;
        ctx.saveForBackward(x, null);
        return x.pow(n as unknown as number);
      },
      (ctx, g) => {
        expect(ctx.savedTensors[1]).toBeNull();
        return [g.mul(ctx.savedTensors[0].pow(ctx.n - 1)).mul(ctx.n), null];
      },
    );
    const x = at.leaf([2, 3]);
    power(x, 3).sum().backward();
    await at.close(x.grad, [12, 27]);
  },

  "saved inputs and outputs keep their place in the graph": async (at) => {
    const exp = custom(
      (ctx, x) => {
        const y = x.exp();
        ctx.saveForBackward(y);
        return y;
      },
      (ctx, g) => g.mul(ctx.savedTensors[0]),
    );
    const view = custom(
      (ctx, x) => {
        const y = x.exp().reshape(1, -1);
        ctx.saveForBackward(y);
        return y;
      },
      (ctx, g) => g.mul(ctx.savedTensors[0]).reshape(-1),
    );
    for (const fn of [exp, view]) {
      const x = at.leaf([0.5, 1]);
      const [g] = autograd.grad(fn(x).sum(), x, { createGraph: true }) as [Tensor];
      await at.close(autograd.grad(g.sum(), x)[0], [Math.exp(0.5), Math.exp(1)]);
    }
  },

  "saved tensors are released with the graph, and guarded": (at) => {
    let context: Context | null = null;
    const keep = custom(
      (ctx, x) => {
        context = ctx;
        ctx.saveForBackward(x);
        return x.mul(2);
      },
      (ctx, g) => g.mul(ctx.savedTensors[0]),
    );
    const x = at.leaf([1]).mul(1);
    const y = keep(x).sum();
    expect((context as Context | null)?.savedTensors[0]).toBe(x);
    y.backward();
    expect(thrown(() => (context as unknown as Context).savedTensors).message).toBe(SECOND_TIME);
    expect(thrown(() => y.backward()).message).toBe(SECOND_TIME);
    const z = keep(x).sum();
    x.add_(1);
    expect(thrown(() => z.backward()).message).toContain(
      "one of the variables needed for gradient computation has been modified by an inplace operation",
    );
    const wrong = custom(
      (ctx, t) => {
        ctx.saveForBackward(3 as never);
        return t.mul(2);
      },
      (_, g) => g,
    );
    expect(thrown(() => wrong(x)).message).toContain(
      "saveForBackward can only save tensors, but argument 0 is of type number",
    );
  },

  "onceDifferentiable: a second derivative throws": async (at) => {
    class Once extends autograd.Function {
      static override forward(ctx: Context, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(x);
      }
      static override backward = autograd.onceDifferentiable((ctx: Context, g: Tensor) =>
        g.mul(ctx.savedTensors[0]).mul(2),
      );
    }
    const x = at.leaf([3]);
    Once.apply(x).sum().backward();
    await at.close(x.grad, [6]);
    const [g] = autograd.grad(Once.apply(x).mul(x).sum(), x, { createGraph: true }) as [Tensor];
    await at.close(g, [27]);
    expect(thrown(() => g.sum().backward()).message).toBe(
      "trying to differentiate twice a function that was marked with onceDifferentiable",
    );
  },

  "a wrong number of gradients is refused; null may follow": async (at) => {
    const x = at.leaf([1]);
    const pair = (backward: Backward) => custom((_, a, b) => a.mul(b), backward);
    expect(
      thrown(() =>
        pair((_, g) => g)(x, x)
          .sum()
          .backward(),
      ).message,
    ).toBe("function FNBackward returned an incorrect number of gradients (expected 2, got 1)");
    expect(
      thrown(() =>
        pair((_, g) => [g, g, g])(x, x)
          .sum()
          .backward(),
      ).message,
    ).toBe("function FNBackward returned an incorrect number of gradients (expected 2, got 3)");
    expect(
      thrown(() =>
        pair((_, g) => [g, g])(x, 3)
          .sum()
          .backward(),
      ).message,
    ).toBe(
      "function FNBackward returned a gradient different than null at position 2, but the corresponding forward input was not a Variable",
    );
    pair((_, g) => [g, g.mul(2), null, null])(x, x)
      .sum()
      .backward();
    await at.close(x.grad, [3]);
    double((_, g) => [g.mul(5), null])(x)
      .sum()
      .backward();
    await at.close(x.grad, [8]);
  },

  "gradients of a wrong shape are refused, those that can be summed to the shape are summed": async (at) => {
    const x = at.leaf([1, 2]);
    expect(
      thrown(() =>
        double((_, g) => empty(3, { dtype: g.dtype, device: g.device }))(x)
          .sum()
          .backward(),
      ).message,
    ).toBe(
      "Function FNBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]",
    );
    expect(
      thrown(() =>
        double((_, g) => g.sum())(x)
          .sum()
          .backward(),
      ).message,
    ).toContain("got [] but expected");
    double((_, g) => g.expand(3, 2))(x)
      .sum()
      .backward();
    await at.close(x.grad, [3, 3]);
    const column = at.leaf([[1], [2]]);
    double((_, g) => g.expand(4, 2, 3))(column)
      .sum()
      .backward();
    await at.close(column.grad, [12, 12]);
    expect(column.grad?.shape).toEqual([2, 1]);
  },

  "a gradient of another dtype is converted; what is no tensor is refused": async (at) => {
    const x = at.leaf([1, 2]);
    double((_, g) => g.to("int32"))(x)
      .sum()
      .backward();
    await at.close(x.grad, [1, 1]);
    expect(x.grad?.dtype).toBe(at.dtype);
    expect(
      thrown(() =>
        double(() => 3)(x)
          .sum()
          .backward(),
      ).message,
    ).toContain("expected a Tensor or null but got number");
  },

  "no gradient is no gradient": (at) => {
    const x = at.leaf([1]);
    for (const nothing of [null, undefined, [null], [undefined]])
      double(() => nothing)(x)
        .sum()
        .backward();
    expect(x.grad).toBeNull();
  },

  "forward and backward must be there": (at) => {
    class Empty extends autograd.Function {}
    expect(thrown(() => Empty.apply(at.leaf([1]))).message).toBe(
      "You must implement the forward function for custom autograd.Function.",
    );
    class Half extends autograd.Function {
      static override forward(_: Context, x: Tensor): Tensor {
        return x.mul(2);
      }
    }
    expect(
      thrown(() =>
        Half.apply(at.leaf([1]))
          .sum()
          .backward(),
      ).message,
    ).toContain("You must implement the backward");
  },

  "what backward throws comes out as it is": (at) => {
    class Mine extends Error {}
    const broken = double(() => {
      throw new Mine("here");
    });
    expect(
      thrown(() =>
        broken(at.leaf([1]))
          .sum()
          .backward(),
      ),
    ).toBeInstanceOf(Mine);
    at.leaf([1]).mul(2).sum().backward(); // the engine is as it was
    expect(autograd.isGradEnabled()).toBe(true);
  },
};
