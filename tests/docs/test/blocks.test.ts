import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

/*
 * Every ```ts block runs as a module of its own; where a ```text block follows, it is what the code prints. A block that is
 * only an excerpt says so in its info string: ```ts excerpt.
 */

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = fileURLToPath(new URL("../.blocks/", import.meta.url));

interface Block {
  readonly file: string;
  readonly line: number;
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
  const fence = /^```ts\n([\s\S]*?)^```\n(?:\s*^```text\n([\s\S]*?)^```)?/gm;
  return [...text.matchAll(fence)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    code: match[1],
    output: match[2] ?? null,
  }));
}

const blocks = pages().flatMap(blocksOf);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("documentation", () => {
  it("has code to run", () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  for (const [number, { file, line, code, output }] of blocks.entries()) {
    it(`${file}:${line}`, async () => {
      const path = join(folder, `block-${number}.ts`);
      writeFileSync(path, `${code}\nexport {};\n`);
      const printed: string[] = [];
      const log = vi.spyOn(console, "log").mockImplementation((...args: unknown[]) => {
        printed.push(format(...args));
      });
      try {
        await import(/* @vite-ignore */ path);
      } finally {
        log.mockRestore();
      }
      if (output !== null) expect(printed.join("\n")).toBe(output.trimEnd());
    });
  }
});
