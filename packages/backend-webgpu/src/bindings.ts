/// <reference types="@webgpu/types" />
import type { Storage } from "@kindling/storage";
import { COMPUTE_STAGE } from "./flags.js";
import type { DeviceMemory } from "./memory.js";

/** Bind groups that are kept, half of them the latest: enough for a step in scopes. Where buffers come back in no order few are met again; one takes some 10 kB on SwiftShader. */
const GROUPS = 1024;

/** Storages of a kernel: so many that are written, then others; behind them its parameters. */
export interface Layout {
  readonly outputs: number;
  readonly layout: GPUBindGroupLayout;
}

/** What kernels of one device are bound to, made once as far as it is met again. */
export class Bindings {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #layouts = new Map<string, Layout>();
  #groups = new Map<string, GPUBindGroup>();
  /** Bind groups of the generation before: what is asked for again goes over to `#groups`. */
  #oldGroups = new Map<string, GPUBindGroup>();

  /** `uniforms` holds the parameters of all kernels. */
  constructor(device: GPUDevice, uniforms: GPUBuffer) {
    this.#device = device;
    this.#uniforms = uniforms;
  }

  layout(outputs: number, storages: number): Layout {
    const key = `${outputs},${storages}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    const buffers: GPUBufferBindingLayout[] = Array.from({ length: storages }, (_, i) => ({
      type: i < outputs ? "storage" : "read-only-storage",
    }));
    buffers.push({ type: "uniform", hasDynamicOffset: true });
    const layout = this.#device.createBindGroupLayout({
      entries: buffers.map((buffer, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer })),
    });
    const made = { outputs, layout };
    this.#layouts.set(key, made);
    return made;
  }

  /** The bind group of these storages, with so many bytes of parameters from a dynamic offset on. */
  group({ outputs, layout }: Layout, storages: readonly Storage[], bytes: number): GPUBindGroup {
    let key = `${outputs},${bytes}`;
    for (let i = 0; i < storages.length; i++) key += `,${(storages[i].handle as DeviceMemory).block.id}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const old = this.#oldGroups.get(key);
    if (old) {
      this.#keep(key, old);
      return old;
    }
    const entries: GPUBindGroupEntry[] = storages.map((storage, binding) => ({
      binding,
      resource: { buffer: (storage.handle as DeviceMemory).block.buffer },
    }));
    entries.push({ binding: storages.length, resource: { buffer: this.#uniforms, size: bytes } });
    const group = this.#device.createBindGroup({ layout, entries });
    this.#keep(key, group);
    return group;
  }

  #keep(key: string, group: GPUBindGroup): void {
    if (this.#groups.size >= GROUPS / 2) {
      this.#oldGroups = this.#groups;
      this.#groups = new Map();
    }
    this.#groups.set(key, group);
  }
}
