import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { EventFile } from "./tensorboard/summary-writer.js";

let files = 0;

/** A folder below `runs` that is named by the time and the host. */
export const defaultFolder = (): string =>
  join("runs", `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}_${hostname()}`);

/** Opens a new event file in a folder, which is made where it is not there. */
export function openEventFile(folder: string): EventFile {
  mkdirSync(folder, { recursive: true });
  const seconds = Math.floor(Date.now() / 1000);
  const file = openSync(join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}`), "ax");
  return {
    append(bytes) {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    },
    flush: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}
