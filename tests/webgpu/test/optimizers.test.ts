import { autograd, manualSeed, noGrad, ones, randn, type Tensor, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import * as optim from "@kindling/optim";
import { profile } from "@kindling/storage";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { initWebGpu } from "../src/adapter.js";
import { compare } from "../src/compare.js";

// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });
const missing = await initWebGpu();
beforeEach(() => {
  manualSeed(5);
});

type Make = (p: nn.Parameter[]) => optim.Optimizer;

describe.skipIf(missing)(`steps of optimizers${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const makers: Record<string, Make> = {
    SGD: (p) => new optim.SGD(p, { lr: 0.1 }),
    "SGD, uphill": (p) => new optim.SGD(p, { lr: 0.1, maximize: true, weightDecay: 0.1 }),
    "SGD with momentum": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.8, dampening: 0.3 }),
    Adam: (p) => new optim.Adam(p, { lr: 0.1, weightDecay: 0.05 }),
    "AdamW with amsgrad": (p) => new optim.AdamW(p, { lr: 0.1, amsgrad: true }),
    RMSprop: (p) => new optim.RMSprop(p, { lr: 0.1 }),
    "RMSprop with momentum": (p) => new optim.RMSprop(p, { lr: 0.1, momentum: 0.9 }),
    "RMSprop, centered": (p) => new optim.RMSprop(p, { lr: 0.1, centered: true }),
    Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, initialAccumulatorValue: 0.1, weightDecay: 0.1 }),
    Adamax: (p) => new optim.Adamax(p, { lr: 0.1 }),
    Lion: (p) => new optim.Lion(p, { lr: 0.01 }),
  };
  it.each(Object.entries(makers))("%s", async (_, make) => {
    const sizes = [37, 300, 1, 64, 513, 5, 16];
    const [starts, targets] = [sizes.map((n) => randn([n])), sizes.map((n) => randn([n]))];
    await compare("webgpu", (bring) => {
      const parameters = starts.map((start) => new nn.Parameter(bring(start.clone())));
      const there = targets.map((target) => bring(target));
      const steps = make(parameters);
      for (let i = 0; i < 4; i++) {
        steps.zeroGrad();
        const losses = parameters.map((parameter, k) => parameter.sub(there[k]).mul(parameter).sum());
        autograd.backward(losses);
        steps.step();
      }
      return parameters.map((parameter) => parameter.detach());
    });
  });

  it("of parameters that share memory", async () => {
    const start = randn([3, 100]);
    await compare("webgpu", (bring) => {
      const whole = bring(start.clone());
      const parameters = [0, 1, 2].map((row) => new nn.Parameter(whole.at(row)));
      const steps = new optim.SGD(parameters, { lr: 0.1 });
      for (const [k, parameter] of parameters.entries())
        autograd.backward(
          parameter
            .square()
            .sum()
            .mul(k + 1),
        );
      steps.step();
      return [whole];
    });
  });

  it("come before what follows: another value, a look, the end of the memory", async () => {
    const make = (): [Tensor, optim.SGD] => {
      const p = ones(4).to("webgpu").requiresGrad_();
      p.grad = ones(4).to("webgpu");
      return [p, new optim.SGD([p], { lr: 1 })];
    };
    const [seen, first] = make();
    first.step();
    expect((await seen.detach().cpu()).tolist()).toEqual([0, 0, 0, 0]);
    const [written, second] = make();
    second.step();
    noGrad(() => written.copy_(tensor([5, 6, 7, 8])));
    expect((await written.detach().cpu()).tolist()).toEqual([5, 6, 7, 8]);
    const [kept, third] = make();
    third.step();
    kept.grad?.dispose();
    const other = tensor([9, 9, 9, 9]).to("webgpu"); // in the gradient's buffer
    expect((await kept.detach().add(other).cpu()).tolist()).toEqual([9, 9, 9, 9]);
  });

  it("share dispatches", async () => {
    const parameters = [2, 3, 4].map((n) => new nn.Parameter(ones(n).to("webgpu")));
    const steps = new optim.SGD(parameters, { lr: 0.1 });
    autograd.backward(parameters.map((parameter) => parameter.sum()));
    const { rows } = await profile(async () => steps.step());
    expect(rows.map(({ name, calls }) => [name, calls])).toEqual([["sgdStep float32 param × 3", 1]]);
  });
});
