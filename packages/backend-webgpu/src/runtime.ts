/// <reference types="@webgpu/types" />
import {
  type Device,
  DeviceError,
  type DType,
  type KernelEvent,
  type MemoryStats,
  Storage,
  type View,
} from "@kindling/storage";
import { Bindings, type Layout } from "./bindings.js";
import { MAP_TO_READ, usage } from "./flags.js";
import { type Block, type DeviceMemory, Memory, type MemoryLimits } from "./memory.js";
import { Profiler } from "./profiler.js";
import { type Part, Together } from "./together.js";
import { elementOf, WORKGROUP } from "./wgsl.js";

/** Bytes between the parameters of two kernels. */
const SLOT = 256;
/** Slots of the parameters' buffer: commands that need more go into another batch. */
const SLOTS = 1024;
/** Kernels that wait, at most, before the device gets to see them. */
const BATCH = 256;
/** Bytes that go to and from the host in one piece. */
const STAGING = 2 ** 27;

interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly layout: Layout;
}

/** A kernel with the storages that it is bound to. */
export interface Prepared {
  readonly key: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly storages: readonly Storage[];
  readonly slots: number;
}

/** What every dispatch asks for: read once, for the device's own object computes its fields at each access. */
type Limits = Pick<
  GPUSupportedLimits,
  | "maxComputeWorkgroupsPerDimension"
  | "maxComputeInvocationsPerWorkgroup"
  | "maxComputeWorkgroupStorageSize"
  | "maxStorageBuffersPerShaderStage"
>;

/** An opened device: buffers, compiled kernels, and the commands that wait. */
export class Runtime {
  readonly device: GPUDevice;
  readonly features: { readonly f16: boolean; readonly subgroups: boolean; readonly timestamps: boolean };
  readonly limits: Limits;
  /** Bytes of the largest tensor: what one buffer holds, and a kernel can bind. */
  readonly largest: number;
  readonly #programs = new Map<string, Program>();
  readonly #bindings: Bindings;
  readonly #memory: Memory;
  readonly #uniforms: GPUBuffer;
  readonly #words = new Uint32Array((SLOT * SLOTS) / 4);
  readonly #together: Together;
  #slots = 0;
  #waiting = 0;
  #batch = 1;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  /** What the pass computes with now. */
  #pipeline: GPUComputePipeline | null = null;
  #failure: Error | null = null;
  #lost: string | null = null;
  #profiler: Profiler | null = null;

