import { Inflate } from "fflate";
import { entryPlace, FormatError, quoted } from "../errors.js";
import { type ByteSource, readWithin } from "../source/bytes.js";
import { crc32 } from "./crc32.js";
import { LOCAL_BYTES, type ZipEntry } from "./directory.js";

const LOCAL = 0x04034b50;
/** Bytes of compressed data in memory at a time. */
const PIECE = 1 << 15;

/**
 * The content of an entry. It is read in order, from the beginning on; whoever has come to the end knows that size and checksum are
 * right. Compressed content is expanded as far as it is read, and never beyond the size that the directory tells.
 */
export async function contentOf(archive: ByteSource, entry: ZipEntry): Promise<ByteSource> {
  const place = entryPlace(entry.name);
  const local = await readWithin(archive, entry.headerAt, LOCAL_BYTES, place);
  const view = new DataView(local.buffer, local.byteOffset, LOCAL_BYTES);
  const start = entry.headerAt + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (view.getUint32(0, true) !== LOCAL || view.getUint16(8, true) !== (entry.deflated ? 8 : 0)) {
    throw new FormatError(
      archive.name,
      `byte ${entry.headerAt}`,
      `should be the header of ${quoted(entry.name)}, but is not`,
    );
  }
  const name = await readWithin(archive, entry.headerAt + LOCAL_BYTES, view.getUint16(26, true), place);
  if (new TextDecoder().decode(name) !== entry.name) {
    throw new FormatError(
      archive.name,
      `byte ${entry.headerAt}`,
      `the directory says ${quoted(entry.name)}, the file's own header ${quoted(new TextDecoder().decode(name))}`,
    );
  }
  if (start + entry.packed > entry.limit)
    throw new FormatError(archive.name, place, `its bytes from ${start} on reach into what begins at ${entry.limit}`);
  const read = entry.deflated
    ? inflated(archive, entry, start)
    : (from: number, to: number) => archive.read(start + from, start + to);
  let done = 0;
  let crc = 0;
  return {
    name: `${archive.name}, ${place}`,
    size: entry.size,
    async read(from, to) {
      if (from !== done) throw new RangeError(`${entry.name} is read in order`);
      const bytes = await read(from, to);
      done = to;
      crc = crc32(bytes, crc);
      // PyTorch writes 0 where it was told to leave the checksum out
      if (done === entry.size && crc !== entry.crc && entry.crc !== 0)
        throw new FormatError(archive.name, place, "its checksum is wrong: the file is damaged");
      return bytes;
    },
  };
}

function inflated(
  archive: ByteSource,
  entry: ZipEntry,
  start: number,
): (from: number, to: number) => Promise<Uint8Array> {
  const refuse = (problem: string): never => {
    throw new FormatError(archive.name, entryPlace(entry.name), problem);
  };
  const waiting: Uint8Array[] = [];
  let available = 0;
  let produced = 0;
  let packed = 0;
  const inflate = new Inflate((piece) => {
    produced += piece.length;
    available += piece.length;
    if (produced > entry.size) refuse(`holds more than the ${entry.size} bytes that it should`);
    waiting.push(piece);
  });
  const more = async (): Promise<void> => {
    const end = Math.min(packed + PIECE, entry.packed);
    const piece = await archive.read(start + packed, start + end);
    packed = end;
    try {
      inflate.push(piece, end === entry.packed);
    } catch (error) {
      if (error instanceof FormatError) throw error;
      refuse(`cannot be inflated: ${(error as Error).message}`);
    }
  };
  return async (from, to) => {
    while (available < to - from && packed < entry.packed) await more();
    while (to === entry.size && packed < entry.packed) await more(); // which may hold more than it should
    if (available < to - from) refuse(`holds ${produced} bytes, and should hold ${entry.size}`);
    const out = new Uint8Array(to - from);
    let at = 0;
    while (at < out.length) {
      const part = waiting[0].subarray(0, out.length - at);
      out.set(part, at);
      at += part.length;
      if (part.length < waiting[0].length) waiting[0] = waiting[0].subarray(part.length);
      else waiting.shift();
    }
    available -= out.length;
    return out;
  };
}

/** The whole content of an entry. */
export async function wholeOf(archive: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const content = await contentOf(archive, entry);
  return content.read(0, content.size);
}
