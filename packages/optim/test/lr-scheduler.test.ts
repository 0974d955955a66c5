import { zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { lrScheduler, type Optimizer, SGD } from "../src/index.js";
import { expectClose, fixture } from "./support.js";

interface Scheduler {
  optimizer: Optimizer;
  step(metrics?: number): void;
  getLastLr(): number[];
  stateDict(): Record<string, unknown>;
  loadStateDict(dict: unknown): void;
}
const schedulers = lrScheduler as unknown as Record<string, new (optimizer: unknown, ...args: unknown[]) => Scheduler>;

const twoGroups = (): SGD =>
  new SGD([
    { params: zeros(1), lr: 0.1 },
    { params: zeros(1), lr: 0.5 },
  ]);
const rates = (optimizer: SGD): number[] => optimizer.paramGroups.map((group) => group.lr);

/** LambdaLR's function does not travel in JSON: there it is the base of a power. */
const real = ({ lrLambda, ...options }: Record<string, unknown>): unknown =>
  typeof lrLambda === "number" ? { lrLambda: (epoch: number) => lrLambda ** epoch } : options;

describe("schedules are PyTorch's", () => {
  for (const [name, options, expected, metrics, state] of fixture.schedules) {
    it(`${name} ${JSON.stringify(options)}`, () => {
      const optimizer = twoGroups();
      const scheduler = new schedulers[name](optimizer, real(options));
      expected.forEach((row, epoch) => {
        if (epoch > 0) scheduler.step(metrics?.[epoch - 1]);
        expectClose(rates(optimizer), row, 1e-15);
        expect(scheduler.getLastLr()).toEqual(rates(optimizer));
      });
    });

    it(`${name} ${JSON.stringify(options)} goes on from a state dict, PyTorch's included`, () => {
      const first = twoGroups();
      const scheduler = new schedulers[name](first, real(options));
      for (let epoch = 0; epoch < fixture.saved; epoch++) scheduler.step(metrics?.[epoch]);
      const own = scheduler.stateDict();
      for (const [key, value] of Object.entries(own)) {
        if (value instanceof Map) continue;
        if (typeof value === "number") expect(state[key], key).toBeCloseTo(value, 15);
        else if (Array.isArray(value)) expectClose(value as number[], state[key] as number[], 1e-15);
        else expect(state[key], key).toEqual(value);
      }
      for (const dict of [own, state]) {
        const second = twoGroups();
        const resumed = new schedulers[name](second, real(options));
        second.loadStateDict(first.stateDict());
        resumed.loadStateDict(dict);
        for (let epoch = fixture.saved; epoch < fixture.schedules[0][2].length - 1; epoch++) {
          resumed.step(metrics?.[epoch]);
          expectClose(rates(second), expected[epoch + 1], 1e-15);
        }
      }
    });
  }

  it("two on one optimizer", () => {
    const optimizer = twoGroups();
    const first = new lrScheduler.ConstantLR(optimizer, 0.1, { totalIters: 3 });
    const second = new lrScheduler.ExponentialLR(optimizer, 0.9);
    for (const row of fixture.chained) {
      expectClose(rates(optimizer), row, 1e-15);
      first.step();
      second.step();
    }
  });

  it("from an epoch on, with lastEpoch", () => {
    const optimizer = twoGroups();
    expect(() => new lrScheduler.StepLR(optimizer, 3, { lastEpoch: 4 })).toThrow(
      "param 'initialLr' is not specified in paramGroups[0] when resuming an optimizer",
    );
    const cosine = fixture.schedules.find(([name]) => name === "CosineAnnealingLR");
    for (const group of optimizer.paramGroups) group.initialLr = group.lr;
    const scheduler = new lrScheduler.CosineAnnealingLR(optimizer, 6, { etaMin: 0.01, lastEpoch: 3 });
    expectClose(scheduler.getLastLr(), cosine?.[2][4] as number[], 1e-15);
  });
});

describe("schedulers", () => {
  it("can be written by users", () => {
    class Warmup extends lrScheduler.LRScheduler {
      declare readonly epochs: number;
      constructor(optimizer: Optimizer, epochs: number) {
        super(optimizer, { epochs } as object);
      }
      getLr(): number[] {
        return this.baseLrs.map((base) => base * Math.min(1, (this.lastEpoch + 1) / this.epochs));
      }
    }
    const optimizer = new SGD([zeros(1)], { lr: 1 });
    const warmup = new Warmup(optimizer, 4);
    expect(rates(optimizer)).toEqual([0.25]);
    warmup.step();
    expect(rates(optimizer)).toEqual([0.5]);
    expect(warmup.stateDict()).toEqual({
      base_lrs: [1],
      last_epoch: 1,
      _step_count: 2,
      _last_lr: [0.5],
      epochs: 4,
    });
  });

  it("take a metric as a tensor", () => {
    const optimizer = new SGD([zeros(1)], { lr: 1 });
    const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, "max", { patience: 0 });
    scheduler.step(zeros([]));
    scheduler.step(zeros([]));
    expect(rates(optimizer)).toEqual([0.1]);
  });

  it("refuse what makes no sense", () => {
    const optimizer = twoGroups();
    const { StepLR, ConstantLR, LinearLR, LambdaLR, ReduceLROnPlateau } = schedulers;
    expect(() => new StepLR({}, 3)).toThrow("Object is not an Optimizer");
    expect(() => new StepLR(optimizer)).toThrow("StepLR() missing required argument: 'stepSize'");
    expect(() => new StepLR(optimizer, 3, { step_size: 3 })).toThrow("unexpected keyword argument 'step_size'");
    expect(() => new ConstantLR(optimizer, 2)).toThrow(
      "Constant multiplicative factor expected to be between 0 and 1.",
    );
    expect(() => new LinearLR(optimizer, 0)).toThrow("Starting multiplicative factor expected to be greater than 0");
    expect(() => new LinearLR(optimizer, { endFactor: 2 })).toThrow("Ending multiplicative factor expected");
    expect(() => new LambdaLR(optimizer, [Math.sin])).toThrow("Expected 2 lrLambdas, but got 1");
    expect(() => new ReduceLROnPlateau(optimizer, { factor: 1 })).toThrow("Factor should be < 1.0.");
    expect(() => new ReduceLROnPlateau(optimizer, "least")).toThrow("mode least is unknown!");
    expect(() => new ReduceLROnPlateau(optimizer, { thresholdMode: "no" })).toThrow("threshold mode no is unknown!");
    expect(() => new ReduceLROnPlateau(optimizer, { minLr: [0] })).toThrow("expected 2 minLrs, got 1");
  });
});
