import { autograd, manualSeed, randn, type Tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import * as optim from "@kindling/optim";
import { beforeEach, describe, it, vi } from "vitest";
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
    const [start, target] = [randn([37]), randn([37])];
    await compare("webgpu", (bring) => {
      const parameter = new nn.Parameter(bring(start.clone()));
      const there = bring(target);
      const steps = make([parameter]);
      for (let i = 0; i < 4; i++) {
        steps.zeroGrad();
        autograd.backward(parameter.sub(there).mul(parameter).sum() as Tensor);
        steps.step();
      }
      return [parameter.detach()];
    });
  });
});
