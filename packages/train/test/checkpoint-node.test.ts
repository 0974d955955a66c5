import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@kindling/autograd";
import { load } from "@kindling/io";
import { afterAll, expect, it } from "vitest";
import { checkpointEvery } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("saves every so many steps, and asks for the state only then", async () => {
  const path = join(folder, "run.pt");
  let asked = 0;
  const checkpoint = checkpointEvery(3, path, () => ({ step: ++asked, weight: tensor([asked]) }));
  expect(await checkpoint(1)).toBe(false);
  expect(existsSync(path)).toBe(false);
  const saved: number[] = [];
  for (let step = 2; step <= 7; step++) if (await checkpoint(step)) saved.push(step);
  expect([saved, asked]).toEqual([[3, 6], 2]);
  expect(((await load(path)) as { step: number }).step).toBe(2);
  expect(() => checkpointEvery(0, path, () => null)).toThrow("every is 1 or more");
});
