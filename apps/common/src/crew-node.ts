import { alone, type Crew } from "./crew.js";

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
