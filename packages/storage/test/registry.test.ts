import { afterEach, describe, expect, it, vi } from "vitest";
import {
  allocate,
  type Backend,
  backendInfo,
  DeviceError,
  type DType,
  getDevice,
  init,
  type KernelProvider,
  primitiveNames,
  registerBackend,
  registerKernels,
  type Storage,
  state,
  storageFrom,
  unregisterKernels,
  type View,
} from "../src/index.js";

/** A backend that only knows how to negate float32. */
function toy(overrides: Partial<Backend> = {}): Backend {
  const data = (s: Storage): Float32Array => s.handle as Float32Array;
  const refuse = (): never => {
    throw new Error("not in this test");
  };
  return {
    ...(Object.fromEntries(primitiveNames.map((name) => [name, refuse])) as unknown as Backend),
    capabilities: { syncRead: true, dtypes: ["float32", "int32", "bool"] },
    allocate: (_dtype: DType, length: number) => new Float32Array(length),
    write: (s, offset, values) => data(s).set(values as Float32Array, offset),
    read: async (s, offset, length) => data(s).slice(offset, offset + length),
    readSync: (s, offset, length) => data(s).slice(offset, offset + length),
    unary(_name, out, a) {
      data(a.storage).forEach((v, i) => {
        data(out.storage)[i] = -v;
      });
    },
    ...overrides,
  };
}

let count = 0;
const fresh = (): string => `toy-${++count}`;

function vector(name: string, values: number[]): View {
  const storage = storageFrom(getDevice(name), "float32", Float32Array.from(values));
  return { storage, shape: [values.length], strides: [1], offset: 0 };
}

function negated(name: string, values: number[]): number[] {
  const a = vector(name, values);
  const out = vector(
    name,
    values.map(() => 0),
  );
  getDevice(name).kernels.unary.float32("neg", out, a);
  return [...(out.storage.handle as Float32Array)];
}

afterEach(() => vi.restoreAllMocks());

describe("devices", () => {
  it("opens a device when it is first used", () => {
    const name = fresh();
    const factory = vi.fn(() => toy());
    registerBackend(name, factory);
    expect(factory).not.toHaveBeenCalled();
    expect(negated(name, [1, -2])).toEqual([-1, 2]);
    expect(getDevice(name)).toBe(getDevice(name));
    expect(factory).toHaveBeenCalledTimes(1);
  });

  it("names the known devices where there is no such one", () => {
    expect(() => getDevice("abacus")).toThrow(/there is no device 'abacus'. Known devices: /);
    expect(() => getDevice("abacus")).toThrow(DeviceError);
  });

  it("says that an asynchronous device needs init, and opens it once", async () => {
    const name = fresh();
    const factory = vi.fn(async () => toy());
    registerBackend(name, factory);
    expect(() => getDevice(name)).toThrow(
      `device '${name}' opens asynchronously: call \`await init("${name}")\` once before using it`,
    );
    await Promise.all([init(name), init(name)]);
    await init(name);
    expect(factory).toHaveBeenCalledTimes(1);
    expect(negated(name, [3])).toEqual([-3]);
  });

  it("lets init fail, and succeed later", async () => {
    const name = fresh();
    let works = false;
    registerBackend(name, async () => {
      if (!works) throw new Error("no adapter");
      return toy();
    });
    await expect(init(name)).rejects.toThrow("no adapter");
    works = true;
    await init(name);
    expect(getDevice(name).name).toBe(name);
  });

  it("refuses a backend that lacks a required member", () => {
    const name = fresh();
    registerBackend(name, () => toy({ matmul: undefined as never }));
    expect(() => getDevice(name)).toThrow(`backend '${name}' lacks the required primitive 'matmul'`);
  });

  it("refuses a dtype that the device lacks, naming operation, dtype, device and a way out", () => {
    const name = fresh();
    registerBackend(name, () => toy());
    expect(() => allocate(getDevice(name), "float64", 3, "zeros")).toThrow(
      `[zeros] float64 is not supported on device '${name}'. Convert to one of float32, int32, bool first (x.to("float32")), or compute on 'cpu' (x.cpu()).`,
    );
  });
});

