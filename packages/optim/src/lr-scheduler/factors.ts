import { ArgumentError, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, type Resume } from "./base.js";

const constantSignature = signature("ConstantLR(optimizer, factor=null, totalIters=5, lastEpoch=-1)");

/** Multiplies the rates by `factor` (⅓) for the first `totalIters` (5) epochs. */
export class ConstantLR extends LRScheduler {
  declare readonly factor: number;
  declare readonly totalIters: number;

  /** @throws ArgumentError for a factor outside [0, 1] */
  constructor(
    optimizer: Optimizer,
    ...args: Cut<
      [factor: number, totalIters: number, lastEpoch: number],
      Resume & { factor?: number; totalIters?: number }
    >
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

  protected override closedForm(): number[] {
    return this.based(this.lastEpoch < this.totalIters ? this.factor : 1);
  }
}

type LinearOptions = Resume & { startFactor?: number; endFactor?: number; totalIters?: number };

const linearSignature = signature("LinearLR(optimizer, startFactor=null, endFactor=1, totalIters=5, lastEpoch=-1)");

/** Multiplies the rates by a factor that goes linearly from `startFactor` (⅓) to `endFactor` (1) in `totalIters` (5) epochs. */
export class LinearLR extends LRScheduler {
  declare readonly startFactor: number;
  declare readonly endFactor: number;
  declare readonly totalIters: number;

  /** @throws ArgumentError for factors outside (0, 1] and [0, 1] */
  constructor(
    optimizer: Optimizer,
    ...args: Cut<[startFactor: number, endFactor: number, totalIters: number, lastEpoch: number], LinearOptions>
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

  protected override closedForm(): number[] {
    const share = Math.min(this.lastEpoch, this.totalIters) / this.totalIters;
    return this.based(this.startFactor + (this.endFactor - this.startFactor) * share);
  }
}

type PolynomialOptions = Resume & { totalIters?: number; power?: number };

const polynomialSignature = signature("PolynomialLR(optimizer, totalIters=5, power=1, lastEpoch=-1)");

/** Lets the rates fall to 0 in `totalIters` (5) epochs: `base · (1 − epoch / totalIters) ** power`. */
export class PolynomialLR extends LRScheduler {
  declare readonly totalIters: number;
  declare readonly power: number;

  constructor(
    optimizer: Optimizer,
    ...args: Cut<[totalIters: number, power: number, lastEpoch: number], PolynomialOptions>
  ) {
    super(optimizer, optionsOf(polynomialSignature, optimizer, args));
  }

  getLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.rates();
    return this.scaled(((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power);
  }

  protected override closedForm(): number[] {
    return this.based((1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power);
  }
}
