import { constants } from "node:fs";
import { open, readFile as read, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The bytes of a file, or of what a URL leads to. */
export async function readFile(source: string | URL): Promise<Uint8Array> {
  if (source instanceof URL && source.protocol !== "file:") {
    const response = await fetch(source);
    if (!response.ok) throw new Error(`${source}: ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  }
  return read(source);
}

let count = 0;

/**
 * Writes a file so that it is, at every moment, the old one or the new one, whole: under another name in the same folder, flushed to
 * disk, then renamed.
 */
export async function writeFile(target: string | URL, bytes: Uint8Array): Promise<void> {
  const path = target instanceof URL ? fileURLToPath(target) : target;
  const partial = `${path}.${process.pid}-${++count}.partial`;
  try {
    const file = await open(partial, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Makes the renaming itself durable, where the system lets a folder be flushed. */
async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows has no such thing; the file is whole in any case
  }
}
