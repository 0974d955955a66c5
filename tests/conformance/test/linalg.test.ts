import { cdist, cov, eye, kron, linalg, tensor } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, expect, it } from "vitest";

// Linear algebra on a device that cannot be read at once: decompositions say what to do, all else works there.
registerOpaqueBackend();

const near = tensor([
  [4, 1, 0],
  [1, 3, 1],
  [0, 1, 2],
]);
const far = near.to("opaque").requiresGrad_();
const reads =
  /^\[[\w.]+\] device 'opaque' cannot be read synchronously: use `const host = await x\.cpu\(\)` and read that$/;

describe("decompositions", () => {
  const { svd, eigh, qr, cholesky, luFactor, solve, inv, det, pinv, lstsq, matrixExp, cond, matrixRank } = linalg;
  const one = { svd, eigh, qr, cholesky, luFactor, inv, det, pinv, matrixExp, cond, matrixRank };
  it.each(Object.entries(one))("%s", (_, f) => {
    expect(() => f(far)).toThrow(reads);
  });
  it.each(Object.entries({ solve, lstsq }))("%s", (_, f) => {
    expect(() => f(far, far)).toThrow(reads);
  });
});

describe("without a decomposition", () => {
  const compositions = {
    multiDot: (x: typeof near) => linalg.multiDot([x, x, x]),
    matrixPower: (x: typeof near) => linalg.matrixPower(x, 5),
    norm: (x: typeof near) => linalg.norm(x, 3, 0),
    matrixNorm: (x: typeof near) => linalg.matrixNorm(x, 1),
    householderProduct: (x: typeof near) => linalg.householderProduct(x, x.select(0, 0)),
    cross: (x: typeof near) => linalg.cross(x, x.flip(0)),
    vander: (x: typeof near) => linalg.vander(x),
    kron: (x: typeof near) => kron(x, x),
    cdist: (x: typeof near) => cdist(x, eye(3, { device: x.device })),
    cov: (x: typeof near) => cov(x),
  };
  it.each(Object.entries(compositions))("%s", async (_, f) => {
    const here = near.clone().requiresGrad_();
    const there = near.to("opaque").requiresGrad_();
    const [a, b] = [f(here), f(there)];
    a.sum().backward();
    b.sum().backward();
    for (const [x, y] of [
      [a, b],
      [here.grad, there.grad],
    ] as const) {
      const expected = x?.detach().flatten().tolist() as number[];
      const got = (await y?.detach().cpu())?.flatten().tolist() as number[];
      for (const [i, value] of got.entries())
        expect(value / (1 + Math.abs(expected[i]))).toBeCloseTo(expected[i] / (1 + Math.abs(expected[i])), 5);
    }
  });
});
