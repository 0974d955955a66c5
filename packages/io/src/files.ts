import { ArgumentError, isTensor, type Tensor } from "@kindling/autograd";
import { readFile, writeFile } from "#platform";
import { deserialize, type SafetensorsFile, serialize } from "./safetensors.js";

/** Where a file comes from: a path, a URL, or its bytes. */
export type Source = string | URL | Blob | ArrayBuffer | Uint8Array;

interface Read {
  readonly bytes: Uint8Array;
  /** For errors. */
  readonly name: string;
}

async function bytesOf(source: Source): Promise<Read> {
  if (source instanceof Uint8Array) return { bytes: source, name: "bytes" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name: "bytes" };
  if (source instanceof Blob) {
    const name = (source as { name?: string }).name ?? "blob";
    return { bytes: new Uint8Array(await source.arrayBuffer()), name };
  }
  if (typeof source === "string" || source instanceof URL)
    return { bytes: await readFile(source), name: String(source) };
  throw new ArgumentError("load() takes a path, a URL, a Blob, an ArrayBuffer or a Uint8Array");
}

const SAFETENSORS = ".safetensors";

function requireSafetensors(name: string, call: string): void {
  if (/\.[^./\\]+$/.test(name) && !name.endsWith(SAFETENSORS)) {
    throw new ArgumentError(`${call}(): ${name} is not a ${SAFETENSORS} file, the only format so far`, { file: name });
  }
}

/**
 * Reads a file of tensors: names to tensors, as `loadStateDict` takes them.
 * @throws FormatError for a file that is broken; the error names the place
 */
export async function load(source: Source): Promise<Record<string, Tensor>> {
  return (await loadSafetensors(source)).tensors;
}

/** Reads a safetensors file with its metadata. */
export async function loadSafetensors(source: Source): Promise<SafetensorsFile> {
  if (typeof source === "string" || source instanceof URL)
    requireSafetensors(String(source).replace(/[?#].*$/, ""), "load");
  const { bytes, name } = await bytesOf(source);
  return deserialize(bytes, name);
}

/**
 * Writes tensors (of any device) to a safetensors file. The file is replaced as a whole: a crash leaves the old one as it was.
 * @param options.metadata strings that the header carries
 */
export async function save(
  tensors: Readonly<Record<string, Tensor>>,
  path: string | URL,
  options: { metadata?: Record<string, string> } = {},
): Promise<void> {
  requireSafetensors(String(path), "save");
  const host: Record<string, Tensor> = Object.create(null);
  for (const [name, value] of Object.entries(tensors)) host[name] = isTensor(value) ? await value.cpu() : value;
  await writeFile(path, serialize(host, options));
}

/** Writes bytes to a file as `save` does: at every moment there is the old file or the new one, whole. */
export const writeFileAtomic = (path: string | URL, bytes: Uint8Array): Promise<void> => writeFile(path, bytes);
