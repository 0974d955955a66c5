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

/** Joins the processes that mpirun started, where `distributed` says so. */
export async function crewOf(distributed: boolean): Promise<Crew> {
  if (!distributed) return alone;
  const { allReduce, DistributedDataParallel, destroyProcessGroup, getRank, getWorldSize, initProcessGroup, ReduceOp } =
    await import("@kindling/distributed");
  const { tensor } = await import("kindling");
  initProcessGroup();
  const [rank, size] = [getRank(), getWorldSize()];
  const reduced = (values: readonly number[], op: "sum" | "avg"): number[] => {
    const all = tensor(Float64Array.from(values));
    allReduce(all, op);
    return all.tolist() as number[];
  };
  return {
    rank,
    size,
    parallel: (module) => new DistributedDataParallel(module),
    share: (batch) => batch.filter((_, i) => i % size === rank),
    sum: (values) => reduced(values, ReduceOp.SUM),
    mean: (values) => reduced(values, ReduceOp.AVG),
    leave: destroyProcessGroup,
  };
}
