/// <reference types="@webgpu/types" />

import { usage } from "./flags.js";
import type { Block } from "./memory.js";
import type { Runtime } from "./runtime.js";

/** The size of the block for so many bytes: four sizes between powers of two, so that at most a quarter is lost. */
export function classOf(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/** Buffers between two allocations, up to a number of bytes. */
export class Pool {
  readonly #runtime: Runtime;
  readonly #limit: () => number;
  /** Blocks that wait, by size; the size that was given back longest ago comes first. */
  readonly #free = new Map<number, Block[]>();
  #bytes = 0;
  #made = 0;

  constructor(runtime: Runtime, limit: () => number) {
    this.#runtime = runtime;
    this.#limit = limit;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A block for so many bytes, its content whatever it was. */
  take(bytes: number): Block {
    const size = Math.min(classOf(bytes), this.#runtime.largest);
    const block = this.#free.get(size)?.pop();
    if (block) {
      this.#bytes -= size;
      return block;
    }
    const buffer = this.#runtime.device.createBuffer({ size, usage: usage.STORAGE | usage.COPY_SRC | usage.COPY_DST });
    return { id: ++this.#made, buffer, bytes: size, batch: 0, shadow: null };
  }

  give(block: Block): void {
    const waiting = this.#free.get(block.bytes);
    if (waiting) {
      this.#free.delete(block.bytes);
      waiting.push(block);
    }
    this.#free.set(block.bytes, waiting ?? [block]);
    this.#bytes += block.bytes;
    if (this.#bytes > this.#limit()) this.#shrink();
  }

  #shrink(): void {
    for (const [size, blocks] of this.#free) {
      for (let block = blocks.shift(); block; block = blocks.shift()) {
        this.#runtime.destroy(block);
        this.#bytes -= size;
        if (this.#bytes <= this.#limit()) return;
      }
      this.#free.delete(size);
    }
  }
}
