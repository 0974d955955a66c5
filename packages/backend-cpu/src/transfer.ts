import { type DType, dtypeInfo, type HostArray } from "@kindling/storage";
import { copyRows } from "./copy.js";
import type { Memory, Numbers } from "./memory.js";

/** The dtype whose memory looks like the host form of `dtype`. */
const hostDType = (dtype: DType): DType => (dtype === "float16" || dtype === "bfloat16" ? "float32" : dtype);

/** Copies host values into `memory`, from element `offset` on. */
export function write(dtype: DType, memory: Memory, offset: number, values: HostArray): void {
  const from = dtype === "bool" ? "uint8" : hostDType(dtype); // a byte other than 0 is true
  copyRows[dtype][from](memory as Numbers, offset, 1, values as Numbers, 0, 1, values.length);
}

/** A copy of `length` elements of `memory`, from `offset` on, in their host form. */
export function read(dtype: DType, memory: Memory, offset: number, length: number): HostArray {
  const host = new dtypeInfo[dtype].Host(length);
  copyRows[hostDType(dtype)][dtype](host as Numbers, 0, 1, memory as Numbers, offset, 1, length);
  return host;
}
