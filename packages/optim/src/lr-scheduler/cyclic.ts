import { ArgumentError, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, perGroup, type Resume } from "./base.js";
import { expectOptimizer } from "./state.js";

type Mode = "triangular" | "triangular2" | "exp_range";

/** Options of CyclicLR. Settings given as a list have a value for each group. */
export interface CyclicLROptions extends Resume {
  /** Rates at the bottom of a cycle; the groups start with them. */
  baseLr?: number | readonly number[];
  /** Rates at the top. */
  maxLr?: number | readonly number[];
  /** Steps from the bottom to the top; 2000. */
  stepSizeUp?: number;
  /** Steps from the top to the bottom; as many where absent. */
  stepSizeDown?: number | null;
  /** How the height of a cycle changes: not at all, halved each time, or by `gamma` at each step. */
  mode?: Mode;
  gamma?: number;
  /** A height for each cycle (or step, by `scaleMode`) instead of `mode`. */
  scaleFn?: ((x: number) => number) | null;
  scaleMode?: "cycle" | "iterations";
  /** Whether the momentum goes down while the rates go up, between `maxMomentum` (0.9) and `baseMomentum` (0.8). */
  cycleMomentum?: boolean;
  baseMomentum?: number | readonly number[];
  maxMomentum?: number | readonly number[];
}

type Positions = [
  baseLr: number | readonly number[],
  maxLr: number | readonly number[],
  stepSizeUp: number,
  stepSizeDown: number | null,
  mode: Mode,
  gamma: number,
];

const arguments_ = signature(
  'CyclicLR(optimizer, baseLr, maxLr, stepSizeUp=2000, stepSizeDown=null, mode="triangular", gamma=1, scaleFn=null, scaleMode="cycle", cycleMomentum=true, baseMomentum=0.8, maxMomentum=0.9, lastEpoch=-1)',
);

const scales: Readonly<Record<Mode, (x: number, gamma: number) => number>> = {
  triangular: () => 1,
  triangular2: (cycle) => 1 / 2 ** (cycle - 1),
  exp_range: (iterations, gamma) => gamma ** iterations,
};

/**
 * Lets the rates go up and down between two bounds, step by step (of batches, not of epochs): Smith, "Cyclical Learning Rates
 * for Training Neural Networks" (2017).
 */
export class CyclicLR extends LRScheduler {
  declare readonly maxLrs: number[];
  declare readonly totalSize: number;
  declare readonly stepRatio: number;
  declare readonly mode: Mode;
  declare readonly gamma: number;
  declare readonly scaleFn: ((x: number) => number) | null;
  declare readonly scaleMode: "cycle" | "iterations";
  declare readonly cycleMomentum: boolean;
  declare readonly baseMomentums: number[];
  declare readonly maxMomentums: number[];

  /** @throws ArgumentError for an unknown mode, for lists of a wrong length, and for an optimizer without momentum */
  constructor(optimizer: Optimizer, ...args: Cut<Positions, CyclicLROptions>) {
    const options = optionsOf<Required<CyclicLROptions>>(arguments_, optimizer, args);
    expectOptimizer(optimizer);
    const { mode, gamma, scaleFn, stepSizeUp, cycleMomentum, lastEpoch } = options;
    const baseLrs = perGroup("baseLr", optimizer, options.baseLr);
    const maxLrs = perGroup("maxLr", optimizer, options.maxLr);
    if (scaleFn === null && !Object.hasOwn(scales, mode)) {
      throw new ArgumentError("mode is invalid and scaleFn is null", { mode });
    }
    const scaleMode = scaleFn !== null ? options.scaleMode : mode === "exp_range" ? "iterations" : "cycle";
    const totalSize = stepSizeUp + (options.stepSizeDown ?? stepSizeUp);
    const momentums: Partial<Record<"baseMomentums" | "maxMomentums", number[]>> = {};
    if (cycleMomentum) {
      if (!("momentum" in optimizer.defaults)) {
        throw new ArgumentError("optimizer must support momentum with `cycleMomentum` option enabled");
      }
      momentums.baseMomentums = perGroup("baseMomentum", optimizer, options.baseMomentum);
      momentums.maxMomentums = perGroup("maxMomentum", optimizer, options.maxMomentum);
    }
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = baseLrs[i];
      });
    }
    const fields = { maxLrs, totalSize, stepRatio: stepSizeUp / totalSize, mode, gamma, scaleFn, scaleMode };
    super(optimizer, { lastEpoch, ...fields, cycleMomentum, ...momentums, baseLrs } as Resume);
  }

  /** The rates; sets the momentum too. */
  getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio, maxLrs, scaleFn, mode, gamma } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const climbed = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const at = this.scaleMode === "cycle" ? cycle : lastEpoch;
    const scale = scaleFn === null ? scales[mode](at, gamma) : scaleFn(at);
    if (this.cycleMomentum) {
      const { baseMomentums, maxMomentums } = this;
      this.optimizer.paramGroups.forEach((group, i) => {
        const height = (maxMomentums[i] - baseMomentums[i]) * climbed;
        Object.assign(group, { momentum: maxMomentums[i] - height * scale });
      });
    }
    return this.baseLrs.map((base, i) => base + (maxLrs[i] - base) * climbed * scale);
  }
}
