import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { blocks, root } from "../src/blocks.js";

/* The documentation's code runs on the sources. */

const here = fileURLToPath(new URL("..", import.meta.url));
const folder = join(here, ".blocks");
const fileOf = (number: number): string => join(folder, `block-${number}.${blocks[number].language}`);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [number, { code }] of blocks.entries()) writeFileSync(fileOf(number), `${code}\nexport {};\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("documentation", () => {
  it("has code to run", () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  for (const [number, { file, line, output }] of blocks.entries()) {
    it(`${file}:${line}`, async () => {
      const printed: string[] = [];
      const log = vi.spyOn(console, "log").mockImplementation((...args: unknown[]) => {
        printed.push(format(...args));
      });
      try {
        await import(/* @vite-ignore */ fileOf(number));
      } finally {
        log.mockRestore();
      }
      if (output !== null) expect(printed.join("\n")).toBe(output.trimEnd());
    });
  }

  it("compiles under strict where it says that it is TypeScript", () => {
    let complaints = "";
    try {
      execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.blocks.json"], {
        cwd: here,
        encoding: "utf8",
        shell: process.platform === "win32",
      });
    } catch (error) {
      const { stdout, message } = error as Error & { stdout: string };
      complaints = (stdout || message).replace(
        /\.blocks\/block-(\d+)\.ts\((\d+)/g,
        (_, number, line) => `${blocks[number].file}:${blocks[number].line + Number(line)} (${line}`,
      );
    }
    expect(complaints).toBe("");
  }, 60_000);
});
