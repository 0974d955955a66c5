import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isTensor, type Tensor } from "@kindling/autograd";
import { FormatError, load, loadSafetensors, openSafetensors, serialize, serializeNpy } from "@kindling/io";
import { describe, expect, it } from "vitest";
import { isPresent, shared } from "../src/shared.js";

const checkpoints = join(shared, "data", "checkpoints");
const present = isPresent(checkpoints);

interface Recorded {
  readonly shape: number[];
  readonly dtype: string;
  readonly fortran?: boolean;
  readonly sum: number;
  readonly sha256?: string;
  readonly sha256_c_order?: string;
}

interface Expected {
  readonly format?: string;
  readonly load_error?: string;
  readonly tensors?: Record<string, Recorded>;
  readonly arrays?: Record<string, Recorded>;
  readonly array?: Recorded;
}

const expected: Record<string, Expected> = present
  ? (JSON.parse(readFileSync(join(checkpoints, "expected.json"), "utf8")) as Record<string, Expected>)
  : {};

/** All tensors of a loaded value by the names of the recordings: keys joined by dots. */
function tensorsOf(value: unknown, name = "", found = new Map<string, Tensor>()): Map<string, Tensor> {
  if (isTensor(value)) found.set(name, value);
  else if (typeof value === "object" && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    for (const [key, item] of entries) tensorsOf(item, name === "" ? String(key) : `${name}.${key}`, found);
  }
  return found;
}

/** The elements in C order, as .npy files hold them. */
function bytesOf(t: Tensor): Uint8Array {
  const file = serializeNpy(t.contiguous());
  return file.subarray(10 + file[8] + 256 * file[9]);
}

function compare(t: Tensor, { shape, dtype, fortran = false, sum, sha256, sha256_c_order }: Recorded): void {
  expect(t.shape).toEqual(shape);
  expect(t.dtype).toBe(dtype.replace("torch.", ""));
  expect(!t.isContiguous()).toBe(fortran);
  const hash = sha256 ?? sha256_c_order;
  if (hash === undefined) expect(t.to("float64").sum().item()).toBeCloseTo(sum, 9);
  else expect(createHash("sha256").update(bytesOf(t)).digest("hex")).toBe(hash);
}

describe.skipIf(!present)("files of other programs", () => {
  it("are there", () => {
    expect(Object.keys(expected).length).toBeGreaterThan(30);
  });

  it.each(Object.entries(expected))("%s", async (name, { load_error, tensors, arrays, array }) => {
    const path = join(checkpoints, name);
    if (load_error !== undefined) {
      await expect(load(path)).rejects.toThrow(`${path}, `);
      await expect(load(path)).rejects.toThrow(FormatError);
      return;
    }
    const found = tensorsOf(await load<unknown>(path));
    const recorded = tensors ?? arrays ?? { "": array as Recorded };
    const keys = Object.keys(recorded).filter((key) => recorded[key].shape !== undefined); // others are no tensors
    expect([...found.keys()].sort()).toEqual(keys.sort());
    for (const key of keys) compare(found.get(key) as Tensor, recorded[key]);
  });

  it.each(present ? readdirSync(join(checkpoints, "bad")) : [])("bad/%s is refused", async (name) => {
    const path = join(checkpoints, "bad", name);
    await expect(load(path)).rejects.toThrow(FormatError);
    await expect(load(path)).rejects.toThrow(`${path}, `);
  });

  it("are read from a blob as from a path", async () => {
    for (const [name, { load_error }] of Object.entries(expected)) {
      if (load_error !== undefined) continue;
      const path = join(checkpoints, name);
      const [a, b] = [path, new Blob([readFileSync(path)])].map(async (source) =>
        tensorsOf(await load<unknown>(source)),
      );
      const other = await b;
      for (const [key, t] of await a) expect(bytesOf(t)).toEqual(bytesOf(other.get(key) as Tensor));
    }
  }, 60_000);

  it("the same weights in safetensors and .npz are the same", async () => {
    const folder = join(shared, "data", "vgg19");
    const arrays = await load(join(folder, "vgg19_conv1_1-conv2_2_hwio.npz"));
    const reader = await openSafetensors(join(folder, "vgg19_conv1_1-conv3_4_oihw_bgr_caffe.safetensors"));
    expect(Object.keys(arrays)).toHaveLength(8);
    for (const [name, array] of Object.entries(arrays)) {
      const other = await reader.get(name);
      expect(bytesOf(array.ndim === 4 ? other.permute([2, 3, 1, 0]) : other)).toEqual(bytesOf(array));
    }
  });

  const folders = present ? ["vgg19", "checkpoints/candle"] : [];
  const written = folders.flatMap((folder) =>
    readdirSync(join(shared, "data", folder))
      .filter((name) => name.endsWith(".safetensors"))
      .map((name) => join(folder, name)),
  );
  it.each(written)("%s is written again byte by byte", async (name) => {
    const bytes = readFileSync(join(shared, "data", name));
    const { tensors, metadata } = await loadSafetensors(bytes);
    const again = serialize(tensors, Object.keys(metadata).length > 0 ? { metadata } : {});
    expect(bytes.equals(again)).toBe(true);
  });
});
