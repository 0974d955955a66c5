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

/** Blocks of one size that wait, those that came last on top. */
class Shelf {
  /** What a program gave back: served first, the last of it before the rest. */
  readonly returned: Block[] = [];
  /** What the collector gave back, in no order. */
  readonly collected: Block[] = [];

  get length(): number {
    return this.returned.length + this.collected.length;
  }

  pop(): Block | undefined {
    return this.returned.pop() ?? this.collected.pop();
  }

  /** The pile whose lowest block has waited longest. */
  oldest(): Block[] {
    const { returned, collected } = this;
    if (returned.length === 0 || collected.length === 0) return returned.length === 0 ? collected : returned;
    return returned[0].since < collected[0].since ? returned : collected;
  }
}

/** Buffers between two allocations, up to a number of bytes. A step that repeats finds the same blocks in the same places, and so the same bind groups. */
export class Pool {
  readonly #runtime: Runtime;
  readonly #limit: () => number;
  /** By size. */
  readonly #free = new Map<number, Shelf>();
  #bytes = 0;
  #made = 0;
  #given = 0;

  constructor(runtime: Runtime, limit: () => number) {
    this.#runtime = runtime;
    this.#limit = limit;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  #size(bytes: number): number {
    return Math.min(classOf(bytes), this.#runtime.largest);
  }

  /** Whether a block for so many bytes waits. */
  has(bytes: number): boolean {
    return (this.#free.get(this.#size(bytes))?.length ?? 0) > 0;
  }

  /** A block for so many bytes, its content whatever it was. */
  take(bytes: number): Block {
    const size = this.#size(bytes);
    const block = this.#free.get(size)?.pop();
    if (block) {
      this.#bytes -= size;
      return block;
    }
    const buffer = this.#runtime.device.createBuffer({ size, usage: usage.STORAGE | usage.COPY_SRC | usage.COPY_DST });
    return { id: ++this.#made, buffer, bytes: size, batch: 0, since: 0, shadow: null };
  }

  /** Takes a block back, from the program or from the collector. */
  give(block: Block, collected: boolean): void {
    let shelf = this.#free.get(block.bytes);
    if (shelf === undefined) {
      shelf = new Shelf();
      this.#free.set(block.bytes, shelf);
    }
    block.since = ++this.#given;
    (collected ? shelf.collected : shelf.returned).push(block);
    this.#bytes += block.bytes;
    while (this.#bytes > this.#limit()) this.#destroyOne();
  }

  /** Destroys the block that has waited longest, of whatever size: those that a step needs again are younger than what others have left. */
  #destroyOne(): void {
    let oldest: Block[] = [];
    for (const shelf of this.#free.values()) {
      const pile = shelf.oldest();
      if (pile.length > 0 && (oldest.length === 0 || pile[0].since < oldest[0].since)) oldest = pile;
    }
    const block = oldest.shift() as Block;
    this.#bytes -= block.bytes;
    this.#runtime.destroy(block);
  }
}
