import { describe, expect, it } from "vitest";
import {
  addmm,
  autograd,
  type DType,
  enableGrad,
  linear,
  manualSeed,
  mm,
  ones,
  randn,
  type Tensor,
  tensor,
} from "../src/index.js";

/*
 * Weights that are used many times with few rows: their gradient is made of all rows at once. It is held against uses that are not
 * postponed, because each has a copy of the weight for itself.
 */

const STEPS = 6;
type Use = (x: Tensor, w: Tensor, b: Tensor) => Tensor;
const uses: Record<string, Use> = {
  linear: (x, w, b) => linear(x, w, b),
  mm: (x, w, b) => mm(x, w).add(b),
  addmm: (x, w, b) => addmm(b, x, w),
};

function setting(dtype: DType, rows: number[] = new Array<number>(STEPS).fill(1)) {
  manualSeed(3);
  const w = randn(4, 4, { dtype, requiresGrad: true });
  const b = randn(4, { dtype, requiresGrad: true });
  const xs = rows.map((n) => randn(n, 4, { dtype }));
  return { w, b, xs };
}

/** A recurrence over `xs`, each step with the weight that `weightOf` gives. */
function loss(use: Use, xs: readonly Tensor[], weightOf: () => Tensor, b: Tensor): Tensor {
  let h = xs[0];
  let total: Tensor | null = null;
  for (const x of xs) {
    const before = h.shape[0] === x.shape[0] ? h : h.sum(0, true).expand(x.shape as number[]);
    h = use(x.add(before), weightOf(), b).tanh();
    const part = h.mul(h).sum();
    total = total === null ? part : total.add(part);
  }
  return total as Tensor;
}

const close = (got: Tensor | null, want: Tensor | null, dtype: DType): void => {
  const places = dtype === "float64" ? 12 : 4;
  const [a, b] = [got, want].map((t) => (t as Tensor).reshape(-1).tolist() as number[]);
  expect((got as Tensor).shape).toEqual((want as Tensor).shape);
  a.forEach((x, i) => void expect(x).toBeCloseTo(b[i], places));
};

