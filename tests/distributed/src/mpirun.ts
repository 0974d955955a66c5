import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Whether there is an `mpirun`; tests skip where there is none, unless KINDLING_REQUIRE names `mpi`. */
export const hasMpi = spawnSync("mpirun", ["--version"]).status === 0;

if (!hasMpi && process.env.KINDLING_REQUIRE?.split(",").includes("mpi")) {
  throw new Error(
    "KINDLING_REQUIRE asks for MPI, and there is no mpirun (on Debian: apt install openmpi-bin libopenmpi3)",
  );
}
if (!hasMpi)
  console.warn("tests of several ranks are skipped: there is no mpirun (apt install openmpi-bin libopenmpi3)");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** Open MPI refuses root and more ranks than cores unless told; CI has both. */
const environment = {
  ...process.env,
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  OMPI_MCA_mpi_yield_when_idle: "1",
};

/** `mpirun -n ranks node …`; a job that has not ended by itself after `limit` seconds is killed, and has no code. */
export async function mpirun(
  ranks: number,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
  limit = 100,
  onStart: (pid: number) => void = () => {},
): Promise<Ended> {
  const begin = performance.now();
  const job = spawn("mpirun", ["-n", String(ranks), process.execPath, ...args], {
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart(job.pid as number);
  const ended: Ended = { code: null, stdout: "", stderr: "", seconds: 0 };
  job.stdout.setEncoding("utf8").on("data", (text: string) => {
    ended.stdout += text;
  });
  job.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.stderr += text;
  });
  const timer = setTimeout(() => job.kill("SIGKILL"), limit * 1000);
  ended.code = await new Promise((resolve) => job.on("close", resolve));
  clearTimeout(timer);
  ended.seconds = (performance.now() - begin) / 1000;
  return ended;
}

/** Runs a program of `programs/` on so many ranks, without mpirun where there is one; gives what each rank reported. */
export async function ranksOf<T>(ranks: number, program: string, ...args: readonly string[]): Promise<T[]> {
  const folder = mkdtempSync(join(tmpdir(), "ranks-"));
  try {
    if (ranks === 1) {
      const env = { ...process.env, REPORTS: folder };
      const { status, stderr } = spawnSync(process.execPath, [programPath(program), ...args], {
        env,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${program} alone: exit code ${status}\n${stderr}`);
    } else {
      const { code, stdout, stderr } = await mpirun(ranks, [programPath(program), ...args], { REPORTS: folder });
      if (code !== 0) throw new Error(`${program} on ${ranks} ranks: exit code ${code}\n${stdout}${stderr}`);
    }
    return Array.from({ length: ranks }, (_, rank) => JSON.parse(readFileSync(join(folder, `${rank}.json`), "utf8")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The file of a program that ranks run. */
export const programPath = (name: string): string => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
