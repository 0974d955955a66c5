import type { Device } from "./device.js";
import type { Generator } from "./generator.js";
import type { Scope } from "./memory.js";
import type { DeviceEntry } from "./registry.js";

/**
 * What must exist once in a program even when two copies of a package are loaded: registries, counters, modes.
 * It lives behind a registered symbol for that reason.
 */
export interface SharedState {
  readonly devices: Map<string, DeviceEntry>;
  readonly opened: Map<string, Device>;
  /** Source of storage ids and write stamps. */
  stamp: number;
  /** Source of the sequence numbers of graph nodes. */
  sequence: number;
  /** Whether operations record a graph. */
  gradEnabled: boolean;
  /** Whether results are inference tensors. */
  inferenceMode: boolean;
  /** Whether nodes remember where they were made, and passes look for NaN; `null`: neither. */
  anomaly: { readonly checkNan: boolean } | null;
  /** What keeps the values that nodes save, instead of the nodes. */
  savedTensorsHooks: object | null;
  /** The default generator, made when first asked for. */
  generator: Generator | null;
  /** The innermost running `scope`, or `null`. */
  scope: Scope | null;
  /** What `setNumThreads` was told. */
  threads?: number;
  /** Hears of every kernel while `profile` runs. */
  observer?: KernelObserver;
}

/** Hears of a kernel that ran: its name, its device, when it was called and how many milliseconds it took. */
export type KernelObserver = (name: string, device: string, start: number, time: number) => void;

const KEY = Symbol.for("kindling.v1");
const holder = globalThis as { [KEY]?: SharedState };

holder[KEY] ??= {
  devices: new Map(),
  opened: new Map(),
  stamp: 0,
  sequence: 0,
  gradEnabled: true,
  inferenceMode: false,
  anomaly: null,
  savedTensorsHooks: null,
  generator: null,
  scope: null,
};

export const state: SharedState = holder[KEY];
