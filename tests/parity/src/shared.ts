import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** The folder of recordings: `KINDLING_SHARED`, or `shared` beside the repository. */
export const shared = process.env.KINDLING_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

const folder = `${shared}/fixtures/opinfo`;

/** Whether the recordings are there. */
export const present = existsSync(`${folder}/_index.json`);

if (!present)
  console.warn(`parity: no recordings at ${folder}, nothing is compared (KINDLING_SHARED names another place)`);

/** A recording by its name. */
export function recording<T>(name: string): T {
  const plain = `${folder}/${name}.json`;
  if (existsSync(plain)) return JSON.parse(readFileSync(plain, "utf8")) as T;
  return JSON.parse(gunzipSync(readFileSync(`${plain}.gz`)).toString()) as T;
}

interface Entry {
  readonly op: string;
  readonly variant: string;
  readonly core: boolean;
  readonly samples: number;
  readonly errors: number;
}

/** All recorded operators, by the name of their file. */
export const index = (): Record<string, Entry> => recording<{ files: Record<string, Entry> }>("_index").files;
