import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { normalise } from "../src/alphabet.js";
import { bundledData } from "../src/dataset-node.js";

const files = readdirSync(bundledData).filter((file) => file.endsWith(".txt"));
const readme = readFileSync(join(bundledData, "README.md"), "utf8");

function namesOf(file: string): string[] {
  return readFileSync(join(bundledData, file), "utf8").replace(/\n$/, "").split("\n");
}

test("there are the tutorial's 18 languages", () => {
  expect(files.map((file) => file.replace(".txt", ""))).toEqual(
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean Polish Portuguese Russian Scottish Spanish Vietnamese".split(
      " ",
    ),
  );
});

test.each(files)("%s: at least 120 names, tidy, sorted, none twice", (file) => {
  const names = namesOf(file);
  expect(names.length).toBeGreaterThanOrEqual(120);
  for (const name of names) expect(name).toBe(name.normalize("NFC").trim());
  expect(names).not.toContain("");
  const texts = names.map(normalise);
  expect(texts).toEqual([...new Set(texts)].sort());
  expect(readme).toContain(`| ${file.replace(".txt", "")} | ${names.length} |`);
});

test("a name stands in two files only where the README says why", () => {
  const languages = new Map<string, string[]>();
  for (const file of files) {
    for (const text of namesOf(file).map(normalise)) {
      languages.set(text, [...(languages.get(text) ?? []), file.replace(".txt", "")]);
    }
  }
  const shared = [...languages]
    .filter(([, list]) => list.length > 1)
    .map(([text, list]) => `${text}: ${list.join(", ")}`);
  const listed = [...readme.matchAll(/^\| (\S+) \| (\w+, \w+) \| .+ \|$/gm)].map(
    ([, name, list]) => `${name}: ${list}`,
  );
  expect(shared.sort()).toEqual(listed);
  expect(listed.length).toBeLessThanOrEqual(15);
});
