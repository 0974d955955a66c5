import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    const events = ["--tensorboard", join(folder, "events")];
    const args = [names, "train", "--distributed", ...flags, ...events, "--out", shared];
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

    const resumed = await mpirun(4, [names, "train", "--distributed", "--resume", ...events, "--out", shared]);
    expect(readdirSync(join(folder, "events")), "a file of each run's first rank").toHaveLength(2);
    expect(resumed.stderr.match(/ 0% · /g) ?? [], "one progress bar").toHaveLength(0);
    expect(resumed.stderr.match(/100% · /g)).toHaveLength(1);
    expect(resumed.stdout.match(/report\.html/g)).toHaveLength(1);
    const [one, several] = await Promise.all([losses(alone), losses(shared)]);
    expect(several).toHaveLength(one.length);
    expect(Math.max(...several.map((loss, i) => Math.abs(loss - one[i])))).toBeLessThan(1e-4);
  });
});

describe.skipIf(!hasMpi)("style train --distributed", () => {
  const out = (name: string): string => join(folder, `${name}.safetensors`);
  const training = (name: string): string => join(folder, `${name}.training.safetensors`);
  const told = (text: string): string | undefined => /style \S+ · content [\d.]+\d/.exec(text)?.[0];

  it("stops at Ctrl-C, goes on with another number of ranks, and learns what one process does", async () => {
    const layers = ["--style-layers", "conv1_1", "--content-layers", "conv1_1"];
    const flags = ["--size", "32", "--batch", "3", "--width", "2", "--save-every", "1", ...layers];
    let launcher = 0;
    const begun = ["train", "--distributed", ...flags, "--steps", "1000000", "--out", out("shared")];
    const job = mpirun(2, [style, ...begun], {}, 100, (pid) => {
      launcher = pid;
    });
    while (!existsSync(training("shared"))) await pause(20);
    process.kill(launcher, "SIGINT");
    const { code, stdout, stderr } = await job;
    expect([null, 0]).not.toContain(code);
    expect((stdout + stderr).match(/Stopping and saving/g)).toHaveLength(1);
    const { metadata } = await io.loadSafetensors(training("shared"));
    const steps = String(JSON.parse(metadata.place).step + 2);

    const resume = ["train", "--distributed", "--resume", "--steps", steps, "--out", out("shared")];
    const resumed = await mpirun(3, [style, ...resume]);
    expect([resumed.code, resumed.stdout.match(/2 steps in/g)?.length]).toEqual([0, 1]);
    const alone = await mpirun(1, [style, "train", ...flags, "--steps", steps, "--out", out("alone")]);
    expect(told(alone.stdout)).toBeDefined();
    expect(told(resumed.stdout)).toBe(told(alone.stdout));
  });

  it("says a mistake once: one of all ranks, and one of a rank alone", async () => {
    const wrong = [style, "train", "--distributed", "--out", out("wrong"), "--stepz"];
    const right = wrong.slice(0, -1);
    for (const args of [wrong, [...right, ":", "-n", "1", process.execPath, ...wrong]]) {
      const { code, stderr } = await mpirun(args === wrong ? 2 : 1, args);
      expect([code, stderr.match(/unknown option '--stepz'/g)?.length]).toEqual([2, 1]);
    }
    const help = await mpirun(2, [style, "train", "--help"]);
    expect([help.code, help.stdout.match(/^Usage:/gm)?.length]).toEqual([0, 1]);
  });
});
