import { type DType, init, manualSeed, profile, randn, setNumThreads, type Tensor } from "@kindling/autograd";
import * as optim from "@kindling/optim";
import { describe, expect, it } from "vitest";
import { plain, withoutLimits } from "./support.js";

withoutLimits();

type Make = (params: Tensor[]) => optim.Optimizer;

/** Optimizers whose step is a fast path, each setting once. */
const kinds: Record<string, Make> = {
  sgd: (p) => new optim.SGD(p, { lr: 0.1 }),
  "sgd, weight decay, climbing": (p) => new optim.SGD(p, { lr: 0.1, weightDecay: 0.1, maximize: true }),
  "sgd, momentum, dampening": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.3 }),
  "sgd, nesterov": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  adam: (p) => new optim.Adam(p, { lr: 0.1 }),
  "adam, amsgrad, weight decay": (p) =>
    new optim.Adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1, betas: [0.5, 0.6] }),
  "adam, climbing": (p) => new optim.Adam(p, { lr: 0.1, maximize: true }),
  adamw: (p) => new optim.AdamW(p, { lr: 0.1, weightDecay: 0.2 }),
  rmsprop: (p) => new optim.RMSprop(p, { lr: 0.1, weightDecay: 0.1 }),
  "rmsprop, centered": (p) => new optim.RMSprop(p, { lr: 0.1, alpha: 0.5, centered: true }),
  "rmsprop, momentum": (p) => new optim.RMSprop(p, { lr: 0.1, momentum: 0.9, centered: true, alpha: 0.5 }),
  adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1 }),
};

/** Values and state after five steps on the device; what grad there is does not depend on it. */
function trained(make: Make, size: number, dtype: DType, device: string): number[] {
  manualSeed(1);
  const param = randn(size, { dtype }).to(device).requiresGrad_();
  const optimizer = make([param]);
  for (let i = 0; i < 5; i++) {
    param.grad = randn(size, { dtype }).to(device);
    optimizer.step();
  }
  const kept = Object.values(optimizer.state.get(param) ?? {}) as Tensor[];
  return [param, ...kept].flatMap((t) => Array.from(t.detach().toTypedArray(), Number));
}

describe.each(Object.keys(kinds))("%s", (kind) => {
  it.each(["float32", "float64"] as const)("steps as the composite does in %s", (dtype) => {
    for (const size of [0, 1, 3, 17, 40, 17_003]) {
      const ours = trained(kinds[kind], size, dtype, "cpu");
      const theirs = trained(kinds[kind], size, dtype, plain);
      expect(ours.length).toBe(theirs.length);
      const bound = dtype === "float32" ? 2e-5 : 1e-13;
      ours.forEach((x, i) => {
        expect(Math.abs(x - theirs[i])).toBeLessThanOrEqual(bound * (1 + Math.abs(theirs[i])));
      });
    }
  });
});

it("steps the same on any number of threads", async () => {
  const results: number[][] = [];
  for (const n of [1, 2, 3]) {
    setNumThreads(n);
    await init("cpu");
    results.push(trained(kinds["adam, amsgrad, weight decay"], 700_001, "float32", "cpu"));
  }
  for (const other of results) expect(other.every((x, i) => x === results[0][i])).toBe(true);
});

it("makes a step one kernel", () => {
  const param = randn(100, { requiresGrad: true });
  const optimizer = new optim.AdamW([param]);
  param.grad = randn(100);
  optimizer.step();
  const { rows } = profile(() => optimizer.step());
  expect(rows.map((row) => row.name)).toContain("adamStep");
  expect(rows.map((row) => row.name)).not.toContain("unary.sqrt");
});

it("counts as a write in place", () => {
  const param = randn(100, { requiresGrad: true });
  const loss = param.mul(param).sum();
  param.grad = randn(100);
  new optim.SGD([param], { lr: 0.1 }).step();
  expect(() => loss.backward()).toThrow("modified by an inplace operation");
});

it("leaves parameters alone that are laid out otherwise", () => {
  const param = randn(6, 4).t().requiresGrad_();
  const before = param.detach().clone();
  param.grad = randn(4, 6);
  new optim.SGD([param], { lr: 0.5 }).step();
  expect(param.detach().allclose(before.sub(param.grad.mul(0.5)))).toBe(true);
});

describe("add_ with alpha", () => {
  it.each(["float32", "float64"] as const)("adds as the composite does in %s", (dtype) => {
    manualSeed(2);
    for (const size of [0, 1, 3, 17, 40, 17_003]) {
      const [x, y] = [randn(size + 2, { dtype }), randn(size + 2, { dtype })];
      y.at("0:1").fill_(Number.POSITIVE_INFINITY);
      const sum = (device: string): number[] => {
        const whole = x.clone().to(device);
        whole.at("1:").add_(y.to(device).at(":-1"), { alpha: -0.3 });
        whole.at("::2").sub_(y.to(device).at("::2"), { alpha: 1.5 });
        return Array.from(whole.toTypedArray(), Number);
      };
      const [ours, theirs] = [sum("cpu"), sum(plain)];
      const bound = dtype === "float32" ? 1e-6 : 1e-15;
      ours.forEach((v, i) => {
        expect(v === theirs[i] || Math.abs(v - theirs[i]) <= bound * (1 + Math.abs(theirs[i]))).toBe(true);
      });
    }
  });
});
