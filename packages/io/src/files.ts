import { ArgumentError, bind, isOptions, isTensor, signature, type Tensor } from "@kindling/autograd";
import { writeFile } from "#platform";
import { FormatError } from "./errors.js";
import { formatOf } from "./formats.js";
import { readNpy, serializeNpy } from "./numpy/npy.js";
import { npzParts, readNpz } from "./numpy/npz.js";
import { readAll, readerOf, type SafetensorsFile, type SafetensorsReader } from "./safetensors/read.js";
import { openSharded } from "./safetensors/sharded.js";
import { namedValues, type SerializeOptions, serialize, type Tensors } from "./safetensors/write.js";
import type { ByteSource } from "./source/bytes.js";
import { extensionOf, nameOf, open, type Source } from "./source/open.js";
import { readTorchLegacy } from "./torch/read-legacy.js";
import { readTorchZip, torchFolder } from "./torch/read-zip.js";
import { torchParts } from "./torch/write.js";
import { readDirectory } from "./zip/directory.js";

/**
 * Reads a file of tensors, of any format that is read here; its content tells which. safetensors (or the index of several of its files), a
 * state dict of PyTorch and `.npz` give tensors by name, as `loadStateDict` takes them, in an object without a prototype; `.npy` gives a
 * tensor, and a checkpoint of PyTorch what was saved: dictionaries whose keys are strings are objects without a prototype, others Maps,
 * lists and tuples arrays, a module its state dict. `T` says what is expected; nobody checks it.
 * @throws FormatError for a file that is broken or holds what is not read here; the error names the place
 */
export async function load<T = Record<string, Tensor>>(source: Source): Promise<T> {
  const bytes = await open(source, "load");
  const read = async (): Promise<unknown> => {
    switch (await formatOf(bytes)) {
      case "safetensors":
        return (await readAll(await readerOf(bytes))).tensors;
      case "index":
        return (await readAll(await openSharded(bytes, source, "load"))).tensors;
      case "npy":
        return readNpy(bytes);
      case "zip":
        return readZip(bytes);
      case "legacy":
        return readTorchLegacy(bytes);
    }
  };
  return (await read()) as T;
}

/** PyTorch's archives and NumPy's: the entries tell. */
async function readZip(bytes: ByteSource): Promise<unknown> {
  const entries = await readDirectory(bytes);
  const folder = torchFolder(entries);
  if (folder !== null) return readTorchZip(bytes, entries, folder);
  if (extensionOf(bytes.name) === ".npz" || [...entries.keys()].some((name) => name.endsWith(".npy")))
    return readNpz(bytes, entries);
  throw new FormatError(
    bytes.name,
    "zip directory",
    "an archive of neither PyTorch, with a data.pkl, nor NumPy, with .npy files",
  );
}

/** Reads a safetensors file, or all files of an index, whatever the name, with its metadata. Throws FormatError as `load` does. */
export async function loadSafetensors(source: Source): Promise<SafetensorsFile> {
  return readAll(await opened(source, "loadSafetensors"));
}

/**
 * Opens a safetensors file, or the index of several, to read single tensors: of the file only the header is read now. A URL is read
 * by ranges where its server gives ranges.
 * @throws FormatError as `load` does
 */
export const openSafetensors = (source: Source): Promise<SafetensorsReader> => opened(source, "openSafetensors");

async function opened(source: Source, call: string): Promise<SafetensorsReader> {
  const bytes = await open(source, call);
  const [first] = await bytes.read(0, Math.min(1, bytes.size));
  return first === 0x7b && (await formatOf(bytes)) === "index" ? openSharded(bytes, source, call) : readerOf(bytes);
}

/** Reads an `.npy` file, whatever its name. Throws FormatError as `load` does. */
export const loadNpy = async (source: Source): Promise<Tensor> => readNpy(await open(source, "loadNpy"));

