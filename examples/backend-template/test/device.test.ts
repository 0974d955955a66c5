import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { autograd, rand, tensor } from "@kindling/autograd";
import { type Backend, Device, DeviceError, storageFrom, type UnaryName } from "@kindling/storage";
import { createWorkerBackend } from "@kindling-examples/backend-template";
import { describe, expect, it } from "vitest";

describe("the device 'worker'", () => {
  it("is there when its package has been imported, and has derivatives like any other", async () => {
    const x = tensor([1, 2, 3], { device: "worker", requiresGrad: true });
    const [gradient] = autograd.grad([x.mul(x).sum()], [x]);
    expect((await gradient?.cpu())?.tolist()).toEqual([2, 4, 6]);
  });

  it("says at the call that a value cannot be had at once", () => {
    expect(() => rand(2).to("worker").tolist()).toThrow("await x.cpu()");
  });

  it("tells by reads that it has failed", async () => {
    const backend: Backend = createWorkerBackend();
    const device = new Device("failing", backend, []);
    const view = { storage: storageFrom(device, "float32", Float32Array.of(1)), shape: [1], strides: [1], offset: 0 };
    const before = backend.read(view.storage, 0, 1);
    backend.unary("no such function" as UnaryName, view, view);
    expect(await before).toEqual(Float32Array.of(1));
    await expect(backend.read(view.storage, 0, 1)).rejects.toThrow(DeviceError);
    await expect(backend.read(view.storage, 0, 1)).rejects.toThrow("the device failed: ");
  });

  it("does not keep a program alive, but an awaited read does", () => {
    const program = `
      import { tensor } from "@kindling/autograd";
      import "@kindling-examples/backend-template";
      const x = tensor([1, 2], { device: "worker" }).add(1);
      console.log((await x.cpu()).tolist());
    `;
    const here = fileURLToPath(new URL("..", import.meta.url));
    const args = ["--input-type=module", "-e", program];
    expect(execFileSync(process.execPath, args, { cwd: here, encoding: "utf8", timeout: 15_000 })).toBe("[ 2, 3 ]\n");
  });
});
