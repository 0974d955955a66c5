import type { Backend, FastPaths, Primitives } from "./contract.js";
import { Device } from "./device.js";
import { type DType, isDType } from "./dtype.js";
import { ArgumentError, DeviceError } from "./errors.js";
import { state } from "./state.js";

/** One kernel of a provider. */
export interface KernelEntry<F> {
  readonly run: F;
  /** Sees the call's arguments; `false` hands the call to the next provider below. Absent: takes every call. */
  readonly accepts?: F extends (...args: infer A) => unknown ? (...args: A) => boolean : never;
}

type Kernels = Primitives & FastPaths;

/** A partial table of faster kernels for an existing device, by name and dtype. Storage and results stay what they were. */
export interface KernelProvider {
  /** Unique on the device; registering the name again replaces the provider. */
  readonly name: string;
  readonly kernels: { readonly [N in keyof Kernels]?: Partial<Record<DType, KernelEntry<Kernels[N]>>> };
  /** Free text for `backendInfo()`: what was found, or why something is absent. */
  readonly info?: string;
  /** What `init` of the device waits for: work that the kernels can do without, but are faster with (threads that start). */
  readonly warmUp?: () => Promise<void>;
}

export interface RegisteredProvider {
  readonly provider: KernelProvider;
  readonly priority: number;
}

/** Makes a device's backend, at once or later. */
export type BackendFactory = () => Backend | PromiseLike<Backend>;

export interface DeviceEntry {
  factory: BackendFactory | null;
  providers: RegisteredProvider[];
  pending?: Promise<Device>;
}

function entryOf(name: string): DeviceEntry {
  let entry = state.devices.get(name);
  if (!entry) state.devices.set(name, (entry = { factory: null, providers: [] }));
  return entry;
}

/**
 * Adds a device. The factory runs when the device is first used, or in `init(name)`; one that returns a promise needs `init`.
 * Registering a name again replaces the factory of a device that is not open yet; an open device stays as it is.
 */
export function registerBackend(name: string, factory: BackendFactory): void {
  if (typeof name !== "string" || name === "") throw new ArgumentError("registerBackend: a device needs a name");
  if (typeof factory !== "function") {
    throw new ArgumentError(`registerBackend('${name}'): the factory must be a function, not ${typeof factory}`);
  }
  entryOf(name).factory = factory;
}

/** What is wrong with a provider, before it is stacked: afterwards every call would meet it. */
function checkProvider(device: string, provider: KernelProvider, options: { priority?: number }): void {
  const refuse = (text: string): never => {
    throw new ArgumentError(`registerKernels('${device}'): ${text}`, { device });
  };
  if (typeof provider?.name !== "string" || provider.name === "") refuse("a provider needs a name");
  if (typeof provider.kernels !== "object" || provider.kernels === null) refuse("`kernels` must be a table by name");
  for (const [name, row] of Object.entries(provider.kernels)) {
    for (const [dtype, entry] of Object.entries(row ?? {}) as [string, { run?: unknown; accepts?: unknown }][]) {
      if (!isDType(dtype)) refuse(`kernel '${name}' is for the unknown dtype '${dtype}'`);
      if (typeof entry?.run !== "function" || !["function", "undefined"].includes(typeof entry.accepts)) {
        refuse(`kernel '${name}' of ${dtype} must be { run, accepts? }, both functions`);
      }
    }
  }
  const { priority = 0, ...others } = options;
  if (!Number.isFinite(priority)) refuse(`priority must be a number, but got ${priority}`);
  for (const key of Object.keys(others)) refuse(`got an unexpected keyword argument '${key}'`);
}

/**
 * Stacks faster kernels on a device; of two providers that take a call, the one of higher priority runs (default 0).
 * @throws ArgumentError for a provider that is none
 */
