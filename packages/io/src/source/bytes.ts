import { FormatError } from "../errors.js";

/** Bytes that can be read from any place: what every reader of a format stands on. */
export interface ByteSource {
  /** For errors. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /** The bytes `[from, to)`, of a range that lies within the source. They may be part of memory that others read: not to be changed. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** Bytes that are in memory. */
export const inMemory = (bytes: Uint8Array, name: string): ByteSource => ({
  name,
  size: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});

/** A `Blob` or `File`, of which only what is asked for is read. */
export const ofBlob = (blob: Blob, name: string): ByteSource => ({
  name,
  size: blob.size,
  read: async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer()),
});

/** A part of a source, as a source: an entry of an archive. */
export const partOf = (source: ByteSource, start: number, size: number, name: string): ByteSource => ({
  name,
  size,
  read: (from, to) => source.read(start + from, start + to),
});

/**
 * The bytes `[from, from + length)`.
 * @throws FormatError where the source ends before; `what` names what was looked for
 */
export async function readWithin(source: ByteSource, from: number, length: number, what: string): Promise<Uint8Array> {
  if (from + length <= source.size) return source.read(from, from + length);
  throw new FormatError(
    source.name,
    `byte ${from}`,
    `${what} should have ${length} bytes, but the file ends after ${Math.max(0, source.size - from)}`,
  );
}

/** How much of a large tensor is in memory beside the tensor itself while it is read. */
const CHUNK = 1 << 23;

/** The bytes `[from, to)` piece by piece, each a whole number of `unit` bytes. */
export async function* pieces(source: ByteSource, from: number, to: number, unit: number): AsyncGenerator<Uint8Array> {
  const step = Math.max(unit, CHUNK - (CHUNK % unit));
  for (let at = from; at < to; at += step) yield source.read(at, Math.min(at + step, to));
}
