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
          if (Object.hasOwn(table, name)) table[name][dtype] = over(name as PrimitiveName, entry, table[name][dtype]);
          else {
            fast[name] ??= {};
            fast[name][dtype] = { entry, below: fast[name][dtype] };
          }
        }
      }
    }
    if (state.observer !== undefined) observeAll(table, this.name, state.observer);
    this.kernels = table as unknown as KernelTable;
    this.#fast = fast;
    this.#providers = providers;
  }

  /** Builds the table anew, with or without the observer of `state`. */
  restack(): void {
    this.stack(this.#providers);
  }

  /** Whether some provider has the fast path `name` for `dtype`; it may still decline a call. */
  hasFast(name: keyof FastPaths & string, dtype: DType): boolean {
    return this.#fast[name]?.[dtype] !== undefined;
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
      else observed(name, this.name, layer.entry.run, state.observer)(...(args as unknown[]));
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

/**
 * The kernel that runs `entry` for the calls that it accepts, and `below` for others. There is one function a primitive, of
 * its own arity: one for all would be called with everything, and small operations would pay for it.
 */
const layers: {
  readonly [P in PrimitiveName]: (entry: Required<KernelEntry<Primitives[P]>>, below: Primitives[P]) => Primitives[P];
} = {
  unary: (e, below) => (name, out, a) => (e.accepts(name, out, a) ? e.run(name, out, a) : below(name, out, a)),
  binary: (e, below) => (name, out, a, b) =>
    e.accepts(name, out, a, b) ? e.run(name, out, a, b) : below(name, out, a, b),
  compare: (e, below) => (name, out, a, b) =>
    e.accepts(name, out, a, b) ? e.run(name, out, a, b) : below(name, out, a, b),
  where: (e, below) => (out, c, a, b) => (e.accepts(out, c, a, b) ? e.run(out, c, a, b) : below(out, c, a, b)),
  copy: (e, below) => (out, a) => (e.accepts(out, a) ? e.run(out, a) : below(out, a)),
  fill: (e, below) => (out, value) => (e.accepts(out, value) ? e.run(out, value) : below(out, value)),
  range: (e, below) => (out, start, step) =>
    e.accepts(out, start, step) ? e.run(out, start, step) : below(out, start, step),
  reduce: (e, below) => (name, out, a, dims) =>
    e.accepts(name, out, a, dims) ? e.run(name, out, a, dims) : below(name, out, a, dims),
  scan: (e, below) => (name, out, a, dim) =>
    e.accepts(name, out, a, dim) ? e.run(name, out, a, dim) : below(name, out, a, dim),
  matmul: (e, below) => (out, a, b, adds) =>
    e.accepts(out, a, b, adds) ? e.run(out, a, b, adds) : below(out, a, b, adds),
  gather: (e, below) => (out, a, index, dim) =>
    e.accepts(out, a, index, dim) ? e.run(out, a, index, dim) : below(out, a, index, dim),
  scatter: (e, below) => (out, index, src, dim, how) =>
    e.accepts(out, index, src, dim, how) ? e.run(out, index, src, dim, how) : below(out, index, src, dim, how),
  sort: (e, below) => (values, indices, a, dim, down) =>
    e.accepts(values, indices, a, dim, down)
      ? e.run(values, indices, a, dim, down)
      : below(values, indices, a, dim, down),
};

function over(name: PrimitiveName, entry: KernelEntry<Kernel>, below: Kernel): Kernel {
  if (!entry.accepts) return entry.run;
  return (layers[name] as (entry: KernelEntry<Kernel>, below: Kernel) => Kernel)(entry, below);
}

/** A kernel that tells `observer` how long it took. */
const observed =
  (name: string, device: string, run: Kernel, observer: KernelObserver): Kernel =>
  (...args) => {
    const start = performance.now();
    run(...args);
    // the names of pointwise functions, reductions and scans are their first argument
    observer(typeof args[0] === "string" ? `${name}.${args[0]}` : name, device, start, performance.now() - start);
  };

function observeAll(table: Record<string, Record<string, Kernel>>, device: string, observer: KernelObserver): void {
  for (const [name, row] of Object.entries(table)) {
    for (const [dtype, run] of Object.entries(row)) row[dtype] = observed(name, device, run, observer);
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
