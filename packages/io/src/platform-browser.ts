import { DeviceError } from "@kindling/autograd";
import type { ByteSource } from "./source/bytes.js";
import { fetched } from "./source/fetched.js";

/** What a path leads to, taken as a URL. */
export const openPath = (path: string | URL, name: string): Promise<ByteSource> => fetched(String(path), name);

/** There is no file system to write to. */
export async function writeFile(target: string | URL, _content: readonly (Uint8Array | string)[]): Promise<void> {
  throw new DeviceError(
    `cannot write ${target}: there is no file system here. serialize(), serializeTorch() and their like give the bytes, for a download or a store of yours.`,
    { file: String(target) },
  );
}
