import { type DType, init, manualSeed, profile, rand, randn, setNumThreads, type Tensor } from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { functional as F } from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { close, plain, withoutLimits } from "./support.js";

withoutLimits();

type Norm = (x: Tensor, weight: Tensor | null, bias: Tensor | null) => Tensor;
interface Kind {
  readonly norm: Norm;
  readonly shapes: readonly (readonly number[])[];
  /** The shape of weight and bias. */
  readonly parameters: (shape: readonly number[]) => readonly number[];
  readonly path: string;
}

const channels = (shape: readonly number[]): readonly number[] => [shape[1]];
const kinds: Record<string, Kind> = {
  layerNorm: {
    norm: (x, w, b) => F.layerNorm(x, [x.shape[x.ndim - 1]], w, b),
    shapes: [
      [1, 1],
      [3, 4],
      [0, 4],
      [2, 3, 7],
      [5, 33],
      [40, 130],
      [3, 5000],
    ],
    parameters: (shape) => shape.slice(-1),
    path: "layerNorm",
  },
  "layerNorm of two dimensions": {
    norm: (x, w, b) => F.layerNorm(x, x.shape.slice(-2), w, b, 0.1),
    shapes: [
      [2, 3, 7],
      [3, 2, 5, 4],
    ],
    parameters: (shape) => shape.slice(-2),
    path: "layerNorm",
  },
  batchNorm: {
    norm: (x, w, b) => F.batchNorm(x, null, null, w, b, true),
    shapes: [
      [2, 1],
      [7, 5],
      [3, 4, 1],
      [4, 3, 6, 7],
      [2, 9, 50, 50],
    ],
    parameters: channels,
    path: "batchNorm",
  },
  groupNorm: {
    norm: (x, w, b) => F.groupNorm(x, 2, w, b),
    shapes: [
      [2, 4],
      [3, 6, 5, 5],
    ],
    parameters: channels,
    path: "layerNorm",
  },
  instanceNorm: {
    norm: (x, w, b) => F.instanceNorm(x, null, null, w, b),
    shapes: [
      [2, 3, 9],
      [3, 6, 5, 5],
    ],
    parameters: channels,
    path: "layerNorm",
  },
};

/** Result and gradients on the device, of those that require one. */
function all(norm: Norm, given: readonly (Tensor | null)[], g: Tensor, device: string): (Tensor | null)[] {
  const [x, w, b] = given.map((t) => t?.detach().to(device).requiresGrad_() ?? null);
  const y = norm(x as Tensor, w, b);
  y.backward(g.to(device));
  return [y.detach(), x?.grad ?? null, w?.grad ?? null, b?.grad ?? null];
}

function compare(kind: Kind, x: Tensor, w: Tensor | null, b: Tensor | null, bound: number): void {
  const g = randn(x.shape, { dtype: x.dtype });
  const [ours, theirs] = ["cpu", plain].map((device) => all(kind.norm, [x, w, b], g, device));
  for (const [i, t] of ours.entries()) if (t !== null) close(t, theirs[i] as Tensor, bound);
}

describe.each(Object.keys(kinds))("%s", (name) => {
  const kind = kinds[name];

  it.each(["float32", "float64"] as DType[])("is the composite's in %s", (dtype) => {
    manualSeed(1);
    for (const shape of kind.shapes) {
      const x = randn(shape, { dtype }).mul(2).add(1);
      const [w, b] = [0, 1].map(() => rand(kind.parameters(shape), { dtype }).add(0.5));
      const bound = dtype === "float32" ? 1e-4 : 1e-12;
      for (const [weight, bias] of [
        [w, b],
        [w, null],
        [null, b],
        [null, null],
      ])
        compare(kind, x, weight, bias, bound);
    }
  });

  it("takes any layout", () => {
    const x = randn(6, 5, 4, 3);
    for (const view of [x.transpose(1, 3).narrow(1, 1, 2), x.narrow(1, 1, 4), x.transpose(0, 1).narrow(1, 2, 2)]) {
      const shape = kind.parameters(view.shape);
      compare(kind, view, randn(shape), randn([...shape].reverse()).permute([...shape.keys()].reverse()), 1e-4);
    }
  });

  it("lets NaN and infinities through", () => {
    const x = randn(4, 4, 6);
    x.setAt([0, 1, 2], Number.NaN);
    x.setAt([1, 2, 3], Number.POSITIVE_INFINITY);
    const shape = kind.parameters(x.shape);
    compare(kind, x, randn(shape), randn(shape), 1e-4);
  });

  it("has first and second derivatives, also of one alone", () => {
    const x = randn(3, 4, 5, { dtype: "float64", requiresGrad: true });
    const [w, b] = [0, 1].map(() => randn(kind.parameters(x.shape), { dtype: "float64", requiresGrad: true }));
    for (const inputs of [
      [x, w, b],
      [x.detach(), w, b],
      [x, w.detach(), b],
      [x, w, b.detach()],
      [x.detach(), w.detach(), b],
    ]) {
      expect(gradcheck(kind.norm as never, inputs)).toBe(true);
      expect(gradgradcheck(kind.norm as never, inputs)).toBe(true);
    }
  });

  it("is the same on any number of threads", async () => {
    const x = randn(512, 8, 10, 13);
    const shape = kind.parameters(x.shape);
    const [w, b, g] = [randn(shape), randn(shape), randn(x.shape)];
    const results: Tensor[][] = [];
    for (const n of [1, 2, 3]) {
      setNumThreads(n);
      await init("cpu");
      results.push(all(kind.norm, [x, w, b], g, "cpu") as Tensor[]);
    }
    for (const other of results) expect(other.map((t, i) => t.equal(results[0][i]))).toEqual([true, true, true, true]);
  });

  it("is a fast path each way", () => {
    const x = randn(4, 4, 5, { requiresGrad: true });
    const { rows } = profile(() => kind.norm(x, null, null).backward(randn(4, 4, 5)));
    expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining([kind.path, `${kind.path}Backward`]));
  });
});

it("moves the running statistics", () => {
  const x = randn(5, 3, 4);
  const [mean, variance] = [randn(3), rand(3)];
  const [ours, theirs] = ["cpu", plain].map((device) => {
    const running = [mean, variance].map((t) => t.clone().to(device));
    F.batchNorm(x.to(device), running[0], running[1], null, null, true, 0.3);
    return running;
  });
  for (const [i, t] of ours.entries()) close(t, theirs[i], 1e-5);
});
