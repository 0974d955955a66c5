import { spawnSync } from "node:child_process";
import { InvalidArgumentError, program } from "commander";
import { type Contestant, ours, pytorch, run } from "./contestants.js";
import type { Patience } from "./measure.js";
import type { Row, Variant } from "./row.js";
import { groups } from "./rows.js";
import { carryOut } from "./run.js";
import { table } from "./table.js";

const patience: Patience = { repeat: 0.1, repeats: 5, warm: 0.3, slow: 5 };

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Not a positive integer.");
  return value;
};
const list = (text: string): string[] => text.split(",").map((part) => part.trim());

program
  .name("npm run bench --")
  .description("Measures Kindling against PyTorch and other libraries.")
  .option("--only <words>", "rows whose group or name holds one of these, separated by commas", list)
  .option("--threads <counts>", "numbers of threads, separated by commas", (text) => list(text).map(count), [1, 2])
  .option("--rounds <count>", "how often every contestant takes its turn", count, 3)
  .option("--no-pytorch", "without PyTorch")
  .option("--no-blas", "without our rows on a system BLAS")
  .option("--profile <words>", "print where the time goes in these rows, and measure nothing", list)
  .option("--list", "print the names of the rows");
program.parse();
const options = program.opts<{
  only?: string[];
  threads: number[];
  rounds: number;
  pytorch: boolean;
  blas: boolean;
  profile?: string[];
  list?: boolean;
}>();

const words = options.profile ?? options.only;
const chosen = groups
  .map((group) => ({
    ...group,
    rows: group.rows.filter(({ name }) => words?.some((word) => `${group.name}: ${name}`.includes(word)) ?? true),
  }))
  .filter(({ rows }) => rows.length > 0);
const rows = chosen.flatMap((group) => group.rows);
if (rows.length === 0) program.error(`no row has ${words?.join(" or ")} in its name; --list shows them`);

function python(): string | undefined {
  return ["/usr/bin/python3", "python3"].find((name) => spawnSync(name, ["-c", "import torch"]).status === 0);
}

function hasBlas(): boolean {
  try {
    return Boolean(import.meta.resolve("@kindling/backend-blas"));
  } catch {
    return false;
  }
}

const variants: Variant[] = options.blas && hasBlas() ? ["kindling", "blas"] : ["kindling"];

if (options.list) {
  for (const group of chosen) for (const { name } of group.rows) console.log(`${group.name}: ${name}`);
} else if (options.profile) {
  for (const threads of options.threads) {
    for (const variant of variants) {
      const takes = rows.filter(({ targets }) => targets[variant]).map(({ name }) => name);
      for (const report of await run(ours(variant), { rows: takes, threads, patience, profiled: true })) {
        console.log(`\n${report.row}, ${variant}, ${threads} thread${threads > 1 ? "s" : ""}`);
        console.log(report.profile ?? report.missing);
      }
    }
  }
} else {
  const own = variants.map((variant) => ({
    contestant: ours(variant),
    takes: ({ targets }: Row): boolean => targets[variant] !== undefined,
  }));
  const found = options.pytorch ? python() : undefined;
  if (options.pytorch && !found) console.error("No Python with torch was found.");
  const others: Contestant[] = found ? [pytorch(found)] : [];
  const results = await carryOut(
    {
      groups: chosen,
      threads: options.threads,
      rounds: options.rounds,
      patience,
      contestants: [
        ...own.slice(0, 1),
        ...others.map((contestant) => ({ contestant, takes: () => true })),
        ...own.slice(1),
      ],
    },
    (turn) => console.error(turn),
  );
  console.log(table(rows, results, options.threads));
}
