import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init } from "kindling";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "../src/main.js";
import type { Losses } from "../src/paint.js";

/* `--device` with a GPU, and with somebody else's package: nothing here, or in the application, knows of that. */

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

/** Whether `--device webgpu` can open a GPU here; where it must (KINDLING_REQUIRE), the test fails instead of being skipped. */
async function hasGpu(): Promise<boolean> {
  try {
    await init("webgpu");
    return true;
  } catch (error) {
    console.warn(`skipped: ${(error as Error).message}`);
    return process.env.KINDLING_REQUIRE?.split(",").includes("webgpu") === true;
  }
}
const gpu = await hasGpu();

test.for([
  ["@kindling-examples/backend-template", true],
  ["webgpu", gpu],
] as const)("paints on %s, to the cpu's losses", { timeout: 120_000 }, async ([device, present], { skip }) => {
  skip(!present, "no GPU");
  curves.length = 0;
  expect(await paint("cpu")).toBe(0);
  expect(await paint(device)).toBe(0);
  const [cpu, other] = curves;
  expect(cpu).toHaveLength(3);
  expect(cpu[2].style).toBeLessThan(cpu[0].style);
  for (const [i, { style, content }] of cpu.entries()) {
    expect(Math.abs(other[i].style - style)).toBeLessThan(1e-4 * style);
    expect(Math.abs(other[i].content - content)).toBeLessThan(1e-4 * cpu[2].content);
  }
});
