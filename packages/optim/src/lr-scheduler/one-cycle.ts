import { ArgumentError, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, perGroup, type Resume } from "./base.js";
import { expectOptimizer } from "./state.js";

/** Options of OneCycleLR. Settings given as a list have a value for each group. */
export interface OneCycleLROptions extends Resume {
  /** Rates at the top. */
  maxLr?: number | readonly number[];
  /** Steps of the cycle; where absent, `epochs` times `stepsPerEpoch`. */
  totalSteps?: number | null;
  epochs?: number | null;
  stepsPerEpoch?: number | null;
  /** Share of the steps in which the rates rise; 0.3. */
  pctStart?: number;
  /** How they change: like half a cosine (`"cos"`, the default) or linearly. */
  annealStrategy?: "cos" | "linear";
  /** Whether the momentum (or the first of `betas`) goes down while the rates go up, from `maxMomentum` to `baseMomentum`. */
  cycleMomentum?: boolean;
  /** 0.85. */
  baseMomentum?: number | readonly number[];
  /** 0.95. */
  maxMomentum?: number | readonly number[];
  /** The first rates are the highest divided by it; 25. */
  divFactor?: number;
  /** The last rates are the first divided by it; 1e4. */
  finalDivFactor?: number;
  /** Whether the rates first fall as they rose, and to the last ones in a third phase. */
  threePhase?: boolean;
}

type Positions = [
  maxLr: number | readonly number[],
  totalSteps: number | null,
  epochs: number | null,
  stepsPerEpoch: number | null,
  pctStart: number,
];

const arguments_ = signature(
  'OneCycleLR(optimizer, maxLr, totalSteps=null, epochs=null, stepsPerEpoch=null, pctStart=0.3, annealStrategy="cos", cycleMomentum=true, baseMomentum=0.85, maxMomentum=0.95, divFactor=25, finalDivFactor=1e4, threePhase=false, lastEpoch=-1)',
);

/** What the cycle keeps in a group of parameters. */
interface CycledGroup {
  initialLr: number;
  maxLr: number;
  minLr: number;
  maxMomentum: number;
  baseMomentum: number;
  momentum?: number;
  betas?: readonly number[];
}

type Rate = "initialLr" | "maxLr" | "minLr";
type Momentum = "maxMomentum" | "baseMomentum";

/** Where a part of the cycle ends, and from where to where it leads. */
interface Phase {
  end: number;
  lr: [Rate, Rate];
  momentum: [Momentum, Momentum];
}

function expectCount(name: string, value: unknown): asserts value is number {
  if (Number.isInteger(value) && (value as number) > 0) return;
  throw new ArgumentError(`Expected positive integer ${name}, but got ${value}`, { [name]: value });
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== null) {
    expectCount("totalSteps", totalSteps);
    return totalSteps;
  }
  if (epochs === null && stepsPerEpoch === null) {
    throw new ArgumentError("You must define either totalSteps OR (epochs AND stepsPerEpoch)");
  }
  expectCount("epochs", epochs);
  expectCount("stepsPerEpoch", stepsPerEpoch);
  return epochs * stepsPerEpoch;
}

function phasesOf({ totalSteps, pctStart, threePhase }: OneCycleLR): Phase[] {
  const up: Phase = {
    end: pctStart * totalSteps - 1,
    lr: ["initialLr", "maxLr"],
    momentum: ["maxMomentum", "baseMomentum"],
  };
  const end = totalSteps - 1;
  if (!threePhase) return [up, { end, lr: ["maxLr", "minLr"], momentum: ["baseMomentum", "maxMomentum"] }];
  return [
    up,
    { end: 2 * pctStart * totalSteps - 2, lr: ["maxLr", "initialLr"], momentum: ["baseMomentum", "maxMomentum"] },
    { end, lr: ["initialLr", "minLr"], momentum: ["maxMomentum", "maxMomentum"] },
  ];
}

/** The value after a share of the way from `start` to `end`. */
export function anneal(start: number, end: number, share: number, strategy: "cos" | "linear"): number {
  if (strategy === "linear") return (end - start) * share + start;
  return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1);
}

/**
 * Lets the rates rise from `maxLr / divFactor` to `maxLr` and then fall far below where they began, in one cycle of
 * `totalSteps` steps (of batches, not of epochs): Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks
 * Using Large Learning Rates" (2018).
 */
export class OneCycleLR extends LRScheduler {
  declare readonly totalSteps: number;
  declare readonly pctStart: number;
  declare readonly annealStrategy: "cos" | "linear";
  declare readonly threePhase: boolean;
  declare readonly cycleMomentum: boolean;
  /** Whether the first of `betas` is the momentum. */
  declare readonly useBeta1: boolean;

  /** @throws ArgumentError for settings out of range, and for an optimizer without momentum */
  constructor(optimizer: Optimizer, ...args: Cut<Positions, OneCycleLROptions>) {
    const options = optionsOf<Required<OneCycleLROptions>>(arguments_, optimizer, args);
    expectOptimizer(optimizer);
    const { pctStart, annealStrategy, cycleMomentum, threePhase, lastEpoch } = options;
    const totalSteps = stepsOf(options);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ArgumentError(`Expected float between 0 and 1 pctStart, but got ${pctStart}`, { pctStart });
    }
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new ArgumentError(`annealStrategy must be one of 'cos' or 'linear', instead got ${annealStrategy}`, {
        annealStrategy,
      });
    }
    const useBeta1 = "betas" in optimizer.defaults;
    if (cycleMomentum && !useBeta1 && !("momentum" in optimizer.defaults)) {
      throw new ArgumentError("optimizer must support momentum with `cycleMomentum` option enabled");
    }
    const maxLrs = perGroup("maxLr", optimizer, options.maxLr);
    const maxMomentums = perGroup("maxMomentum", optimizer, options.maxMomentum);
    const baseMomentums = perGroup("baseMomentum", optimizer, options.baseMomentum);
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        const initialLr = maxLrs[i] / options.divFactor;
        Object.assign(group, { initialLr, maxLr: maxLrs[i], minLr: initialLr / options.finalDivFactor });
        if (cycleMomentum) Object.assign(group, { maxMomentum: maxMomentums[i], baseMomentum: baseMomentums[i] });
      });
    }
    const fields = { totalSteps, pctStart, annealStrategy, threePhase, cycleMomentum, useBeta1 };
    super(optimizer, { lastEpoch, ...fields } as Resume);
  }

  /**
   * The rates; sets the momentum too.
   * @throws ArgumentError behind the end of the cycle
   */
  getLr(): number[] {
    const { lastEpoch, totalSteps } = this;
    if (lastEpoch > totalSteps) {
      throw new ArgumentError(
        `Tried to step ${lastEpoch + 1} times. The specified number of total steps is ${totalSteps}`,
        { totalSteps },
      );
    }
    const phases = phasesOf(this);
    const current = phases.findIndex(({ end }, i) => lastEpoch <= end || i === phases.length - 1);
    const { end, lr, momentum } = phases[current];
    const start = current === 0 ? 0 : phases[current - 1].end;
    const share = (lastEpoch - start) / (end - start);
    return (this.optimizer.paramGroups as unknown as CycledGroup[]).map((group) => {
      if (this.cycleMomentum) {
        const now = anneal(group[momentum[0]], group[momentum[1]], share, this.annealStrategy);
        if (this.useBeta1) group.betas = [now, ...(group.betas as readonly number[]).slice(1)];
        else group.momentum = now;
      }
      return anneal(group[lr[0]], group[lr[1]], share, this.annealStrategy);
    });
  }
}
