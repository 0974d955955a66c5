import type { Device } from "./device.js";
import { type DType, dtypeInfo, type HostArray } from "./dtype.js";
import { DeviceError, ShapeError } from "./errors.js";
import type { Shape, Strides } from "./shape.js";
import { state } from "./state.js";

/**
 * A run of elements of one dtype on one device. Tensors are views on it; several may share one.
 * Sizes and offsets count elements: the physical width belongs to the backend.
 */
export class Storage {
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
  version = 0;

  constructor(device: Device, dtype: DType, length: number, handle: unknown) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.handle = handle;
    this.id = this.stamp = ++state.stamp;
  }

  /** Marks the content as changed; whoever writes into an existing storage calls it. */
  touch(): void {
    this.stamp = ++state.stamp;
  }
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
export function allocate(device: Device, dtype: DType, length: number, operation = "empty"): Storage {
  if (!device.dtypes.has(dtype)) {
    throw new DeviceError(
      `[${operation}] ${dtype} is not supported on device '${device.name}'. Convert to one of ${[...device.dtypes].join(", ")}` +
        ` first (x.to("float32")), or compute on 'cpu' (x.cpu()).`,
      { operation, dtype, device: device.name },
    );
  }
  const storage = new Storage(device, dtype, length, device.backend.allocate(dtype, length));
  if (state.scope !== null && device.backend.release !== undefined) state.scope.made.push(storage);
  return storage;
}

/** Fresh storage holding a copy of `values`, which are in the host form of `dtype`. */
export function storageFrom(device: Device, dtype: DType, values: HostArray, operation?: string): Storage {
  if (!(values instanceof dtypeInfo[dtype].Host)) {
    throw new ShapeError(
      `values of ${dtype} come in a ${dtypeInfo[dtype].Host.name}, not in a ${values.constructor.name}`,
    );
  }
  const storage = allocate(device, dtype, values.length, operation);
  if (values.length > 0) device.backend.write(storage, 0, values);
  return storage;
}
