import { ArgumentError, signature } from "@kindling/autograd";
import { optionsOf } from "./names.js";
import type { Optimizer } from "./optimizer.js";
import { expectOptimizer, packFields, type SchedulerStateDict, unpackFields } from "./scheduler-state.js";

export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduce-lr-on-plateau.js";
export type { SchedulerStateDict } from "./scheduler-state.js";

/**
 * Base of the schedulers that follow the number of `step` calls. The constructor makes the first of them, which sets the
 * rates of epoch 0.
 *
 * A subclass implements `getLr`. Because the constructor calls it, its fields are given to `super` and only declared in the
 * class (`declare readonly gamma: number`).
 */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** Rates of the groups before any schedule. */
  readonly baseLrs: number[];
  /** How often `step` was called, the constructor's call not counted. */
  lastEpoch: number;
  protected stepCount = 0;
  protected lastLr: number[] = [];

  /**
   * @param fields fields of the subclass. `lastEpoch` of them is the epoch to go on from, −1 for a new schedule; otherwise
   * the groups must have an `initialLr`, as they do when their optimizer's state was loaded.
   * @throws ArgumentError where `optimizer` is none or has no `initialLr` to go on from
   */
  constructor(optimizer: Optimizer, fields: { lastEpoch?: number } = {}) {
    expectOptimizer(optimizer);
    this.optimizer = optimizer;
    const { lastEpoch = -1, ...others } = fields;
    optimizer.paramGroups.forEach((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        throw new ArgumentError(`param 'initialLr' is not specified in paramGroups[${i}] when resuming an optimizer`, {
          group: i,
        });
      }
    });
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr as number);
    this.lastEpoch = lastEpoch;
    Object.assign(this, others);
    this.step();
  }

  /** The rates of all groups for epoch `lastEpoch`, from those they have now. */
  abstract getLr(): number[];

  /** Goes to the next epoch: call it after the optimizer's steps of an epoch. */
  step(): void {
    this.stepCount++;
    this.lastEpoch++;
    const { paramGroups } = this.optimizer;
    this.getLr().forEach((lr, i) => {
      paramGroups[i].lr = lr;
    });
    this.lastLr = this.rates();
  }

  /** The rates that the last `step` set. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** The rates of the groups now. */
  protected rates(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  protected scaled(factor: number): number[] {
    return this.rates().map((lr) => lr * factor);
  }

  /** Everything but the optimizer (and functions), under PyTorch's names. The optimizer's state is to be saved too. */
  stateDict(): SchedulerStateDict {
    return packFields(this);
  }

  /** Goes on from a `stateDict`. Rates of groups come with the optimizer's state. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    unpackFields(this, dict);
  }
}

/** Options by name, behind what a scheduler always needs. */
type Args<Required_ extends unknown[], O> = [...Required_, options?: O] | [options: O];

interface Resume {
  /** The epoch to go on from; −1 for a new schedule. */
  lastEpoch?: number;
}

const stepSignature = signature("StepLR(optimizer, stepSize, gamma=0.1, lastEpoch=-1)");

/** Multiplies the rates by `gamma` (0.1) after every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  declare readonly stepSize: number;
  declare readonly gamma: number;

  constructor(optimizer: Optimizer, ...args: Args<[stepSize: number], Resume & { stepSize?: number; gamma?: number }>) {
    super(optimizer, optionsOf(stepSignature, optimizer, args));
  }

  getLr(): number[] {
    const due = this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0;
    return due ? this.scaled(this.gamma) : this.rates();
  }
}

const multiStepSignature = signature("MultiStepLR(optimizer, milestones, gamma=0.1, lastEpoch=-1)");

/** Multiplies the rates by `gamma` (0.1) at each of the epochs `milestones`; one listed twice counts twice. */
export class MultiStepLR extends LRScheduler {
  /** Epochs, and how often each was listed. */
  declare readonly milestones: ReadonlyMap<number, number>;
  declare readonly gamma: number;

  constructor(
    optimizer: Optimizer,
    ...args: Args<[milestones: readonly number[]], Resume & { milestones?: readonly number[]; gamma?: number }>
  ) {
    const options = optionsOf<Resume & { milestones: number[] }>(multiStepSignature, optimizer, args);
    super(optimizer, { ...options, milestones: counted(options.milestones) } as Resume);
  }

  getLr(): number[] {
    const times = this.milestones.get(this.lastEpoch);
    return times === undefined ? this.rates() : this.scaled(this.gamma ** times);
  }

  override loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    const { milestones } = dict;
    const entries = milestones instanceof Map ? [...milestones] : Object.entries(milestones ?? {});
    super.loadStateDict({ ...dict, milestones: new Map(entries.map(([epoch, n]) => [Number(epoch), n as number])) });
  }
}

function counted(epochs: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const epoch of epochs) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
  return counts;
}

const exponentialSignature = signature("ExponentialLR(optimizer, gamma, lastEpoch=-1)");

/** Multiplies the rates by `gamma` after every epoch. */
export class ExponentialLR extends LRScheduler {
  declare readonly gamma: number;

  constructor(optimizer: Optimizer, ...args: Args<[gamma: number], Resume & { gamma?: number }>) {
    super(optimizer, optionsOf(exponentialSignature, optimizer, args));
  }

  getLr(): number[] {
    return this.lastEpoch === 0 ? this.rates() : this.scaled(this.gamma);
  }
}

