import type { Storage } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";

type Pair = readonly [number, number];

/** The places of a kernel that are taken: `count` of them, from `start` on, `step` apart. */
export interface Places {
  readonly kernel: Pair;
  readonly start: Pair;
  readonly step: Pair;
  readonly count: Pair;
}

/**
 * The weight of a transposed convolution: `out` (groups, C/groups, O/groups, places backwards) from `weight` (O, C/groups, kernel), both
 * contiguous; `rows` is O/groups and `columns` C/groups.
 */
export function turnWeight(
  gpu: Runtime,
  out: Storage,
  weight: { readonly storage: Storage; readonly offset: number },
  groups: number,
  rows: number,
  columns: number,
  { kernel: size, start, step, count }: Places,
): void {
  const n = groups * rows * columns * count[0] * count[1];
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype: "float32" }],
      inputs: [{ name: "weight", dtype: "float32" }],
      params: [
        ...["n", "rows", "columns", "offset", "kernelY", "kernelX"],
        ...["startY", "startX", "stepY", "stepX", "countY", "countX"],
      ],
      body: `
  if (index >= P.n) { return; }
  let places = P.countY * P.countX;
  let place = index % places;
  let y = P.startY + (P.countY - 1u - place / P.countX) * P.stepY;
  let x = P.startX + (P.countX - 1u - place % P.countX) * P.stepX;
  let row = index / places % P.rows;
  let column = index / (places * P.rows) % P.columns;
  let block = index / (places * P.rows * P.columns);
  o[index] = weight[P.offset + (((block * P.rows + row) * P.columns + column) * P.kernelY + y) * P.kernelX + x];`,
    });
  const words = [n, rows, columns, weight.offset, ...size, ...start, ...step, ...count];
  gpu.dispatch("convolution turned weight", source, [out, weight.storage], words, gpu.grid(n));
}
