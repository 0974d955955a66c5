/// <reference types="@webgpu/types" />
import type { KernelEvent } from "@kindling/storage";
import { MAP_TO_READ, usage } from "./flags.js";

/** Timestamps of one batch of commands, two a kernel. */
interface Batch {
  readonly names: string[];
  readonly queries: GPUQuerySet;
  /** When the batch was begun, on the host's clock. */
  readonly begun: number;
  staging: GPUBuffer | null;
}

/** Takes the device's time before and after each kernel. */
export class Profiler {
  readonly #device: GPUDevice;
  readonly #most: number;
  readonly #done: Batch[] = [];
  #batch: Batch | null = null;

  /** `most` is how many kernels a batch may have. */
  constructor(device: GPUDevice, most: number) {
    this.#device = device;
    this.#most = most;
  }

  /** Where the pass of one kernel writes its times. */
  pass(name: string): GPUComputePassDescriptor {
    this.#batch ??= {
      names: [],
      queries: this.#device.createQuerySet({ type: "timestamp", count: 2 * this.#most }),
      begun: performance.now(),
      staging: null,
    };
    const { names, queries } = this.#batch;
    const at = 2 * names.length;
    names.push(name);
    return {
      label: name,
      timestampWrites: { querySet: queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
    };
  }

  /** Ends the batch, before its commands are handed over. */
  endBatch(encoder: GPUCommandEncoder): void {
    const batch = this.#batch;
    if (batch === null) return;
    const bytes = 16 * batch.names.length;
    const resolved = this.#device.createBuffer({ size: bytes, usage: usage.QUERY_RESOLVE | usage.COPY_SRC });
    batch.staging = this.#device.createBuffer({ size: bytes, usage: usage.MAP_READ | usage.COPY_DST });
    encoder.resolveQuerySet(batch.queries, 0, 2 * batch.names.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, batch.staging, 0, bytes);
    this.#done.push(batch);
    this.#batch = null;
  }

  /** All times, when all batches have been handed over. The first batch's beginning aligns the device's clock with the host's. */
  async events(device: string): Promise<KernelEvent[]> {
    const events: KernelEvent[] = [];
    let origin: bigint | null = null;
    for (const { names, staging, queries } of this.#done) {
      if (staging === null) continue;
      await staging.mapAsync(MAP_TO_READ);
      const times = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.destroy();
      queries.destroy();
      names.forEach((name, i) => {
        const [from, to] = [times[2 * i], times[2 * i + 1]];
        origin ??= from;
        const start = this.#done[0].begun + Number(from - origin) / 1e6;
        events.push({ name, device, start, time: Number(to - from) / 1e6 });
      });
    }
    return events;
  }
}
