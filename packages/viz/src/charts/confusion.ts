import type { Tensor } from "@kindling/autograd";
import * as Plot from "@observablehq/plot";
import { countsOf } from "./counts.js";
import { COLOURS, svgOf } from "./plot.js";

/**
 * A confusion matrix as an SVG document, each row in percent of the true class's samples.
 * @param counts how often class [true] was taken for class [predicted], (C, C)
 * @param classes the classes' names
 * @throws ShapeError where the two do not fit together
 */
export function confusionChart(counts: Tensor | readonly (readonly number[])[], classes: readonly string[]): string {
  const cells = countsOf(counts, classes).flatMap((row, t) => {
    const support = row.reduce((a, b) => a + b, 0);
    return row.map((count, p) => ({
      truth: t,
      predicted: p,
      share: count / Math.max(1, support),
      note: `${classes[t]} taken for ${classes[p]}: ${count} of ${support}`,
    }));
  });
  const place = { x: "predicted", y: "truth" };
  const longest = Math.max(...classes.map((name) => name.length));
  const margin = 40 + 7 * longest;
  const side = Math.max(320, 40 * classes.length);
  const domain = classes.map((_, i) => i); // names need not differ
  const tickFormat = (i: number): string => classes[i];
  return svgOf({
    width: margin + side + 10,
    height: margin + side + 10,
    marginTop: margin,
    marginLeft: margin,
    marginRight: 10,
    marginBottom: 10,
    padding: 0.04,
    ariaLabel: "confusion matrix",
    x: { domain, tickFormat, axis: "top", tickRotate: -90, tickSize: 0, label: "predicted" },
    y: { domain, tickFormat, tickSize: 0, label: "true" },
    marks: [
      Plot.cell(cells, {
        ...place,
        fill: COLOURS[0],
        fillOpacity: ({ share }) => 0.06 + 0.94 * share, // a shade on light and on dark ground
        title: "note",
        rx: 2,
      }),
      Plot.text(
        cells.filter(({ share }) => share >= 0.005),
        {
          ...place,
          text: ({ share }) => (100 * share).toFixed(0),
          fill: ({ share }) => (share > 0.78 ? "white" : "currentColor"),
          pointerEvents: "none",
        },
      ),
    ],
    opacity: { type: "identity" },
  });
}
