import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isTensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { FormatError, load } from "../src/index.js";

/* The small files of fixtures/, which make.py wrote with PyTorch and NumPy, against what these read. */

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const at = (name: string): string => `${fixtures}/${name}`;

interface Expected {
  readonly value?: unknown;
  readonly refused?: string;
}

const expected = Object.entries(JSON.parse(readFileSync(at("expected.json"), "utf8")) as Record<string, Expected>);

/** A value as make.py tells it. */
function told(value: unknown): unknown {
  if (isTensor(value)) {
    const { dtype, shape, strides, offset, requiresGrad } = value;
    const values = [value.detach().tolist()].flat(Number.POSITIVE_INFINITY).map(told);
    return { $tensor: dtype, shape, stride: strides, offset, grad: requiresGrad, values };
  }
  if (typeof value === "bigint") return { $int: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { $float: Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf" };
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(told);
  if (value instanceof Set) return { $set: [...value].sort().map(told) };
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [told(key), told(item)]) };
  if (value instanceof Uint8Array) return { $bytes: [...value] };
  if (ArrayBuffer.isView(value)) return { $array: [...(value as Uint32Array)] };
  expect(Object.getPrototypeOf(value)).toBeNull();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
}

describe("files of PyTorch and NumPy", () => {
  const readable = expected.filter(([, { refused }]) => refused === undefined);
  it.each(readable)("%s reads as it does there", async (name, { value }) => {
    expect(told(await load<unknown>(at(name)))).toEqual(value);
  });

  const refused = expected.filter(([, entry]) => entry.refused !== undefined);
  it.each(refused)("%s is refused by name", async (name, { refused: text }) => {
    const error: FormatError = await load<unknown>(at(name)).then(
      () => expect.fail("it was read"),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(text);
    expect(error.message.startsWith(`${at(name)}, `)).toBe(true);
    expect(error.message.length).toBeLessThan(600);
    expect(existsSync("ran.txt")).toBe(false);
  });

  it.each(["zip-views.pt", "legacy-views.pt", "zip-big-endian.pt"])(
    "%s: what shares memory there shares it here",
    async (name) => {
      const { whole, turned, rows, expanded, again } = await load(at(name));
      expect(again).toBe(whole);
      whole.setAt([1, 2], 50);
      expect(turned.at(2, 1).item()).toBe(50);
      expect(rows.at(0, 2).item()).toBe(50);
      expect(new Set([whole, turned, rows, expanded].map((t) => t.storage)).size).toBe(1);
      expect(rows.base).toBeNull();
    },
  );

  it("an object has no prototype, whatever its keys", async () => {
    await load(at("zip-nested.pt"));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
