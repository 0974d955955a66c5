/// <reference types="@webgpu/types" />

/** Dawn crashes when this object is collected before its devices are. */
let dawnGpu: GPU | undefined;

/** Node's way to a GPU: the optional package `webgpu` (Dawn), where the runtime has no `navigator.gpu` of its own. */
export async function findGpu(): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own) return own;
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch (cause) {
    throw new Error("the package that opens GPUs in Node is not installed, or does not load: npm install webgpu", {
      cause,
    });
  }
  dawnGpu ??= dawn.create([]);
  return dawnGpu;
}

/** What else may be missing when the GPU has no adapter. */
export const adapterHint =
  process.platform === "linux"
    ? "Install the graphics driver and the Vulkan loader (on Debian and Ubuntu: apt install libvulkan1). " +
      "VK_DRIVER_FILES names a driver that the loader does not find by itself, such as SwiftShader's " +
      "(apt install chromium; VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json)."
    : "Install the graphics driver.";
