import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as kindling from "kindling";
import { expect, it } from "vitest";
import { absent } from "../src/absent.js";

/*
 * docs/coming-from-pytorch.md counts which of PyTorch's names are here. It is made here, of the names that PyTorch 1.13.1 has
 * (fixtures/make_names.py); UPDATE_NAMES=1 writes it.
 */

const page = fileURLToPath(new URL("../../../docs/coming-from-pytorch.md", import.meta.url));
const fixture = new URL("../fixtures/torch-names.json", import.meta.url);
const names: Record<string, string[]> = JSON.parse(readFileSync(fixture, "utf8"));

const { nn, linalg, special, optim, ones } = kindling;
const here: Record<string, object> = {
  torch: kindling,
  "torch.Tensor": ones(2, 2),
  "torch.linalg": linalg,
  "torch.special": special,
  "torch.nn": nn,
  "torch.nn.functional": nn.functional,
  "torch.nn.init": nn.init,
  "torch.optim": optim,
  "torch.optim.lr_scheduler": optim.lrScheduler,
};

const camelCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const isHere = (module: string, name: string): boolean => camelCase(name) in here[module];

const missing = Object.entries(names).flatMap(([module, all]) =>
  all.filter((name) => !isHere(module, name)).map((name) => `${module}.${name}`),
);
const groupOf = (name: string) => absent.find(({ names }) => names.test(name));
const count = new Map(absent.map((group) => [group, missing.filter((name) => groupOf(name) === group).length]));

const BEGIN = "<!-- names: written by tests/docs/test/names.test.ts -->\n";
const END = "<!-- /names -->";

function section(): string {
  const rows = Object.entries(names).map(([module, all]) => {
    const found = all.filter((name) => isHere(module, name)).length;
    return `| \`${module}\` | ${all.length} | ${found} | ${all.length - found} |`;
  });
  const groups = absent.map((group) => `| ${group.what} | ${count.get(group)} | ${group.instead} |`);
  return `${BEGIN}
| module | names | here | not here |
|---|---|---|---|
${rows.join("\n")}

| not here | names | instead, or why |
|---|---|---|
${groups.join("\n")}

${END}`;
}

it("every name of PyTorch is here, or belongs to a group that says why not", () => {
  expect(missing.filter((name) => !groupOf(name))).toEqual([]);
  expect([...count].filter(([, n]) => n === 0).map(([{ what }]) => what)).toEqual([]);
});

it("docs/coming-from-pytorch.md says what is so", () => {
  const text = readFileSync(page, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  expect(begin, "the page has lost its section").toBeGreaterThan(0);
  const fresh = text.slice(0, begin) + section() + text.slice(end + END.length);
  if (process.env.UPDATE_NAMES) writeFileSync(page, fresh);
  expect(readFileSync(page, "utf8"), "out of date: UPDATE_NAMES=1 npx vitest run test/names.test.ts").toBe(fresh);
});
