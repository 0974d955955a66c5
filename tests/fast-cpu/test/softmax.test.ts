import {
  type DType,
  init,
  logSoftmax,
  manualSeed,
  profile,
  randn,
  setNumThreads,
  softmax,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { describe, expect, it } from "vitest";
import { close, plain, withoutLimits } from "./support.js";

withoutLimits();

const kinds = { softmax, logSoftmax };
type Kind = keyof typeof kinds;

const shapes = [[1], [3], [4], [5, 1], [2, 7], [3, 0], [0, 3], [7, 16], [2, 3, 33], [300, 10], [3, 5000]];

/** Result and gradient on the device. */
function both(name: Kind, x: Tensor, g: Tensor, device: string): Tensor[] {
  const input = x.to(device).detach().requiresGrad_();
  const y = kinds[name](input, -1);
  y.backward(g.to(device));
  return [y.detach(), input.grad as Tensor];
}

describe.each(Object.keys(kinds) as Kind[])("%s", (name) => {
  it.each(["float32", "float64"] as DType[])("is the composite's in %s", (dtype) => {
    manualSeed(1);
    for (const shape of shapes) {
      const [x, g] = [randn(shape, { dtype }).mul(3), randn(shape, { dtype })];
      const [ours, theirs] = [both(name, x, g, "cpu"), both(name, x, g, plain)];
      for (const [i, t] of ours.entries()) close(t, theirs[i], dtype === "float32" ? 2e-6 : 1e-14);
    }
  });

  it("takes any layout and dimension", () => {
    const x = randn(6, 5, 4);
    for (const view of [x.transpose(0, 2), x.narrow(1, 1, 3), x.at(1), x.at(":", 2)]) {
      for (let dim = 0; dim < view.ndim; dim++) {
        close(kinds[name](view, dim), kinds[name](view.to(plain), dim), 2e-6);
      }
    }
  });

  it("knows infinities, NaN and what is large", () => {
    const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high, NaN: none } = Number;
    const x = tensor([
      [1, low, 2, low, 3],
      [low, low, low, low, low],
      [1, none, 2, 3, 4],
      [high, 1, 2, 3, 4],
      [1e30, 1e30, -1e30, 0, 1],
      [-1e4, -1e4, -1e4, -1e4, -1e4 - 1],
    ]);
    close(kinds[name](x, 1), kinds[name](x.to(plain), 1), 1e-6);
  });

  it("has first and second derivatives", () => {
    const x = randn(3, 5, { dtype: "float64", requiresGrad: true });
    expect(gradcheck((a: Tensor) => kinds[name](a, -1), [x])).toBe(true);
    expect(gradgradcheck((a: Tensor) => kinds[name](a, -1), [x])).toBe(true);
  });

  it("is the same on any number of threads", async () => {
    const [x, g] = [randn(700, 501), randn(700, 501)];
    const results: Tensor[][] = [];
    for (const n of [1, 2, 3]) {
      setNumThreads(n);
      await init("cpu");
      results.push(both(name, x, g, "cpu"));
    }
    for (const other of results) expect(other.map((t, i) => t.equal(results[0][i]))).toEqual([true, true]);
  });

  it("is one kernel each way", () => {
    const [x, g] = [randn(4, 5, { requiresGrad: true }), randn(4, 5)];
    const { rows } = profile(() => kinds[name](x, 1).backward(g));
    expect(rows.map((row) => row.name).sort()).toEqual([name, `${name}Backward`]);
  });
});
