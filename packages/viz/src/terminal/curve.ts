import { resample } from "../charts/resample.js";

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
