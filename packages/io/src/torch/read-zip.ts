import { dtypeInfo } from "@kindling/autograd";
import { readElements } from "../elements.js";
import { entryPlace, FormatError } from "../errors.js";
import { unpickle } from "../pickle/machine.js";
import type { ByteSource } from "../source/bytes.js";
import type { ZipEntry } from "../zip/directory.js";
import { contentOf, wholeOf } from "../zip/entry.js";
import { knownToTorch } from "./known.js";
import { converted } from "./result.js";
import { Storages } from "./storages.js";
import { persistentIds } from "./values.js";

/*
 * Files of torch.save since PyTorch 1.6: a zip archive of `NAME/data.pkl`, a storage in each `NAME/data/KEY`, and small things beside them
 * (torch/serialization.py, caffe2/serialize/inline_container.h).
 */

/** A pickle, which is in memory as a whole; storages, which are large, stand beside it. */
const MOST_PICKLED = 1 << 29;

/** The folder of an archive that PyTorch wrote, `"archive/"`; `null` for other archives. */
export function torchFolder(entries: ReadonlyMap<string, ZipEntry>): string | null {
  for (const name of entries.keys()) {
    const folder = /^([^/]*\/)data\.pkl$/.exec(name);
    if (folder !== null) return folder[1];
  }
  return null;
}

/** Reads what was saved; see `converted` for how it comes. */
export async function readTorchZip(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
): Promise<unknown> {
  const file = source.name;
  if (entries.has(`${folder}constants.pkl`)) {
    throw new FormatError(
      file,
      entryPlace(`${folder}constants.pkl`),
      "a TorchScript program: save the state dict of the model instead",
    );
  }
  const bigEndian = await isBigEndian(source, entries.get(`${folder}byteorder`));
  const pickled = entries.get(`${folder}data.pkl`) as ZipEntry;
  if (pickled.size > MOST_PICKLED)
    throw new FormatError(
      file,
      entryPlace(pickled.name),
      `a pickle of ${pickled.size} bytes; ${MOST_PICKLED} are the most`,
    );
  const pickle = await wholeOf(source, pickled);
  const place = `${entryPlace(`${folder}data.pkl`)}, `;
  const unpickled = unpickle(pickle, 0, { file, place, known: knownToTorch, persistent: persistentIds(new Map()) });
  const storages = new Storages();
  converted(unpickled, storages.noting, file);
  for (const wanted of storages.wanted.values()) {
    const { ref, dtype, length } = wanted;
    const name = `${folder}data/${ref.key}`;
    const entry = entries.get(name);
    if (entry === undefined) throw new FormatError(file, entryPlace(name), "the pickle names it, but it is not there");
    const bytes = ref.type.dtype === null ? ref.count : length * dtypeInfo[dtype].bytes;
    if (entry.size !== bytes)
      throw new FormatError(file, entryPlace(name), `has ${entry.size} bytes, where the pickle tells of ${bytes}`);
    storages.put(wanted, await readElements(await contentOf(source, entry), 0, dtype, [length], bigEndian));
  }
  return converted(unpickled, storages.making, file);
}

async function isBigEndian(source: ByteSource, entry: ZipEntry | undefined): Promise<boolean> {
  if (entry === undefined) return false;
  const text = entry.size > 6 ? "" : new TextDecoder().decode(await wholeOf(source, entry));
  if (text === "little" || text === "big") return text === "big";
  throw new FormatError(source.name, entryPlace(entry.name), "should be little or big");
}
