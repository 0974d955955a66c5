import { ArgumentError, type DType, type Tensor } from "@kindling/autograd";
import { Filling, readElements } from "../elements.js";
import { FormatError } from "../errors.js";
import { type ByteSource, readWithin } from "../source/bytes.js";
import { open, type Source } from "../source/open.js";
import { type Header, headerLength, type Place, placeOf, readHeader, unsupported } from "./header.js";

/** Tensors by name, and the free strings of the header; both objects are without a prototype. */
export interface SafetensorsFile {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Reads the bytes of a safetensors file. `file` names it in errors.
 * @throws FormatError where the bytes are no whole, well-formed safetensors file
 */
export function deserialize(bytes: Uint8Array, file = "safetensors data"): SafetensorsFile {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file);
  const { places, metadata, start } = readHeader(bytes.subarray(8, 8 + length), bytes.length, file);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const place of places) {
    const filling = new Filling(dtypeOf(place, file), place.shape);
    filling.push(bytes.subarray(start + place.from, start + place.to));
    tensors[place.name] = filling.tensor;
  }
  return { tensors, metadata };
}

function dtypeOf({ name, code, dtype }: Place, file: string): DType {
  if (dtype !== null) return dtype;
  throw new FormatError(file, placeOf(name), unsupported(JSON.stringify(code)));
}

/** What the header says of a tensor. `dtype` is the format's name (`"F32"`), as there are some that no tensor here has. */
export interface SafetensorsEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes in the file. */
  readonly nbytes: number;
}

/** An opened file, or set of files, of which single tensors are read. Nothing stays open: there is nothing to close. */
export interface SafetensorsReader {
  /** What there is, by name, in the order of the file; without a prototype. */
  readonly entries: Readonly<Record<string, SafetensorsEntry>>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads one tensor, and of the file only its bytes.
   * @throws ArgumentError for a name that is not there
   * @throws FormatError for a dtype that no tensor here has, and where the file has changed
   */
  get(name: string): Promise<Tensor>;
}

/** Opens a source that is known to be a single file of tensors. */
export async function readerOf(source: ByteSource): Promise<SafetensorsReader> {
  const file = source.name;
  const first = await source.read(0, Math.min(8, source.size));
  const bytes = await readWithin(source, 8, headerLength(first, source.size, file), "the header");
  const { places, metadata, start }: Header = readHeader(bytes, source.size, file);
  const byName = new Map(places.map((place) => [place.name, place]));
  const entries: Record<string, SafetensorsEntry> = Object.create(null);
  for (const { name, code, shape, from, to } of places) entries[name] = { dtype: code, shape, nbytes: to - from };
  return {
    entries,
    metadata,
    async get(name) {
      const place = byName.get(name);
      if (place === undefined) throw new ArgumentError(`${file} has no tensor "${name}"`, { file, tensor: name });
      return readElements(source, start + place.from, dtypeOf(place, file), place.shape);
    },
  };
}

/** All tensors of a reader. */
export async function readAll({ entries, metadata, get }: SafetensorsReader): Promise<SafetensorsFile> {
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const name of Object.keys(entries)) tensors[name] = await get(name);
  return { tensors, metadata: metadata as Record<string, string> };
}

/** The reader of a single file. */
export const openSingle = async (source: Source, call: string): Promise<SafetensorsReader> =>
  readerOf(await open(source, call));
