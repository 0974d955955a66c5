import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { fiveGradients } from "./five-gradients.js";
import type { Row } from "./measure.js";
import { smallOperations } from "./small-operations.js";

/*
 * All rows, beside PyTorch's where a Python with torch is present, as a table on the screen and in RESULTS.md. One thread each.
 */

const script = fileURLToPath(new URL("../pytorch/benchmarks.py", import.meta.url));
const results = fileURLToPath(new URL("../RESULTS.md", import.meta.url));

interface PyTorch {
  readonly version: string;
  readonly rows: Record<string, number>;
}

function pytorch(): PyTorch | null {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  for (const python of ["/usr/bin/python3", "python3"]) {
    const run = spawnSync(python, [script], { encoding: "utf8", env });
    if (run.status === 0) return JSON.parse(run.stdout.trim().split("\n").at(-1) as string) as PyTorch;
  }
  return null;
}

const digits = (value: number): string => value.toPrecision(3);

const rows: Row[] = [...smallOperations(), ...fiveGradients()];
const torch = pytorch();
const cells = rows.map(({ name, value, unit }) => {
  const theirs = torch?.rows[name];
  // a time compares by how many times as fast, a saving by its own size
  const ratio = theirs === undefined ? "–" : digits(name.startsWith("grad5") ? value / theirs : theirs / value);
  return [name, digits(value), theirs === undefined ? "–" : digits(theirs), unit, ratio];
});
const header = ["work", "Kindling", "PyTorch", "unit", "ratio"];
const table = [header, header.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
console.log(table);
writeFileSync(
  results,
  `# Results

Written by \`npm run bench\`: Node ${process.version} on ${cpus()[0].model}, one thread; PyTorch ${torch?.version ?? "was not present"}.
The ratio is how many times as fast Kindling is; for \`grad5\` (how much five separate calls cost against one for all five) its saving
over PyTorch's.

${table}
`,
);
