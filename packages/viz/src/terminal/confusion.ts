import type { Tensor } from "@kindling/autograd";
import { countsOf } from "../charts/counts.js";

/**
 * A confusion matrix in percent of each row for a terminal, three letters a column: 80 characters wide for 18 classes.
 * @param counts how often class [true] was taken for class [predicted], (C, C)
 * @throws ShapeError where there are not as many classes
 */
export function terminalConfusion(counts: Tensor | readonly (readonly number[])[], classes: readonly string[]): string {
  const header = `${" ".repeat(8)}${classes.map((name) => name.slice(0, 3).padStart(4)).join("")}`;
  const rows = countsOf(counts, classes).map((row, i) => {
    const support = row.reduce((a, b) => a + b, 0);
    const cells = row.map((count) => {
      const percent = Math.round((100 * count) / Math.max(1, support));
      return (percent === 0 ? "·" : String(percent)).padStart(4);
    });
    return `${classes[i].slice(0, 8).padEnd(8)}${cells.join("")}`;
  });
  return [header, ...rows].join("\n");
}
