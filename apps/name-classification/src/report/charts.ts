import * as Plot from "@observablehq/plot";
import { svgOf } from "app-common/charts";
import type { Confusion } from "../metrics.js";

/** The confusion matrix as an SVG document, each row in percent of the true language's names. */
export function confusionChart(counts: Confusion, languages: readonly string[]): string {
  const cells = counts.flatMap((row, t) => {
    const support = row.reduce((a, b) => a + b, 0);
    return row.map((count, p) => ({
      truth: languages[t],
      predicted: languages[p],
      share: (100 * count) / Math.max(1, support),
      note: `${languages[t]} taken for ${languages[p]}: ${count} of ${support}`,
    }));
  });
  const place = { x: "predicted", y: "truth" };
  const longest = Math.max(...languages.map((language) => language.length));
  const margin = 40 + 7 * longest;
  const side = Math.max(320, 40 * languages.length);
  return svgOf({
    width: margin + side + 10,
    height: margin + side + 10,
    marginTop: margin,
    marginLeft: margin,
    marginRight: 10,
    marginBottom: 10,
    padding: 0.04,
    ariaLabel: "confusion matrix",
    x: { domain: languages, axis: "top", tickRotate: -90, tickSize: 0, label: "predicted language" },
    y: { domain: languages, tickSize: 0, label: "true language" },
    color: { type: "linear", scheme: "blues", domain: [0, 100] },
    marks: [
      Plot.cell(cells, { ...place, fill: "share", title: "note", rx: 2 }),
      Plot.text(
        cells.filter(({ share }) => share >= 0.5),
        {
          ...place,
          text: ({ share }) => share.toFixed(0),
          fill: ({ share }) => (share > 62 ? "white" : "#1f2933"),
          pointerEvents: "none",
        },
      ),
    ],
  });
}
