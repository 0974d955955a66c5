import { availableParallelism } from "node:os";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import type { CopyShared } from "./memory.js";

const { fill } = Buffer.prototype;

/** Cores that threads may run on. */
export const cores = (): number => availableParallelism();

/** Whether the calling thread may sleep until another wakes it. */
export const maySleep = true;

/** Whether memory can be shared with workers. */
export const shareable = true;

/** Node 20 has relaxed SIMD behind a flag; later versions have it, and do not know the flag. */
export function enableRelaxedSimd(): void {
  if (Number(process.versions.node?.split(".")[0]) < 22) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/**
 * Copies `bytes` bytes where one side is shared memory: `fill` with as many bytes as there are to fill is one `memmove`, four times as fast as
 * `set`, which goes word by word there. Other runtimes than Node have a loop behind it.
 */
export const copyShared: CopyShared | undefined =
  process.versions.deno === undefined && process.versions.bun === undefined
    ? (to, toByte, from, fromByte, bytes) => {
        const target = new Uint8Array(to, toByte, bytes);
        fill.call(target, new Uint8Array(from, fromByte, bytes), 0, bytes);
      }
    : undefined;

/** Starts a worker that runs `source` with `data`, and does not keep the process alive. */
export function startWorker(source: string, data: object): void {
  const worker = new Worker(`const data = require("node:worker_threads").workerData;\n${source}`, {
    eval: true,
    workerData: data,
    execArgv: [],
  });
  worker.unref();
}
