import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

/** One file for each processor: figures of different ones do not belong into one table. */
const folder = fileURLToPath(new URL("../results/", import.meta.url));
const fileOf = (processor: string): string =>
  `${folder}${processor
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}.json`;

const cpu = `${cpus()[0]?.model.trim()}${generation()}, ${cpus().length} cores`;

/** Virtual machines often name the make alone; Linux knows family and model. */
function generation(): string {
  const path = "/proc/cpuinfo";
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const [family, model] = ["cpu family", "model"].map(
    (name) => text.match(new RegExp(`^${name}\\s*: (\\d+)$`, "m"))?.[1],
  );
  return family === undefined ? "" : ` (family ${family}, model ${model})`;
}

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

const read = (file: string): Entry[] => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);

/** What was measured on each processor, this one first. */
export function records(): Entry[][] {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files
    .map((name) => read(`${folder}${name}`))
    .filter((record) => record.length > 0)
    .sort((a, b) => Number(b[0].cpu === cpu) - Number(a[0].cpu === cpu));
}

/** Puts new entries into this processor's record. What they do not say of a contestant stays, if it comes from the same Node. */
export function save(fresh: readonly Entry[], order: readonly string[]): void {
  const file = fileOf(cpu);
  const record = new Map(read(file).map((entry) => [place(entry), entry]));
  for (const entry of fresh) {
    const old = record.get(place(entry));
    const kept = old && old.node === entry.node ? old : undefined;
    const missing = { ...kept?.missing, ...entry.missing };
    for (const name of Object.keys(entry.figures)) delete missing[name];
    const figures = { ...kept?.figures, ...entry.figures };
    for (const name of Object.keys(entry.missing)) delete figures[name];
    record.set(place(entry), { ...entry, pytorch: entry.pytorch ?? kept?.pytorch, figures, missing });
  }
  const sorted = [...record.values()]
    .filter(({ row }) => order.includes(row))
    .sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row) || a.threads - b.threads);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
}
