import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "../src/main.js";
import type { Losses } from "../src/paint.js";

/* `--device` with somebody else's package: nothing here, or in the application, knows of it. */

const folder = mkdtempSync(join(tmpdir(), "style-transfer-"));
afterAll(() => rmSync(folder, { recursive: true }));
vi.stubEnv("XDG_CACHE_HOME", folder); // nothing has been downloaded there

beforeEach(() => {
  for (const method of ["log", "error"] as const) vi.spyOn(console, method).mockReturnValue();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

/** What the command would draw of the losses. */
const curves: Losses[][] = [];
vi.mock("../src/report.js", () => ({
  besideOf: (path: string) => path,
  writePlot: (_: string, curve: Losses[]) => curves.push(curve),
}));

const paint = (device: string): Promise<number> =>
  main([
    ..."--size 64 --steps 3 --style-layers conv1_1 --content-layers conv1_1 --optimizer adam --plot".split(" "),
    ...["--device", device, "--out", join(folder, `${curves.length}.png`)],
  ]);

test("paints on a package's backend, to the cpu's losses", async () => {
  expect(await paint("cpu")).toBe(0);
  expect(await paint("@kindling-examples/backend-template")).toBe(0);
  const [cpu, other] = curves;
  expect(cpu).toHaveLength(3);
  expect(cpu[2].style).toBeLessThan(cpu[0].style);
  for (const [i, { style, content }] of cpu.entries()) {
    expect(Math.abs(other[i].style - style)).toBeLessThan(1e-4 * style);
    expect(Math.abs(other[i].content - content)).toBeLessThan(1e-4 * cpu[2].content);
  }
}, 120_000);
