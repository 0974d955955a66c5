import { allocate, backendInfo, dtypes, primitiveNames } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { createCpuBackend } from "../src/index.js";
import { cpu } from "./helpers.js";

const kinds = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

describe("the cpu device", () => {
  it("is registered by the import, reads synchronously, and has every dtype and primitive", () => {
    expect(backendInfo("cpu")).toMatchObject({ open: true, syncRead: true, dtypes: [...dtypes] });
    const backend = createCpuBackend();
    for (const name of primitiveNames) expect(backend[name]).toBeTypeOf("function");
  });

  it.each(dtypes)("allocates %s of any length", (dtype) => {
    for (const length of [0, 1, 8, 17, 100, 1000, 100_000]) {
      const handle = allocate(cpu, dtype, length).handle as Float32Array;
      expect(handle).toBeInstanceOf(kinds[dtype]);
      expect(handle.length).toBe(length);
    }
  });

  it("never hands out the same memory twice", () => {
    const handles = Array.from({ length: 500 }, (_, i) => {
      const handle = allocate(cpu, dtypes[i % dtypes.length], 40 + (i % 61)).handle as Float32Array;
      handle.fill((dtypes[i % dtypes.length] === "int64" ? BigInt(i % 100) : i % 100) as number);
      return handle;
    });
    handles.forEach((handle, i) => {
      expect(handle.every((x) => Number(x) === i % 100)).toBe(true);
    });
  });

  it("keeps slabs small: what one small tensor holds on to is bounded", () => {
    const handle = allocate(cpu, "float32", 32).handle as Float32Array;
    expect(handle.buffer.byteLength).toBeLessThanOrEqual(8192);
    const large = allocate(cpu, "float32", 1000).handle as Float32Array;
    expect(large.buffer.byteLength).toBe(4000);
  });
});
