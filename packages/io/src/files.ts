import { ArgumentError, isTensor, type Tensor } from "@kindling/autograd";
import { readFile, writeFile } from "#platform";
import { fetched } from "./fetched.js";
import {
  deserialize,
  namedValues,
  type SafetensorsFile,
  type SerializeOptions,
  serialize,
  type Tensors,
} from "./safetensors.js";

/** Where a file comes from: a path (in a page: its URL), a URL, a `Blob` or `File`, or its bytes. */
export type Source = string | URL | Blob | ArrayBuffer | ArrayBufferView;

interface Read {
  readonly bytes: Uint8Array;
  /** For errors. */
  readonly name: string;
}

async function bytesOf(source: Source): Promise<Read> {
  if (ArrayBuffer.isView(source)) {
    return { bytes: new Uint8Array(source.buffer, source.byteOffset, source.byteLength), name: "bytes" };
  }
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name: "bytes" };
  if (source instanceof Blob) return { bytes: new Uint8Array(await source.arrayBuffer()), name: nameOf(source) };
  if (source instanceof URL && source.protocol !== "file:") {
    return { bytes: await fetched(source.href), name: nameOf(source) };
  }
  if (typeof source === "string" || source instanceof URL) {
    return { bytes: await readFile(source), name: nameOf(source) };
  }
  throw new ArgumentError("load() takes a path, a URL, a Blob, an ArrayBuffer or a view of one");
}

/** What errors call a source. */
function nameOf(source: Source): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "data:" ? "data:" : source.href;
  return (source as { name?: string } | null | undefined)?.name ?? "blob";
}

const SAFETENSORS = ".safetensors";

/** The extension names the format: `".pth"` of `folder/model.pth` and of `https://host/model.pth?version=2`. */
function requireSafetensors(source: Source, call: string): void {
  const name = nameOf(source);
  const path = /^\w[\w+.-]+:\/\//.test(name) ? new URL(name).pathname : name;
  const extension = /[^/\\](\.[^./\\]+)$/.exec(path)?.[1].toLowerCase();
  if (extension === SAFETENSORS || (extension === undefined && call === "load")) return;
  throw new ArgumentError(`${call}(): ${name} is not a ${SAFETENSORS} file, the only format so far`, { file: name });
}

/**
 * Reads a file of tensors: names to tensors, as `loadStateDict` takes them, in an object without a prototype.
 * The extension names the format; a source without one is taken for safetensors.
 * @throws FormatError for a file that is broken; the error names the place
 * @throws ArgumentError for a file of another format
 */
export async function load(source: Source): Promise<Record<string, Tensor>> {
  requireSafetensors(source, "load");
  return (await loadSafetensors(source)).tensors;
}

/** Reads a safetensors file, whatever its name, with its metadata. Throws FormatError as `load` does. */
export async function loadSafetensors(source: Source): Promise<SafetensorsFile> {
  const { bytes, name } = await bytesOf(source);
  return deserialize(bytes, name);
}

/**
 * Writes tensors (of any device) to a file whose extension names the format: `.safetensors`. The file is replaced as a
 * whole: a crash leaves the old one as it was. Tensors on `cpu` are written as they are at the call, whatever happens to
 * them before the promise settles.
 * @param options.metadata strings that the header carries
 * @throws ArgumentError for another extension and for values that are no tensors
 */
export async function save(tensors: Tensors, path: string | URL, options?: SerializeOptions): Promise<void> {
  requireSafetensors(path, "save");
  await saveSafetensors(tensors, path, options);
}

/** Writes a safetensors file, whatever its name, as `save` does. */
export async function saveSafetensors(tensors: Tensors, path: string | URL, options?: SerializeOptions): Promise<void> {
  const far = namedValues(tensors).some(([, value]) => isTensor(value) && value.device !== "cpu");
  await writeFile(path, serialize(far ? await onHost(tensors) : tensors, options));
}

async function onHost(tensors: Tensors): Promise<Tensors> {
  const host = new Map<string, Tensor>();
  for (const [name, value] of namedValues(tensors)) host.set(name, isTensor(value) ? await value.cpu() : value);
  return host;
}

/**
 * Writes bytes or text to a file as `save` does: at every moment there is the old file or the new one, whole. A process
 * that is killed in the middle may leave a file `….partial` beside it.
 */
export const writeFileAtomic = (path: string | URL, content: Uint8Array | string): Promise<void> =>
  writeFile(path, content);
