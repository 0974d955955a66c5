import { ArgumentError, signature, type Tensor } from "@kindling/autograd";
import { optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { expectOptimizer, packFields, type SchedulerStateDict, unpackFields } from "./state.js";

/** Options of ReduceLROnPlateau. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall (`"min"`, the default) or to rise. */
  mode?: "min" | "max";
  /** What the rates are multiplied by; 0.1. */
  factor?: number;
  /** How many epochs without improvement are let pass; 10. */
  patience?: number;
  /** By how much a metric must be better to count as better; 1e-4. */
  threshold?: number;
  /** Whether `threshold` is a share of the best metric (`"rel"`, the default) or a difference. */
  thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction in which nothing is counted; 0. */
  cooldown?: number;
  /** The least rate, of all groups or of each; 0. */
  minLr?: number | readonly number[];
  /** A reduction by less is not made; 1e-8. */
  eps?: number;
}

const arguments_ = signature(
  'ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, thresholdMode="rel", cooldown=0, minLr=0, eps=1e-8)',
);

/** Multiplies the rates by `factor` when the metric that `step` gets has stopped to improve. */
export class ReduceLROnPlateau {
  readonly optimizer: Optimizer;
  readonly mode: "min" | "max";
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: "rel" | "abs";
  readonly cooldown: number;
  readonly minLrs: number[];
  readonly eps: number;
  /** The best metric so far. */
  best: number;
  numBadEpochs = 0;
  cooldownCounter = 0;
  lastEpoch = 0;
  protected lastLr: number[];

  /** @throws ArgumentError for a factor of 1 or more, an unknown mode, or not as many `minLr` as groups */
  constructor(
    optimizer: Optimizer,
    ...args: [mode: "min" | "max", options?: ReduceLROnPlateauOptions] | [options?: ReduceLROnPlateauOptions]
  ) {
    expectOptimizer(optimizer);
    const options = optionsOf<Required<ReduceLROnPlateauOptions>>(arguments_, optimizer, args);
    const { mode, factor, thresholdMode, minLr } = options;
    if (!(factor < 1)) throw new ArgumentError("Factor should be < 1.0.", { factor });
    if (mode !== "min" && mode !== "max") throw new ArgumentError(`mode ${mode} is unknown!`, { mode });
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw new ArgumentError(`threshold mode ${thresholdMode} is unknown!`, { thresholdMode });
    }
    const groups = optimizer.paramGroups;
    this.optimizer = optimizer;
    this.mode = mode;
    this.factor = factor;
    this.patience = options.patience;
    this.threshold = options.threshold;
    this.thresholdMode = thresholdMode;
    this.cooldown = options.cooldown;
    this.minLrs = typeof minLr === "number" ? groups.map(() => minLr) : [...minLr];
    if (this.minLrs.length !== groups.length) {
      throw new ArgumentError(`expected ${groups.length} minLrs, got ${this.minLrs.length}`);
    }
    this.eps = options.eps;
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.lastLr = groups.map((group) => group.lr);
  }

  /** Ends an epoch with its metric: a number, or a tensor of one element that can be read at once. */
  step(metrics: number | Tensor): void {
    const current = Number(metrics);
    this.lastEpoch++;
    if (this.isBetter(current, this.best)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;

    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  #reduce(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** Whether `a` improves on `best` by more than the threshold. */
  isBetter(a: number, best: number): boolean {
    const { mode, threshold, thresholdMode } = this;
    if (mode === "min") return a < (thresholdMode === "rel" ? best * (1 - threshold) : best - threshold);
    return a > (thresholdMode === "rel" ? best * (threshold + 1) : best + threshold);
  }

  /** The rates that the last `step` left. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** Everything but the optimizer, under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return packFields(this);
  }

  /** Goes on from a `stateDict`. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    unpackFields(this, dict);
  }
}
