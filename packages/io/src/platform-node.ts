import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FormatError } from "./errors.js";
import type { ByteSource } from "./source/bytes.js";

/**
 * A file named by a path or a `file:` URL. It is opened anew for every read, so that nobody has to close a source; one that
 * has become another file meanwhile is refused.
 */
export async function openPath(path: string | URL, name: string): Promise<ByteSource> {
  const { size, mtimeMs, ino } = await using(path, (file) => file.stat());
  return {
    name,
    size,
    read: (from, to) =>
      using(path, async (file) => {
        const now = await file.stat();
        if (now.size !== size || now.mtimeMs !== mtimeMs || now.ino !== ino) {
          throw new FormatError(name, `byte ${from}`, "the file has changed while it was read");
        }
        const bytes = new Uint8Array(to - from);
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
          if (bytesRead === 0)
            throw new FormatError(name, `byte ${from + done}`, "the file ends here, before its size");
          done += bytesRead;
        }
        return bytes;
      }),
  };
}

async function using<T>(path: string | URL, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, "r");
  return use(file).finally(() => file.close());
}

let count = 0;

/**
 * Writes a file so that it is, at every moment, the old one or the new one, whole: under another name in the same folder, flushed to
 * disk, then renamed. Links stay links, and the old file's permissions stay.
 */
export async function writeFile(target: string | URL, content: readonly (Uint8Array | string)[]): Promise<void> {
  const given = target instanceof URL ? fileURLToPath(target) : target;
  const path = (await realpath(given).catch(ifMissing)) ?? given;
  const old = await stat(path).catch(ifMissing);
  if (old !== undefined && !old.isFile()) throw new Error(`cannot write ${given}: it is no regular file`);
  const partial = join(dirname(path), `.${process.pid}-${Date.now()}-${++count}.partial`);
  try {
    const file = await open(partial, "wx");
    try {
      if (old !== undefined) await file.chmod(old.mode & 0o777);
      for (const part of content) await file.writeFile(part); // each goes on where the last one ended
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
