import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Confusion } from "../metrics.js";
import { resample } from "./resample.js";

export interface Curve {
  name: string;
  /** In order; epochs may be fractional, for values taken inside an epoch. */
  points: readonly { epoch: number; value: number }[];
}

/** Okabe and Ito's colours, told apart by colour-blind readers too. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73"];

/** Beyond so many points a curve is drawn as a moving average over its pale raw values. */
const DENSE = 60;

/** Beyond so many, neighbouring points are drawn as their mean: nobody sees more in a picture of this width. */
const FINEST = 1000;

const base = {
  document: parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document,
  style: { background: "white", color: "#1f2933", fontFamily: "system-ui, sans-serif", fontSize: "12px" },
};

/** Curves over the epochs (loss, accuracy) as an SVG document. */
export function curveChart(curves: readonly Curve[], label: string): string {
  const first = curves[0]?.points ?? [];
  const falling = (first.at(-1)?.value ?? 0) < (first[0]?.value ?? 0);
  const lastEpoch = Math.max(0, ...curves.map(({ points }) => points.at(-1)?.epoch ?? 0));
  const marks = curves.flatMap((curve, i) => {
    const means = (key: "epoch" | "value") =>
      resample(
        curve.points.map((point) => point[key]),
        FINEST,
      );
    const epochs = means("epoch");
    const points = means("value").map((value, j) => ({ epoch: epochs[j], value }));
    const stroke = COLOURS[i % COLOURS.length];
    const channels = { x: "epoch", y: "value", stroke, strokeWidth: 2 };
    const k = Math.ceil(points.length / DENSE);
    return [
      ...(k > 1
        ? [
            Plot.line(points, { ...channels, strokeWidth: 1, strokeOpacity: 0.25 }),
            Plot.line(points, Plot.windowY({ k, strict: false }, channels)),
          ]
        : [Plot.line(points, channels), Plot.dot(points, { ...channels, fill: stroke, r: 2.5 })]),
      // The legend stands in the corner that the curves leave free.
      Plot.text([`● ${curve.name}`], {
        frameAnchor: falling ? "top-right" : "bottom-right",
        dx: -8,
        dy: falling ? 8 + 18 * i : -8 - 18 * (curves.length - 1 - i),
        fill: stroke,
        fontWeight: "bold",
      }),
    ];
  });
  return svg({
    width: 760,
    height: 380,
    ariaLabel: `${label} by epoch`,
    marginTop: 28,
    marginLeft: 52,
    marginBottom: 40,
    grid: true,
    x: { label: "epoch", zero: true, nice: true, ticks: Math.max(1, Math.min(10, lastEpoch)) },
    y: { label, nice: true, zero: falling },
    marks: [Plot.frame({ strokeOpacity: 0.25 }), ...marks],
  });
}

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
  return svg({
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

function svg(options: Plot.PlotOptions): string {
  const chart = Plot.plot({ ...base, ...options });
  chart.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return chart.outerHTML;
}
