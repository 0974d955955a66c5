import { parentPort } from "node:worker_threads";
import { type DType, dtypeInfo } from "@kindling/storage";
import { type Memory, primitives, type Strided } from "./kernels.js";

/** The device's memory by address: typed arrays that no other thread sees. */
const memory = new Map<number, Memory>();
const at = (address: number): Memory => memory.get(address) as Memory;

/** What the device does when it is told so. */
const commands = {
  ...primitives,
  allocate(address: number, dtype: DType, length: number): void {
    memory.set(address, { dtype, data: new dtypeInfo[dtype].Host(length) as Memory["data"] });
  },
  free: (address: number): unknown => memory.delete(address),
  write: (address: number, offset: number, values: Memory["data"]): void => at(address).data.set(values, offset),
  read: (address: number, offset: number, length: number): void =>
    parentPort?.postMessage(at(address).data.slice(offset, offset + length)),
} as Record<string, (...args: unknown[]) => void>;

/** A view's memory beside its layout; numbers, names and lists of dimensions stay what they are. */
function bound(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null || !("address" in argument)) return argument;
  const { address, ...layout } = argument as Omit<Strided, keyof Memory> & { address: number };
  return { ...at(address), shape: layout.shape, strides: layout.strides, offset: layout.offset };
}

parentPort?.on("message", ([command, ...args]: [string, ...unknown[]]) => commands[command](...args.map(bound)));
