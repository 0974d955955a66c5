import { ArgumentError } from "@kindling/autograd";
import type { Optimizer } from "../optimizer.js";
import { expectOptimizer, packFields, type SchedulerStateDict, unpackFields } from "./state.js";

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
    this.begin();
  }

  /** The rates of all groups for epoch `lastEpoch`, from those they have now. */
  abstract getLr(): number[];

  /** The rates of all groups for epoch `lastEpoch`, whatever they are now, where there is a formula. */
  protected closedForm?(): number[];

  /** Makes the first step; called when the fields are set. */
  protected begin(): void {
    this.restart();
  }

  /** Makes the first step as if there had been none. @internal */
  restart(): void {
    this.stepCount = 0;
    this.step();
  }

  /** Takes back the epoch of the first step, which a schedule made of schedules repeats. @internal */
  undo(): void {
    this.lastEpoch--;
  }

  /**
   * Goes to the next epoch: call it after the optimizer's steps of an epoch.
   * @param epoch an epoch to go to instead of the next one
   */
  step(epoch?: number): void {
    this.stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setRates(epoch === undefined ? this.getLr() : (this.closedForm?.() ?? this.getLr()));
  }

  /** Gives rates to the groups, and remembers them. */
  protected setRates(rates: readonly number[]): void {
    rates.forEach((lr, i) => {
      this.optimizer.paramGroups[i].lr = lr;
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

  /** The base rates times a factor. */
  protected based(factor: number): number[] {
    return this.baseLrs.map((lr) => lr * factor);
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

/** What every schedule can be told. */
export interface Resume {
  /** The epoch to go on from; −1 for a new schedule. */
  lastEpoch?: number;
}

/**
 * A setting for all groups, or one for each, as one for each.
 * @throws ArgumentError where there are not as many as groups
 */
export function perGroup<T>(name: string, optimizer: Optimizer, value: T | readonly T[]): T[] {
  const groups = optimizer.paramGroups;
  if (!Array.isArray(value)) return groups.map(() => value as T);
  if (value.length === groups.length) return [...value];
  throw new ArgumentError(`expected ${groups.length} values for ${name}, got ${value.length}`, { [name]: value });
}
