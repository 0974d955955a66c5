/// <reference types="@webgpu/types" />
import { DeviceError } from "@kindling/storage";
import { adapterHint, findGpu } from "#gpu";

const wanted: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Limits that kernels profit from; the rest stays at what every WebGPU device has. */
const raised = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxStorageBuffersPerShaderStage",
] as const;

/**
 * Opens the fastest GPU of the machine.
 * @throws DeviceError that says what to install, where there is none
 */
export async function openDevice(): Promise<GPUDevice> {
  const fail = (reason: string, cause?: unknown): never => {
    throw new DeviceError(`device 'webgpu' cannot be opened: ${reason}`, { device: "webgpu", cause });
  };
  const gpu = await findGpu().catch((error: Error) => fail(error.message, error));
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return fail(`WebGPU finds no adapter. ${adapterHint}`);
  const requiredLimits = Object.fromEntries(raised.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  return adapter
    .requestDevice({ requiredFeatures, requiredLimits })
    .catch((error: Error) => fail(`the adapter gives no device: ${error.message}`, error));
}
