import { type DType, manualSeed, profile, rand, randint, randn, type Tensor, tensor } from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { functional as F } from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { close, plain, withoutLimits } from "./support.js";

withoutLimits();

const reductions = ["none", "mean", "sum"] as const;
type Loss = (input: Tensor, target: Tensor, weight: Tensor | null, reduction: (typeof reductions)[number]) => Tensor;
const kinds: Record<string, Loss> = {
  nllLoss: (x, t, w, reduction) => F.nllLoss(x, t, w, { ignoreIndex: 1, reduction }),
  crossEntropy: (x, t, w, reduction) => F.crossEntropy(x, t, w, { ignoreIndex: 1, reduction }),
  "crossEntropy, smoothed": (x, t, w, reduction) =>
    F.crossEntropy(x, t, w, { ignoreIndex: 1, reduction, labelSmoothing: 0.3 }),
};

/** Result and gradient on the device. */
function both(loss: Loss, x: Tensor, t: Tensor, w: Tensor | null, how: (typeof reductions)[number], device: string) {
  const input = x.detach().to(device).requiresGrad_();
  const y = loss(input, t.to(device), w?.to(device) ?? null, how);
  y.backward(y.detach().mul(0).add(1.5));
  return [y.detach(), input.grad as Tensor];
}

const shapes: [number[], number[]][] = [
  [[5], []],
  [[1, 3], [1]],
  [[7, 10], [7]],
  [
    [3, 4, 5],
    [3, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 4, 5],
  ],
];

describe.each(Object.keys(kinds))("%s", (name) => {
  const loss = kinds[name];

  it.each(["float32", "float64"] as DType[])("is the composite's in %s", (dtype) => {
    manualSeed(3);
    for (const [shape, targets] of shapes) {
      const classes = shape[Math.min(1, shape.length - 1)];
      const x = randn(shape, { dtype });
      const weight = rand(classes, { dtype });
      for (const type of ["int32", "int64"] as const) {
        const target = randint(classes, targets, { dtype: type });
        target.reshape(-1).setAt([0], 2);
        for (const how of reductions) {
          for (const w of [null, weight]) {
            const theirs = both(loss, x, target, w, how, plain);
            for (const [i, t] of both(loss, x, target, w, how, "cpu").entries()) {
              close(t, theirs[i], dtype === "float32" ? 2e-6 : 1e-14);
            }
          }
        }
      }
    }
  });

  it("has first and second derivatives", () => {
    const x = randn(4, 3, { dtype: "float64", requiresGrad: true });
    const target = tensor([2, 0, 1, 0], { dtype: "int32" });
    for (const how of reductions) {
      const f = (a: Tensor): Tensor => loss(a, target, tensor([0.5, 1, 2], { dtype: "float64" }), how);
      expect(gradcheck(f, [x])).toBe(true);
      expect(gradgradcheck(f, [x])).toBe(true);
    }
  });

  it("divides by nothing where all targets are ignored, and takes views", () => {
    const target = tensor([1, 1], { dtype: "int32" });
    expect(loss(randn(2, 3), target, null, "mean").item()).toBeNaN();
    expect(loss(randn(2, 3), target, null, "sum").item()).toBeCloseTo(0);
    const x = randn(3, 8).t().narrow(0, 2, 4);
    const classes = tensor(
      [
        [2, 5],
        [0, 5],
        [1, 5],
        [2, 5],
      ],
      { dtype: "int32" },
    ).select(1, 0);
    close(loss(x, classes, null, "mean"), loss(x.to(plain), classes.to(plain), null, "mean"), 1e-6);
  });

  it("refuses classes that do not exist", () => {
    for (const bad of [3, -1]) {
      const target = tensor([0, bad], { dtype: "int32" });
      expect(() => loss(randn(2, 3), target, null, "mean")).toThrow(`Target ${bad} is out of bounds.`);
    }
  });
});

it("takes three kernels with its logarithm and one each way", () => {
  const x = randn(6, 4, { requiresGrad: true });
  const { rows } = profile(() => F.crossEntropy(x, randint(4, [6])).backward());
  expect(rows.map((row) => row.name)).toEqual(
    expect.arrayContaining(["logSoftmax", "nllLoss", "nllLossBackward", "logSoftmaxBackward"]),
  );
  expect(F.crossEntropy(x, randint(4, [6])).gradFn?.name).toBe("NllLossBackward0");
});
