/// <reference types="@webgpu/types" />
import { DeviceError, type MemoryStats } from "@kindling/storage";
import { collectGarbage, endJob, untouched } from "#gpu";
import { Pool } from "./pool.js";
import type { Runtime } from "./runtime.js";

/** Bytes that one allocation counts for, at least: thousands of scalars must be felt too. */
const SMALLEST = 1024;
/** Bytes of the smallest shadow: where loops are swept, small tensors are counted instead. */
const SMALLEST_SHADOW = endJob === null ? SMALLEST : 2 ** 13;
/** What engines give as one ArrayBuffer without fail. */
const LARGEST_SHADOW = 2 ** 30;
/** Bytes, and allocations, after which a synchronous loop looks for what has died, at least. */
const SWEEP_BYTES = 64 * 2 ** 20;
const SWEEP_COUNT = 2048;
/** Allocations after which collections may take what a synchronous loop has dropped. */
const JOB = 128;

/** A buffer. It goes from one allocation to the next, and is known by its number. */
export interface Block {
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** The batch of commands that used it last. */
  batch: number;
  /** While it waits in the pool: when it came there, in returns. */
  since: number;
  /** While it waits in the pool: the shadow of the last allocation, if that was given back rather than collected. */
  shadow: ArrayBuffer | null;
}

/** What the device keeps of an allocation, without keeping its handle alive. */
interface Lease {
  readonly block: Block;
  readonly bytes: number;
  readonly handle: WeakRef<DeviceMemory> | null;
  over: boolean;
}

/** What `Storage.handle` is on this device: the buffer belongs to it until it is collected or disposed of. */
export class DeviceMemory {
  readonly runtime: Runtime;
  #block: Block | null;
  /**
   * Memory of the buffer's size that nobody ever touches. It takes no physical pages; V8's collector counts its bytes, and so comes
   * as often as the buffer's bytes ask for.
   */
  shadow: ArrayBuffer | null;
  /** @internal */
  readonly lease: Lease;

  constructor(runtime: Runtime, block: Block, weak: boolean) {
    this.runtime = runtime;
    this.#block = block;
    const bytes = Math.max(block.bytes, SMALLEST);
    this.shadow = bytes < SMALLEST_SHADOW ? null : (block.shadow ?? untouched(Math.min(bytes, LARGEST_SHADOW)));
    block.shadow = null;
    this.lease = { block, bytes, handle: weak ? new WeakRef(this) : null, over: false };
  }

  /** @throws DeviceError after the memory was given back */
  get block(): Block {
    if (this.#block === null) {
      throw new DeviceError(
        "[webgpu] this tensor's memory was given back by dispose(), `using`, the end of a scope(), or as a gradient that was forgotten",
        {
          device: "webgpu",
        },
      );
    }
    return this.#block;
  }

  /** @internal */
  drop(): void {
    this.#block = null;
    this.shadow = null;
  }
}

export interface MemoryLimits {
  /** Bytes; default 1 GiB. */
  readonly softLimit?: number;
  /** Bytes; default 16 times the soft limit in Node, where synchronous loops are swept, and four times it in pages. */
  readonly hardLimit?: number;
}

/** Buffers of one device: leases to handles, taken back when the handle dies. */
export class Memory {
  readonly #runtime: Runtime;
  readonly #pool: Pool;
  readonly #softLimit: number;
  readonly #hardLimit: number;
  readonly #registry = new FinalizationRegistry<Lease>((lease) => this.#end(lease, true));
  /** Leases since the last sweep, and those that lived through it; in Node alone, where a loop can be swept. */
  #leases: Lease[] = [];
  #bytes = 0;
  #peak = 0;
  #count = 0;
  #sweepAtBytes: number;
  #sweepAtCount = SWEEP_COUNT;
  /** Until then no collection is forced. */
  #collectFrom = 0;

  constructor(runtime: Runtime, { softLimit = 2 ** 30, hardLimit = (endJob ? 16 : 4) * softLimit }: MemoryLimits) {
    this.#runtime = runtime;
    this.#softLimit = softLimit;
    this.#hardLimit = hardLimit;
    // A step that gives all its memory back finds it again in the next. Its sizes are not all in use at once: VGG19's gradient has 1.7 times its peak in blocks.
    this.#pool = new Pool(runtime, () => Math.max(softLimit / 2, 2 * this.#peak));
    this.#sweepAtBytes = Math.min(SWEEP_BYTES, softLimit);
  }