describe.each(["float32", "float64"] as const)("gradients of a shared weight (%s)", (dtype) => {
  describe.each(Object.keys(uses))("%s", (name) => {
    const use = uses[name];
    const expected = (rows?: number[]): { w: Tensor; b: Tensor } => {
      const { w, b, xs } = setting(dtype, rows);
      loss(use, xs, () => w.clone(), b).backward();
      return { w: w.grad as Tensor, b: b.grad as Tensor };
    };

    it.each([
      ["one row a use", [1, 1, 1, 1, 1]],
      ["two uses", [1, 1]],
      ["one use", [1]],
      ["different rows", [1, 3, 2, 16, 1, 5]],
      ["some with many rows", [1, 40, 2, 17, 1]],
      ["no rows", [1, 0, 2]],
      ["more rows than are kept", new Array<number>(60).fill(9)],
    ])("%s", (_, rows) => {
      const { w, b, xs } = setting(dtype, rows);
      loss(use, xs, () => w, b).backward();
      const want = expected(rows);
      close(w.grad, want.w, dtype);
      close(b.grad, want.b, dtype);
    });

    it("adds up over passes, and over losses in one pass", () => {
      const { w, b, xs } = setting(dtype);
      loss(use, xs, () => w, b).backward();
      loss(use, xs, () => w, b).backward();
      const twice = w.grad as Tensor;
      w.grad = null;
      autograd.backward([loss(use, xs, () => w, b), loss(use, xs, () => w, b)]);
      const want = expected().w.mul(2);
      close(twice, want, dtype);
      close(w.grad, want, dtype);
    });

    it("is whole for hooks, which see it once, and may replace it", () => {
      const { w, b, xs } = setting(dtype);
      const seen: Tensor[] = [];
      const handle = w.registerHook((g) => {
        seen.push(g);
        return g.mul(10);
      });
      loss(use, xs, () => w, b).backward();
      expect(seen).toHaveLength(1);
      close(seen[0], expected().w, dtype);
      close(w.grad, expected().w.mul(10), dtype);
      expect((w.grad as Tensor).storage).not.toBe(seen[0].storage);
      handle.remove();
    });

    it("is whole for captures, retainGrad and weights that are no leaves", () => {
      const { w, b, xs } = setting(dtype);
      const [caught] = autograd.grad(
        loss(use, xs, () => w, b),
        [w],
      );
      close(caught as Tensor, expected().w, dtype);
      expect(w.grad).toBeNull();
      const inner = w.mul(1);
      inner.retainGrad();
      loss(use, xs, () => inner, b).backward();
      close(inner.grad, expected().w, dtype);
      close(w.grad, expected().w, dtype);
    });

    it("goes to the right output of an operator of several", () => {
      const { w, b, xs } = setting(dtype);
      const both = w.reshape(1, 4, 4).expand(2, 4, 4);
      const [, second] = both.unbind(0);
      loss(use, xs, () => second, b).backward();
      close(w.grad, expected().w, dtype);
    });

    it("adds up with gradients of other kinds", () => {
      const { w, b, xs } = setting(dtype);
      loss(use, xs, () => w, b)
        .add(w.mul(3).sum())
        .add(w.sum())
        .backward();
      close(w.grad, expected().w.add(4), dtype);
    });

    it("does not see later changes of what was multiplied", () => {
      const { w, b } = setting(dtype);
      const [x, z] = [randn(1, 4, { dtype }), randn(1, 4, { dtype })];
      const pass = (weightOf: () => Tensor, change: () => void): Tensor => {
        w.grad = null;
        const first = use(x, weightOf(), b);
        const second = use(z, weightOf(), b); // newer, so that its turn comes first
        first.registerHook(() => change());
        first.mul(2).add(second).sum().backward();
        return w.grad as unknown as Tensor;
      };
      const want = pass(
        () => w.clone(),
        () => {},
      );
      close(
        pass(
          () => w,
          () => void z.data.fill_(100),
        ),
        want,
        dtype,
      );
    });

    it("refuses saved values that were changed in place", () => {
      const { w, b } = setting(dtype);
      const x = randn(1, 4, { dtype });
      const total = use(x, w, b)
        .add(use(x, w, b))
        .sum();
      x.add_(1);
      expect(() => total.backward()).toThrow("modified by an inplace operation");
    });

    it("has second derivatives", () => {
      const { w, b, xs } = setting(dtype, [1, 1, 1]);
      const second = (weightOf: () => Tensor): Tensor => {
        w.grad = null;
        const [first] = autograd.grad(loss(use, xs, weightOf, b), [w], { createGraph: true });
        (first as Tensor)
          .mul(first as Tensor)
          .sum()
          .backward();
        return w.grad as unknown as Tensor;
      };
      close(
        second(() => w),
        second(() => w.clone()),
        dtype,
      );
    });

    it("may be asked for again", () => {
      const { w, b, xs } = setting(dtype);
      const total = loss(use, xs, () => w, b);
      total.backward({ retainGraph: true });
      total.backward();
      close(w.grad, expected().w.mul(2), dtype);
      expect(() => total.backward()).toThrow("a second time");
    });

    it("is checked for NaN under anomaly detection", () => {
      const { w, b } = setting(dtype);
      const x = tensor([[Number.POSITIVE_INFINITY, 0, 0, 0]], { dtype });
      const pass = (): void =>
        autograd.detectAnomaly(() => {
          const y = use(x, w, b).add(use(x, w, b));
          y.backward(ones(1, 4, { dtype }).mul(0));
        });
      expect(pass).toThrow("returned nan values");
    });
  });
});

describe("a pass inside of a pass", () => {
  it("keeps its own rows", () => {
    const { w, b, xs } = setting("float64");
    loss(uses.linear, xs, () => w.clone(), b).backward();
    const want = w.grad as Tensor;
    w.grad = null;
    let inner: Tensor | null = null;
    const total = loss(
      (x, weight, bias) => {
        const y = linear(x, weight, bias);
        y.registerHook(() => {
          if (inner === null)
            inner = enableGrad(() =>
              autograd.grad(
                loss(uses.linear, xs, () => w, b),
                [w],
              ),
            )[0];
        });
        return y;
      },
      xs,
      () => w,
      b,
    );
    total.backward();
    close(w.grad, want, "float64");
    close(inner, want, "float64");
  });
});
