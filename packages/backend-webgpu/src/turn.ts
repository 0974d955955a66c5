import type { Storage } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";

/**
 * The weight of the transposed convolution: `out` (groups, C/groups, O/groups, kernel backwards) from `weight` (O, C/groups, kernel),
 * both contiguous.
 */
export function turnWeight(
  gpu: Runtime,
  out: Storage,
  weight: { readonly storage: Storage; readonly offset: number },
  groups: number,
  rows: number,
  columns: number,
  places: number,
): void {
  const n = groups * rows * columns * places;
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype: "float32" }],
      inputs: [{ name: "weight", dtype: "float32" }],
      params: ["n", "rows", "columns", "places", "offset"],
      body: `
  if (index >= P.n) { return; }
  let place = index % P.places;
  let row = index / P.places % P.rows;
  let column = index / (P.places * P.rows) % P.columns;
  let block = index / (P.places * P.rows * P.columns);
  o[index] = weight[P.offset + ((block * P.rows + row) * P.columns + column) * P.places + P.places - 1u - place];`,
    });
  const words = [n, rows, columns, places, weight.offset];
  gpu.dispatch("convolution turned weight", source, [out, weight.storage], words, gpu.grid(n));
}
