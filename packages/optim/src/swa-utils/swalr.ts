import { ArgumentError, signature } from "@kindling/autograd";
import { LRScheduler, perGroup, type Resume } from "../lr-scheduler/base.js";
import { expectOptimizer } from "../lr-scheduler/state.js";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";

/** Options of SWALR. */
export interface SWALROptions extends Resume {
  /** The rates to end at, of all groups or of each. */
  swaLr?: number | readonly number[];
  /** How many epochs that takes; 10. */
  annealEpochs?: number;
  /** How: like half a cosine (`"cos"`, the default) or linearly. */
  annealStrategy?: "cos" | "linear";
}

const arguments_ = signature('SWALR(optimizer, swaLr, annealEpochs=10, annealStrategy="cos", lastEpoch=-1)');

/** Leads the rates to fixed ones and keeps them there, while weights are averaged. */
export class SWALR extends LRScheduler {
  declare readonly annealEpochs: number;
  declare readonly annealStrategy: "cos" | "linear";

  /** @throws ArgumentError for settings out of range */
  constructor(
    optimizer: Optimizer,
    ...args: Cut<
      [swaLr: number | readonly number[], annealEpochs: number, annealStrategy: "cos" | "linear", lastEpoch: number],
      SWALROptions
    >
  ) {
    const { swaLr, ...options } = optionsOf<Required<SWALROptions>>(arguments_, optimizer, args);
    expectOptimizer(optimizer);
    const { annealEpochs, annealStrategy } = options;
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new ArgumentError(`annealStrategy must by one of 'cos' or 'linear', instead got ${annealStrategy}`, {
        annealStrategy,
      });
    }
    if (!(Number.isInteger(annealEpochs) && annealEpochs >= 0)) {
      throw new ArgumentError(`annealEpochs must be equal or greater than 0, got ${annealEpochs}`, { annealEpochs });
    }
    const rates = perGroup("swaLr", optimizer, swaLr);
    optimizer.paramGroups.forEach((group, i) => {
      Object.assign(group, { swaLr: rates[i] });
    });
    super(optimizer, options);
  }

  getLr(): number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const before = this.annealed(step - 1);
    const now = this.annealed(step);
    return (this.optimizer.paramGroups as unknown as { lr: number; swaLr: number }[]).map(({ lr, swaLr }) => {
      const first = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
      return swaLr * now + first * (1 - now);
    });
  }

  /** How much of the way is gone after some steps. */
  private annealed(step: number): number {
    const share = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "linear" ? share : (1 - Math.cos(Math.PI * share)) / 2;
  }
}
