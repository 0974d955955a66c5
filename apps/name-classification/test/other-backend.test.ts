import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { bundledData } from "../src/dataset-node.js";
import { main } from "../src/main.js";
import { loadRun } from "../src/run-node.js";

/* `--device` with somebody else's package: nothing here, or in the application, knows of it. */

const folder = mkdtempSync(join(tmpdir(), "names-"));
mkdirSync(join(folder, "data"));
for (const language of ["Greek", "Irish", "Japanese"]) {
  cpSync(join(bundledData, `${language}.txt`), join(folder, "data", `${language}.txt`));
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed: string;
beforeEach(() => {
  printed = "";
  for (const method of ["log", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((text) => {
      printed += `${text}\n`;
    });
  }
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

const train = (device: string, out: string): Promise<number> =>
  main([
    ...`train --data ${join(folder, "data")} --hidden 24 --epochs 4 --batch 32 --decay none`.split(" "),
    ...["--device", device, "--out", join(folder, out)],
  ]);

it("trains on a package's backend, to the cpu's losses", async () => {
  expect(await train("cpu", "cpu")).toBe(0);
  expect(await train("@kindling-examples/backend-template", "other")).toBe(0);
  const [cpu, other] = await Promise.all(["cpu", "other"].map((out) => loadRun(join(folder, out))));
  const last = cpu.record.losses.length - 1;
  expect(last).toBeGreaterThan(0);
  for (const [i, { value }] of cpu.record.losses.entries()) {
    expect(other.record.losses[i].value).toBeCloseTo(value, 3);
  }
  expect(other.record.accuracies.at(-1)?.value).toBeGreaterThan(0.85);
}, 120_000);

it("says what is wrong with a package that is none", async () => {
  expect(await train("./no-such-backend.js", "none")).toBe(2);
  expect(printed).toContain("no package or file of that name");
  expect(await train("commander", "none")).toBe(2);
  expect(printed).toContain("'commander' adds no device");
});
