import type { MemoryStats } from "./contract.js";
import { getDevice } from "./registry.js";
import { state } from "./state.js";
import type { Storage } from "./storage.js";

/** A stretch of a program at whose end the memory of what it made is given back. */
export interface Scope {
  /** Storages with greater ids were made in it. */
  readonly start: number;
  readonly made: Storage[];
  /** Those that something from outside refers to now. */
  readonly kept: Set<Storage>;
  readonly outer: Scope | null;
}

const opened = (name?: string) => (name === undefined ? [...state.opened.values()] : [getDevice(name)]);

/**
 * Bytes in use on a device, or on all that are open together. Devices whose memory the garbage collector owns, as `cpu`, count none and
 * have no limit.
 */
export function memoryStats(device?: string): MemoryStats {
  const sum = { bytes: 0, peakBytes: 0, count: 0, pooledBytes: 0, softLimit: Infinity, hardLimit: Infinity };
  for (const { backend } of opened(device)) {
    const one = backend.memoryStats?.();
    if (!one) continue;
    sum.bytes += one.bytes;
    sum.peakBytes += one.peakBytes;
    sum.count += one.count;
    sum.pooledBytes += one.pooledBytes;
    sum.softLimit = Math.min(sum.softLimit, one.softLimit);
    sum.hardLimit = Math.min(sum.hardLimit, one.hardLimit);
  }
  return sum;
}

/** Resolves when a device, or every open one, has done all that was called so far. */
export async function synchronize(device?: string): Promise<void> {
  await Promise.all(opened(device).map(({ backend }) => backend.synchronize?.()));
}

/** Gives a storage's memory back at once, where its device can; whoever uses it afterwards gets a DeviceError. */
export function release(storage: Storage): void {
  storage.device.backend.release?.(storage);
}

/** Runs `fn`, then gives back the memory of all that was allocated in it, except what was kept and what `results` finds in its result. */
export function scoped<R>(fn: () => R, results: (result: R) => Iterable<Storage> | "all"): R {
  const outer = state.scope;
  const scope: Scope = { start: state.stamp, made: [], kept: new Set(), outer };
  state.scope = scope;
  let survivors: Iterable<Storage> | "all" = [];
  try {
    const result = fn();
    survivors = results(result);
    return result;
  } finally {
    state.scope = outer;
    const stays = new Set(survivors === "all" ? scope.made : survivors);
    // last made, first back: pools that give what came last then serve the next step in the same order
    for (const storage of scope.made.reverse()) {
      if (stays.has(storage) || scope.kept.has(storage)) outer?.made.push(storage);
      else release(storage);
    }
  }
}

/** Tells the running scopes that `holder` refers to `storage` from now on: those that are younger than `holder` let it live. */
export function holds(holder: Storage, storage: Storage): void {
  for (let scope = state.scope; scope !== null; scope = scope.outer) {
    if (holder.id <= scope.start && storage.id > scope.start) scope.kept.add(storage);
  }
}