  /** `subgroups`: whether kernels may use them (`hasSubgroups`). */
  constructor(device: GPUDevice, subgroups: boolean, limits: MemoryLimits = {}) {
    this.device = device;
    const {
      maxComputeWorkgroupsPerDimension,
      maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage,
    } = device.limits;
    this.limits = {
      maxComputeWorkgroupsPerDimension,
      maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage,
    };
    this.#together = new Together(maxStorageBuffersPerShaderStage);
    this.largest = 4 * Math.floor(Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize) / 4);
    this.#memory = new Memory(this, limits);
    this.features = {
      f16: device.features.has("shader-f16"),
      subgroups,
      timestamps: device.features.has("timestamp-query"),
    };
    this.#uniforms = device.createBuffer({
      size: SLOT * SLOTS,
      usage: usage.UNIFORM | usage.COPY_DST,
    });
    this.#bindings = new Bindings(device, this.#uniforms);
    void device.lost.then(({ reason, message }) => {
      this.#lost = `${reason === "destroyed" ? "it was destroyed" : "it was lost"}${message ? ` (${message.trim()})` : ""}`;
      this.#encoder = null;
      this.#pass = null;
    });
    device.addEventListener("uncapturederror", (event) => {
      this.#failure ??= new DeviceError(`device 'webgpu': ${event.error.message}`, { device: "webgpu" });
    });
  }

  /** @throws DeviceError where the device is gone */
  #alive(): void {
    if (this.#lost === null) return;
    throw new DeviceError(
      `device 'webgpu' is gone: ${this.#lost}. Its tensors are gone with it; \`await init("webgpu")\` opens the device anew, for tensors that come from cpu or a file.`,
      { device: "webgpu", reason: this.#lost },
    );
  }

  /** Memory for `length` elements, content undefined. */
  allocate(dtype: DType, length: number): DeviceMemory {
    this.#alive();
    return this.#memory.allocate(Math.ceil((length * elementOf(dtype).bytes) / 4) * 4);
  }

  /** A storage for what a kernel computes on the way; give it to `release` after the last `dispatch` that uses it. */
  scratch(device: Device, dtype: DType, length: number): Storage {
    return new Storage(device, dtype, length, this.allocate(dtype, length));
  }

  /** Gives a storage's memory back at once. Commands that were recorded with it are not disturbed. */
  release(storage: Storage): void {
    this.#settle();
    this.#memory.release(storage.handle as DeviceMemory);
  }

  get memoryStats(): MemoryStats {
    return this.#memory.stats;
  }

  /** Why the device is gone, or `null`. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Frees a buffer, after the commands that use it. */
  destroy(block: Block): void {
    if (block.batch === this.#batch) this.flush();
    block.buffer.destroy();
  }

  /**
   * Workgroups for `total` invocations of `kernel`'s `index`, folded into two dimensions; the kernel checks `index < P.n`.
   * @throws DeviceError where even those do not suffice
   */
  grid(total: number, workgroup = WORKGROUP): [number, number, number] {
    const groups = Math.ceil(total / workgroup);
    const most = this.limits.maxComputeWorkgroupsPerDimension;
    if (groups <= most) return [groups, 1, 1];
    const y = Math.ceil(groups / most);
    return [Math.ceil(groups / y), y, 1];
  }

  /**
   * Records one kernel. `key` names it with everything that its text depends on; `source` makes the text when the key is new. `storages` are
   * bound whole, at most eight, outputs first (declared `read_write`), then inputs (`read`); `params` are the words of the uniform behind them:
   * u32 and i32 as they are, floats by `f32`. `groups` are the workgroups; nothing happens where there are none.
   * @throws DeviceError for more workgroups than the device takes
   */
  dispatch(
    key: string,
    source: () => string,
    storages: readonly Storage[],
    params: readonly number[],
    groups: readonly [number, number, number],
  ): void {
    if (groups[0] === 0 || groups[1] === 0 || groups[2] === 0) return;
    this.run(this.prepare(key, source, storages, params.length), params, groups);
  }

  /** What `dispatch` looks up, for a kernel that is `run` many times with other parameters: so many words of them. */
  prepare(key: string, source: () => string, storages: readonly Storage[], words: number): Prepared {
    if (this.#lost !== null) this.#alive();
    const { pipeline, layout } = this.#programs.get(key) ?? this.#compile(key, source(), storages.length);
    const slots = Math.ceil(words / (SLOT / 4)) || 1;
    return { key, pipeline, group: this.#bindings.group(layout, storages, slots * SLOT), storages, slots };
  }

  /** Records a prepared kernel, as `dispatch` does. */
  run(prepared: Prepared, params: readonly number[], groups: readonly [number, number, number]): void {
    if (this.#lost !== null) this.#alive();
    this.#settle();
    const { key, pipeline, group, storages, slots } = prepared;
    const most = this.limits.maxComputeWorkgroupsPerDimension;
    if (groups[0] > most || groups[1] > most || groups[2] > most) {
      throw new DeviceError(
        `[${key}] needs ${groups.join(" × ")} workgroups, and device 'webgpu' takes ${most} a dimension`,
        {
          device: "webgpu",
          groups,
          limit: most,
        },
      );
    }
    if (this.#slots + slots > SLOTS || this.#waiting >= BATCH) this.flush();
    for (const storage of storages) (storage.handle as DeviceMemory).block.batch = this.#batch;
    const start = this.#slots * SLOT;
    this.#words.set(params, start / 4);
    this.#slots += slots;
    this.#waiting++;
    if (this.#profiler !== null) this.#endPass();
    const pass = (this.#pass ??= this.#commands().beginComputePass(this.#profiler?.pass(key)));
    if (pipeline !== this.#pipeline) {
      this.#pipeline = pipeline;
      pass.setPipeline(pipeline);
    }
    pass.setBindGroup(0, group, [start]);
    pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
  }

  /** Records a kernel that needs no dispatch of its own: those of one text that come in a row share one. */
  dispatchTogether(part: Part): void {
    if (this.#lost !== null) this.#alive();
    if (part.n === 0 || this.#together.add(part)) return;
    this.#settle();
    this.#together.add(part);
  }

  /** Records what waits for more of its kind: before anything else is recorded, written, or given back. */
  #settle(): void {
    if (!this.#together.waits) return;
    const { key, source, storages, words, groups } = this.#together.take();
    this.dispatch(key, source, storages, words, this.grid(groups, 1));
  }

  /** Hands all that was recorded to the device. */
  flush(): void {
    this.#settle();
    const encoder = this.#encoder;
    if (encoder === null) return;
    this.#endPass();
    this.#profiler?.endBatch(encoder);
    if (this.#slots > 0) this.device.queue.writeBuffer(this.#uniforms, 0, this.#words, 0, (this.#slots * SLOT) / 4);
    this.device.queue.submit([encoder.finish()]);
    this.#encoder = null;
    this.#slots = 0;
    this.#waiting = 0;
    this.#batch++;
  }

  /** Writes bytes (a multiple of 4, at a multiple of 4) after everything that was recorded. */
  upload(memory: DeviceMemory, offset: number, data: ArrayBufferView<ArrayBuffer>): void {
    this.#alive();
    this.#settle();
    const { block } = memory;
    // the queue writes at once: before commands that are recorded, and wait
    if (block.batch === this.#batch) this.flush();
    for (let at = 0; at < data.byteLength; at += STAGING) {
      const bytes = Math.min(STAGING, data.byteLength - at);
      this.device.queue.writeBuffer(block.buffer, offset + at, data.buffer, data.byteOffset + at, bytes);
    }
  }

  /** Bytes (a multiple of 4, at a multiple of 4) as they are after everything that was recorded. */
  async download(memory: DeviceMemory, offset: number, bytes: number): Promise<ArrayBuffer> {
    this.#alive();
    this.#settle();
    const pieces: GPUBuffer[] = [];
    this.#endPass();
    for (let at = 0; at < bytes; at += STAGING) {
      const size = Math.min(STAGING, bytes - at);
      const piece = this.device.createBuffer({ size, usage: usage.MAP_READ | usage.COPY_DST });
      this.#commands().copyBufferToBuffer(memory.block.buffer, offset + at, piece, 0, size);
      pieces.push(piece);
    }
    memory.block.batch = this.#batch;
    this.flush();
    try {
      await Promise.all(pieces.map((piece) => piece.mapAsync(MAP_TO_READ))).catch((error) => this.#explain(error));
      if (this.#failure) throw this.#failure;
      if (pieces.length === 1) return pieces[0].getMappedRange().slice(0);
      const all = new Uint8Array(bytes);
      pieces.forEach((piece, i) => {
        all.set(new Uint8Array(piece.getMappedRange()), i * STAGING);
      });
      return all.buffer;
    } finally {
      for (const piece of pieces) piece.destroy();
    }
  }

  /** Throws what is behind a map that failed: the loss of the device, or what was reported before. */
  async #explain(error: Error): Promise<never> {
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
    this.#alive();
    throw this.#failure ?? error;
  }

  /** Takes the time of every kernel from now on; what it returns stops that and gives the times. */
  record(device: string): () => Promise<readonly KernelEvent[]> {
    this.flush();
    const profiler = new Profiler(this.device, BATCH);
    this.#profiler = profiler;
    return async () => {
      this.flush();
      if (this.#profiler === profiler) this.#profiler = null;
      return profiler.events(device);
    };
  }

  async synchronize(): Promise<void> {
    this.#alive();
    this.flush();
    await this.device.queue.onSubmittedWorkDone();
    if (this.#failure) throw this.#failure;
  }

  #commands(): GPUCommandEncoder {
    return (this.#encoder ??= this.device.createCommandEncoder());
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipeline = null;
  }

  #compile(key: string, code: string, storages: number): Program {
    const module = this.device.createShaderModule({ code, label: key });
    const outputs = code.match(/var<storage,\s*read_write>/g)?.length ?? 0;
    const layout = this.#bindings.layout(outputs, storages);
    const pipeline = this.device.createComputePipeline({
      label: key,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout.layout] }),
      compute: { module, entryPoint: "main" },
    });
    const program = { pipeline, layout };
    this.#programs.set(key, program);
    return program;
  }
}

/** The runtime that a view's memory belongs to. */
export const runtimeOf = (view: View): Runtime => (view.storage.handle as DeviceMemory).runtime;
