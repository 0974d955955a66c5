/// <reference types="@webgpu/types" />
import { Buffer } from "node:buffer";
import { setFlagsFromString } from "node:v8";
import { type Context, createContext, runInNewContext, Script } from "node:vm";

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
  dawnGpu ??= dawn.create([
    "disable-dawn-features=timestamp_quantization", // rounding to 0.1 ms guards pages against pages
    // Kernels write workgroup memory before they read it. Code that clears it first runs in every workgroup, and takes
    // adapters in software four fifths of the time to compile a matrix product.
    "enable-dawn-features=disable_workgroup_init",
  ]);
  return dawnGpu;
}

/** What else may be missing when the GPU has no adapter. */
export const adapterHint =
  process.platform === "linux"
    ? "Install the graphics driver and the Vulkan loader (on Debian and Ubuntu: apt install libvulkan1). " +
      "VK_DRIVER_FILES names a driver that the loader does not find by itself, such as SwiftShader's " +
      "(apt install chromium; VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json)."
    : "Install the graphics driver.";

let ended: Script | undefined;
let context: Context | undefined;
let collect: (() => void) | undefined;

/**
 * Ends the job that runs as far as weak references are concerned: what they were kept alive for may be collected from now on, inside a
 * synchronous loop too (3 µs).
 */
export const endJob: (() => void) | null = () => {
  ended ??= new Script("");
  ended.runInContext((context ??= createContext({}, { microtaskMode: "afterEvaluate" })));
};

/** Runs a full garbage collection. */
export const collectGarbage: (() => void) | null = () => {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
};

/** Memory that nobody fills. Zeros would cost: glibc gives what it kept from freed blocks, which then has to be written over. */
export const untouched = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;
