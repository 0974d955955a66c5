import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

/* A checkpoint with the states of net, optimizer, scheduler and generators: another program that goes on from it computes the same bits. */

const folder = mkdtempSync(join(tmpdir(), "resume-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = fileURLToPath(new URL("../fixtures/resume.mjs", import.meta.url));
const run = (...args: (string | number)[]): string[] =>
  execFileSync(process.execPath, [program, ...args.map(String)], { encoding: "utf8" })
    .trim()
    .split("\n");

describe("a program that goes on where another stopped", () => {
  it.each([
    ["SGD", "StepLR"],
    ["Adam", "MultiStepLR"],
    ["AdamW", "CosineAnnealingLR"],
    ["RMSprop", "OneCycleLR"],
  ])(
    "%s with %s: the same losses, bit for bit",
    (optimizer, scheduler) => {
      const [whole, parts] = ["whole.pt", "parts.pt"].map((name) => join(folder, `${optimizer}-${name}`));
      const all = run(whole, 0, 8, optimizer, scheduler);
      const both = [...run(parts, 0, 3, optimizer, scheduler), ...run(parts, 3, 8, optimizer, scheduler)];
      expect(all).toHaveLength(8);
      expect(new Set(all.map((line) => line.split(" ")[1])).size).toBe(8);
      expect(both).toEqual(all);
      expect(readFileSync(parts).equals(readFileSync(whole))).toBe(true);
    },
    60_000,
  );
});
