import { median } from "./measure.js";
import type { Row, Target, Variant } from "./row.js";
import type { Result } from "./run.js";

/* Results beside one another, a line for each variant of each row and number of threads, with what it is held to. */

const titles: Record<Variant, string> = { kindling: "", blas: ", with BLAS" };

export const digits = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(value >= 100 ? 3 : 3);

/** How many times as good `mine` is as `theirs`. */
const ratio = ({ better }: Row, mine: number, theirs: number): number =>
  better === "more" ? mine / theirs : theirs / mine;

export function table(rows: readonly Row[], results: readonly Result[], threads: readonly number[]): string {
  const figure = (row: Row, contestant: string, n: number): { value?: number; missing?: string } => {
    const result = results.find((r) => r.row === row.name && r.contestant === contestant && r.threads === n);
    if (!result) return {};
    return result.measured.length > 0 ? { value: row.figure(median(result.measured)) } : { missing: result.missing };
  };
  const lines = [["work", "unit", "threads", "Kindling", "PyTorch", "ratio", "target", ""]];
  for (const row of rows) {
    for (const [variant, target] of Object.entries(row.targets) as [Variant, Target][]) {
      for (const n of threads) {
        const mine = figure(row, variant, n);
        const theirs = figure(row, "pytorch", n);
        if (variant !== "kindling" && mine.value === undefined) continue;
        const aim = typeof target.pytorch === "object" ? target.pytorch[Math.min(n, 2) - 1] : target.pytorch;
        const reached =
          mine.value !== undefined && theirs.value !== undefined ? ratio(row, mine.value, theirs.value) : undefined;
        lines.push([
          row.name + titles[variant],
          row.unit,
          String(n),
          mine.value === undefined ? (mine.missing ?? "–") : digits(mine.value),
          theirs.value === undefined ? (theirs.missing ?? "–") : digits(theirs.value),
          reached === undefined ? "–" : digits(reached),
          aim === undefined ? "–" : String(aim),
          reached === undefined || aim === undefined ? "" : reached >= aim ? "✓" : "✗",
        ]);
      }
    }
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const text = (column: number): boolean => column < 2;
  return lines
    .map((cells) => cells.map((c, i) => (text(i) ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join("  "))
    .join("\n");
}