  /** @throws DeviceError where the device has no such buffer, or the hard limit is reached */
  allocate(bytes: number): DeviceMemory {
    const most = this.#runtime.largest;
    if (bytes > most) {
      throw new DeviceError(
        `[webgpu] a tensor of ${size(bytes)} does not fit into a buffer that kernels of this device can take, of ${size(most)} at most. ` +
          "Split it, or compute on 'cpu' (x.cpu()).",
        { device: "webgpu", bytes, limit: most },
      );
    }
    // what was in use at once before is there again without another buffer: looking for what has died would gain nothing
    const more = this.#bytes + bytes > this.#peak || !this.#pool.has(bytes);
    if ((more && this.#bytes + bytes > this.#sweepAtBytes) || this.#count >= this.#sweepAtCount) this.#relieve(bytes);
    const memory = new DeviceMemory(this.#runtime, this.#pool.take(bytes), endJob !== null);
    const { lease } = memory;
    this.#registry.register(memory, lease, lease);
    if (endJob !== null && this.#leases.push(lease) % JOB === 0) endJob();
    this.#count++;
    this.#bytes += lease.bytes;
    if (this.#bytes > this.#peak) this.#peak = this.#bytes;
    return memory;
  }

  /** Gives the memory back now; what was recorded with it is not disturbed. */
  release(memory: DeviceMemory): void {
    if (memory.lease.over) return;
    this.#registry.unregister(memory.lease);
    memory.lease.block.shadow = memory.shadow; // allocating one costs more than most kernels
    this.#end(memory.lease, false);
    memory.drop();
  }

  get stats(): MemoryStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      count: this.#count,
      pooledBytes: this.#pool.bytes,
      softLimit: this.#softLimit,
      hardLimit: this.#hardLimit,
    };
  }

  #end(lease: Lease, collected: boolean): void {
    if (lease.over) return;
    lease.over = true;
    this.#bytes -= lease.bytes;
    this.#count--;
    this.#pool.give(lease.block, collected);
  }

  /** Looks for handles that died, and refuses the allocation where that does not help. */
  #relieve(bytes: number): void {
    const { length } = this.#leases;
    this.#sweep();
    // collections come by themselves, driven by the shadows; where they come too late one is forced: below the soft limit a tenth of the time may go into that
    const few = this.#leases.length > length / 2 && performance.now() > this.#collectFrom;
    if (collectGarbage !== null && (few || this.#bytes + bytes > this.#softLimit)) {
      const start = performance.now();
      collectGarbage();
      this.#sweep();
      const end = performance.now();
      this.#collectFrom = end + 9 * (end - start);
    }
    if (this.#bytes + bytes > this.#hardLimit) {
      throw new DeviceError(
        `[webgpu] ${size(this.#bytes)} are in use, and ${size(bytes)} more would pass the limit of ${size(this.#hardLimit)}. ` +
          "Memory of tensors that nobody holds comes back when the program returns to the event loop: await a read (await loss.cpu()) or " +
          "await synchronize() in long loops; scope(), `using` and x.dispose() give it back at once.",
        { device: "webgpu", bytes, used: this.#bytes, limit: this.#hardLimit },
      );
    }
    // what is alive now is what the program needs: look again when half as much has come
    this.#sweepAtBytes = Math.min(
      Math.max(this.#bytes * 1.5, this.#bytes + Math.min(SWEEP_BYTES, this.#softLimit)),
      Math.max(this.#hardLimit, this.#bytes + 1),
    );
    this.#sweepAtCount = this.#count + Math.max(this.#count / 2, SWEEP_COUNT);
  }

  #sweep(): void {
    if (endJob === null) return;
    endJob();
    this.#leases = this.#leases.filter((lease) => {
      if (!lease.over && lease.handle?.deref() === undefined) this.#end(lease, true);
      return !lease.over;
    });
    endJob(); // looking at a handle has kept it once more
  }
}

function size(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(2))} ${units[power]}`;
}
