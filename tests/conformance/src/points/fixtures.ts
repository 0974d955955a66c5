import { readFileSync } from "node:fs";
import type { Nested } from "./place.js";
import type { Program } from "./programs.js";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), "utf8"));

/** What PyTorch computes; see fixtures/make_points.py. */
interface Fixtures {
  readonly [point: string]: { readonly [name: string]: Value };
}
// biome-ignore lint/suspicious/noExplicitAny: numbers at various depths, under names that the script chooses
type Value = any;

export const fixtures = read("points") as Fixtures;
export const programs = read("programs") as readonly Program[];
export type { Nested };
