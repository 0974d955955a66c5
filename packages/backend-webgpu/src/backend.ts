import type { Backend, DType } from "@kindling/storage";
import { gather, scatter } from "./indexing.js";
import { matmul } from "./matmul.js";
import type { MemoryLimits } from "./memory.js";
import { openDevice } from "./open.js";
import { binary, compare, copy, fill, range, unary, where } from "./pointwise.js";
import { reduce } from "./reduce.js";
import { Runtime } from "./runtime.js";
import { scan } from "./scan.js";
import { sort } from "./sort.js";
import { hasSubgroups } from "./subgroups.js";
import { read, write } from "./transfer.js";

/**
 * Opens a GPU and makes a backend of it.
 * @throws DeviceError that says what to install, where there is none
 */
export async function createWebGpuBackend(limits: MemoryLimits = {}): Promise<Backend> {
  const opened = await openDevice();
  const gpu = new Runtime(opened, await hasSubgroups(opened), limits);
  const dtypes: DType[] = ["float32", "int32", "uint8", "bool"];
  if (gpu.features.f16) dtypes.push("float16");
  return {
    capabilities: { syncRead: false, dtypes },
    allocate: (dtype, length) => gpu.allocate(dtype, length),
    write,
    read,
    synchronize: () => gpu.synchronize(),
    release: (storage) => gpu.release(storage),
    memoryStats: () => gpu.memoryStats,
    lost: () => gpu.lost,
    record: gpu.features.timestamps ? (device) => gpu.record(device) : undefined,
    unary,
    binary,
    compare,
    where,
    copy,
    fill,
    range,
    reduce,
    scan,
    matmul,
    gather,
    scatter,
    sort,
  };
}
