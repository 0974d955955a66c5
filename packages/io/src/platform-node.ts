import { open, readFile as read, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bytes of a file named by a path or a `file:` URL. */
export const readFile = (source: string | URL): Promise<Uint8Array> => read(source);

let count = 0;

/**
 * Writes a file so that it is, at every moment, the old one or the new one, whole: under another name in the same folder, flushed to
 * disk, then renamed. Links stay links, and the old file's permissions stay.
 */
export async function writeFile(target: string | URL, content: Uint8Array | string): Promise<void> {
  const given = target instanceof URL ? fileURLToPath(target) : target;
  const path = (await realpath(given).catch(ifMissing)) ?? given;
  const old = await stat(path).catch(ifMissing);
  if (old !== undefined && !old.isFile()) throw new Error(`cannot write ${given}: it is no regular file`);
  const partial = join(dirname(path), `.${process.pid}-${Date.now()}-${++count}.partial`);
  try {
    const file = await open(partial, "wx");
    try {
      if (old !== undefined) await file.chmod(old.mode & 0o777);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw Object.assign(new Error(`cannot write ${given}: ${(error as Error).message}`, { cause: error }), {
      code: (error as NodeJS.ErrnoException).code,
    });
  }
  await flushFolder(dirname(path));
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Makes the renaming itself durable, where the system lets a folder be flushed. */
async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows has no such thing; the file is whole in any case
  }
}
