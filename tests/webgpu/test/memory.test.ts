import { autograd, ones, registerBackend, scope, synchronize, type Tensor, tensor } from "@kindling/autograd";
import { createWebGpuBackend, type MemoryLimits } from "@kindling/backend-webgpu";
import { LSTM } from "@kindling/nn";
import { Adam, SGD } from "@kindling/optim";
import { getDevice, init, memoryStats } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";

const found = await openWebGpu();
const missing = typeof found === "string" ? ` (skipped: ${found})` : "";
const MiB = 2 ** 20;

let devices = 0;
/** A device of its own, with limits of its own. */
async function device(limits: MemoryLimits): Promise<string> {
  const name = `webgpu-${++devices}`;
  registerBackend(name, () => createWebGpuBackend(limits));
  await init(name);
  return name;
}

const valueOf = async (t: Tensor): Promise<number> => (await t.cpu()).item();

describe.skipIf(missing !== "")(`memory${missing}`, () => {
  it("is counted", async () => {
    const name = await device({ softLimit: 64 * MiB });
    const before = memoryStats(name);
    expect(before).toMatchObject({ bytes: 0, count: 0, softLimit: 64 * MiB, hardLimit: 1024 * MiB });
    const x = ones(MiB).to(name);
    expect(memoryStats(name)).toMatchObject({ bytes: 4 * MiB, count: 1, peakBytes: 4 * MiB });
    x.dispose();
    x.dispose();
    expect(memoryStats(name)).toMatchObject({ bytes: 0, count: 0, peakBytes: 4 * MiB, pooledBytes: 4 * MiB });
    const y = ones(MiB - 5).to(name);
    expect(memoryStats(name)).toMatchObject({ bytes: 4 * MiB, pooledBytes: 0 });
    expect(await valueOf(y.at(7))).toBe(1);
  });

  it("that a step gave back at once serves the next step", async () => {
    const name = await device({ softLimit: 4 * MiB });
    const step = (): Tensor[] => Array.from({ length: 6 }, () => ones(MiB / 4).to(name));
    for (const x of step()) x.dispose();
    expect(memoryStats(name)).toMatchObject({ bytes: 0, pooledBytes: 6 * MiB });
    const again = step();
    expect(memoryStats(name)).toMatchObject({ bytes: 6 * MiB, peakBytes: 6 * MiB, pooledBytes: 0 });
    expect(await valueOf(again[5].add(again[0]).at(9))).toBe(2);
  });

  it("of a step whose sizes are in use one after the other serves the next step", async () => {
    const name = await device({ softLimit: MiB });
    const step = (): number[] =>
      [2 ** 18, 2 ** 18 + 2 ** 16].map((n) => {
        using x = ones(n).to(name);
        return (x.storage.handle as { block: { id: number } }).block.id;
      });
    const first = step(); // 1 and 1.25 MiB, never together
    expect(step()).toEqual(first);
  });

  it("that nothing uses any more goes first where the pool is full", async () => {
    const name = await device({ softLimit: MiB });
    const step = (...sizes: number[]): Set<number> => {
      const made = sizes.map((n) => ones(n).to(name));
      const blocks = made.map(({ storage }) => (storage.handle as { block: { id: number } }).block.id);
      for (const x of made) x.dispose();
      return new Set(blocks);
    };
    const [eighth, half] = [MiB / 32, MiB / 8]; // elements of these shares of 1 MiB
    step(...Array(6).fill(half));
    step(...Array(8).fill(3 * eighth));
    expect(memoryStats(name)).toMatchObject({ bytes: 0, peakBytes: 3 * MiB, pooledBytes: 6 * MiB }); // all that it takes
    const sizes = [2 * half, half, 3 * eighth, ...Array(4).fill(2 * eighth)];
    const blocks = step(...sizes);
    expect(step(...sizes)).toEqual(blocks);
    expect(memoryStats(name).pooledBytes).toBeLessThanOrEqual(6 * MiB);
  });

  it("of a step in a scope is the same buffers in the next step", async () => {
    const name = await device({});
    const x = ones(300).to(name);
    const strays = [ones(300).to(name), ones(300).to(name)];
    const blockOf = ({ storage }: Tensor): number => (storage.handle as { block: { id: number } }).block.id;
    const step = (): number[] =>
      scope(() => {
        const y = x.add(1);
        const z = y.mul(x);
        return [y, z, z.sum(), y.sub(z)].map(blockOf);
      });
    const first = step();
    expect(new Set(first).size).toBe(4);
    expect(step()).toEqual(first);
    for (const stray of strays) stray.dispose(); // lie on top from now on
    const second = step();
    expect(step()).toEqual(second);
    expect(step()).toEqual(second);
  });

  it("stays bounded in a synchronous loop", async () => {
    const name = await device({ softLimit: MiB, hardLimit: 2 * MiB });
    const x = ones(2 ** 12).to(name);
    let y = x;
    for (let i = 0; i < 1000; i++) y = y.add(x);
    expect(memoryStats(name).peakBytes).toBeLessThanOrEqual(1.5 * MiB);
    expect(await valueOf(y.at(5))).toBe(1001);
  });

  it("stays bounded where a loop awaits now and then", async () => {
    const name = await device({ softLimit: MiB, hardLimit: 2 * MiB });
    const x = ones(2 ** 12).to(name);
    for (let i = 0; i < 20; i++) {
      let y = x;
      for (let k = 0; k < 50; k++) y = y.mul(x);
      expect(await valueOf(y.at(0))).toBe(1);
    }
    expect(memoryStats(name).peakBytes).toBeLessThanOrEqual(1.5 * MiB);
  });

  it("refuses what passes the hard limit, and says what to do", async () => {
    const name = await device({ softLimit: MiB, hardLimit: 2 * MiB });
    const held: Tensor[] = [];
    const fill = (): void => {
      for (let i = 0; i < 10; i++) held.push(ones(2 ** 16).to(name));
    };
    expect(fill).toThrow(/2 MiB are in use, and 256 KiB more would pass the limit of 2 MiB.*await synchronize\(\)/);
    expect(held.length).toBe(8);
    held.length = 0;
    await synchronize(name);
    expect(() => held.push(ones(2 ** 16).to(name))).not.toThrow();
  });

  it("refuses a tensor that no buffer holds", async () => {
    const name = await device({ softLimit: 2 ** 50 });
    expect(() => getDevice(name).backend.allocate("float32", 2 ** 40)).toThrow(/4 TiB does not fit into a buffer/);
  });

  it("a disposed tensor throws, and so do its views", async () => {
    const name = await device({});
    const x = tensor([1, 2, 3]).to(name);
    const view = x.at("1:");
    {
      using y = x;
      expect(y).toBe(x);
    }
    expect(() => x.add(1)).toThrow(/memory was given back by dispose/);
    expect(() => view.mul(2)).toThrow(/memory was given back/);
    await expect(x.cpu()).rejects.toThrow(/memory was given back/);
    const host = tensor([1]);
    host.dispose();
    expect(host.item()).toBe(1);
  });

  it("reuse does not disturb what was recorded before", async () => {
    const name = await device({});
    const x = tensor([1, 2, 3]).to(name);
    const y = x.add(1);
    x.dispose();
    const z = tensor([10, 20, 30]).to(name); // in the same buffer
    expect((await y.cpu()).tolist()).toEqual([2, 3, 4]);
    expect((await z.cpu()).tolist()).toEqual([10, 20, 30]);
  });

  it("a scope gives back all but its result", async () => {
    const name = await device({});
    const x = tensor([1, 2]).to(name);
    let inner: Tensor | undefined;
    const { y, list } = scope(() => {
      inner = x.add(1);
      const y = scope(() => inner?.mul(2) as Tensor);
      return { y, list: [y.add(1)] };
    });
    expect(memoryStats(name).count).toBe(3);
    expect(() => inner?.add(1)).toThrow(/given back/);
    expect((await y.cpu()).tolist()).toEqual([4, 6]);
    expect((await list[0].cpu()).tolist()).toEqual([5, 7]);
    expect(() => scope(async () => 1)).toThrow(/returned a promise/);
    const { count } = memoryStats(name);
    expect(() =>
      scope(() => {
        inner = x.add(1);
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(memoryStats(name).count).toBe(count);
  });

  it("a scope around a training step keeps gradients and what the optimizer keeps", async () => {
    const name = await device({});
    const w = tensor([1, 2, 3]).to(name).requiresGrad_();
    const optimizer = new Adam([w], { lr: 0.1 });
    const x = ones(4, 3).to(name);
    const step = (): Tensor =>
      scope(() => {
        optimizer.zeroGrad();
        const loss = w.mul(x).square().mean();
        loss.backward();
        optimizer.step();
        return loss.detach();
      });
    const losses: number[] = [];
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      losses.push(await valueOf(step()));
      counts.push(memoryStats(name).count);
    }
    expect(losses[4]).toBeLessThan(losses[0]);
    expect(await valueOf(w.grad?.sum() as Tensor)).not.toBeNaN();
    expect(counts[4]).toBeLessThanOrEqual(counts[1] + 12);
  });

  it("of a gradient comes back when it is forgotten, unless somebody has seen it", async () => {
    const name = await device({});
    const [w, v] = [ones(300).to(name).requiresGrad_(), ones(300).to(name).requiresGrad_()];
    const optimizer = new SGD([w, v], { lr: 0.5 });
    const x = tensor([3]).to(name);
    const step = (): void =>
      scope(() => {
        w.mul(x).add(v).sum().backward();
        optimizer.step();
      });
    step();
    const { count } = memoryStats(name);
    const held = v.grad as Tensor;
    optimizer.zeroGrad();
    expect(memoryStats(name).count).toBe(count - 1);
    step();
    expect((await held.cpu()).at("298:").tolist()).toEqual([1, 1]);
    expect((await w.detach().cpu()).at("298:").tolist()).toEqual([-2, -2]);
    // a gradient that is recorded may be part of other graphs
    optimizer.zeroGrad();
    const y = w.square().sum();
    autograd.backward(y, null, { createGraph: true });
    const before = memoryStats(name).count;
    w.grad = null;
    expect(memoryStats(name).count).toBe(before);
  });

  it("a recurrent layer's derivative keeps no memory of a scope", async () => {
    const name = await device({});
    const layer = new LSTM(2, 3).to(name);
    const x = ones(4, 1, 2).to(name);
    const [weight] = layer.parameters();
    const step = (): void => scope(() => layer.forward(x)[0].sum().backward());
    step();
    const first = await weight.grad?.clone().cpu();
    layer.zeroGrad();
    step();
    expect((await weight.grad?.cpu())?.tolist()).toEqual(first?.tolist());
  });
});
