import { ArgumentError } from "@kindling/autograd";

export interface EarlyStoppingOptions {
  /** Values in a row without a better one after which it is time to stop. */
  patience: number;
  /** By how much a value must be better to count; 0 unless told. */
  minDelta?: number;
  /** Whether smaller or larger values are better; "min" unless told. */
  mode?: "min" | "max";
}

/** What a checkpoint keeps of an `EarlyStopping`. */
export interface EarlyStoppingState {
  best: number;
  waited: number;
}

/**
 * Tells when a figure has not become better for a while: the loss on what is kept aside, after each epoch.
 *
 * ```js
 * const stopping = new EarlyStopping({ patience: 5 });
 * for (let epoch = 0; epoch < 100 && !stopping.stopped; epoch++) {
 *   // … train an epoch, measure the loss on what is kept aside …
 *   if (stopping.step(loss)) await io.save(model.stateDict(), "best.pt");
 * }
 * ```
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: "min" | "max";
  /** The best value; NaN before the first. */
  best = Number.NaN;
  /** Values since the best one. */
  waited = 0;

  /** @throws ArgumentError for a patience below 1 or a negative `minDelta` */
  constructor({ patience, minDelta = 0, mode = "min" }: EarlyStoppingOptions) {
    if (!Number.isInteger(patience) || patience < 1) throw new ArgumentError(`patience is 1 or more, got ${patience}`);
    if (!(minDelta >= 0)) throw new ArgumentError(`minDelta is 0 or more, got ${minDelta}`);
    this.patience = patience;
    this.minDelta = minDelta;
    this.mode = mode;
  }

  /** Takes the next value; tells whether it is the best so far: the time to keep the weights. NaN never is. */
  step(value: number): boolean {
    const gain = this.mode === "min" ? this.best - value : value - this.best;
    const better = Number.isNaN(this.best) ? !Number.isNaN(value) : gain > this.minDelta;
    if (better) this.best = value;
    this.waited = better ? 0 : this.waited + 1;
    return better;
  }

  /** Whether it is time to stop. */
  get stopped(): boolean {
    return this.waited >= this.patience;
  }

  /** What a checkpoint keeps, so that a resumed run waits no longer than one that was never stopped. */
  stateDict(): EarlyStoppingState {
    return { best: this.best, waited: this.waited };
  }

  /** Goes on from a `stateDict`. */
  loadStateDict({ best, waited }: Readonly<EarlyStoppingState>): void {
    this.best = best;
    this.waited = waited;
  }
}
