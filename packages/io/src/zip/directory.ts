import { entryPlace, FormatError, quoted } from "../errors.js";
import { type ByteSource, readWithin } from "../source/bytes.js";

/*
 * The central directory of a zip archive (PKWARE's APPNOTE.TXT, sections 4.3.12 to 4.3.16, and 4.5.3 for zip64), which stands
 * at the end. fflate reads archives that are in memory; here single entries of large ones are read by ranges.
 */

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly crc: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes of the content. */
  readonly size: number;
  /** Where its local header stands. */
  readonly headerAt: number;
  /** Where something else begins. */
  readonly limit: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
export const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;

/** Deflate writes no more than this many bytes for each that it reads. */
const MOST_DEFLATED = 1032;
/** What compressed entries of an archive may hold: this much, and so many times the archive. A bomb holds more. */
const FREE_EXPANSION = 1 << 28;
const EXPANSION = 100;

/**
 * The entries of an archive by name, in the order of the directory.
 * @throws FormatError where the archive is broken, encrypted, or holds what does not fit: entries twice or one over another
 */
export async function readDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { at, bytes, count } = await findDirectory(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Omit<ZipEntry, "limit">[] = [];
  let next = 0;
  for (let i = 0; i < count; i++) {
    const refuse = (problem: string): never => {
      throw new FormatError(source.name, `byte ${at + next}`, problem);
    };
    if (next + ENTRY_BYTES > bytes.length || view.getUint32(next, true) !== ENTRY)
      refuse(`the zip directory should have ${count} entries, but number ${i + 1} is none`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((k) => view.getUint16(next + k, true));
    const end = next + ENTRY_BYTES + nameLength + extraLength + commentLength;
    if (end > bytes.length) refuse(`entry ${i + 1} of the zip directory goes beyond its end`);
    const nameAt = next + ENTRY_BYTES;
    const name = new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameLength));
    const flags = view.getUint16(next + 8, true);
    const method = view.getUint16(next + 10, true);
    if (flags & 1) refuse(`${quoted(name)} is encrypted`);
    if (method !== 0 && method !== 8)
      refuse(`${quoted(name)} is compressed by method ${method}; supported are 0 (stored) and 8 (deflate)`);
    const extra = new DataView(bytes.buffer, bytes.byteOffset + nameAt + nameLength, extraLength);
    const [size, packed, headerAt] = wide(view, next, extra, refuse);
    if (method === 0 && size !== packed) refuse(`${quoted(name)} is stored, but its sizes are ${packed} and ${size}`);
    if (size > packed * MOST_DEFLATED + MOST_DEFLATED)
      refuse(`${quoted(name)} should hold ${size} bytes in ${packed}, more than deflate can`);
    found.push({ name, deflated: method === 8, crc: view.getUint32(next + 16, true), packed, size, headerAt });
    next = end;
  }
  return placed(source, found, at);
}

/** Sizes and place of an entry, from the zip64 field where they have no room in the entry itself. */
function wide(view: DataView, at: number, extra: DataView, refuse: (problem: string) => never): number[] {
  const narrow = [24, 20, 42].map((k) => view.getUint32(at + k, true));
  if (!narrow.includes(0xffffffff)) return narrow;
  for (let i = 0; i + 4 <= extra.byteLength; ) {
    const id = extra.getUint16(i, true);
    const end = i + 4 + extra.getUint16(i + 2, true);
    if (id === 1 && end <= extra.byteLength) {
      let from = i + 4;
      return narrow.map((value) => {
        if (value !== 0xffffffff) return value;
        if (from + 8 > end) return refuse("a zip64 field is too short");
        from += 8;
        const long = extra.getBigUint64(from - 8, true);
        return long <= Number.MAX_SAFE_INTEGER ? Number(long) : refuse(`a zip64 field holds ${long}`);
      });
    }
    i = end;
  }
  return narrow; // 4 GB less one byte, perhaps; what does not fit is refused
}

interface Directory {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly count: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const start = Math.max(0, source.size - END_BYTES - MAX_COMMENT - LOCATOR64_BYTES);
  const tail = await source.read(start, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  let end = tail.length - END_BYTES;
  // the record's comment reaches to the end of the file
  while (
    end >= 0 &&
    !(view.getUint32(end, true) === END && end + END_BYTES + view.getUint16(end + 20, true) === tail.length)
  )
    end--;
  const refuse = (problem: string, place = `byte ${start + end}`): never => {
    throw new FormatError(source.name, place, problem);
  };
  if (end < 0)
    return refuse(
      "no zip directory at the end: the file is cut off, or has something behind it",
      `byte ${source.size}`,
    );
  let count = view.getUint16(end + 10, true);
  let length = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  let limit = start + end;
  const disks = [view.getUint16(end + 4, true), view.getUint16(end + 6, true)];
  const locator = end - LOCATOR64_BYTES;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR64) {
    limit = Number(view.getBigUint64(locator + 8, true));
    if (limit + 56 > start + locator) refuse(`the zip64 record should stand at ${limit}`, `byte ${start + locator}`);
    const record = await source.read(limit, limit + 56);
    const wider = new DataView(record.buffer, record.byteOffset, 56);
    if (wider.getUint32(0, true) !== END64) refuse("no zip64 record, where the locator points to one", `byte ${limit}`);
    count = Number(wider.getBigUint64(32, true));
    length = Number(wider.getBigUint64(40, true));
    at = Number(wider.getBigUint64(48, true));
  } else if (disks.some((disk) => disk !== 0)) refuse("an archive of several parts");
  if (at + length > limit)
    refuse(`the zip directory should be ${length} bytes from ${at} on, which do not fit before ${limit}`);
  if (count * ENTRY_BYTES > length) refuse(`${count} entries in a zip directory of ${length} bytes`);
  return { at, bytes: await readWithin(source, at, length, "the zip directory"), count };
}

/** Entries with the room that each has. Sizes alone can lie: nothing may lie over anything else, nor swell without end. */
function placed(source: ByteSource, found: Omit<ZipEntry, "limit">[], directoryAt: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const sorted = [...found].sort((a, b) => a.headerAt - b.headerAt);
  const limits = new Map(sorted.map((entry, i) => [entry, sorted[i + 1]?.headerAt ?? directoryAt]));
  let expanded = 0;
  for (const entry of found) {
    const limit = limits.get(entry) as number;
    const refuse = (problem: string): never => {
      throw new FormatError(source.name, entryPlace(entry.name), problem);
    };
    if (entries.has(entry.name)) refuse("is there twice");
    if (entry.headerAt + LOCAL_BYTES + entry.packed > limit)
      refuse(`its ${entry.packed} bytes from ${entry.headerAt} on reach into what begins at ${limit}`);
    if (entry.deflated) expanded += entry.size;
    entries.set(entry.name, { ...entry, limit });
  }
  if (expanded > FREE_EXPANSION + EXPANSION * source.size) {
    throw new FormatError(
      source.name,
      "zip directory",
      `an archive of ${source.size} bytes that would expand to ${expanded}: refused as a bomb. Unpack it, and read its files, if you trust it`,
    );
  }
  return entries;
}
