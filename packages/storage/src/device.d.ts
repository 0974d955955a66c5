import type { Backend, Capabilities, FastPaths, PrimitiveName, Primitives } from "./contract.js";
import type { DType } from "./dtype.js";
import type { KernelProvider, RegisteredProvider } from "./registry.js";
/** For each primitive, the kernel per dtype (of the first input; of the output for fill, range and where). */
export type KernelTable = {
    [P in PrimitiveName]: Record<DType, Primitives[P]>;
};
/** An opened backend with the kernels of all its providers merged into one flat table. */
export declare class Device {
    #private;
    readonly name: string;
    readonly backend: Backend;
    readonly capabilities: Capabilities;
    readonly dtypes: ReadonlySet<DType>;
    /** The fastest registered kernel of each primitive and dtype; rebuilt when a provider registers. */
    kernels: KernelTable;
    constructor(name: string, backend: Backend, providers: readonly RegisteredProvider[]);
    /** Merges `providers`, lowest priority first, over the backend's own kernels. */
    stack(providers: readonly RegisteredProvider[]): void;
    /**
     * Runs the fast path `name` if some provider has it for `dtype` and accepts the call. A `false` result means that
     * nothing was written and the caller runs its composite.
     */
    tryFast<N extends keyof FastPaths & string>(name: N, dtype: DType, ...args: FastPaths[N] extends (...a: infer A) => unknown ? A : never): boolean;
    /** Names of the providers stacked on this device, fastest first; the backend's own kernels are below them. */
    get providers(): readonly KernelProvider[];
}
