import { ArgumentError } from "@kindling/autograd";
import { FormatError, jsonOf, quoted, shown } from "../errors.js";
import { repeatedKey } from "../json-keys.js";
import type { ByteSource } from "../source/bytes.js";
import { open, type Source } from "../source/open.js";
import { isRecord, placeOf } from "./header.js";
import { readerOf, type SafetensorsEntry, type SafetensorsReader } from "./read.js";

/*
 * Large models come in several files and an index `….safetensors.index.json`: `{"metadata": {…}, "weight_map": {tensor: file}}`,
 * whose files lie beside it.
 */

/** No index of a model of this world is larger. */
const MAX_INDEX = 100_000_000;

/** Opens the files that an index names. `source` is where `index` came from: the others are found beside it. */
export async function openSharded(index: ByteSource, source: Source, call: string): Promise<SafetensorsReader> {
  const { files, metadata } = await readIndex(index);
  const readers = new Map<string, SafetensorsReader>();
  const owners = new Map<string, SafetensorsReader>();
  const entries: Record<string, SafetensorsEntry> = Object.create(null);
  for (const [name, file] of files) {
    let reader = readers.get(file);
    if (reader === undefined) {
      reader = await readerOf(await open(beside(source, file, index.name), call));
      readers.set(file, reader);
    }
    const entry = reader.entries[name];
    if (entry === undefined) {
      throw new FormatError(index.name, placeOf(name), `should be in ${file}, but that file has no such tensor`);
    }
    entries[name] = entry;
    owners.set(name, reader);
  }
  return {
    entries,
    metadata,
    async get(name) {
      const reader = owners.get(name);
      if (reader === undefined) throw new ArgumentError(`${index.name} has no tensor "${name}"`, { tensor: name });
      return reader.get(name);
    },
  };
}

async function readIndex(index: ByteSource): Promise<{ files: Map<string, string>; metadata: Record<string, string> }> {
  const file = index.name;
  if (index.size > MAX_INDEX) {
    throw new FormatError(file, "byte 0", `an index of ${index.size} bytes, where at most ${MAX_INDEX} are allowed`);
  }
  let text: string;
  let content: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await index.read(0, index.size));
    content = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, "index", `not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!isRecord(content) || !isRecord(content.weight_map)) {
    throw new FormatError(file, "index", 'not the index of safetensors files: it has no object "weight_map"');
  }
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new FormatError(file, "index", `has the key ${quoted(repeated)} twice`);
  const files = new Map<string, string>();
  for (const [name, shard] of Object.entries(content.weight_map)) {
    // only what lies beside the index: it may come from anybody
    if (typeof shard !== "string" || !/^[^/\\:?#%\0]+\.safetensors$/.test(shard)) {
      throw new FormatError(
        file,
        placeOf(name),
        `${typeof shard === "string" ? quoted(shard) : shown(shard)} is no safetensors file beside the index`,
      );
    }
    files.set(name, shard);
  }
  const metadata: Record<string, string> = Object.create(null);
  if (isRecord(content.metadata)) {
    for (const [key, value] of Object.entries(content.metadata)) {
      const text = typeof value === "string" ? value : jsonOf(value);
      if (text === null) throw new FormatError(file, `metadata ${quoted(key)}`, "nested too deep");
      metadata[key] = text;
    }
  }
  return { files, metadata };
}

/** The file of that name in the folder of another. */
function beside(source: Source, file: string, index: string): Source {
  if (source instanceof URL) return new URL(file, source);
  if (typeof source === "string") return source.replace(/[^/\\]*$/, () => file);
  throw new FormatError(index, "index", "the files that it names lie beside it: it is read from a path or a URL");
}
