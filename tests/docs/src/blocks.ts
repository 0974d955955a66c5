import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * The code blocks of the documentation. Every ```ts or ```js block is a module of its own; where a ```text block follows, it is
 * what the code prints. ```js continued goes on where the block before it ended. A block that is only an excerpt says so in its info string: ```ts excerpt. A ```ts block compiles under
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
  const fence = /^```(ts|js)( continued)?\n([\s\S]*?)^```\n(?:\s*^```text\n([\s\S]*?)^```)?/gm;
  const found: Block[] = [];
  for (const match of text.matchAll(fence)) {
    const [, language, continued, code, output = null] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const before = continued ? found.pop() : undefined; // which runs as a part of this one
    if (!before) found.push({ file, line, language, code, output });
    else {
      const printed = before.output === null && output === null ? null : (before.output ?? "") + (output ?? "");
      found.push({ ...before, code: before.code + code, output: printed });
    }
  }
  return found;
}

export const blocks = pages().flatMap(blocksOf);
