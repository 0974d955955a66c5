import { expect } from "vitest";
import { FormatError, load } from "../src/index.js";
import { joined, zipped } from "../src/zip/write.js";

/* Files that somebody made in order to break the reader, and what the reader must say of them. */

export const named = (bytes: Uint8Array, name: string): Blob =>
  Object.assign(new Blob([new Uint8Array(bytes)]), { name });

/** The error of a file, which names it. */
export async function errorOf(bytes: Uint8Array, name = "evil.pt"): Promise<FormatError> {
  const error = await load<unknown>(named(bytes, name)).then(
    () => expect.fail("it was read"),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message.startsWith(`${name}, `)).toBe(true);
  expect(error.place.length).toBeGreaterThan(0);
  expect(error.message.length).toBeLessThan(1000);
  return error;
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
export const bytes = (...parts: (string | number | Uint8Array)[]): Uint8Array =>
  joined(
    parts.map((part) =>
      typeof part === "string" ? ascii(part) : typeof part === "number" ? Uint8Array.of(part) : part,
    ),
  );
export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
export const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

/** An archive of PyTorch around a pickle. */
export const archive = (pickle: Uint8Array, more: Record<string, Uint8Array> = {}): Uint8Array =>
  joined(
    zipped([
      { name: "a/data.pkl", content: pickle },
      ...Object.entries(more).map(([name, content]) => ({ name, content })),
    ]),
  );
export const FLOAT = "ctorch\nFloatStorage\n";
export const REBUILD = "ctorch._utils\n_rebuild_tensor_v2\n";
/** A pickle of one tensor; numbers as text. */
export const tensorPickle = (count: string, offset: string, size: string, stride: string): Uint8Array =>
  bytes(`${REBUILD}((S'storage'\n${FLOAT}S'0'\nS'cpu'\nI${count}\ntQI${offset}\n(${size}t(${stride}tI00\nNtR.`);

/** Lists that hold the one before twice, sixty levels: 2^60 values to whoever goes through them all. The last is remembered as 60. */
export const DAG = bytes(
  "]q\x000",
  ...Array.from({ length: 60 }, (_, i) => bytes("](", "h", i, "h", i, "eq", i + 1, "0")),
);
