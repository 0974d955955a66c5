import type { Variant } from "./row.js";
import type { Comparison, Standing } from "./standings.js";

export const titles: Record<Variant, string> = { kindling: "", blas: ", with BLAS" };

/** Three digits. */
export const digits = (value: number | undefined): string =>
  value === undefined ? "–" : value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

const header = [
  "work",
  "unit",
  "threads",
  "Kindling",
  "PyTorch",
  "ratio",
  "target",
  "best peer",
  "",
  "ratio",
  "target",
];
const texts = new Set([0, 1, 8]);

/** A missed target carries a cross. */
const aim = ({ target, reached }: Pick<Comparison, "target" | "reached">): string =>
  target === undefined ? "–" : `${target}${reached === undefined ? "" : reached ? " ✓" : " ✗"}`;

const cells = ({ row, entry, variant, figure, pytorch, peer, bound }: Standing): string[] => [
  row.name + titles[variant],
  row.unit,
  String(entry.threads),
  figure === undefined ? (entry.missing[variant] ?? "–") : digits(figure),
  pytorch.figure === undefined ? (entry.missing.pytorch ?? "–") : digits(pytorch.figure),
  digits(pytorch.ratio),
  bound.target === undefined ? aim(pytorch) : `at most ${aim(bound)}`,
  digits(peer.figure),
  peer.name ?? "",
  digits(peer.ratio),
  aim(peer),
];

/** For a screen. */
export function screen(standings: readonly Standing[]): string {
  const lines = [header, ...standings.map(cells)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => line.map((c, i) => (texts.has(i) ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join("  "))
    .join("\n");
}

export function markdown(standings: readonly Standing[]): string {
  const rule = header.map((_, i) => (texts.has(i) ? "---" : "--:"));
  return [header, rule, ...standings.map(cells)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
