import { ArgumentError } from "./errors.js";
import { state } from "./state.js";

/**
 * Sets how many threads kernels may use; those that have threads read it at every call. Results do not depend on it.
 * @throws ArgumentError unless `threads` is a positive integer
 */
export function setNumThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ArgumentError(`setNumThreads expects a positive integer, but got ${threads}`, { threads });
  }
  state.threads = threads;
}

/** How many threads kernels may use: 1 until `setNumThreads`, or a package of threaded kernels, says otherwise. */
export const getNumThreads = (): number => state.threads ?? 1;
