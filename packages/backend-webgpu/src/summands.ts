import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { elementOf, kernel, WORKGROUP } from "./wgsl.js";

/** Summands from which on several threads share an element, and those threads. */
const MANY = 32;
const PARTS = 16;

/**
 * `out (B, M, N)` = the sum of `splits` summands for each matrix, which lie in `parts` (B, splits, M, N), contiguous, plus
 * what is in `out` where `accumulate`. Always in one order: results are the same bits every time.
 */
export function addSummands(gpu: Runtime, out: View, parts: Storage, splits: number, accumulate: boolean): void {
  const { dtype } = out.storage;
  const element = elementOf(dtype);
  const [batches, rows, columns] = out.shape;
  const n = batches * rows * columns;
  const shared = splits >= MANY ? PARTS : 1;
  const across = WORKGROUP / shared;
  const join = `
  held[lane] = sum;
  workgroupBarrier();
  if (part > 0u) { return; }
  for (var i = 1u; i < ${shared}u; i++) { sum += held[lane + i * ${across}u]; }`;
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype }],
      inputs: [{ name: "parts", dtype: parts.dtype }],
      params: ["n", "splits", "rows", "columns", "offset", "batch", "row", "column"],
      declarations: shared === 1 ? "" : `var<workgroup> held: array<${element.value}, ${WORKGROUP}>;`,
      body: `
  let item = group * ${across}u + lane % ${across}u;
  let part = lane / ${across}u;
  let matrix = P.rows * P.columns;
  let batch = item / matrix;
  let first = batch * P.splits * matrix + item % matrix;
  var sum = ${element.value}();
  if (item < P.n) {
    for (var i = part; i < P.splits; i += ${shared}u) { sum += parts[first + i * matrix]; }
  }${shared === 1 ? "" : join}
  if (item >= P.n) { return; }
  let at = P.offset + batch * P.batch + item / P.columns % P.rows * P.row + item % P.columns * P.column;
  o[at] = ${element.store(accumulate ? `${element.load("o[at]")} + sum` : "sum")};`,
    });
  const words = [n, splits, rows, columns, out.offset, ...out.strides];
  const key = `matmul summands ${dtype} ${shared} ${accumulate}`;
  gpu.dispatch(key, source, [out.storage, parts], words, gpu.grid(n, across));
}