describe("kernel providers", () => {
  const provider = (
    name: string,
    factor: number,
    accepts?: (name: string, out: View, a: View) => boolean,
  ): KernelProvider => ({
    name,
    info: `times ${factor}`,
    kernels: {
      unary: {
        float32: {
          run(_name, out, a) {
            (a.storage.handle as Float32Array).forEach((v, i) => {
              (out.storage.handle as Float32Array)[i] = factor * v;
            });
          },
          accepts,
        },
      },
    },
  });

  it("stack by priority, decline calls, and come off again", () => {
    const name = fresh();
    registerBackend(name, () => toy());
    expect(negated(name, [1, 2])).toEqual([-1, -2]);
    registerKernels(
      name,
      provider("ten", 10, (_n, out) => out.shape[0] > 1),
      { priority: 1 },
    );
    expect(negated(name, [1, 2])).toEqual([10, 20]);
    expect(negated(name, [1])).toEqual([-1]);
    registerKernels(
      name,
      provider("hundred", 100, (_n, out) => out.shape[0] > 2),
      { priority: 2 },
    );
    expect(negated(name, [1, 2, 3])).toEqual([100, 200, 300]);
    expect(negated(name, [1, 2])).toEqual([10, 20]);
    registerKernels(name, provider("low", 7), { priority: -1 });
    expect(negated(name, [1])).toEqual([7]);
    expect(backendInfo(name).providers.map((p) => [p.name, p.priority, p.info])).toEqual([
      ["hundred", 2, "times 100"],
      ["ten", 1, "times 10"],
      ["low", -1, "times 7"],
    ]);
    for (const p of ["hundred", "ten", "low"]) unregisterKernels(name, p);
    expect(negated(name, [1, 2, 3])).toEqual([-1, -2, -3]);
  });

  it("may register before the device is opened, and replace themselves", () => {
    const name = fresh();
    registerKernels(name, provider("early", 5));
    registerBackend(name, () => toy());
    expect(negated(name, [1])).toEqual([5]);
    registerKernels(name, provider("early", 6));
    expect(negated(name, [1])).toEqual([6]);
    expect(backendInfo(name).providers).toHaveLength(1);
  });

  it("leave other dtypes and primitives alone", () => {
    const name = fresh();
    registerBackend(name, () => toy());
    const before = getDevice(name).kernels.unary.int32;
    registerKernels(name, provider("ten", 10));
    expect(getDevice(name).kernels.unary.float32).not.toBe(before);
    const out = vector(name, [0]);
    getDevice(name).kernels.unary.int32("neg", out, vector(name, [4]));
    expect([...(out.storage.handle as Float32Array)]).toEqual([-4]);
  });

  it("bring fast paths by name, which fall back to the provider below and then to the caller", () => {
    const name = fresh();
    registerBackend(name, () => toy());
    const device = getDevice(name);
    const tryFast = device.tryFast.bind(device) as unknown as (n: string, d: DType, ...args: unknown[]) => boolean;
    const calls: string[] = [];
    const fast = (provider: string, limit: number) =>
      ({
        name: provider,
        kernels: { softmax: { float32: { run: () => calls.push(provider), accepts: (n: number) => n < limit } } },
      }) as unknown as KernelProvider;
    expect(tryFast("softmax", "float32", 1)).toBe(false);
    registerKernels(name, fast("all", 100));
    registerKernels(name, fast("small", 10), { priority: 1 });
    expect(tryFast("softmax", "float32", 5)).toBe(true);
    expect(tryFast("softmax", "float32", 50)).toBe(true);
    expect(tryFast("softmax", "float32", 500)).toBe(false);
    expect(tryFast("softmax", "float64", 5)).toBe(false);
    expect(calls).toEqual(["small", "all"]);
  });
});

describe("what is registered", () => {
  const run = (): void => {};
  it.each<[unknown, unknown, string]>([
    [{}, {}, "a provider needs a name"],
    [{ name: "x" }, {}, "`kernels` must be a table by name"],
    [{ name: "x", kernels: { unary: { float99: { run } } } }, {}, "kernel 'unary' is for the unknown dtype 'float99'"],
    [{ name: "x", kernels: { unary: { float32: run } } }, {}, "kernel 'unary' of float32 must be { run, accepts? }"],
    [{ name: "x", kernels: {} }, { priority: Number.NaN }, "priority must be a number, but got NaN"],
    [{ name: "x", kernels: {} }, { prio: 1 }, "got an unexpected keyword argument 'prio'"],
  ])("is checked before it can do harm %#", (provider, options, text) => {
    registerBackend("checked", () => toy());
    expect(() => registerKernels("checked", provider as KernelProvider, options as object)).toThrow(text);
    expect(backendInfo("checked").providers).toEqual([]);
  });

  it("a factory is a function, and may give anything with a then", async () => {
    expect(() => registerBackend("number", 5 as never)).toThrow("the factory must be a function, not number");
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    registerBackend("thenable", () => ({ then: (done: (b: Backend) => void) => done(toy()) }) as PromiseLike<Backend>);
    expect(() => getDevice("thenable")).toThrow("opens asynchronously");
    await init("thenable");
    expect(getDevice("thenable").name).toBe("thenable");
  });
});

describe("shared state", () => {
  it("is one for all copies of the package", async () => {
    vi.resetModules();
    const copy = await import("../src/index.js");
    expect(copy.state).toBe(state);
    const name = fresh();
    registerBackend(name, () => toy());
    expect(copy.getDevice(name)).toBe(getDevice(name));
  });

  it("gives every write a stamp of its own", () => {
    const name = fresh();
    registerBackend(name, () => toy());
    const a = vector(name, [1]).storage;
    const b = vector(name, [1]).storage;
    const before = a.stamp;
    expect(b.stamp).toBeGreaterThan(before);
    a.touch();
    expect(a.stamp).toBeGreaterThan(b.stamp);
  });
});
