import type { nn } from "kindling";

/** The processes that share a training, as one of them sees them. All call the same of this, in the same order. */
export interface Crew {
  readonly rank: number;
  readonly size: number;
  /** A module that averages its gradients over all. */
  parallel<M extends nn.Module>(module: M): nn.Module & Pick<M, "forward">;
  /** What of a batch this process works on. */
  share<T>(batch: readonly T[]): T[];
  /** Numbers of all, added up. */
  sum(values: readonly number[]): number[];
  /** Numbers of all, averaged. */
  mean(values: readonly number[]): number[];
  /** Waits for all; from then on each may end as it likes. */
  leave(): void;
}

/** One process. */
export const alone: Crew = {
  rank: 0,
  size: 1,
  parallel: (module) => module,
  share: (batch) => [...batch],
  sum: (values) => [...values],
  mean: (values) => [...values],
  leave() {},
};
