import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Patience } from "./measure.js";
import type { Variant } from "./row.js";

/** What a process is to measure. */
export interface Job {
  readonly rows: readonly string[];
  readonly threads: number;
  readonly patience: Patience;
  /** A profile of one call of each row instead of its time. */
  readonly profiled?: boolean;
}

/** What it says about a row; of a row that it does not know, nothing. */
export interface Report {
  readonly row: string;
  readonly measured?: number;
  readonly profile?: string;
  /** What the very first call took: it counts if time runs out before there is anything better. */
  readonly first?: boolean;
  /** Seconds until it said so. */
  readonly took?: number;
  /** Why there is no figure. */
  readonly missing?: string;
}

/** A program that measures rows: `COMMAND… JOB`, a line of JSON for each. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** Seconds for one row. */
  readonly limit: number;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const ours = (variant: Variant): Contestant => ({
  name: variant,
  command: [process.execPath, file("worker.js"), variant],
  limit: 300,
});

/** PyTorch, of a Python that has it. */
export const pytorch = (python: string): Contestant => ({
  name: "pytorch",
  command: [python, file("../pytorch/benchmarks.py")],
  limit: 300,
});

/** Has a contestant measure rows, each within its limit. A process that takes longer is ended, and another does the rest. */
export async function run(contestant: Contestant, job: Job): Promise<Report[]> {
  const reports: Report[] = [];
  let rows = [...job.rows];
  while (rows.length > 0) {
    const { done, failure } = await attempt(contestant, { ...job, rows });
    reports.push(...done);
    const said = new Set(done.map(({ row }) => row));
    rows = rows.filter((row) => !said.has(row));
    if (failure === undefined) break;
    if (!done.at(-1)?.first && rows.length > 0) reports.push({ row: rows.shift() as string, missing: failure });
  }
  return reports;
}

function attempt({ command: [program, ...args], limit }: Contestant, job: Job) {
  return new Promise<{ done: Report[]; failure?: string }>((resolve) => {
    const threads = String(job.threads);
    const child = spawn(program, [...args, JSON.stringify(job)], {
      env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const done: Report[] = [];
    let failure: string | undefined;
    let complaint = "";
    let first: Report | undefined;
    let last = performance.now();
    const overtime = (): void => {
      if (first) done.push({ ...first, took: limit });
      failure = `more than ${limit} s`;
      child.kill("SIGKILL");
    };
    let alarm = setTimeout(overtime, limit * 1000);
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const report: Report = JSON.parse(line);
      first = report.first ? report : undefined;
      if (first) return;
      done.push({ ...report, took: (performance.now() - last) / 1000 });
      last = performance.now();
      clearTimeout(alarm);
      alarm = setTimeout(overtime, limit * 1000);
    });
    child.stderr.on("data", (data) => {
      complaint = (complaint + data).slice(-2000);
    });
    child.on("error", (error) => {
      failure = error.message;
    });
    child.on("close", (code) => {
      clearTimeout(alarm);
      if (code !== 0 && failure === undefined) {
        const errors = complaint.split("\n").filter((line) => /error/i.test(line));
        failure = errors.at(-1) ?? `exit code ${code}`;
      }
      resolve({ done, failure });
    });
  });
}
