import { ArgumentError } from "@kindling/autograd";
import { openPath } from "#platform";
import { type ByteSource, inMemory, ofBlob } from "./bytes.js";
import { fetched } from "./fetched.js";

/** Where a file comes from: a path (in a page: its URL), a URL, a `Blob` or `File`, or its bytes. */
export type Source = string | URL | Blob | ArrayBuffer | ArrayBufferView;

/**
 * Opens a source for reading by ranges; nothing stays open between reads.
 * @param call the function that was called, for errors
 * @throws ArgumentError for what is no source
 */
export async function open(source: Source, call: string): Promise<ByteSource> {
  if (ArrayBuffer.isView(source)) {
    return inMemory(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), "bytes");
  }
  if (source instanceof ArrayBuffer) return inMemory(new Uint8Array(source), "bytes");
  if (source instanceof Blob) return ofBlob(source, nameOf(source));
  if (source instanceof URL && source.protocol !== "file:") return fetched(source.href, nameOf(source));
  if (typeof source === "string" || source instanceof URL) return openPath(source, nameOf(source));
  throw new ArgumentError(`${call}() takes a path, a URL, a Blob, an ArrayBuffer or a view of one`);
}

/** What errors call a source. */
export function nameOf(source: Source): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "data:" ? "data:" : source.href;
  return (source as { name?: string } | null | undefined)?.name ?? "blob";
}

/** The extension in small letters: `".pth"` of `folder/model.pth` and of `https://host/model.pth?version=2`; `""` without one. */
export function extensionOf(name: string): string {
  const path = /^\w[\w+.-]+:\/\//.test(name) ? new URL(name).pathname : name;
  return /[^/\\](\.[^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? "";
}
