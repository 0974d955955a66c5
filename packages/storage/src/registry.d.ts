import type { Backend, FastPaths, Primitives } from "./contract.js";
import { Device } from "./device.js";
import type { DType } from "./dtype.js";
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
    readonly kernels: {
        readonly [N in keyof Kernels]?: Partial<Record<DType, KernelEntry<Kernels[N]>>>;
    };
    /** Free text for `backendInfo()`: what was found, or why something is absent. */
    readonly info?: string;
}
export interface RegisteredProvider {
    readonly provider: KernelProvider;
    readonly priority: number;
}
/** Makes a device's backend, at once or later. */
export type BackendFactory = () => Backend | Promise<Backend>;
export interface DeviceEntry {
    factory: BackendFactory | null;
    providers: RegisteredProvider[];
    pending?: Promise<Device>;
}
/**
 * Adds a device. The factory runs when the device is first used, or in `init(name)`; one that returns a promise needs `init`.
 * Registering a name again replaces the factory of a device that is not open yet; an open device stays as it is.
 */
export declare function registerBackend(name: string, factory: BackendFactory): void;
/** Stacks faster kernels on a device; of two providers that take a call, the one of higher priority runs (default 0). */
export declare function registerKernels(device: string, provider: KernelProvider, options?: {
    priority?: number;
}): void;
/** Takes a provider off a device again. */
export declare function unregisterKernels(device: string, providerName: string): void;
/**
 * The opened device of that name; opens it where its factory answers at once.
 * @throws DeviceError for an unknown device, and for one that needs `await init(name)` first.
 */
export declare function getDevice(name: string): Device;
/** Opens a device; may be called again and does nothing then. */
export declare function init(name: string): Promise<void>;
/** What is known of a device: whether it is open, its capabilities, and the providers stacked on it, fastest first. */
export declare function backendInfo(name: string): {
    device: string;
    open: boolean;
    syncRead?: boolean;
    dtypes?: DType[];
    providers: {
        name: string;
        priority: number;
        info?: string;
    }[];
};
/** Names of all registered devices. */
export declare const deviceNames: () => string[];
export {};
