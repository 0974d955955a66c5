import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** Whether a path is there; what `KINDLING_REQUIRE` names must be. */
export function isPresent(path: string): boolean {
  if (existsSync(path)) return true;
  if (process.env.KINDLING_REQUIRE?.split(",").includes("shared"))
    throw new Error(`KINDLING_REQUIRE: there is no ${path}`);
  console.warn(`skipped: no recordings at ${path} (KINDLING_SHARED names another place)`);
  return false;
}

/** The folder of recordings: `KINDLING_SHARED`, or `shared` beside the repository. */
export const shared = process.env.KINDLING_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

const folder = `${shared}/fixtures/opinfo`;

/** Whether the recordings are there. */
export const present = isPresent(`${folder}/_index.json`);

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
