import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { codeOf, outputsOf, placeOf, programs, root } from "../src/blocks.js";
import { expectDrawn } from "../src/pictures.js";

/* The documentation's code runs on the sources, and draws the graphs that its pages show. */

const here = fileURLToPath(new URL("..", import.meta.url));
const folder = join(here, ".blocks");
const fileOf = (number: number): string => join(folder, `block-${number}.${programs[number].language}`);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [number, program] of programs.entries()) {
    const drawn = program.parts.flatMap(({ picture }) => picture?.variables ?? []);
    writeFileSync(fileOf(number), `${codeOf(program)}\nexport { ${[...new Set(drawn)].join(", ")} };\n`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("documentation", () => {
  it("has code to run", () => {
    expect(programs.length).toBeGreaterThan(0);
  });

  for (const [number, program] of programs.entries()) {
    it(placeOf(program), async () => {
      const printed: string[] = [];
      const log = vi.spyOn(console, "log").mockImplementation((...args: unknown[]) => {
        printed.push(`${format(...args)}\n`);
      });
      let variables: Record<string, unknown>;
      try {
        variables = await import(/* @vite-ignore */ fileOf(number));
      } finally {
        log.mockRestore();
      }
      const outputs = outputsOf(program, printed.join(""));
      expect(outputs.printed).toEqual(outputs.shown);
      for (const { picture } of program.parts) if (picture) await expectDrawn(picture, variables);
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
        (_, number, line) => `${placeOf(programs[number])}, line ${line} of the program (${line}`,
      );
    }
    expect(complaints).toBe("");
  }, 60_000);
});