/** Reads an `.npz` file, whatever its name: arrays by name. Throws FormatError as `load` does. */
export const loadNpz = async (source: Source): Promise<Record<string, Tensor>> =>
  readNpz(await open(source, "loadNpz"));

const writers: Readonly<Record<string, (value: unknown, options: SerializeOptions) => readonly Uint8Array[]>> = {
  ".safetensors": (value, options) => [serialize(value as Tensors, options)],
  ".npy": (value) => [serializeNpy(value as Tensor)],
  ".npz": (value) => npzParts(value as Tensors),
  ".pt": torchParts,
  ".pth": torchParts,
};

const saveSignature = signature("save(value, path, *, metadata=null)");

/**
 * Writes tensors (of any device) to a file whose extension names the format: `.safetensors` and `.npz` take tensors by name, `.npy` one
 * tensor, `.pt` and `.pth` whatever PyTorch's do. The file is replaced as a whole: a crash leaves the old one as it was. Tensors on `cpu`
 * are written as they are at the call, whatever happens to them before the promise settles.
 * @param options.metadata strings that the header of a safetensors file carries
 * @throws ArgumentError for another extension and for values that the format does not hold
 */
export async function save(value: unknown, path: string | URL, options?: SerializeOptions): Promise<void> {
  const [, , metadata] = bind(saveSignature, options === undefined ? [value, path] : [value, path, options]);
  const extension = extensionOf(nameOf(path));
  const write = writers[extension];
  if (write === undefined) {
    const known = Object.keys(writers).join(", ");
    throw new ArgumentError(`save(): the extension of ${path} names no format; known are ${known}`, {
      file: String(path),
    });
  }
  if (metadata !== null && extension !== ".safetensors")
    throw new ArgumentError(`save(): metadata goes into .safetensors files alone, not into ${path}`, {
      file: String(path),
    });
  const host = hasFar(value) ? await onHost(value) : value;
  await writeFile(path, write(host, metadata === null ? {} : ({ metadata } as SerializeOptions)));
}

/** Writes a safetensors file, whatever its name, as `save` does. */
export async function saveSafetensors(tensors: Tensors, path: string | URL, options?: SerializeOptions): Promise<void> {
  const far = namedValues(tensors, "safetensors").some(([, value]) => isFar(value));
  const host = far ? ((await onHost(tensors)) as Tensors) : tensors;
  await writeFile(path, [serialize(host, options)]);
}

/** A value whose tensors are all on `cpu`; what is shared stays shared, but for the memory of tensors that came from elsewhere. */
async function onHost(value: unknown, done = new Map<object, unknown>()): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (done.has(value)) return done.get(value);
  const keep = <T>(copy: T): T => {
    done.set(value, copy);
    return copy;
  };
  if (isTensor(value)) return keep(isFar(value) ? await value.cpu() : value);
  if (Array.isArray(value)) {
    const list: unknown[] = keep([]);
    for (const item of value) list.push(await onHost(item, done));
    return list;
  }
  if (value instanceof Map) {
    const map = keep(new Map());
    for (const [key, item] of value) map.set(key, await onHost(item, done));
    return map;
  }
  if (!isOptions(value)) return value;
  const object: Record<string, unknown> = keep(Object.create(null));
  for (const [key, item] of Object.entries(value)) object[key] = await onHost(item, done);
  return object;
}

const isFar = (value: unknown): boolean => isTensor(value) && value.device !== "cpu";

function hasFar(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if (isTensor(value)) return isFar(value);
  const items = Array.isArray(value)
    ? value
    : value instanceof Map
      ? [...value.values()]
      : isOptions(value)
        ? Object.values(value)
        : [];
  return items.some((item) => hasFar(item, seen));
}

/**
 * Writes bytes or text to a file as `save` does: at every moment there is the old file or the new one, whole. A process
 * that is killed in the middle may leave a file `….partial` beside it.
 */
export const writeFileAtomic = (path: string | URL, content: Uint8Array | string): Promise<void> =>
  writeFile(path, [content]);
