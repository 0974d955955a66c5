import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { startProgress } from "@kindling/train";
import { Interrupted, interruptible, isSystemError, makeFolder, reasonOf, UsageError } from "app-common";
import type { Remote } from "./torchvision.js";

/** Where downloads are kept. */
export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kindling");

/** The path of a file that has been downloaded, or where it will be. */
export const cachedPath = ({ url }: Remote): string => join(cacheFolder(), basename(new URL(url).pathname));

/**
 * Fetches a file unless it is there. What an earlier try has brought is not fetched again; the file takes its name when it is whole and
 * its sha256 is right.
 * @returns its path
 * @throws UsageError where the network fails or the file is another one; Interrupted after Ctrl-C
 */
export async function download(remote: Remote): Promise<string> {
  const path = cachedPath(remote);
  if (existsSync(path)) return path;
  makeFolder(cacheFolder());
  const partial = `${path}.partial`;
  await fetchRest(remote, partial);
  const sha256 = await sha256Of(partial);
  if (sha256 !== remote.sha256) {
    await rm(partial);
    throw new UsageError(`${remote.url} is not the file it should be: its sha256 is ${sha256}, not ${remote.sha256}`);
  }
  await rename(partial, path);
  return path;
}

/** Adds to `partial` what it lacks. */
async function fetchRest({ url, bytes }: Remote, partial: string): Promise<void> {
  let done = existsSync(partial) ? statSync(partial).size : 0;
  if (done >= bytes) return;
  const stop = new AbortController();
  const headers: Record<string, string> = done > 0 ? { range: `bytes=${done}-` } : {};
  const response = await fetch(url, { headers, signal: stop.signal }).catch((error) => {
    throw new UsageError(`cannot download ${url}: ${reasonOf(error.cause ?? error)}`);
  });
  if (!response.ok || response.body === null)
    throw new UsageError(`cannot download ${url}: the server says ${response.status}`);
  if (response.status !== 206) done = 0; // all of it, from the start
  const progress = startProgress(bytes / MB, { unit: "MB", start: done / MB });
  const file = await open(partial, done > 0 ? "a" : "w");
  try {
    await interruptible(async (stopped) => {
      const watch = setInterval(() => stopped() && stop.abort(), 50); // the server may have fallen silent
      try {
        for await (const chunk of response.body as ReadableStream<Uint8Array>) {
          await file.appendFile(chunk);
          done += chunk.length;
          await progress.update(done / MB, url);
        }
      } finally {
        clearInterval(watch);
      }
    });
  } catch (error) {
    if (stop.signal.aborted) throw new Interrupted("\nStopped; the same command goes on from here.");
    if (isSystemError(error)) throw error;
    throw new UsageError(
      `the download of ${url} broke off (${(error as Error).message}): the same command goes on from here`,
    );
  } finally {
    progress.stop();
    await file.close();
  }
}

const MB = 1e6;

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
