import { ArgumentError, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, type Resume } from "./base.js";
import { expectOptimizer, type SchedulerStateDict } from "./state.js";

/** Schedules made of schedules. */
abstract class Combined extends LRScheduler {
  declare readonly schedulers: readonly LRScheduler[];

  getLr(): number[] {
    return this.rates();
  }

  override undo(): void {
    super.undo();
    for (const scheduler of this.schedulers) scheduler.undo();
  }

  override loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    const { lastEpoch, lastLr } = this;
    this.lastEpoch = (dict.last_epoch as number | undefined) ?? lastEpoch;
    this.lastLr = [...((dict._last_lr as number[] | undefined) ?? lastLr)];
    (dict._schedulers as SchedulerStateDict[]).forEach((state, i) => {
      this.schedulers[i].loadStateDict(state);
    });
  }
}

function expectSchedulers(name: string, schedulers: readonly LRScheduler[], optimizer: unknown): void {
  if (schedulers.length === 0)
    throw new ArgumentError(`${name} expects at least one scheduler to be chained, but got none`);
  schedulers.forEach((scheduler, i) => {
    if (!(scheduler instanceof LRScheduler)) {
      throw new ArgumentError(
        `${name} takes schedulers that step without a metric, but the one at index ${i} is none of them`,
      );
    }
    if (scheduler.optimizer !== optimizer) {
      throw new ArgumentError(
        `${name} expects all schedulers to belong to the same optimizer, but the one at index ${i} belongs to another`,
        { index: i },
      );
    }
  });
}

const chainedSignature = signature("ChainedScheduler(schedulers, optimizer=null)");

/** Several schedules at once: `step` is a step of each, one after the other. */
export class ChainedScheduler extends Combined {
  /** @throws ArgumentError for schedulers of different optimizers */
  constructor(
    schedulers: readonly LRScheduler[],
    ...args: Cut<[optimizer: Optimizer | null], { optimizer?: Optimizer | null }>
  ) {
    const given = optionsOf<{ optimizer: Optimizer | null }>(chainedSignature, schedulers, args);
    const optimizer = given.optimizer ?? schedulers[0]?.optimizer;
    expectSchedulers("ChainedScheduler", schedulers, optimizer);
    super(optimizer, { schedulers: [...schedulers] } as Resume);
  }

  /** The schedulers have made their first steps already. */
  protected override begin(): void {
    this.lastLr = this.rates();
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.rates();
  }

  override stateDict(): SchedulerStateDict {
    return { _last_lr: [...this.lastLr], _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }
}

type SequentialArgs = Cut<
  [schedulers: readonly LRScheduler[], milestones: readonly number[], lastEpoch: number],
  Resume & { schedulers?: readonly LRScheduler[]; milestones?: readonly number[] }
>;

const sequentialSignature = signature("SequentialLR(optimizer, schedulers, milestones, lastEpoch=-1)");

/**
 * Several schedules one behind the other: the next one begins at each of the epochs `milestones`, with the base rates.
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.01, totalIters: 5 });
 * const rest = new CosineAnnealingLR(optimizer, 95);
 * const scheduler = new SequentialLR(optimizer, [warmUp, rest], [5]);
 */
export class SequentialLR extends Combined {
  declare readonly milestones: readonly number[];

  /** @throws ArgumentError for schedulers of other optimizers, and where milestones are not one fewer than schedulers */
  constructor(optimizer: Optimizer, ...args: SequentialArgs) {
    const { schedulers, milestones, lastEpoch } = optionsOf<{
      schedulers: LRScheduler[];
      milestones: number[];
      lastEpoch: number;
    }>(sequentialSignature, optimizer, args);
    expectOptimizer(optimizer);
    expectSchedulers("SequentialLR", schedulers, optimizer);
    if (milestones.length !== schedulers.length - 1) {
      throw new ArgumentError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    super(optimizer, { lastEpoch, schedulers, milestones } as Resume);
  }

  /** Takes the schedulers' first steps back, and begins with the first scheduler. */
  protected override begin(): void {
    this.lastEpoch++;
    for (const group of this.optimizer.paramGroups) group.lr = group.initialLr as number;
    for (const scheduler of this.schedulers) scheduler.undo();
    this.schedulers[0].restart();
    this.lastLr = this.schedulers[0].getLastLr();
  }

  override step(): void {
    this.lastEpoch++;
    const passed = this.milestones.filter((milestone) => milestone <= this.lastEpoch);
    const current = this.schedulers[passed.length];
    if (passed.at(-1) === this.lastEpoch) current.step(0);
    else current.step();
    this.lastLr = current.getLastLr();
  }

  override stateDict(): SchedulerStateDict {
    return {
      _milestones: [...this.milestones],
      last_epoch: this.lastEpoch,
      _last_lr: [...this.lastLr],
      _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }
}
