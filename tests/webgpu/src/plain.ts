import { createWebGpuBackend, fastPaths } from "@kindling/backend-webgpu";
import { init, registerBackend, registerKernels } from "@kindling/storage";
import { vi } from "vitest";
import { create } from "webgpu";

/** Limits that every WebGPU device has. */
const least = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
};

/** Dawn crashes when this is collected before its devices are. */
const gpu = create([]);

/** Opens the adapter as if it were the least that WebGPU allows: its limits, and no feature. The device is named `plain`. */
export async function openPlain(): Promise<void> {
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error("there is no adapter");
  const requestAdapter = async () => ({
    limits: least,
    features: new Set(),
    info: adapter.info,
    requestDevice: (wanted: GPUDeviceDescriptor) => adapter.requestDevice(wanted),
  });
  vi.stubGlobal("navigator", { gpu: { requestAdapter } });
  try {
    registerBackend("plain", () => createWebGpuBackend());
    registerKernels("plain", fastPaths);
    await init("plain");
  } finally {
    vi.unstubAllGlobals();
  }
}
