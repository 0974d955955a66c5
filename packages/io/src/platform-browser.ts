import { DeviceError } from "@kindling/autograd";
import { fetched } from "./fetched.js";

/** The bytes that a path leads to, taken as a URL. */
export const readFile = (source: string | URL): Promise<Uint8Array> => fetched(String(source));

/** There is no file system to write to. */
export async function writeFile(target: string | URL, _content: Uint8Array | string): Promise<void> {
  throw new DeviceError(
    `cannot write ${target}: there is no file system here. serialize() gives the bytes, for a download or a store of yours.`,
    { file: String(target) },
  );
}
