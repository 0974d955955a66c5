/// <reference types="@webgpu/types" />
import { MAP_TO_READ, usage } from "./flags.js";
import { THREADS } from "./plan.js";

const text = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> out: array<vec2u>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_invocation_id) place: u32,
) { out[lane] = vec2u(size, place); }`;

/**
 * Whether subgroups can be used: the device has them, and theirs are runs of neighbouring threads, all of one size. WGSL leaves that open; it is asked of
 * the device, by a kernel.
 */
export async function hasSubgroups(device: GPUDevice): Promise<boolean> {
  if (!device.features.has("subgroups")) return false;
  const size = THREADS * 8;
  const out = device.createBuffer({ size, usage: usage.STORAGE | usage.COPY_SRC });
  const seen = device.createBuffer({ size, usage: usage.MAP_READ | usage.COPY_DST });
  const module = device.createShaderModule({ code: text, label: "subgroups" });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer: out } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, seen, 0, size);
  device.queue.submit([encoder.finish()]);
  try {
    await seen.mapAsync(MAP_TO_READ);
    const words = new Uint32Array(seen.getMappedRange());
    const [width] = words;
    return words.every((word, i) => word === (i % 2 === 0 ? width : (i >> 1) % width));
  } finally {
    out.destroy();
    seen.destroy();
  }
}
