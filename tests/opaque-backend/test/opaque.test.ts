import { allocate, Device, type DType, type HostArray, type Shape, storageFrom, type View } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { ContractError, createOpaqueBackend } from "../src/index.js";

const device = new Device("opaque", createOpaqueBackend(), []);
const { backend } = device;

const view = (dtype: DType, values: HostArray, shape: Shape, strides: number[], offset = 0): View => ({
  storage: storageFrom(device, dtype, values),
  shape,
  strides,
  offset,
});
const floats = (...values: number[]): View => view("float32", Float32Array.from(values), [values.length], [1]);
const ints = (...values: number[]): View => view("int32", Int32Array.from(values), [values.length], [1]);
const values = async (v: View): Promise<number[]> =>
  Array.from(await backend.read(v.storage, 0, v.storage.length), Number);

describe("the opaque backend", () => {
  it("shows nothing of its memory", () => {
    const { handle } = floats(1, 2).storage;
    expect(Reflect.ownKeys(handle as object)).toEqual([]);
    expect(Object.isFrozen(handle)).toBe(true);
    expect(backend.readSync).toBeUndefined();
  });

  it("poisons fresh memory", async () => {
    expect(await backend.read(allocate(device, "float32", 2), 0, 2)).toEqual(
      new Float32Array([Number.NaN, Number.NaN]),
    );
    expect(await backend.read(allocate(device, "int32", 1), 0, 1)).toEqual(new Int32Array([0x7fffffff]));
    expect(await backend.read(allocate(device, "bool", 1), 0, 1)).toEqual(new Uint8Array([255]));
  });

  it("reads on a later turn of the event loop", async () => {
    let done = false;
    const read = values(floats(1)).then(() => {
      done = true;
    });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    expect(done).toBe(false);
    await read;
  });

  it("runs thousands of commands in order", async () => {
    const x = floats(0);
    for (let i = 0; i < 5000; i++) backend.binary("add", x, x, 1);
    expect(await values(x)).toEqual([5000]);
  });

  it("drops scattered elements that are out of range", async () => {
    const out = floats(0, 0);
    backend.scatter(out, ints(0, 2, -1), floats(1, 2, 3), 0, "sum");
    expect(await values(out)).toEqual([1, 0]);
  });

  const a = floats(1, 2, 3, 4);
  const out = floats(0, 0, 0, 0);
  const part = (v: View, offset: number, ...strides: number[]): View => ({
    ...v,
    shape: strides.map(() => 2),
    strides,
    offset,
  });
  const breaches: Record<string, [() => void, RegExp]> = {
    "a negative stride": [() => backend.copy(part(out, 0, 1), part(a, 3, -1)), /negative/],
    "a view beyond its storage": [
      () => backend.copy(part(out, 0, 1), part(a, 3, 1)),
      /elements 3 to 5 of a storage of 4/,
    ],
    "an output in an input's storage": [() => backend.copy(part(a, 0, 1), part(a, 1, 1)), /another layout/],
    "a reduction in place": [
      () => backend.reduce("sum", part(a, 0, 1), part(a, 0, 1), []),
      /lies in the storage of an input/,
    ],
    "an output that overlaps itself": [() => backend.fill(part(out, 0, 0, 1), 1), /overlaps itself/],
    "operands of two dtypes": [() => backend.binary("add", out, a, ints(1, 2, 3, 4)), /int32 where float32 is due/],
    "an input that is not broadcast": [() => backend.unary("exp", out, floats(1)), /shape \[1\] where \[4\] is due/],
    "a shape with a NaN": [() => backend.fill({ ...out, shape: [Number.NaN] }, 1), /impossible size/],
    "a fraction beside integers": [() => backend.binary("add", ints(1), ints(1), 0.5), /0.5 is no value of int32/],
    "two numbers": [() => backend.binary("add", out, 1, 2), /two numbers/],
    "indices of another dtype": [() => backend.gather(out, a, a, 0), /float32 where int32 is due/],
    "a dimension that is not there": [() => backend.scan("sum", out, a, 1), /no dimension 1/],
    "a maximum of nothing": [() => backend.reduce("max", floats(0), floats(), [0]), /of nothing/],
    "a dtype that is not there": [() => backend.allocate("float64", 1), /no float64/],
    "a function that a dtype has not": [() => backend.unary("exp", ints(1), ints(1)), /no exp of int32/],
    "matrices that do not fit": [() => backend.matmul(out, a, a, false), /an output of shape \[4\]/],
    "a bool that is 2": [() => backend.write(allocate(device, "bool", 1), 0, Uint8Array.of(2)), /0 or 1/],
    "a write beyond the end": [() => backend.write(out.storage, 3, Float32Array.of(1, 2)), /elements 3 to 5/],
    "another device's storage": [
      () => backend.fill({ ...out, storage: { ...out.storage, handle: new Float32Array(4) } as typeof out.storage }, 0),
      /none of this device's/,
    ],
  };
  for (const [breach, [call, message]] of Object.entries(breaches)) {
    it(`refuses ${breach}`, () => {
      expect(call).toThrow(ContractError);
      expect(call).toThrow(message);
    });
  }

  it("lets memory go whose handle is gone", () => {
    const started = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 2000; i++)
      backend.fill({ ...floats(), storage: allocate(device, "float32", 62_500), shape: [1] }, i);
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(250e6); // of 500e6 bytes allocated
  });
});
