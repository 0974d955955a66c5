import { spawnSync } from "node:child_process";
import { InvalidArgumentError, program } from "commander";
import { ours, pytorch, run } from "./contestants.js";
import type { Patience } from "./measure.js";
import { installPeers, peers } from "./peers.js";
import { writeReadme } from "./readme.js";
import { type Entry, entries, records, save } from "./results.js";
import type { Row, Variant } from "./row.js";
import { groups } from "./rows.js";
import { carryOut } from "./run.js";
import { short, standings } from "./standings.js";
import { screen } from "./table.js";

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
  .option("--no-peers", "without the JavaScript libraries")
  .option("--no-blas", "without our rows on a system BLAS")
  .option("--no-save", "leave README.md as it is, as fewer than three rounds do anyway")
  .option("--profile <words>", "print where the time goes in these rows, and measure nothing", list)
  .option("--list", "print the names of the rows")
  .option("--render", "write README.md from the results as they are, and measure nothing");
program.parse();
const options = program.opts<{
  only?: string[];
  threads: number[];
  rounds: number;
  pytorch: boolean;
  peers: boolean;
  blas: boolean;
  save: boolean;
  profile?: string[];
  list?: boolean;
  render?: boolean;
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

/** A Python that has PyTorch, Debian's own before whatever else is called so, and PyTorch's version. */
function python(): { command: string; version: string } | undefined {
  for (const command of ["/usr/bin/python3", "python3"]) {
    const said = spawnSync(command, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" });
    if (said.status === 0) return { command, version: said.stdout.trim() };
  }
  return undefined;
}

const variants: Variant[] = options.blas ? ["kindling", "blas"] : ["kindling"];

const everything = groups.flatMap((group) => group.rows);

/** Profiles of one call of the rows that a variant takes part in, by name. */
async function profiles(variant: Variant, threads: number, of: readonly Row[]): Promise<Map<string, string>> {
  const names = of.filter(({ targets }) => targets[variant]).map(({ name }) => name);
  const reports = await run(ours(variant), { rows: names, threads, patience, profiled: true });
  return new Map(reports.map(({ row, profile, missing }) => [row, profile ?? missing ?? ""]));
}

/** The entries with profiles of those of our variants that fall short. */
async function explained(found: readonly Entry[]): Promise<Entry[]> {
  const missed = standings(rows, found).filter(short);
  let result = [...found];
  for (const threads of options.threads) {
    for (const variant of variants) {
      const those = missed.filter((standing) => standing.variant === variant && standing.entry.threads === threads);
      const texts = await profiles(
        variant,
        threads,
        those.map(({ row }) => row),
      );
      result = result.map((entry) =>
        entry.threads === threads && texts.has(entry.row)
          ? { ...entry, profiles: { ...entry.profiles, [variant]: texts.get(entry.row) as string } }
          : entry,
      );
    }
  }
  return result;
}

const render = (): void =>
  writeReadme(records().map((record) => ({ record, standings: standings(everything, record) })));

async function measureAll(): Promise<void> {
  const found = options.pytorch ? python() : undefined;
  if (options.pytorch && !found) console.error("No Python with torch was found.");
  const there = options.peers && installPeers();
  if (options.peers && !there) console.error("The JavaScript libraries could not be installed.");
  const own = variants.map((variant) => ({
    contestant: ours(variant),
    takes: ({ targets }: Row): boolean => targets[variant] !== undefined,
  }));
  const contestants = [
    own[0],
    ...(found ? [{ contestant: pytorch(found.command), takes: () => true }] : []),
    ...own.slice(1),
    ...(there ? peers : []).map((peer) => ({
      contestant: peer,
      takes: ({ targets }: Row, threads: number): boolean =>
        targets.kindling?.peers !== undefined && (threads === options.threads[0] || peer.threaded),
    })),
  ];
  const { threads, rounds } = options;
  const results = await carryOut({ groups: chosen, threads, rounds, patience, contestants }, (text) =>
    console.error(text),
  );
  const fresh = entries(results, found?.version);
  console.log(screen(standings(rows, fresh)));
  if (!options.save || rounds < 3) return;
  save(
    await explained(fresh),
    everything.map(({ name }) => name),
  );
  render();
}

if (options.list) {
  for (const group of chosen) for (const { name } of group.rows) console.log(`${group.name}: ${name}`);
} else if (options.render) {
  render();
} else if (options.profile) {
  for (const threads of options.threads) {
    for (const variant of variants) {
      for (const [name, text] of await profiles(variant, threads, rows)) {
        console.log(`\n${name}, ${variant}, ${threads} thread${threads > 1 ? "s" : ""}\n${text}`);
      }
    }
  }
} else {
  await measureAll();
}
