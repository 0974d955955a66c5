import { type DType, init, linspace, manualSeed, randn, setNumThreads, type Tensor, tensor } from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { functional as F } from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { close, plain, withoutLimits } from "./support.js";

withoutLimits();

const kinds: Record<string, (x: Tensor) => Tensor> = {
  gelu: (x) => F.gelu(x),
  "gelu by tanh": (x) => F.gelu(x, { approximate: "tanh" }),
  silu: (x) => F.silu(x),
  relu: (x) => F.relu(x),
};

/** Result and gradient on the device. */
function both(f: (x: Tensor) => Tensor, x: Tensor, g: Tensor, device: string): Tensor[] {
  const input = x.detach().to(device).requiresGrad_();
  const y = f(input);
  y.backward(g.to(device));
  return [y.detach(), input.grad as Tensor];
}

describe.each(Object.keys(kinds))("%s", (name) => {
  const f = kinds[name];

  it.each(["float32", "float64"] as DType[])("is the composite's in %s", (dtype) => {
    manualSeed(1);
    const bound = dtype === "float32" ? 2e-6 : 1e-14;
    for (const x of [0, 1, 3, 17, 40, 17_003].map((n) => randn(n, { dtype }).mul(3))) {
      const g = randn(x.shape, { dtype });
      const theirs = both(f, x, g, plain);
      for (const [i, t] of both(f, x, g, "cpu").entries()) close(t, theirs[i], bound);
    }
    const x = linspace(-20, 20, 10001, { dtype });
    const theirs = both(f, x, randn(10001, { dtype }).mul(0).add(1), plain);
    for (const [i, t] of both(f, x, x.mul(0).add(1), "cpu").entries()) close(t, theirs[i], bound);
  });

  it("takes any layout, infinities and NaN", () => {
    const x = randn(6, 5, 4);
    for (const view of [x.transpose(0, 2), x.narrow(1, 1, 3), x.at(1), x.select(2, 1)]) {
      close(f(view), f(view.to(plain)), 2e-6);
    }
    const ends = tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e30, -1e30, 1e-40]);
    const theirs = both(f, ends, ends.mul(0).add(1).nanToNum(1), plain);
    for (const [i, t] of both(f, ends, ends.mul(0).add(1).nanToNum(1), "cpu").entries()) close(t, theirs[i], 1e-6);
  });

  it("has first and second derivatives", () => {
    const x = randn(3, 5, { dtype: "float64", requiresGrad: true });
    expect(gradcheck(f, [x])).toBe(true);
    expect(gradgradcheck(f, [x])).toBe(true);
  });

  it("is the same on any number of threads", async () => {
    const [x, g] = [randn(1_500_003), randn(1_500_003)];
    const results: Tensor[][] = [];
    for (const n of [1, 2, 3]) {
      setNumThreads(n);
      await init("cpu");
      results.push(both(f, x, g, "cpu"));
    }
    for (const other of results) expect(other.map((t, i) => t.equal(results[0][i]))).toEqual([true, true]);
  });
});
