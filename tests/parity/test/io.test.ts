import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load, loadSafetensors, serialize } from "@kindling/io";
import { describe, expect, it } from "vitest";
import { isPresent, shared } from "../src/shared.js";

const checkpoints = join(shared, "data", "checkpoints");
const present = isPresent(checkpoints);

interface Expected {
  format: string;
  tensors?: Record<string, { shape: number[]; dtype: string; sha256_c_order: string }>;
}

const files: [string, Expected][] = present
  ? Object.entries(
      JSON.parse(readFileSync(join(checkpoints, "expected.json"), "utf8")) as Record<string, Expected>,
    ).filter(([name]) => name.endsWith(".safetensors"))
  : [];

describe.skipIf(!present)("safetensors files of other programs", () => {
  it("are there", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)("%s", async (name, { tensors = {} }) => {
    const read = await load(join(checkpoints, name));
    expect(Object.keys(read).sort()).toEqual(Object.keys(tensors).sort());
    for (const [key, { shape, dtype, sha256_c_order }] of Object.entries(tensors)) {
      expect(read[key].shape).toEqual(shape);
      expect(read[key].dtype).toBe(dtype.replace("torch.", ""));
      const values = read[key].toTypedArray();
      expect(
        createHash("sha256")
          .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
          .digest("hex"),
      ).toBe(sha256_c_order);
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
