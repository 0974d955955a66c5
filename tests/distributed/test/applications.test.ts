import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { io } from "kindling";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMpi, mpirun } from "../src/mpirun.js";

const apps = fileURLToPath(new URL("../../../apps/", import.meta.url));
const names = join(apps, "name-classification/dist/cli.js");
const style = join(apps, "style-transfer/dist/cli.js");

let folder: string;
let data: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "applications-"));
  data = join(folder, "names");
  mkdirSync(data);
  for (const language of ["English", "Irish", "Russian"]) {
    const all = readFileSync(join(apps, `name-classification/data/${language}.txt`), "utf8");
    writeFileSync(join(data, `${language}.txt`), all.split("\n").slice(0, 75).join("\n"));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const losses = async (run: string): Promise<number[]> => {
  const { metadata } = await io.loadSafetensors(join(run, "checkpoint.safetensors"));
  return JSON.parse(metadata.run).losses.map(({ value }: { value: number }) => value);
};

/** Processes that a process has started. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

describe.skipIf(!hasMpi)("names train --distributed", () => {
  it("continues after a rank was killed, with another number of ranks, and learns what one process does", async () => {
    const flags = ["--data", data, "--hidden", "8", "--epochs", "12", "--batch", "16"];
    const [alone, shared] = [join(folder, "alone"), join(folder, "shared")];
    expect((await mpirun(1, [names, "train", ...flags, "--out", alone])).code).toBe(0);

    let launcher = 0;
    const args = [names, "train", "--distributed", ...flags, "--out", shared];
    const job = mpirun(2, args, {}, 100, (pid) => {
      launcher = pid;
    });
    while (!existsSync(join(shared, "checkpoint.safetensors"))) await pause(20);
    const killed = performance.now();
    process.kill(childrenOf(launcher)[1], "SIGKILL");
    const { code, stderr, stdout } = await job;
    expect([null, 0]).not.toContain(code);
    expect(stdout + stderr).toMatch(/rank 1 .* exited on signal 9/);
    expect(performance.now() - killed).toBeLessThan(10_000);
    expect((await losses(shared)).length).toBeLessThan((await losses(alone)).length);

    const resumed = await mpirun(4, [names, "train", "--distributed", "--resume", "--out", shared]);
    expect(resumed.stderr.match(/ 0% · /g) ?? [], "one progress bar").toHaveLength(0);
    expect(resumed.stderr.match(/100% · /g)).toHaveLength(1);
    expect(resumed.stdout.match(/report\.html/g)).toHaveLength(1);
    const [one, several] = await Promise.all([losses(alone), losses(shared)]);
    expect(several).toHaveLength(one.length);
    expect(Math.max(...several.map((loss, i) => Math.abs(loss - one[i])))).toBeLessThan(1e-4);
  });
});

describe.skipIf(!hasMpi)("style train --distributed", () => {
  it("learns what one process does", async () => {
    const layers = ["--style-layers", "conv1_1", "--content-layers", "conv1_1"];
    const flags = ["train", "--size", "32", "--steps", "3", "--batch", "3", "--width", "2", ...layers];
    const found: (string | undefined)[] = [];
    for (const [ranks, ...more] of [[1], [2, "--distributed"]] as const) {
      const out = join(folder, `${ranks}.safetensors`);
      const { code, stdout } = await mpirun(ranks, [style, ...flags, ...more, "--out", out]);
      expect([code, existsSync(out), stdout.match(/3 steps in/g)?.length]).toEqual([0, true, 1]);
      found.push(/style \S+ · content [\d.]+\d/.exec(stdout)?.[0]);
    }
    expect(found[0]).toBeDefined();
    expect(found[1]).toBe(found[0]);
  });
});
