import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * The code blocks of the documentation. Every ```ts or ```js block is a module of its own; where a ```text block follows, it is
 * what the code prints. A block that is only an excerpt says so in its info string: ```ts excerpt. A ```ts block compiles under
 * `strict`, and is plain JavaScript too, so that it runs wherever it is pasted.
 */

export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly output: string | null;
}

function pages(): string[] {
  const inside = (path: string): string[] =>
    readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith(".md") && !entry.parentPath.includes("node_modules"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const readmes = ["packages", "apps", "examples"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  );
  return ["README.md", "CONTRIBUTING.md", ...inside("docs"), ...readmes].filter((file) => existsSync(join(root, file)));
}

function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), "utf8");
  const fence = /^```(ts|js)\n([\s\S]*?)^```\n(?:\s*^```text\n([\s\S]*?)^```)?/gm;
  return [...text.matchAll(fence)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1],
    code: match[2],
    output: match[3] ?? null,
  }));
}

export const blocks = pages().flatMap(blocksOf);
