import { ArgumentError, signature } from "@kindling/autograd";
import { type Cut, optionsOf } from "../names.js";
import type { Optimizer } from "../optimizer.js";
import { LRScheduler, type Resume } from "./base.js";

import { expectOptimizer, type SchedulerStateDict } from "./state.js";

/** A factor for each epoch. */
export type LrLambda = (epoch: number) => number;

type Lambdas = LrLambda | readonly LrLambda[];
type LambdaArgs = Cut<[lrLambda: Lambdas, lastEpoch: number], Resume & { lrLambda?: Lambdas }>;

const lambdaSignature = signature("LambdaLR(optimizer, lrLambda, lastEpoch=-1)");

/** Schedules by functions: one for all groups, or one for each. State dicts do not hold them. */
abstract class ByLambdas extends LRScheduler {
  declare readonly lrLambdas: readonly LrLambda[];

  /** @throws ArgumentError where there are not as many functions as groups */
  constructor(optimizer: Optimizer, ...args: LambdaArgs) {
    const { lrLambda, lastEpoch } = optionsOf<Resume & { lrLambda: Lambdas }>(lambdaSignature, optimizer, args);
    expectOptimizer(optimizer);
    const groups = optimizer.paramGroups;
    const lrLambdas = Array.isArray(lrLambda) ? lrLambda : groups.map(() => lrLambda);
    if (lrLambdas.length !== groups.length) {
      throw new ArgumentError(`Expected ${groups.length} lrLambdas, but got ${lrLambdas.length}`);
    }
    super(optimizer, { lastEpoch, lrLambdas } as Resume);
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), lr_lambdas: this.lrLambdas.map(() => null) };
  }
}

/** Sets each rate to its base times `lrLambda(epoch)`. */
export class LambdaLR extends ByLambdas {
  getLr(): number[] {
    return this.baseLrs.map((base, i) => base * this.lrLambdas[i](this.lastEpoch));
  }
}

/** Multiplies each rate by `lrLambda(epoch)` after every epoch. */
export class MultiplicativeLR extends ByLambdas {
  getLr(): number[] {
    const rates = this.rates();
    return this.lastEpoch > 0 ? rates.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch)) : rates;
  }
}
