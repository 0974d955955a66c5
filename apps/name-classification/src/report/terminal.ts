import { resample } from "app-common/charts";
import type { Confusion, Figures } from "../metrics.js";
import { topMistakes } from "../metrics.js";

const BLOCKS = " ▁▂▃▄▅▆▇█";

/** A bar chart of the values (resampled to `width` columns) with its lowest and highest value, for a terminal. */
export function terminalCurve(values: readonly number[], { width = 60, height = 6 } = {}): string {
  const columns = resample(values.filter(Number.isFinite), width);
  if (columns.length === 0) return "";
  const top = Math.max(...columns);
  const bottom = Math.min(...columns);
  const labels = [top.toFixed(3), bottom.toFixed(3)];
  const margin = Math.max(...labels.map((label) => label.length));
  const lines = Array.from({ length: height }, (_, line) => {
    const label = line === 0 ? labels[0] : line === height - 1 ? labels[1] : "";
    const bars = columns.map((value) => {
      // The lowest bar keeps one eighth, so that it is seen.
      const eighths = 1 + Math.round(((value - bottom) / (top - bottom || 1)) * (8 * height - 1));
      return BLOCKS[Math.min(8, Math.max(0, eighths - 8 * (height - 1 - line)))];
    });
    return `${(label ?? "").padStart(margin)} ┤${bars.join("")}`;
  });
  return lines.join("\n");
}

/** The confusion matrix in percent of each row, three letters a column: 80 characters wide for 18 languages. */
export function terminalConfusion(counts: Confusion, languages: readonly string[]): string {
  const header = `${" ".repeat(8)}${languages.map((language) => language.slice(0, 3).padStart(4)).join("")}`;
  const rows = counts.map((row, i) => {
    const support = row.reduce((a, b) => a + b, 0);
    const cells = row.map((count) => {
      const percent = Math.round((100 * count) / Math.max(1, support));
      return (percent === 0 ? "·" : String(percent)).padStart(4);
    });
    return `${languages[i].slice(0, 8).padEnd(8)}${cells.join("")}`;
  });
  return [header, ...rows].join("\n");
}

/** The figures beside the baseline, as three aligned lines. */
export function terminalFigures(figures: Figures, baseline: Figures): string {
  const row = (title: string, { accuracy, macroRecall, macroF1 }: Figures) =>
    `${title.padEnd(22)}${percent(accuracy).padStart(9)}${macroRecall.toFixed(3).padStart(14)}${macroF1.toFixed(3).padStart(10)}`;
  return [
    `${" ".repeat(22)} accuracy  macro-recall  macro-F1`,
    row("this model", figures),
    row("always the largest", baseline),
  ].join("\n");
}

/** The most frequent mistakes, one a line. */
export function terminalMistakes(counts: Confusion, languages: readonly string[], limit = 5): string {
  return topMistakes(counts, limit)
    .map(({ truth, predicted, count, share }) => {
      const pair = `${languages[truth]} taken for ${languages[predicted]}`;
      return `${pair.padEnd(34)}${String(count).padStart(5)} (${percent(share)} of its names)`;
    })
    .join("\n");
}

/** 0.5 → "50.0 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
