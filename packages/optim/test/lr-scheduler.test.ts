import { zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { Adam, Lion, lrScheduler, type Optimizer, SGD, swaUtils } from "../src/index.js";
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

/** PyTorch keeps the phases that these make. */
const phases = new Set(["pct_start", "anneal_strategy", "three_phase"]);

describe("schedules are PyTorch's", () => {
  for (const [name, options, expected, metrics, state, momenta] of fixture.schedules) {
    it(`${name} ${JSON.stringify(options)}`, () => {
      const optimizer = twoGroups();
      const scheduler = new schedulers[name](optimizer, real(options));
      expected.forEach((row, epoch) => {
        if (epoch > 0) scheduler.step(metrics?.[epoch - 1]);
        expectClose(rates(optimizer), row, 1e-15);
        expect(scheduler.getLastLr()).toEqual(rates(optimizer));
        if (momenta) {
          expectClose(
            optimizer.paramGroups.map((group) => group.momentum),
            momenta[epoch],
            1e-15,
          );
        }
      });
    });

    it(`${name} ${JSON.stringify(options)} goes on from a state dict, PyTorch's included`, () => {
      const first = twoGroups();
      const scheduler = new schedulers[name](first, real(options));
      for (let epoch = 0; epoch < fixture.saved; epoch++) scheduler.step(metrics?.[epoch]);
      const own = scheduler.stateDict();
      for (const [key, value] of Object.entries(own)) {
        if (value instanceof Map || phases.has(key)) continue;
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

  const { LinearLR, ConstantLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, ExponentialLR } = lrScheduler;
  const { StepLR, MultiStepLR, LambdaLR, PolynomialLR, SequentialLR, ChainedScheduler } = lrScheduler;
  const combinations: Record<string, (o: Optimizer) => lrScheduler.LRScheduler> = {
    "warm-up": (o) => new SequentialLR(o, [new LinearLR(o, 0.1, { totalIters: 4 }), new CosineAnnealingLR(o, 10)], [4]),
    three: (o) =>
      new SequentialLR(o, [new ConstantLR(o, 0.1, 3), new ExponentialLR(o, 0.9), new StepLR(o, 2, 0.5)], [4, 9]),
    lambdas: (o) =>
      new SequentialLR(
        o,
        [new LambdaLR(o, (e) => 0.9 ** e), new MultiStepLR(o, [2, 3], 0.5), new PolynomialLR(o, 6)],
        [3, 8],
      ),
    restarts: (o) => new SequentialLR(o, [new ConstantLR(o, 0.5, 9), new CosineAnnealingWarmRestarts(o, 3, 2)], [3]),
    chained: (o) => new ChainedScheduler([new ConstantLR(o, 0.1, 3), new ExponentialLR(o, 0.9)]),
  };

  for (const [name, expected] of fixture.combined) {
    it(`combined: ${name}, and goes on from a state dict`, () => {
      const first = twoGroups();
      const scheduler = combinations[name](first);
      const second = twoGroups();
      const resumed = combinations[name](second);
      expected.forEach((row, epoch) => {
        if (epoch > 0) scheduler.step();
        expectClose(rates(first), row, 1e-15);
        expect(scheduler.getLastLr()).toEqual(rates(first));
        second.loadStateDict(first.stateDict());
        resumed.loadStateDict(scheduler.stateDict());
        if (epoch + 1 === expected.length) return;
        resumed.step();
        expectClose(rates(second), expected[epoch + 1], 1e-15);
      });
    });
  }

  for (const [name, options, expected] of fixture.closed) {
    it(`${name} ${JSON.stringify(options)} goes to any epoch`, () => {
      const optimizer = twoGroups();
      const scheduler = new schedulers[name](optimizer, options);
      fixture.visited.forEach((epoch, i) => {
        scheduler.step(epoch);
        expectClose(rates(optimizer), expected[i], 1e-15);
      });
    });
  }

  it("CosineAnnealingWarmRestarts goes to parts of epochs", () => {
    const optimizer = twoGroups();
    const scheduler = new CosineAnnealingWarmRestarts(optimizer, { T_0: 3, TMult: 2 } as object);
    fixture.fractions.forEach((epoch, i) => {
      scheduler.step(epoch);
      expectClose(rates(optimizer), fixture.restarts[i], 1e-15);
    });
    expect(() => scheduler.step(-1)).toThrow("Expected non-negative epoch, but got -1");
  });

  for (const [options, expected] of fixture.swalr) {
    it(`SWALR ${JSON.stringify(options)}`, () => {
      const optimizer = twoGroups();
      const scheduler = new swaUtils.SWALR(optimizer, options as object);
      expected.forEach((row, epoch) => {
        if (epoch > 0) scheduler.step();
        expectClose(rates(optimizer), row, 1e-14);
      });
    });
  }

  it("CyclicLR takes heights of one's own", () => {
    const optimizer = twoGroups();
    const seen: number[] = [];
    const scaleFn = (x: number): number => {
      seen.push(x);
      return 0.5;
    };
    const scheduler = new lrScheduler.CyclicLR(optimizer, 1, 3, { stepSizeUp: 2, scaleFn, scaleMode: "iterations" });
    for (let i = 0; i < 3; i++) scheduler.step();
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(rates(optimizer)).toEqual([1.5, 1.5]);
    expect(Object.keys(scheduler.stateDict())).not.toContain("scale_fn");
  });

  it("OneCycleLR moves the first of Adam's betas", () => {
    const optimizer = new Adam([zeros(1)]);
    const scheduler = new lrScheduler.OneCycleLR(optimizer, 0.1, 4);
    expect(optimizer.paramGroups[0].betas).toEqual([0.95, 0.999]);
    for (let i = 0; i < 4; i++) scheduler.step();
    expect(() => scheduler.step()).toThrow("Tried to step 6 times. The specified number of total steps is 4");
  });

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
    const { CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR, SequentialLR, ChainedScheduler } = schedulers;
    expect(() => new CosineAnnealingWarmRestarts(optimizer, 0)).toThrow("Expected positive integer T0, but got 0");
    expect(() => new CosineAnnealingWarmRestarts(optimizer, 3, 0.5)).toThrow(
      "Expected integer TMult >= 1, but got 0.5",
    );
    expect(() => new CyclicLR(optimizer, [1], 2)).toThrow("expected 2 values for baseLr, got 1");
    expect(() => new CyclicLR(optimizer, 1, 2, { mode: "square" })).toThrow("mode is invalid and scaleFn is null");
    expect(() => new CyclicLR(new Lion([zeros(1)]), 1, 2)).toThrow(
      "optimizer must support momentum with `cycleMomentum`",
    );
    expect(() => new OneCycleLR(optimizer, 1)).toThrow(
      "You must define either totalSteps OR (epochs AND stepsPerEpoch)",
    );
    expect(() => new OneCycleLR(optimizer, 1, 2.5)).toThrow("Expected positive integer totalSteps, but got 2.5");
    expect(() => new OneCycleLR(optimizer, 1, { epochs: 2 })).toThrow(
      "Expected positive integer stepsPerEpoch, but got null",
    );
    expect(() => new OneCycleLR(optimizer, 1, 5, { pctStart: 2 })).toThrow(
      "Expected float between 0 and 1 pctStart, but got 2",
    );
    expect(() => new OneCycleLR(optimizer, 1, 5, { annealStrategy: "no" })).toThrow("must be one of 'cos' or 'linear'");
    expect(() => new OneCycleLR(new SGD([zeros(1)], 1), [1, 2], 5)).toThrow("expected 1 values for maxLr, got 2");
    const [mine, other] = [new StepLR(optimizer, 1), new StepLR(twoGroups(), 1)];
    expect(() => new SequentialLR(optimizer, [mine, other], [1])).toThrow("to belong to the same optimizer");
    expect(() => new ChainedScheduler([mine, other] as unknown)).toThrow("but the one at index 1 belongs to another");
    expect(() => new ChainedScheduler([])).toThrow("expects at least one scheduler to be chained");
    expect(() => new SequentialLR(optimizer, [mine], [1])).toThrow(
      "got number of schedulers 1 and the number of milestones",
    );
    expect(() => new SequentialLR(optimizer, [new ReduceLROnPlateau(optimizer)], [])).toThrow("step without a metric");
    expect(() => new swaUtils.SWALR(optimizer, [1])).toThrow("expected 2 values for swaLr, got 1");
    expect(() => new swaUtils.SWALR(optimizer, 1, -1)).toThrow("annealEpochs must be equal or greater than 0, got -1");
  });
});
