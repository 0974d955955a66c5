import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { graph } from "@kindling/viz";
import { nn, type Tensor } from "kindling";
import { expect } from "vitest";
import { type Picture, root } from "./blocks.js";

/** The parameters of a module by their names, or the one tensor. */
const named = ([name, value]: [string, unknown]): [string, Tensor][] =>
  value instanceof nn.Module
    ? [...value.namedParameters()].map(([key, parameter]) => [`${name}.${key}`, parameter])
    : [[name, value as Tensor]];

const namesOf = (variables: readonly string[], values: Record<string, unknown>): Record<string, Tensor> =>
  Object.fromEntries(variables.map((name): [string, unknown] => [name, values[name]]).flatMap(named));

/** The picture is what the variables of the page draw; `UPDATE_PICTURES=1` draws it anew. */
export async function expectDrawn({ file, variables }: Picture, values: Record<string, unknown>): Promise<void> {
  const drawn = values[variables[0]];
  const svg = typeof drawn === "string" ? drawn : await graph(drawn as Tensor, { names: namesOf(variables, values) });
  const path = join(root, file);
  if (process.env.UPDATE_PICTURES) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, svg);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : `${file} is missing: UPDATE_PICTURES=1 draws it`).toBe(svg);
}
