import { execFileSync } from "node:child_process";
import { registerBackend, tensor } from "@kindling/autograd";
import { createWebGpuBackend } from "@kindling/backend-webgpu";
import { getDevice, init } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";

const found = await openWebGpu();
const missing = typeof found === "string" ? ` (skipped: ${found})` : "";

/** The GPU device under a tensor: nothing public leads there. */
const gpuOf = (t: { storage: { handle: unknown } }): GPUDevice =>
  (t.storage.handle as { runtime: { device: GPUDevice } }).runtime.device;

describe.skipIf(missing !== "")(`the device${missing}`, () => {
  it("must be opened first", () => {
    expect(() => getDevice("webgpu")).toThrow(/await init\("webgpu"\)/);
  });

  it("has dtypes, and says what to do about the others", async () => {
    await init("webgpu");
    expect(() => tensor([1], { dtype: "float64" }).to("webgpu")).toThrow(
      /float64 is not supported on device 'webgpu'. Convert to one of float32, .* or compute on 'cpu'/,
    );
    const x = tensor([1, 2]).to("webgpu");
    expect(() => x.to("int64")).toThrow(/int64 is not supported/);
    expect(() => x.at(0).item()).toThrow(/await x.cpu\(\)/);
    expect(String(x)).toMatch(/webgpu/);
  });

  it("takes a size beyond one dimension of workgroups", async () => {
    await init("webgpu");
    const { limits } = gpuOf(tensor([1]).to("webgpu"));
    const n = limits.maxComputeWorkgroupsPerDimension * 256 + 300;
    const { backend } = getDevice("webgpu");
    const x = tensor([1]).to("webgpu").expand(n).contiguous();
    expect([...((await backend.read(x.storage, n - 2, 2)) as Float32Array)]).toEqual([1, 1]);
  }, 120_000);

  it("can be lost, says so, and opens anew", async () => {
    registerBackend("fragile", () => createWebGpuBackend());
    await init("fragile");
    const x = tensor([1, 2, 3]).to("fragile");
    const read = x.add(1).cpu();
    expect((await read).tolist()).toEqual([2, 3, 4]);
    gpuOf(x).destroy();
    await gpuOf(x).lost;
    await Promise.resolve();
    expect(() => x.add(1)).toThrow(/is gone: it was destroyed.*await init/);
    await expect(x.cpu()).rejects.toThrow(/is gone/);
    await init("fragile");
    expect((await tensor([5]).to("fragile").add(1).cpu()).tolist()).toEqual([6]);
    expect(() => x.add(1)).toThrow(/is gone/);
  });
});

describe("where there is no GPU", () => {
  /** What a program prints that opens the device with a Vulkan loader that finds no driver. */
  const attempt = (env: NodeJS.ProcessEnv): string =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        'import { init } from "kindling"; await init("webgpu").catch((e) => console.log(e.name, e.message));',
      ],
      { cwd: new URL("..", import.meta.url), env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "ignore"] },
    ).toString();

  it.skipIf(process.platform !== "linux")("the error says what to install", () => {
    expect(attempt({ VK_DRIVER_FILES: "/nowhere.json" })).toMatch(
      /^DeviceError device 'webgpu' cannot be opened: WebGPU finds no adapter. .*apt install libvulkan1/,
    );
  });
});
