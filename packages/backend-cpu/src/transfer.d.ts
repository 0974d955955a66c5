import { type DType, type HostArray } from "@kindling/storage";
import type { Memory } from "./memory.js";
/** Copies host values into `memory`, from element `offset` on. */
export declare function write(dtype: DType, memory: Memory, offset: number, values: HostArray): void;
/** A copy of `length` elements of `memory`, from `offset` on, in their host form. */
export declare function read(dtype: DType, memory: Memory, offset: number, length: number): HostArray;
