import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { elementOf, kernel } from "./wgsl.js";

/**
 * `out (B, M, N)` = the sum of `splits` summands for each matrix, which lie in `parts` (B, splits, M, N), contiguous, plus
 * what is in `out` where `accumulate`. Always in one order: results are the same bits every time.
 */
export function addSummands(gpu: Runtime, out: View, parts: Storage, splits: number, accumulate: boolean): void {
  const { dtype } = out.storage;
  const element = elementOf(dtype);
  const [batches, rows, columns] = out.shape;
  const n = batches * rows * columns;
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype }],
      inputs: [{ name: "parts", dtype: parts.dtype }],
      params: ["n", "splits", "rows", "columns", "offset", "batch", "row", "column"],
      body: `
  if (index >= P.n) { return; }
  let column = index % P.columns;
  let row = index / P.columns % P.rows;
  let matrix = P.rows * P.columns;
  let batch = index / matrix;
  let at = P.offset + batch * P.batch + row * P.row + column * P.column;
  let first = batch * P.splits * matrix + index % matrix;
  var sum = ${accumulate ? element.load("o[at]") : `${element.value}()`};
  for (var i = 0u; i < P.splits; i++) { sum += parts[first + i * matrix]; }
  o[at] = ${element.store("sum")};`,
    });
  const words = [n, splits, rows, columns, out.offset, ...out.strides];
  gpu.dispatch(`matmul summands ${dtype} ${accumulate}`, source, [out.storage, parts], words, gpu.grid(n));
}
