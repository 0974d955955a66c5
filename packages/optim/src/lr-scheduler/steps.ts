import { signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, type Resume } from "./base.js";
import type { SchedulerStateDict } from "./state.js";

type StepOptions = Resume & { stepSize?: number; gamma?: number };

const stepSignature = signature("StepLR(optimizer, stepSize, gamma=0.1, lastEpoch=-1)");

/** Multiplies the rates by `gamma` (0.1) after every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  declare readonly stepSize: number;
  declare readonly gamma: number;

  constructor(optimizer: Optimizer, ...args: Cut<[stepSize: number, gamma: number, lastEpoch: number], StepOptions>) {
    super(optimizer, optionsOf(stepSignature, optimizer, args));
  }

  getLr(): number[] {
    const due = this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0;
    return due ? this.scaled(this.gamma) : this.rates();
  }

  protected override closedForm(): number[] {
    return this.based(this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

type MultiStepOptions = Resume & { milestones?: readonly number[]; gamma?: number };

const multiStepSignature = signature("MultiStepLR(optimizer, milestones, gamma=0.1, lastEpoch=-1)");

/** Multiplies the rates by `gamma` (0.1) at each of the epochs `milestones`; one listed twice counts twice. */
export class MultiStepLR extends LRScheduler {
  /** Epochs, and how often each was listed. */
  declare readonly milestones: ReadonlyMap<number, number>;
  declare readonly gamma: number;

  constructor(
    optimizer: Optimizer,
    ...args: Cut<[milestones: readonly number[], gamma: number, lastEpoch: number], MultiStepOptions>
  ) {
    const options = optionsOf<Resume & { milestones: number[] }>(multiStepSignature, optimizer, args);
    super(optimizer, { ...options, milestones: counted(options.milestones) } as Resume);
  }

  getLr(): number[] {
    const times = this.milestones.get(this.lastEpoch);
    return times === undefined ? this.rates() : this.scaled(this.gamma ** times);
  }

  protected override closedForm(): number[] {
    let times = 0;
    for (const [epoch, n] of this.milestones) if (epoch <= this.lastEpoch) times += n;
    return this.based(this.gamma ** times);
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

  constructor(optimizer: Optimizer, ...args: Cut<[gamma: number, lastEpoch: number], Resume & { gamma?: number }>) {
    super(optimizer, optionsOf(exponentialSignature, optimizer, args));
  }

  getLr(): number[] {
    return this.lastEpoch === 0 ? this.rates() : this.scaled(this.gamma);
  }

  protected override closedForm(): number[] {
    return this.based(this.gamma ** this.lastEpoch);
  }
}
