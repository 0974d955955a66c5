import { ArgumentError, bind, Generator, randperm, signature } from "@kindling/autograd";
import { Sampler } from "@kindling/data";
import { getRank, getWorldSize } from "./process-group.js";

/** Which part of the data a rank gets. */
export interface DistributedSamplerOptions {
  /** Ranks; those of the world where absent. */
  numReplicas?: number | null;
  /** This process among them. */
  rank?: number | null;
  /** Whether each epoch has an order of its own. */
  shuffle?: boolean;
  /** Of the order; the same on all ranks. */
  seed?: number;
  /** Whether samples that do not go round are left out; otherwise the first ones come twice. */
  dropLast?: boolean;
}

const arguments_ = signature("DistributedSampler(numReplicas=null, rank=null, shuffle=true, seed=0, dropLast=false)");

/**
 * Every rank's share of a dataset's numbers, all of one size, in PyTorch's order: rank `r` of `n` gets each `n`-th from the `r`-th on of a
 * permutation that follows from the seed and the epoch. Call `setEpoch` before each epoch, or all have the order of the first.
 */
export class DistributedSampler extends Sampler<number> {
  readonly dataset: { readonly length: number };
  readonly numReplicas: number;
  readonly rank: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  epoch = 0;

  /** @throws ArgumentError where `rank` is no rank of `numReplicas` */
  constructor(
    dataset: { readonly length: number },
    ...options:
      | [
          numReplicas: number | null,
          rank: number | null,
          options?: Omit<DistributedSamplerOptions, "numReplicas" | "rank">,
        ]
      | [options?: DistributedSamplerOptions]
  ) {
    super();
    const [numReplicas, rank, shuffle, seed, dropLast] = bind(arguments_, options);
    this.dataset = dataset;
    this.numReplicas = (numReplicas as number | null) ?? getWorldSize();
    this.rank = (rank as number | null) ?? getRank();
    this.shuffle = shuffle as boolean;
    this.seed = seed as number;
    this.dropLast = dropLast as boolean;
    if (!(this.rank >= 0 && this.rank < this.numReplicas)) {
      throw new ArgumentError(
        `Invalid rank ${this.rank}, rank should be in the interval [0, ${this.numReplicas - 1}]`,
        { rank: this.rank, numReplicas: this.numReplicas },
      );
    }
  }

  /** Numbers of each rank. */
  get length(): number {
    const each = this.dataset.length / this.numReplicas;
    return this.dropLast ? Math.floor(each) : Math.ceil(each);
  }

  *[Symbol.iterator](): globalThis.Generator<number, void, undefined> {
    const n = this.dataset.length;
    const order = this.shuffle
      ? randperm(n, { generator: new Generator().manualSeed(this.seed + this.epoch) }).toTypedArray()
      : null;
    for (let i = 0; i < this.length; i++) {
      const place = (this.rank + i * this.numReplicas) % n; // what is too few begins anew
      yield order === null ? place : Number(order[place]);
    }
  }

  /** Says which epoch comes; its number goes into the order. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }
}
