import type { Device } from "./device.js";
import { type DType, type HostArray } from "./dtype.js";
import type { Shape, Strides } from "./shape.js";
/**
 * A run of elements of one dtype on one device. Tensors are views on it; several may share one.
 * Sizes and offsets count elements: the physical width belongs to the backend.
 */
export declare class Storage {
    readonly device: Device;
    readonly dtype: DType;
    /** Elements. */
    readonly length: number;
    /** The backend's own reference: on `cpu` a typed array, elsewhere whatever the backend allocates. */
    readonly handle: unknown;
    /** Unique; grows with every allocation. */
    readonly id: number;
    /** Globally unique mark of the last write: the key of every cache that is derived from the content. */
    stamp: number;
    /** The autograd version counter that a tensor and its views share (see `Tensor.version`). */
    version: number;
    constructor(device: Device, dtype: DType, length: number, handle: unknown);
    /** Marks the content as changed; whoever writes into an existing storage calls it. */
    touch(): void;
}
/** A strided window on a storage: what every kernel reads and writes. A tensor is one. */
export interface View {
    readonly storage: Storage;
    readonly shape: Shape;
    readonly strides: Strides;
    /** First element, counted from the start of the storage. */
    readonly offset: number;
}
/**
 * Fresh storage with undefined content.
 * @throws DeviceError where the device does not have the dtype; `operation` names the caller in it.
 */
export declare function allocate(device: Device, dtype: DType, length: number, operation?: string): Storage;
/** Fresh storage holding a copy of `values`, which are in the host form of `dtype`. */
export declare function storageFrom(device: Device, dtype: DType, values: HostArray, operation?: string): Storage;
