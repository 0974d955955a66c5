import type { Storage, View } from "@kindling/storage";
import { type Addend, addendKey, addendStorages, addendText, addendWords } from "./addend.js";
import type { Runtime } from "./runtime.js";
import { elementOf, kernel, WORKGROUP } from "./wgsl.js";

/** Summands from which on several threads share an element, and those threads. */
const MANY = 32;
const PARTS = 16;

/**
 * `out (B, M, N)` = the sum of `splits` summands for each matrix, which lie in `parts` (B, splits, M, N), contiguous, plus
 * the addend. Always in one order: results are the same bits every time.
 */
export function addSummands(gpu: Runtime, out: View, parts: Storage, splits: number, addend: Addend): void {
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
  const source = (): string => {
    const plus = addendText(addend, dtype);
    return kernel({
      outputs: [{ name: "o", dtype }],
      inputs: [{ name: "parts", dtype: parts.dtype }, ...plus.bound.map((name) => ({ name, dtype }))],
      params: ["n", "splits", "rows", "columns", "offset", "batch", "row", "column", ...plus.params],
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
  let row = item / P.columns % P.rows;
  let column = item % P.columns;
  let at = P.offset + batch * P.batch + row * P.row + column * P.column;
  o[at] = ${element.store(plus.sum("sum"))};`,
    });
  };
  const words = [n, splits, rows, columns, out.offset, ...out.strides, ...addendWords(addend)];
  const storages = [out.storage, parts, ...addendStorages(addend)];
  gpu.dispatch(`matmul summands ${dtype} ${shared}${addendKey(addend)}`, source, storages, words, gpu.grid(n, across));
}
