import type { Confusion, Figures } from "../metrics.js";
import { topMistakes } from "../metrics.js";

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
