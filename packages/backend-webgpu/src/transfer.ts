import { dtypeInfo, type HostArray, type Storage } from "@kindling/storage";
import type { DeviceMemory } from "./memory.js";

/* Host arrays to device memory and back. uint8 and bool are bytes on the host and words on the device. */

const memoryOf = (storage: Storage): DeviceMemory => storage.handle as DeviceMemory;

/** Copies host values into the storage, from element `offset` on. */
export function write(storage: Storage, offset: number, values: HostArray): void {
  if (values.length === 0) return;
  const memory = memoryOf(storage);
  const words = values instanceof Uint8Array ? new Uint32Array(values) : (values as Float32Array | Int32Array);
  memory.runtime.upload(memory, offset * 4, words as Float32Array<ArrayBuffer>);
}

/** Copies `length` elements from `offset` on to the host. */
export async function read(storage: Storage, offset: number, length: number): Promise<HostArray> {
  const { Host } = dtypeInfo[storage.dtype];
  if (length === 0) return new Host(0);
  const memory = memoryOf(storage);
  const bytes = await memory.runtime.download(memory, offset * 4, length * 4);
  switch (storage.dtype) {
    case "float32":
      return new Float32Array(bytes);
    case "int32":
      return new Int32Array(bytes);
    default:
      return new Uint8Array(new Uint32Array(bytes));
  }
}
