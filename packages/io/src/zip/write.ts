import { crc32 } from "./crc32.js";

/** A file for an archive. */
export interface Packed {
  readonly name: string;
  readonly content: Uint8Array;
}

const VERSION = 20;
const VERSION64 = 45;
const UTF8 = 0x800;
/** 1 January 1980, the first day of zip: the same tensors give the same bytes. */
const DATE = 0x21;
/** PyTorch's extra field that fills up to the next aligned byte. */
const PADDING = 0x4246;

/**
 * An archive of stored files, in pieces: the contents are among them, not copies.
 * @param alignment contents begin at multiples of it
 * @param narrow sizes from here on take the wide fields of zip64
 */
export function zipped(
  files: readonly Packed[],
  alignment = 1,
  narrow = 0xffffffff,
): Uint8Array<ArrayBuffer | SharedArrayBuffer>[] {
  const out: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    out.push(bytes);
    at += bytes.length;
  };
  for (const { name, content } of files) {
    const text = new TextEncoder().encode(name);
    const headerAt = at;
    const long = content.length >= narrow;
    const common = new Fields(26)
      .u16(long || headerAt >= narrow ? VERSION64 : VERSION)
      .u16(text.length > name.length ? UTF8 : 0)
      .u32(0) // stored, at no time of day
      .u16(DATE)
      .u32(crc32(content))
      .u32(long ? 0xffffffff : content.length)
      .u32(long ? 0xffffffff : content.length)
      .u16(text.length).bytes;
    const sizes = long ? new Fields(20).u16(1).u16(16).u64(content.length).u64(content.length).bytes : new Uint8Array();
    const bare = at + 30 + text.length + sizes.length;
    const padding = bare % alignment === 0 ? 0 : 4 + ((((-bare - 4) % alignment) + alignment) % alignment);
    put(new Fields(4).u32(0x04034b50).bytes);
    put(common.subarray(0, 24));
    put(new Fields(2).u16(sizes.length + padding).bytes);
    put(text);
    put(sizes);
    if (padding > 0) put(new Fields(padding).u16(PADDING).u16(padding - 4).bytes);
    put(content);
    const wide = [...(long ? [content.length, content.length] : []), ...(headerAt >= narrow ? [headerAt] : [])];
    const extra = wide.reduce(
      (fields, value) => fields.u64(value),
      new Fields(wide.length > 0 ? 4 + 8 * wide.length : 0).field(1, 8 * wide.length),
    );
    directory.push(
      new Fields(6).u32(0x02014b50).u16(VERSION64).bytes,
      common.subarray(0, 24),
      new Fields(16)
        .u16(extra.bytes.length)
        .u16(0) // no comment
        .u16(0) // the first and only disk
        .u16(0)
        .u32(0)
        .u32(headerAt >= narrow ? 0xffffffff : headerAt).bytes,
      text,
      extra.bytes,
    );
  }
  const start = at;
  for (const bytes of directory) put(bytes);
  const length = at - start;
  if (start >= narrow || files.length >= 0xffff) {
    const recordAt = at;
    put(
      new Fields(56)
        .u32(0x06064b50)
        .u64(44)
        .u16(VERSION64)
        .u16(VERSION64)
        .u64(0)
        .u64(files.length)
        .u64(files.length)
        .u64(length)
        .u64(start).bytes,
    );
    put(new Fields(20).u32(0x07064b50).u32(0).u64(recordAt).u32(1).bytes);
  }
  const count = Math.min(files.length, 0xffff);
  put(
    new Fields(22)
      .u32(0x06054b50)
      .u32(0)
      .u16(count)
      .u16(count)
      .u32(Math.min(length, 0xffffffff))
      .u32(start >= narrow ? 0xffffffff : start).bytes,
  );
  return out;
}

/** Little-endian fields, one behind the other. */
class Fields {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  /** The head of an extra field, where there is room for one. */
  field(id: number, length: number): this {
    return this.bytes.length > 0 ? this.u16(id).u16(length) : this;
  }
}

/** Pieces as one run of bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