const constantSignature = signature("ConstantLR(optimizer, factor=null, totalIters=5, lastEpoch=-1)");

/** Multiplies the rates by `factor` (⅓) for the first `totalIters` (5) epochs. */
export class ConstantLR extends LRScheduler {
  declare readonly factor: number;
  declare readonly totalIters: number;

  /** @throws ArgumentError for a factor outside [0, 1] */
  constructor(
    optimizer: Optimizer,
    ...args: Args<[factor?: number], Resume & { factor?: number; totalIters?: number }>
  ) {
    const options = optionsOf<Resume & { factor: number | null }>(constantSignature, optimizer, args);
    options.factor ??= 1 / 3;
    if (!(options.factor >= 0 && options.factor <= 1)) {
      throw new ArgumentError("Constant multiplicative factor expected to be between 0 and 1.", { ...options });
    }
    super(optimizer, options);
  }

  getLr(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.factor);
    return this.lastEpoch === this.totalIters ? this.scaled(1 / this.factor) : this.rates();
  }
}

const linearSignature = signature("LinearLR(optimizer, startFactor=null, endFactor=1, totalIters=5, lastEpoch=-1)");

/** Multiplies the rates by a factor that goes linearly from `startFactor` (⅓) to `endFactor` (1) in `totalIters` (5) epochs. */
export class LinearLR extends LRScheduler {
  declare readonly startFactor: number;
  declare readonly endFactor: number;
  declare readonly totalIters: number;

  /** @throws ArgumentError for factors outside (0, 1] and [0, 1] */
  constructor(
    optimizer: Optimizer,
    ...args: Args<[startFactor?: number], Resume & { startFactor?: number; endFactor?: number; totalIters?: number }>
  ) {
    const options = optionsOf<Resume & { startFactor: number | null; endFactor: number }>(
      linearSignature,
      optimizer,
      args,
    );
    options.startFactor ??= 1 / 3;
    if (!(options.startFactor > 0 && options.startFactor <= 1)) {
      throw new ArgumentError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.", {
        ...options,
      });
    }
    if (!(options.endFactor >= 0 && options.endFactor <= 1)) {
      throw new ArgumentError("Ending multiplicative factor expected to be between 0 and 1.", { ...options });
    }
    super(optimizer, options);
  }

  getLr(): number[] {
    const { lastEpoch, startFactor, totalIters } = this;
    if (lastEpoch === 0) return this.scaled(startFactor);
    if (lastEpoch > totalIters) return this.rates();
    const rise = this.endFactor - startFactor;
    return this.scaled(1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise));
  }
}

const cosineSignature = signature("CosineAnnealingLR(optimizer, TMax, etaMin=0, lastEpoch=-1)");

/**
 * Lets the rates swing between their base and `etaMin` (0) like a cosine of half period `TMax` epochs: Loshchilov and
 * Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), without the restarts.
 */
export class CosineAnnealingLR extends LRScheduler {
  declare readonly TMax: number;
  declare readonly etaMin: number;

  constructor(optimizer: Optimizer, ...args: Args<[TMax: number], Resume & { TMax?: number; etaMin?: number }>) {
    super(optimizer, optionsOf(cosineSignature, optimizer, args));
  }

  getLr(): number[] {
    const { lastEpoch, TMax, etaMin, baseLrs } = this;
    if (lastEpoch === 0) return this.rates();
    if (this.stepCount === 1) {
      const height = 1 + Math.cos((lastEpoch * Math.PI) / TMax);
      return baseLrs.map((base) => etaMin + ((base - etaMin) * height) / 2);
    }
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      const rise = 1 - Math.cos(Math.PI / TMax);
      return this.rates().map((lr, i) => lr + ((baseLrs[i] - etaMin) * rise) / 2);
    }
    const now = 1 + Math.cos((Math.PI * lastEpoch) / TMax);
    const before = 1 + Math.cos((Math.PI * (lastEpoch - 1)) / TMax);
    return this.rates().map((lr) => (now / before) * (lr - etaMin) + etaMin);
  }
}

/** A factor for each epoch. */
export type LrLambda = (epoch: number) => number;

const lambdaSignature = signature("LambdaLR(optimizer, lrLambda, lastEpoch=-1)");

/** Sets each rate to its base times `lrLambda(epoch)`: one function, or one for each group. State dicts do not hold them. */
export class LambdaLR extends LRScheduler {
  declare readonly lrLambdas: readonly LrLambda[];

  /** @throws ArgumentError where there are not as many functions as groups */
  constructor(
    optimizer: Optimizer,
    ...args: Args<[lrLambda: LrLambda | readonly LrLambda[]], Resume & { lrLambda?: LrLambda | readonly LrLambda[] }>
  ) {
    const { lrLambda, lastEpoch } = optionsOf<Resume & { lrLambda: LrLambda | LrLambda[] }>(
      lambdaSignature,
      optimizer,
      args,
    );
    expectOptimizer(optimizer);
    const groups = optimizer.paramGroups;
    const lrLambdas = Array.isArray(lrLambda) ? lrLambda : groups.map(() => lrLambda);
    if (lrLambdas.length !== groups.length) {
      throw new ArgumentError(`Expected ${groups.length} lrLambdas, but got ${lrLambdas.length}`);
    }
    super(optimizer, { lastEpoch, lrLambdas } as Resume);
  }

  getLr(): number[] {
    return this.baseLrs.map((base, i) => base * this.lrLambdas[i](this.lastEpoch));
  }
}
