import { contiguousStrides, dtypeInfo, type HostArray, type Storage, type View } from "@kindling/storage";
import type { DeviceMemory } from "./memory.js";
import { copy } from "./pointwise.js";

/* Host arrays to device memory and back. uint8 and bool are bytes on the host and words on the device; float16 is converted there. */

const memoryOf = (storage: Storage): DeviceMemory => storage.handle as DeviceMemory;

const run = (storage: Storage, offset: number, length: number): View => ({
  storage,
  shape: [length],
  strides: contiguousStrides([length]),
  offset,
});

/** Gives `work` a float32 storage of so many elements. */
function throughFloats<R>(half: Storage, length: number, work: (floats: Storage) => R): R {
  const { runtime } = memoryOf(half);
  const floats = runtime.scratch(half.device, "float32", length);
  try {
    return work(floats);
  } finally {
    runtime.release(floats);
  }
}

/** Copies host values into the storage, from element `offset` on. */
export function write(storage: Storage, offset: number, values: HostArray): void {
  const { length } = values;
  if (length === 0) return;
  if (storage.dtype === "float16") {
    throughFloats(storage, length, (floats) => {
      write(floats, 0, values);
      copy(run(storage, offset, length), run(floats, 0, length));
    });
    return;
  }
  const memory = memoryOf(storage);
  const words = values instanceof Uint8Array ? new Uint32Array(values) : values;
  memory.runtime.upload(memory, offset * 4, words as Float32Array<ArrayBuffer>);
}

/** Copies `length` elements from `offset` on to the host. */
export async function read(storage: Storage, offset: number, length: number): Promise<HostArray> {
  const { Host } = dtypeInfo[storage.dtype];
  if (length === 0) return new Host(0);
  if (storage.dtype === "float16") {
    return throughFloats(storage, length, (floats) => {
      copy(run(floats, 0, length), run(storage, offset, length));
      return read(floats, 0, length);
    });
  }
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
