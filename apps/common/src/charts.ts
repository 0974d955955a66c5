import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { resample } from "./resample.js";

export { pngFromSvg } from "./png.js";
export { resample } from "./resample.js";

export interface Curve {
  name: string;
  /** In order of `x`. */
  points: readonly { x: number; y: number }[];
}

/** What stands at the axes. */
export interface Axes {
  x: string;
  y: string;
  /** Whether `y` goes by powers of ten; points at 0 and below are left out then. */
  log?: boolean;
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

/** Curves (loss, accuracy, …) as an SVG document. */
export function curveChart(curves: readonly Curve[], axes: Axes): string {
  const first = curves[0]?.points ?? [];
  const falling = (first.at(-1)?.y ?? 0) < (first[0]?.y ?? 0);
  const last = Math.max(0, ...curves.map(({ points }) => points.at(-1)?.x ?? 0));
  const marks = curves.flatMap((curve, i) => {
    const shown = axes.log ? curve.points.filter(({ y }) => y > 0) : curve.points;
    const means = (key: "x" | "y") =>
      resample(
        shown.map((point) => point[key]),
        FINEST,
      );
    const xs = means("x");
    const points = means("y").map((y, j) => ({ x: xs[j], y }));
    const stroke = COLOURS[i % COLOURS.length];
    const channels = { x: "x", y: "y", stroke, strokeWidth: 2 };
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
  return svgOf({
    width: 760,
    height: 380,
    ariaLabel: `${axes.y} by ${axes.x}`,
    marginTop: 28,
    marginLeft: 52,
    marginBottom: 40,
    grid: true,
    x: { label: axes.x, zero: true, nice: true, ticks: Math.max(1, Math.min(10, last)) },
    y: axes.log ? { label: axes.y, type: "log" } : { label: axes.y, nice: true, zero: falling },
    marks: [Plot.frame({ strokeOpacity: 0.25 }), ...marks],
  });
}

/** A chart as an SVG document, in the applications' common look. */
export function svgOf(options: Plot.PlotOptions): string {
  const chart = Plot.plot({ ...base, ...options });
  chart.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return chart.outerHTML;
}