export function registerKernels(device: string, provider: KernelProvider, options: { priority?: number } = {}): void {
  checkProvider(device, provider, options);
  const entry = entryOf(device);
  const others = entry.providers.filter((p) => p.provider.name !== provider.name);
  entry.providers = [...others, { provider, priority: options.priority ?? 0 }].sort((a, b) => a.priority - b.priority);
  state.opened.get(device)?.stack(entry.providers);
}

/** Takes a provider off a device again. */
export function unregisterKernels(device: string, providerName: string): void {
  const entry = entryOf(device);
  entry.providers = entry.providers.filter((p) => p.provider.name !== providerName);
  state.opened.get(device)?.stack(entry.providers);
}

function open(name: string, entry: DeviceEntry, backend: Backend): Device {
  const device = new Device(name, backend, entry.providers);
  state.opened.set(name, device);
  return device;
}

function knownEntry(name: string): DeviceEntry & { factory: BackendFactory } {
  const entry = state.devices.get(name);
  if (!entry?.factory) {
    const known = [...state.devices].filter(([, e]) => e.factory).map(([n]) => `'${n}'`);
    throw new DeviceError(
      `there is no device '${name}'. Known devices: ${known.join(", ") || "none"}. A backend's package adds its device when it is imported.`,
      { device: name },
    );
  }
  return entry as DeviceEntry & { factory: BackendFactory };
}

/**
 * The opened device of that name; opens it where its factory answers at once.
 * @throws DeviceError for an unknown device, and for one that needs `await init(name)` first.
 */
export function getDevice(name: string): Device {
  const device = state.opened.get(name);
  if (device) return device;
  const entry = knownEntry(name);
  if (!entry.pending) {
    const backend = entry.factory();
    if (!isPromise(backend)) return open(name, entry, backend);
    adopt(name, entry, backend);
  }
  throw new DeviceError(`device '${name}' opens asynchronously: call \`await init("${name}")\` once before using it`, {
    device: name,
  });
}

const isPromise = (value: Backend | PromiseLike<Backend>): value is PromiseLike<Backend> =>
  typeof (value as PromiseLike<Backend>)?.then === "function";

function adopt(name: string, entry: DeviceEntry, backend: PromiseLike<Backend>): Promise<Device> {
  const pending = Promise.resolve(backend).then((b) => open(name, entry, b));
  entry.pending = pending;
  pending.catch(() => {
    entry.pending = undefined; // a later init may try again
  });
  return pending;
}

/** Lets a device that is gone be opened anew. */
function forget(name: string): void {
  state.opened.delete(name);
  entryOf(name).pending = undefined;
}

/** Opens a device, and waits until its kernels' threads have started; may be called again. A device that was lost is opened anew. */
export async function init(name: string): Promise<void> {
  if (state.opened.get(name)?.backend.lost?.()) forget(name);
  if (!state.opened.has(name)) {
    const entry = knownEntry(name);
    if (entry.pending) await entry.pending;
    else {
      const backend = entry.factory();
      if (isPromise(backend)) await adopt(name, entry, backend);
      else open(name, entry, backend);
    }
  }
  await Promise.all(entryOf(name).providers.map(({ provider }) => provider.warmUp?.()));
}

/** What is known of a device: whether it is open, its capabilities, and the providers stacked on it, fastest first. */
export function backendInfo(name: string): {
  device: string;
  open: boolean;
  syncRead?: boolean;
  dtypes?: DType[];
  providers: { name: string; priority: number; info?: string }[];
} {
  const entry = knownEntry(name);
  const device = state.opened.get(name);
  return {
    device: name,
    open: device !== undefined,
    ...(device && { syncRead: device.capabilities.syncRead, dtypes: [...device.dtypes] }),
    providers: entry.providers
      .map(({ provider, priority }) => ({
        name: provider.name,
        priority,
        ...(provider.info && { info: provider.info }),
      }))
      .reverse(),
  };
}

/** Names of all registered devices. */
export const deviceNames = (): string[] => [...state.devices].filter(([, e]) => e.factory).map(([n]) => n);
