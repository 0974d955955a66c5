import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chart } from "./chart.js";
import type { Entry } from "./results.js";
import { type Standing, short } from "./standings.js";
import { markdown, titles } from "./table.js";

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const [begin, end] = ["<!-- results: written by npm run bench -->", "<!-- end of results -->"];

/** Writes the results into the part of README.md that is theirs, and the chart beside it. */
export function writeReadme(standings: readonly Standing[], entries: readonly Entry[]): void {
  const path = file("README.md");
  const text = readFileSync(path, "utf8");
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`README.md has no place for results: ${begin} … ${end}`);
  const part = [
    machines(entries),
    "![Speed relative to PyTorch](chart.svg)",
    markdown(standings),
    shortfalls(standings),
  ];
  writeFileSync(path, `${text.slice(0, before + begin.length)}\n\n${part.join("\n\n")}\n\n${text.slice(after)}`);
  writeFileSync(file("chart.svg"), chart(standings));
}

function machines(entries: readonly Entry[]): string {
  const said = new Map<string, string[]>();
  for (const { cpu, node, date, pytorch } of entries) {
    const key = `${cpu}; Node ${node.slice(1)}${pytorch === undefined ? "" : `; PyTorch ${pytorch}`}`;
    said.set(key, [...(said.get(key) ?? []), date].sort());
  }
  const lines = [...said].map(([key, dates]) => {
    const [first, last] = [dates[0], dates[dates.length - 1]];
    return `${key}; ${first === last ? first : `${first} to ${last}`}.`;
  });
  return `Measured on ${lines.join(" And on ")}`;
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
    "## Targets missed",
    "Where each spends its time, by kernel, in as many calls as fill a fifth of a second. Rows in place copy their operand first.",
    ...details,
  ].join("\n\n");
}
