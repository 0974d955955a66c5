import type { Axes, GraphOptions, ImageGridOptions, Points } from "@kindling/viz";
import type { Tensor } from "kindling";

/** What a program may also say about the picture. */
type ShowOptions = GraphOptions & ImageGridOptions & Partial<Axes> & { classes?: readonly string[] };

declare global {
  /** Draws a value below what was printed so far: a graph, pictures, curves, a confusion matrix, an SVG document. */
  function show(
    value:
      | Tensor
      | readonly Tensor[]
      | readonly number[]
      | readonly (readonly number[])[]
      | Record<string, Points>
      | string,
    options?: ShowOptions,
  ): void;
}
