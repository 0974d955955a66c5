import type { Tensor } from "@kindling/autograd";
import { standalone } from "../theme.js";
import { type GraphOptions, graphDot } from "./dot.js";

/** Lines and letters in the colour of the text around the picture. */
const CSS = `.kindling-graph{max-width:100%;height:auto}
.kindling-graph text{fill:currentColor}
.kindling-graph .operator path,.kindling-graph .edge path,.kindling-graph .edge polygon{stroke:currentColor}
.kindling-graph .edge polygon{fill:currentColor}
.kindling-graph .edge{opacity:.7}`;

/**
 * The graph that made tensors as an SVG document, drawn by Graphviz; see {@link graphDot} for what is shown. Inside of a page it
 * takes on the colour of the text around it; as a file of its own it follows the reader's light or dark scheme.
 * Graphviz (WebAssembly) is loaded at the first call. Graphs of some thousand nodes take it minutes.
 * @throws AutogradError for a tensor without a graph, and with `saved` where saved tensors are freed or were changed in place
 */
export async function graph(tensors: Tensor | readonly Tensor[], options: GraphOptions = {}): Promise<string> {
  const dot = graphDot(tensors, options); // at once: the graph may be freed by the time Graphviz is there
  const { instance } = await import("@viz-js/viz");
  const drawn = (await instance()).renderString(dot, { format: "svg" });
  return drawn
    .slice(drawn.indexOf("<svg"))
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/<title>[^<]*<\/title>\n?/g, "") // ids, which browsers would show as tooltips
    .replace(/ id="[^"]*"/g, "") // several graphs may stand in one page
    .replace("<svg", '<svg class="kindling-graph" role="img" aria-label="autograd graph"')
    .replace(/(<svg[^>]*>)\n?/, `$1\n<style>${standalone("kindling-graph")}${CSS}</style>\n`);
}
