import { ArgumentError, isOptions, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, type Resume } from "./base.js";

type CosineOptions = Resume & { TMax?: number; etaMin?: number };

const cosineSignature = signature("CosineAnnealingLR(optimizer, TMax, etaMin=0, lastEpoch=-1)");

/**
 * Lets the rates swing between their base and `etaMin` (0) like a cosine of half period `TMax` epochs: Loshchilov and
 * Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), without the restarts.
 */
export class CosineAnnealingLR extends LRScheduler {
  declare readonly TMax: number;
  declare readonly etaMin: number;

  constructor(optimizer: Optimizer, ...args: Cut<[TMax: number, etaMin: number, lastEpoch: number], CosineOptions>) {
    super(optimizer, optionsOf(cosineSignature, optimizer, args));
  }

  getLr(): number[] {
    const { lastEpoch, TMax, etaMin, baseLrs } = this;
    if (lastEpoch === 0) return this.rates();
    if (this.stepCount === 1) return this.closedForm();
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      const rise = 1 - Math.cos(Math.PI / TMax);
      return this.rates().map((lr, i) => lr + ((baseLrs[i] - etaMin) * rise) / 2);
    }
    const now = 1 + Math.cos((Math.PI * lastEpoch) / TMax);
    const before = 1 + Math.cos((Math.PI * (lastEpoch - 1)) / TMax);
    return this.rates().map((lr) => (now / before) * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    return cosines(this.baseLrs, this.etaMin, this.lastEpoch / this.TMax);
  }
}

/** Rates on their way, of which a share is done, along half a cosine from their base to the least. */
const cosines = (baseLrs: readonly number[], least: number, share: number): number[] =>
  baseLrs.map((base) => least + ((base - least) * (1 + Math.cos(Math.PI * share))) / 2);

type RestartOptions = Resume & { T0?: number; TMult?: number; etaMin?: number };

/** A digit has no capital form: `T_0` is `T0` too. */
function withoutUnderscore(option: unknown): unknown {
  if (!isOptions(option) || !("T_0" in option)) return option;
  const { T_0, ...others } = option;
  return { T0: T_0, ...others };
}

const restartSignature = signature("CosineAnnealingWarmRestarts(optimizer, T0, TMult=1, etaMin=0, lastEpoch=-1)");

/**
 * Lets the rates fall from their base to `etaMin` (0) like half a cosine, and start anew: after `T0` epochs, then each time
 * after `TMult` (1) times as many. Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017).
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  declare readonly T0: number;
  declare readonly TMult: number;
  declare readonly etaMin: number;
  /** Epochs between the last restart and the next. */
  declare TI: number;
  /** Epochs since the last restart. */
  declare TCur: number;

  /** @throws ArgumentError for a `T0` or `TMult` that is no positive integer */
  constructor(
    optimizer: Optimizer,
    ...args: Cut<[T0: number, TMult: number, etaMin: number, lastEpoch: number], RestartOptions>
  ) {
    const options = optionsOf<Required<RestartOptions>>(restartSignature, optimizer, args.map(withoutUnderscore));
    const { T0, TMult, lastEpoch } = options;
    if (!(Number.isInteger(T0) && T0 > 0))
      throw new ArgumentError(`Expected positive integer T0, but got ${T0}`, { T0 });
    if (!(Number.isInteger(TMult) && TMult >= 1)) {
      throw new ArgumentError(`Expected integer TMult >= 1, but got ${TMult}`, { TMult });
    }
    super(optimizer, { ...options, TI: T0, TCur: lastEpoch } as Resume);
  }

  getLr(): number[] {
    return cosines(this.baseLrs, this.etaMin, this.TCur / this.TI);
  }

  /**
   * Goes to the next epoch, or to a given one, which need not be whole: `step(epoch + i / batches)` after each batch.
   * @throws ArgumentError for a negative epoch
   */
  override step(given?: number): void {
    const { T0, TMult } = this;
    const epoch = given ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (epoch === undefined) {
      this.lastEpoch++;
      this.TCur++;
      if (this.TCur >= this.TI) {
        this.TCur -= this.TI;
        this.TI *= TMult;
      }
    } else {
      if (!(epoch >= 0)) throw new ArgumentError(`Expected non-negative epoch, but got ${epoch}`, { epoch });
      if (TMult === 1) {
        this.TCur = epoch % T0;
        this.TI = T0;
      } else {
        const restarts = epoch < T0 ? 0 : Math.floor(Math.log((epoch / T0) * (TMult - 1) + 1) / Math.log(TMult));
        this.TCur = epoch - (T0 * (TMult ** restarts - 1)) / (TMult - 1);
        this.TI = T0 * TMult ** restarts;
      }
      this.lastEpoch = Math.floor(epoch);
    }
    this.setRates(this.getLr());
  }
}
