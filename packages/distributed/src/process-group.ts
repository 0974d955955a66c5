import { ArgumentError, bind, signature } from "@kindling/autograd";
import { openMpi } from "#mpi";
import { DistributedError } from "./errors.js";
import type { Mpi } from "./mpi.js";

/** The world is there once in a process, though two copies of this package may be. */
const KEY = Symbol.for("kindling.distributed.v1");
const holder = globalThis as { [KEY]?: { world: Mpi | null } };
holder[KEY] ??= { world: null };
const group = holder[KEY];

const initSignature = signature('initProcessGroup(backend="mpi")');

/**
 * Joins the processes that `mpirun -n N node program.js` started; without `mpirun` it is a world of one, and needs no MPI. Call it once,
 * on the main thread, before anything else of this package.
 *
 * From now on a rank that ends with an error ends all ranks, and says which it was. The number of threads goes down to this rank's share of
 * the machine's cores.
 * @throws DistributedError where `mpirun` started several processes, and MPI's library is missing or another than `mpirun`'s
 */
export function initProcessGroup(...args: [backend?: "mpi" | { backend?: "mpi" }]): void {
  const [backend] = bind(initSignature, args);
  if (backend !== "mpi") throw new ArgumentError(`the only backend is "mpi", but got ${backend}`, { backend });
  if (group.world !== null) throw new DistributedError("trying to initialize the default process group twice!");
  group.world = openMpi();
}

/** Whether `initProcessGroup` was called. */
export const isInitialized = (): boolean => group.world !== null;

/** The world that `initProcessGroup` joined. */
export function world(): Mpi {
  if (group.world === null) {
    throw new DistributedError(
      "Default process group has not been initialized, please make sure to call initProcessGroup.",
    );
  }
  return group.world;
}

/** Number of this process, from 0. */
export const getRank = (): number => world().rank;

/** Number of processes. */
export const getWorldSize = (): number => world().size;

/**
 * Waits for all ranks, and leaves them: what one does from now on, also ending with an error, is its own. MPI itself is finalised when the
 * process exits, with or without this call.
 */
export function destroyProcessGroup(): void {
  const mpi = world();
  mpi.now.barrier();
  mpi.leave();
  group.world = null;
}
