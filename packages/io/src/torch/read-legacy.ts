import { dtypeInfo } from "@kindling/autograd";
import { readElements } from "../elements.js";
import { FormatError, quoted, shown } from "../errors.js";
import type { Unpickled } from "../pickle/context.js";
import { EndOfBytes } from "../pickle/cursor.js";
import { unpickle } from "../pickle/machine.js";
import { Dict } from "../pickle/values.js";
import { type ByteSource, readWithin } from "../source/bytes.js";
import { knownToTorch } from "./known.js";
import { converted } from "./result.js";
import { Storages } from "./storages.js";
import { isKey, persistentIds, type StorageRef } from "./values.js";

/*
 * Files of torch.save before PyTorch 1.6, and of newer ones that are asked for it: five pickles (a magic number, a version, facts
 * on the machine, what was saved, the storages' keys), then each storage as a length of 64 bits and its elements.
 */

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;

/** What is read for the pickles at first, and at most: nobody knows how long they are. */
const WINDOW = 1 << 20;
const MOST = 1 << 29;

export async function readTorchLegacy(source: ByteSource): Promise<unknown> {
  const file = source.name;
  const pickles = new Pickles(source);
  const { value: magic } = await pickles.next("the magic number, ");
  if (magic !== MAGIC) {
    throw new FormatError(
      file,
      "byte 0",
      "a pickle, but not of torch.save: it does not begin with PyTorch's magic number",
    );
  }
  const { value: version } = await pickles.next("the version, ");
  if (version !== VERSION) throw new FormatError(file, "the version", `should be ${VERSION}, but is ${shown(version)}`);
  const { value: machine } = await pickles.next("facts on the machine, ");
  if (!(machine instanceof Dict)) throw new FormatError(file, "facts on the machine", "are no dictionary");
  const bigEndian = machine.get("little_endian") === false;
  const unpickled = await pickles.next("the pickle of the value, ");
  const { value: keys, end } = await pickles.next("the storages' keys, ");
  if (!Array.isArray(keys) || !keys.every(isKey) || new Set(keys.map(String)).size < keys.length)
    throw new FormatError(file, "the storages' keys", "are no list of different keys");

  const storages = new Storages();
  converted(unpickled, storages.noting, file);
  let at = end;
  for (const key of keys.map(String)) {
    const place = `storage ${quoted(key)} at byte ${at}`;
    const ref = pickles.storages.get(key);
    if (ref === undefined) throw new FormatError(file, place, "is there, but nothing tells what it holds");
    pickles.storages.delete(key);
    const head = await readWithin(source, at, 8, place);
    const count = new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true);
    if (count !== BigInt(ref.count))
      throw new FormatError(file, place, `has ${count} elements, where the pickle tells of ${ref.count}`);
    at += 8;
    const bytes = ref.count * (ref.type.dtype === null ? 1 : dtypeInfo[ref.type.dtype].bytes);
    if (at + bytes > source.size)
      throw new FormatError(file, place, `should have ${bytes} bytes, but the file ends after ${source.size - at}`);
    for (const wanted of storages.wantedOf(key))
      storages.put(wanted, await readElements(source, at, wanted.dtype, [wanted.length], bigEndian));
    at += bytes;
  }
  for (const key of pickles.storages.keys())
    throw new FormatError(file, `storage ${quoted(key)}`, "the pickle names it, but it is not there");
  if (at !== source.size) throw new FormatError(file, `byte ${at}`, `${source.size - at} bytes that belong to nothing`);
  return converted(unpickled, storages.making, file);
}

/** The pickles at the beginning of a file, one behind the other. */
class Pickles {
  /** All storages that they name. */
  readonly storages = new Map<string, StorageRef>();
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async next(place: string): Promise<Unpickled> {
    const { name: file, size } = this.#source;
    for (;;) {
      try {
        const read = unpickle(this.#bytes, this.#at, {
          file,
          place,
          known: knownToTorch,
          persistent: persistentIds(this.storages),
        });
        this.#at = read.end;
        return read;
      } catch (error) {
        const length = Math.min(size, Math.max(WINDOW, 2 * this.#bytes.length));
        if (!(error instanceof EndOfBytes) || length === this.#bytes.length || length > MOST) throw error;
        this.#bytes = await this.#source.read(0, length);
      }
    }
  }
}
