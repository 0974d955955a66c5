import { type Contestant, type Job, type Report, run } from "./contestants.js";
import { watchOthers } from "./load.js";
import type { Patience } from "./measure.js";
import type { Group, Row } from "./row.js";

export interface Plan {
  readonly groups: readonly Group[];
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly patience: Patience;
  /** In the order of their turns; a contestant is asked for the rows it takes. */
  readonly contestants: readonly { contestant: Contestant; takes(row: Row, threads: number): boolean }[];
}

/** What a contestant measured for a row on some threads, round by round; or why it did not. */
export interface Result {
  readonly row: string;
  readonly threads: number;
  readonly contestant: string;
  readonly measured: number[];
  missing?: string;
}

/** One round is enough of what takes so many seconds to measure: it is many times slower than whatever it is compared with. */
const LONG = 20;

/** So many busy processors are worth a remark. */
const DISTURBING = 0.1;

/**
 * Measures group by group, on so many threads after the other. In each round the contestants take turns, so that a machine that
 * changes its speed changes it for all.
 */
export async function carryOut(plan: Plan, say: (text: string) => void): Promise<Result[]> {
  const results = new Map<string, Result>();
  /** What need not be asked again. */
  const settled = new Set<string>();
  const key = (row: string, threads: number, contestant: string): string => JSON.stringify([row, threads, contestant]);
  const note = (contestant: string, threads: number, { row, measured, took, missing }: Report): void => {
    const place = key(row, threads, contestant);
    const result = results.get(place) ?? { row, threads, contestant, measured: [] };
    results.set(place, result);
    if (measured !== undefined) result.measured.push(measured);
    else result.missing = missing;
    if (measured === undefined || (took ?? 0) > LONG) settled.add(place);
  };
  for (const { name, rows, isolated } of plan.groups) {
    const parts = isolated ? rows.map((row) => [row]) : [rows];
    for (const threads of plan.threads) {
      for (let round = 1; round <= (isolated ? 1 : plan.rounds); round++) {
        for (const { contestant, takes } of plan.contestants) {
          for (const part of parts) {
            const names = part.filter((row) => takes(row, threads)).map((row) => row.name);
            const open = names.filter((row) => !settled.has(key(row, threads, contestant.name)));
            if (open.length === 0) continue;
            const others = watchOthers();
            const job: Job = { rows: open, threads, patience: plan.patience };
            const reports = await run(contestant, job);
            for (const report of reports) note(contestant.name, threads, report);
            const known = new Set(reports.map(({ row }) => row));
            for (const row of open) if (!known.has(row)) settled.add(key(row, threads, contestant.name));
            const busy = others() ?? 0;
            const remark = busy > DISTURBING ? ` (others kept ${busy.toFixed(1)} processors busy)` : "";
            say(`${name}, ${threads} thread${threads > 1 ? "s" : ""}, round ${round}: ${contestant.name}${remark}`);
          }
        }
      }
    }
  }
  return [...results.values()];
}
