import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { median } from "./measure.js";
import type { Result } from "./run.js";

/** What is known of a row on some threads: each contestant's median, or why it has none. */
export interface Entry {
  readonly row: string;
  readonly threads: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, string>>;
  /** Of our variants that miss their target: where one call spends its time. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly node: string;
  readonly pytorch?: string;
  readonly cpu: string;
  readonly date: string;
}

const file = fileURLToPath(new URL("../results.json", import.meta.url));

const cpu = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;

/** One entry for each row and number of threads; `pytorch` is its version. */
export function entries(results: readonly Result[], pytorch?: string): Entry[] {
  const found = new Map<string, Entry>();
  for (const { row, threads, contestant, measured, missing } of results) {
    const key = place({ row, threads });
    const entry = found.get(key) ?? {
      row,
      threads,
      figures: {},
      missing: {},
      profiles: {},
      node: process.version,
      pytorch,
      cpu,
      date: new Date().toISOString().slice(0, 10),
    };
    const more =
      measured.length > 0
        ? { figures: { ...entry.figures, [contestant]: Number(median(measured).toPrecision(5)) } }
        : { missing: { ...entry.missing, [contestant]: missing ?? "not measured" } };
    found.set(key, { ...entry, ...more });
  }
  return [...found.values()];
}

const place = ({ row, threads }: { row: string; threads: number }): string => `${row} / ${threads}`;

export const load = (): Entry[] => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);

/** Puts new entries into the record. What they do not say of a contestant stays, if it comes from the same machine. */
export function save(fresh: readonly Entry[], order: readonly string[]): Entry[] {
  const record = new Map(load().map((entry) => [place(entry), entry]));
  for (const entry of fresh) {
    const old = record.get(place(entry));
    const kept = old && old.cpu === entry.cpu && old.node === entry.node ? old : undefined;
    const missing = { ...kept?.missing, ...entry.missing };
    for (const name of Object.keys(entry.figures)) delete missing[name];
    const figures = { ...kept?.figures, ...entry.figures };
    for (const name of Object.keys(entry.missing)) delete figures[name];
    record.set(place(entry), { ...entry, pytorch: entry.pytorch ?? kept?.pytorch, figures, missing });
  }
  const sorted = [...record.values()]
    .filter(({ row }) => order.includes(row))
    .sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row) || a.threads - b.threads);
  writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
  return sorted;
}
