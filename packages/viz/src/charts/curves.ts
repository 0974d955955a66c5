import { ArgumentError, isTensor, ShapeError, type Tensor } from "@kindling/autograd";
import * as Plot from "@observablehq/plot";
import { COLOURS, svgOf } from "./plot.js";
import { resample } from "./resample.js";

/** A curve: values at 1, 2, 3, …, a tensor of them (N), or points in order of `x`. NaN and infinity leave a gap. */
export type Points = Tensor | readonly number[] | readonly { readonly x: number; readonly y: number }[];

/** What stands at the axes. */
export interface Axes {
  x: string;
  y: string;
  /** Whether `y` goes by powers of ten; points at 0 and below are left out then. */
  log?: boolean;
  /** The picture's width in pixels, 760 by default; letters keep their size. */
  width?: number;
}

interface Point {
  x: number;
  y: number;
}

/** Beyond so many points a curve is drawn as a moving average over its pale raw values. */
const DENSE = 60;

const WIDTH = 760;

/** Beyond so many, neighbouring points are drawn as their mean: nobody sees more in a picture of this width. */
const FINEST = 1000;

/**
 * Curves (loss, accuracy, …) by their names, as an SVG document: `curveChart({ training, test }, { x: "epoch", y: "loss" })`.
 * @throws ArgumentError for what is no curve
 * @throws ShapeError for a tensor that is not (N)
 */
export function curveChart(curves: Readonly<Record<string, Points>>, axes: Axes): string {
  if (typeof curves !== "object" || curves === null || isTensor(curves) || Array.isArray(curves)) {
    throw new ArgumentError("curveChart expects curves by their names, such as { training: [3.2, 2.1] }");
  }
  const all = Object.entries(curves).map(([name, points]) => ({ name, points: pointsOf(name, points) }));
  const first = all[0]?.points ?? [];
  const falling = (first.at(-1)?.y ?? 0) < (first[0]?.y ?? 0);
  const width = axes.width ?? WIDTH;
  const last = Math.max(0, ...all.map(({ points }) => points.at(-1)?.x ?? 0));
  const marks = all.flatMap(({ name, points }, i) => {
    const stroke = COLOURS[i % COLOURS.length];
    // The legend stands in the corner that the curves leave free, its words in the colour of all words.
    const place = {
      frameAnchor: falling ? ("top-right" as const) : ("bottom-right" as const),
      dy: falling ? 8 + 18 * i : -8 - 18 * (all.length - 1 - i),
      fontWeight: "bold",
    };
    return [
      ...lineOf(points, stroke, axes.log ?? false),
      Plot.text([name], { ...place, dx: -24, fill: "currentColor" }),
      Plot.text(["●"], { ...place, dx: -8, fill: stroke }),
    ];
  });
  return svgOf({
    width,
    height: Math.max(240, width / 2),
    ariaLabel: `${axes.y} by ${axes.x}`,
    marginTop: 28,
    marginLeft: 52,
    marginBottom: 40,
    grid: true,
    x: { label: axes.x, zero: true, nice: true, ticks: Math.max(1, Math.min(width / 76, last)) },
    y: axes.log ? { label: axes.y, type: "log", tickFormat: "~g" } : { label: axes.y, nice: true, zero: falling },
    marks: [Plot.frame({ strokeOpacity: 0.25 }), ...marks],
  });
}

function lineOf(points: readonly Point[], stroke: string, log: boolean): Plot.Markish[] {
  const shown = log ? points.map(({ x, y }) => ({ x, y: y > 0 ? y : Number.NaN })) : points;
  const means = (key: "x" | "y") =>
    resample(
      shown.map((point) => point[key]),
      FINEST,
    );
  const xs = means("x");
  const coarse = means("y").map((y, j) => ({ x: xs[j], y }));
  const channels = { x: "x", y: "y", stroke, strokeWidth: 2 };
  const k = Math.ceil(coarse.length / DENSE);
  if (k < 2) return [Plot.line(coarse, channels), Plot.dot(coarse, { ...channels, fill: stroke, r: 2.5 })];
  return [
    Plot.line(coarse, { ...channels, strokeWidth: 1, strokeOpacity: 0.25 }),
    Plot.line(coarse, Plot.windowY({ k, strict: false }, channels)),
  ];
}

function pointsOf(name: string, points: Points): Point[] {
  if (isTensor(points) && points.ndim !== 1) {
    throw new ShapeError(`curve ${name}: expected a tensor of one dimension`, { shape: points.shape });
  }
  const list = isTensor(points) ? (points.tolist() as number[]) : points;
  if (!Array.isArray(list)) throw new ArgumentError(`curve ${name}: expected numbers, points or a tensor`);
  return list.map((value, i) => {
    const { x, y } = typeof value === "number" ? { x: i + 1, y: value } : (value ?? {});
    if (!Number.isFinite(x) || typeof y !== "number") {
      throw new ArgumentError(`curve ${name}: point ${i} is neither a number nor { x, y }`);
    }
    return { x, y: Number.isFinite(y) ? y : Number.NaN };
  });
}
