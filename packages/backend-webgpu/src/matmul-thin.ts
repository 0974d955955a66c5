import { addendKey, addendStorages, addendText, addendWords } from "./addend.js";
import type { Call, Problem } from "./matmul-tiled.js";
import type { Runtime } from "./runtime.js";
import { elementOf, kernel } from "./wgsl.js";

/** Rows that `matmulThin` multiplies at most. */
export const THIN = 8;

/**
 * A product of few rows: reading the right operand is all there is to it. A workgroup makes some columns; its threads share
 * the depth, next to each other along whichever of the two lies side by side in memory.
 */
export function matmulThin(gpu: Runtime, problem: Problem): Call {
  const { out, batches, rows, columns, depth, left, right, steps, addend } = problem;
  const { dtype } = out.storage;
  const element = elementOf(dtype);
  const { value } = element;
  const deep = right.step === 1 && right.line !== 1;
  const wide = deep ? 8 : 32;
  const slices = 256 / wide;
  const each = Array.from({ length: rows }, (_, i) => i);
  const source = (): string => {
    const plus = addendText(addend, dtype);
    return kernel({
      outputs: [{ name: "o", dtype }],
      inputs: [{ name: "a", dtype }, { name: "b", dtype }, ...plus.bound.map((name) => ({ name, dtype }))],
      params: [
        ...["columns", "depth", "aOffset", "aBatch", "aLine", "aStep", "bOffset", "bBatch", "bLine", "bStep"],
        ...["oOffset", "oBatch", "oRow", "oColumn"],
        ...plus.params,
      ],
      declarations: `var<workgroup> parts: array<array<array<${value}, ${wide}>, ${slices}>, ${rows}>;`,
      body: `
  let own = ${deep ? `lane / ${slices}u` : `lane % ${wide}u`};
  let slice = ${deep ? `lane % ${slices}u` : `lane / ${wide}u`};
  let first = group * ${wide}u;
  let column = min(first + own, P.columns - 1u);
  let right = P.bOffset + wid.z * P.bBatch + column * P.bLine;
  let left = P.aOffset + wid.z * P.aBatch;
  ${each.map((i) => `var sum${i}: ${value};`).join("\n  ")}
  for (var k = slice; k < P.depth; k += ${slices}u) {
    let x = ${element.load("b[right + k * P.bStep]")};
    ${each.map((i) => `sum${i} += ${element.load(`a[left + ${i}u * P.aLine + k * P.aStep]`)} * x;`).join("\n    ")}
  }
  ${each.map((i) => `parts[${i}][slice][own] = sum${i};`).join("\n  ")}
  workgroupBarrier();
  let row = lane / ${wide}u;
  let place = lane % ${wide}u;
  if (row < ${rows}u && first + place < P.columns) {
    var sum: ${value};
    for (var i = 0u; i < ${slices}u; i++) { sum += parts[row][i][place]; }
    let column = first + place;
    let at = P.oOffset + wid.z * P.oBatch + row * P.oRow + column * P.oColumn;
    o[at] = ${element.store(plus.sum("sum"))};
  }`,
    });
  };
  const of = ({ view, batch, line, step }: Problem["left"]): number[] => [view.offset, batch, line, step];
  const words = [columns, depth, ...of(left), ...of(right), out.offset, ...steps, ...addendWords(addend)];
  const [x, y] = gpu.grid(Math.ceil(columns / wide) * 256);
  const key = `matmul thin ${dtype} ${rows} ${deep}${addendKey(addend)}`;
  const storages = [out.storage, left.view.storage, right.view.storage, ...addendStorages(addend)];
  return { prepared: gpu.prepare(key, source, storages, words.length), words, left: 2, groups: [x, y, batches] };
}
