import * as Plot from "@observablehq/plot";
import { chartDocument } from "#document";
import { standalone } from "../theme.js";

/** Okabe and Ito's colours that stand out on white and on black, told apart by colour-blind readers too. */
export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#b5609a", "#8a7f00"];

/** A chart as an SVG document. */
export function svgOf(options: Plot.PlotOptions): string {
  const chart = Plot.plot({
    document: chartDocument(),
    style: { fontFamily: "system-ui, sans-serif", fontSize: "12px" },
    className: "kindling-chart",
    ...options,
  });
  const style = chart.querySelector("style");
  // Of Plot's rules, which paint a white ground, the ones on white space alone; a page may well have several charts.
  const css = `${standalone("kindling-chart")}.kindling-chart{max-width:100%;height:auto}.kindling-chart text{white-space:pre}`;
  if (style) style.textContent = css;
  chart.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  chart.setAttribute("role", "img");
  return chart.outerHTML;
}
