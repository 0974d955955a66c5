import { ArgumentError } from "@kindling/autograd";

/** The mean of values as they come, each with a weight: of batches' losses, weighted by their samples: `loss.add(value.item(), x.shape[0])`, then `loss.value`. */
export class Mean {
  #sum = 0;
  #weight = 0;

  /** @throws ArgumentError for a negative weight */
  add(value: number, weight = 1): this {
    if (!(weight >= 0)) throw new ArgumentError(`a weight is 0 or more, got ${weight}`);
    this.#sum += value * weight;
    this.#weight += weight;
    return this;
  }

  /** NaN before the first value. */
  get value(): number {
    return this.#sum / this.#weight;
  }

  /** Sum of the weights. */
  get weight(): number {
    return this.#weight;
  }

  reset(): void {
    this.#sum = 0;
    this.#weight = 0;
  }
}
