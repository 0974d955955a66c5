import type { Backend, Capabilities, FastPaths, PrimitiveName, Primitives } from "./contract.js";
import { primitiveNames } from "./contract.js";
import type { DType } from "./dtype.js";
import { dtypes } from "./dtype.js";
import { DeviceError } from "./errors.js";
import type { KernelEntry, KernelProvider, RegisteredProvider } from "./registry.js";
import { type KernelObserver, state } from "./state.js";

/** For each primitive, the kernel per dtype (of the first input; of the output for fill, range and where). */
export type KernelTable = { [P in PrimitiveName]: Record<DType, Primitives[P]> };

/** An opened backend with the kernels of all its providers merged into one flat table. */
export class Device {
  readonly name: string;
  readonly backend: Backend;
  readonly capabilities: Capabilities;
  readonly dtypes: ReadonlySet<DType>;
  /** The fastest registered kernel of each primitive and dtype; rebuilt when a provider registers. */
  kernels: KernelTable;
  #fast: Record<string, Partial<Record<DType, Layered>>> = {};
  #providers: readonly RegisteredProvider[] = [];

  constructor(name: string, backend: Backend, providers: readonly RegisteredProvider[]) {
    for (const primitive of primitiveNames) {
      if (typeof backend[primitive] !== "function") {
        throw new DeviceError(`backend '${name}' lacks the required primitive '${primitive}'`, {
          device: name,
          primitive,
        });
      }
    }
    if (backend.capabilities.syncRead && !backend.readSync) {
      throw new DeviceError(`backend '${name}' declares syncRead but has no readSync`, { device: name });
    }
    this.name = name;
    this.backend = backend;
    this.capabilities = backend.capabilities;
    this.dtypes = new Set(backend.capabilities.dtypes);
    this.kernels = baseTable(backend);
    this.stack(providers);
  }

  /** Merges `providers`, lowest priority first, over the backend's own kernels. */
  stack(providers: readonly RegisteredProvider[]): void {
    const table = baseTable(this.backend) as Record<string, Record<string, Kernel>>;
    const fast: Record<string, Partial<Record<DType, Layered>>> = {};
    for (const { provider } of providers) {
      for (const [name, perDtype] of Object.entries(provider.kernels)) {
        for (const [dtype, entry] of Object.entries(perDtype ?? {}) as [DType, KernelEntry<Kernel>][]) {
          if (Object.hasOwn(table, name)) table[name][dtype] = over(entry, table[name][dtype]);
          else {
            fast[name] ??= {};
            fast[name][dtype] = { entry, below: fast[name][dtype] };
          }
        }
      }
    }
    if (state.observer !== undefined) observeAll(table, state.observer);
    this.kernels = table as unknown as KernelTable;
    this.#fast = fast;
    this.#providers = providers;
  }

  /** Builds the table anew, with or without the observer of `state`. */
  restack(): void {
    this.stack(this.#providers);
  }

  /**
   * Runs the fast path `name` if some provider has it for `dtype` and accepts the call. A `false` result means that
   * nothing was written and the caller runs its composite.
   */
  tryFast<N extends keyof FastPaths & string>(
    name: N,
    dtype: DType,
    ...args: FastPaths[N] extends (...a: infer A) => unknown ? A : never
  ): boolean {
    for (let layer = this.#fast[name]?.[dtype]; layer; layer = layer.below) {
      if (layer.entry.accepts && !layer.entry.accepts(...(args as unknown[]))) continue;
      if (state.observer === undefined) layer.entry.run(...(args as unknown[]));
      else observed(name, layer.entry.run, state.observer)(...(args as unknown[]));
      return true;
    }
    return false;
  }

  /** Names of the providers stacked on this device, fastest first; the backend's own kernels are below them. */
  get providers(): readonly KernelProvider[] {
    return this.#providers.map((p) => p.provider).reverse();
  }
}

type Kernel = (...args: unknown[]) => void;
interface Layered {
  readonly entry: KernelEntry<Kernel>;
  readonly below?: Layered;
}

function over(entry: KernelEntry<Kernel>, below: Kernel): Kernel {
  const { run, accepts } = entry;
  if (!accepts) return run;
  return (...args) => (accepts(...args) ? run(...args) : below(...args));
}

/** A kernel that tells `observer` how long it took. */
const observed =
  (name: string, run: Kernel, observer: KernelObserver): Kernel =>
  (...args) => {
    const start = performance.now();
    run(...args);
    // the names of pointwise functions, reductions and scans are their first argument
    observer(typeof args[0] === "string" ? `${name}.${args[0]}` : name, performance.now() - start);
  };

function observeAll(table: Record<string, Record<string, Kernel>>, observer: KernelObserver): void {
  for (const [name, row] of Object.entries(table)) {
    for (const [dtype, run] of Object.entries(row)) row[dtype] = observed(name, run, observer);
  }
}

function baseTable(backend: Backend): KernelTable {
  const table: Record<string, Record<string, Kernel>> = {};
  for (const primitive of primitiveNames) {
    const kernel = (backend[primitive] as Kernel).bind(backend);
    table[primitive] = Object.fromEntries(dtypes.map((dtype) => [dtype, kernel]));
  }
  return table as unknown as KernelTable;
}
