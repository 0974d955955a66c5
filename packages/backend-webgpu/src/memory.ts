/// <reference types="@webgpu/types" />
import type { Runtime } from "./runtime.js";

/** A buffer of the pool. It goes from one allocation to the next, and is known by its number. */
export interface Block {
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** The batch of commands that used it last. */
  batch: number;
}

/** What `Storage.handle` is on this device. */
export class DeviceMemory {
  readonly runtime: Runtime;
  readonly block: Block;

  constructor(runtime: Runtime, block: Block) {
    this.runtime = runtime;
    this.block = block;
  }
}
