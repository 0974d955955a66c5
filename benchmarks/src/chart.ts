import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Standing } from "./standings.js";

/** Okabe and Ito's colours, told apart by colour-blind readers too. */
const colours = { Kindling: "#0072b2", "Kindling with BLAS": "#009e73", "best JavaScript peer": "#d55e00" };
const who = { kindling: "Kindling", blas: "Kindling with BLAS" } as const;

/** Words, colour, and where they stand. */
const legend: [text: string, fill: string, dx: number][] = [
  ["● Kindling", colours.Kindling, 0],
  ["● Kindling with BLAS", colours["Kindling with BLAS"], 85],
  ["● best JavaScript peer", colours["best JavaScript peer"], 235],
  ["| target", "#1f2933", 395],
];

/** How many times as fast as PyTorch everybody is, a line for each row and a column for each number of threads, as an SVG document. */
export function chart(standings: readonly Standing[]): string {
  const threads = [...new Set(standings.map(({ entry }) => entry.threads))].sort();
  const rows = [...new Set(standings.map(({ row }) => row.name))];
  const dots = standings.flatMap(({ row, entry, variant, pytorch, peer }) => {
    const common = { row: row.name, threads: label(entry.threads) };
    const mine = pytorch.ratio === undefined ? [] : [{ ...common, who: who[variant], ratio: pytorch.ratio }];
    const theirs =
      variant === "kindling" && pytorch.ratio !== undefined && peer.ratio !== undefined
        ? [{ ...common, who: "best JavaScript peer", ratio: pytorch.ratio / peer.ratio }]
        : [];
    return [...theirs, ...mine];
  });
  const targets = standings.flatMap(({ row, entry, variant, pytorch }) =>
    pytorch.target === undefined
      ? []
      : [{ row: row.name, threads: label(entry.threads), who: who[variant], ratio: pytorch.target }],
  );
  const place = { x: "ratio", y: "row", fx: "threads" };
  const longest = Math.max(...rows.map((name) => name.length));
  const picture = Plot.plot({
    document: parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document,
    style: { background: "white", color: "#1f2933", fontFamily: "system-ui, sans-serif", fontSize: "11px" },
    width: 20 + longest * 6.4 + 330 * threads.length,
    height: 90 + rows.length * 15,
    marginLeft: 20 + longest * 6.4,
    marginTop: 60,
    marginBottom: 40,
    ariaLabel: "speed relative to PyTorch",
    x: { type: "log", label: "times as fast as PyTorch", tickFormat: (value: number) => String(value), grid: true },
    y: { domain: rows, label: null, tickSize: 0 },
    fx: { domain: threads.map(label), label: null, axis: "top" },
    color: { domain: Object.keys(colours), range: Object.values(colours) },
    marks: [
      Plot.frame({ strokeOpacity: 0.25 }),
      Plot.gridY({ strokeOpacity: 0.08 }),
      Plot.ruleX([1], { stroke: "#1f2933", strokeOpacity: 0.6 }),
      Plot.tickX(targets, {
        ...place,
        stroke: "who",
        strokeWidth: 1.5,
        strokeOpacity: 0.6,
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.dot(dots, { ...place, fill: "who", r: 3.5 }),
      ...legend.map(([text, fill, dx]) =>
        Plot.text([text], {
          fx: () => label(threads[0]),
          frameAnchor: "top-left",
          fill,
          dx,
          dy: -40,
          fontWeight: "bold",
        }),
      ),
    ],
  });
  picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${picture.outerHTML}\n`;
}

const label = (threads: number): string => `${threads} thread${threads > 1 ? "s" : ""}`;
