import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chart } from "./chart.js";
import type { Entry } from "./results.js";
import { type Standing, short } from "./standings.js";
import { markdown, titles } from "./table.js";

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const [begin, end] = ["<!-- results: written by npm run bench -->", "<!-- end of results -->"];

/** What was measured on a processor, and how it stands. */
export interface Measured {
  readonly record: readonly Entry[];
  readonly standings: readonly Standing[];
}

/** Writes the results, processor by processor, into the part of README.md that is theirs, and the charts beside it. */
export function writeReadme(processors: readonly Measured[]): void {
  const path = file("README.md");
  const text = readFileSync(path, "utf8");
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`README.md has no place for results: ${begin} … ${end}`);
  const parts = processors.map(({ record, standings }, i) => {
    const picture = `chart-${i + 1}.svg`;
    writeFileSync(file(picture), chart(standings));
    return [
      `## Results on ${record[0].cpu}`,
      machines(record),
      `![Speed relative to PyTorch](${picture})`,
      markdown(standings),
      shortfalls(standings),
    ].join("\n\n");
  });
  writeFileSync(path, `${text.slice(0, before + begin.length)}\n\n${parts.join("\n\n")}\n\n${text.slice(after)}`);
}

function machines(entries: readonly Entry[]): string {
  const said = new Map<string, string[]>();
  for (const { node, date, pytorch } of entries) {
    const key = `Node ${node.slice(1)}${pytorch === undefined ? "" : `; PyTorch ${pytorch}`}`;
    said.set(key, [...(said.get(key) ?? []), date].sort());
  }
  const lines = [...said].map(([key, dates]) => {
    const [first, last] = [dates[0], dates[dates.length - 1]];
    return `${key}; ${first === last ? first : `${first} to ${last}`}.`;
  });
  return `${lines.join(" And ")}`;
}

function shortfalls(standings: readonly Standing[]): string {
  const missed = standings.filter(short);
  if (missed.length === 0) return "Every target is reached.";
  const details = missed.map(({ row, variant, entry }) => {
    const title = `${row.name}${titles[variant]}, ${entry.threads} thread${entry.threads > 1 ? "s" : ""}`;
    const profile = entry.profiles[variant];
    return profile === undefined
      ? `- ${title}`
      : `<details><summary>${title}</summary>\n\n\`\`\`text\n${profile}\n\`\`\`\n\n</details>`;
  });
  return [
    "### Targets missed",
    "Where each spends its time, by kernel, in as many calls as fill a fifth of a second. Rows in place copy their operand first.",
    ...details,
  ].join("\n\n");
}
