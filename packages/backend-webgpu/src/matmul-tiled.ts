import type { DType, View } from "@kindling/storage";
import {
  type Addend,
  type AddendText,
  addendKey,
  addendStorages,
  addendText,
  addendWords,
  turnedAddend,
} from "./addend.js";
import { gemm, neighbours, type Side, type Tile, tileGrid } from "./gemm.js";
import type { Prepared, Runtime } from "./runtime.js";
import { elementOf } from "./wgsl.js";

/** One operand: a batch of lines (rows of the left, columns of the right), each as long as the depth. */
export interface Lines {
  readonly view: View;
  readonly batch: number;
  readonly line: number;
  readonly step: number;
}

/** A product, turned so that the columns of the result are neighbours where either way is. */
export interface Problem {
  readonly out: View;
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: Lines;
  readonly right: Lines;
  /** Steps in `out`: from matrix to matrix, row to row, column to column. */
  readonly steps: readonly [number, number, number];
  readonly addend: Addend;
}

/** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus the addend, as a problem. */
export function problemOf(out: View, a: View, b: View, addend: Addend): Problem {
  const [batches, m, n] = out.shape;
  const depth = a.shape[2];
  const [batch, row, column] = out.strides;
  const left = { view: a, batch: a.strides[0], line: a.strides[1], step: a.strides[2] };
  const right = { view: b, batch: b.strides[0], line: b.strides[2], step: b.strides[1] };
  const problem = {
    out,
    batches,
    rows: m,
    columns: n,
    depth,
    left,
    right,
    steps: [batch, row, column],
    addend,
  } as const;
  return column !== 1 && row === 1 ? turned(problem) : problem;
}

/** The transposed product. */
export const turned = (p: Problem): Problem => ({
  out: p.out,
  batches: p.batches,
  rows: p.columns,
  columns: p.rows,
  depth: p.depth,
  left: p.right,
  right: p.left,
  steps: [p.steps[0], p.steps[2], p.steps[1]],
  addend: turnedAddend(p.addend),
});

/** How an operand is read: in vectors along the depth or across it, or element by element. */
type Reading = "depth" | "across" | "depth scalars" | "across scalars";

const fours = (...numbers: number[]): boolean => numbers.every((n) => n % 4 === 0);

function readingOf({ view, batch, line, step }: Lines, batches: number, lines: number, depth: number): Reading {
  const even = fours(view.offset, batches === 1 ? 0 : batch);
  if (step === 1) return even && fours(lines === 1 ? 0 : line, depth) ? "depth" : "depth scalars";
  return line === 1 && even && fours(step, lines) ? "across" : "across scalars";
}

/** The parameters of either operand, as `sideOf` uses them. */
const wordsOf = ({ view, batch, line, step }: Lines): number[] => [view.offset, batch, line, step];

/** WGSL that reads an operand; `ragged` where the depth is not made of whole steps. */
function sideOf(name: "A" | "B", reading: Reading, dtype: DType, ragged: boolean): Side {
  const element = elementOf(dtype);
  const memory = name.toLowerCase();
  const value = element.value;
  const words = ["Offset", "Batch", "Line", "Step"].map((word) => `P.${memory}${word}`);
  const [offset, batch, line, step] = words;
  const lines = name === "A" ? "P.rows" : "P.columns";
  const start = `${offset} + batch * ${batch}`;
  const four = `vec4<${value}>`;
  const head = (place: string, argument: string): string => `alias Place${name} = ${place};
fn prepare${name}(batch: u32, line: ${argument}) -> Place${name} {`;
  const read = `fn load${name}(place: Place${name}, depth: u32) -> ${four} {`;
  const outside = ragged ? `if (depth >= P.depth) { return ${four}(); }` : "";
  const convert = (x: string): string => (element.stored === value ? x : `${four}(${x})`);
  switch (reading) {
    case "depth":
      return {
        along: "depth",
        code: `${head("u32", "u32")} return (${start} + min(line, ${lines} - 1u) * ${line}) / 4u; }
${read} ${outside} return ${convert(`${memory}[place + depth / 4u]`)}; }`,
      };
    case "across":
      return {
        along: "across",
        code: `${head("u32", "vec4<u32>")} return (${start} + min(line.x, ${lines} - 4u)) / 4u; }
${read} ${outside} return ${convert(`${memory}[place + depth * ${step} / 4u]`)}; }`,
      };
    case "depth scalars": {
      const at = (j: number): string => {
        const one = element.load(`${memory}[place + depth + ${j}u]`);
        return ragged ? `select(${value}(), ${one}, depth + ${j}u < P.depth)` : one;
      };
      return {
        along: "depth",
        code: `${head("u32", "u32")} return ${start} + min(line, ${lines} - 1u) * ${line}; }
${read} ${outside} return ${four}(${[0, 1, 2, 3].map(at).join(", ")}); }`,
      };
    }
    case "across scalars": {
      const at = (lane: string): string => element.load(`${memory}[place.${lane} + depth * ${step}]`);
      return {
        along: "across",
        spread: true,
        code: `${head("vec4<u32>", "vec4<u32>")} return ${start} + min(line, vec4<u32>(${lines} - 1u)) * ${line}; }
${read} ${outside} return ${four}(${["x", "y", "z", "w"].map(at).join(", ")}); }`,
      };
    }
  }
}

const PARAMS = [
  ...["tilesDown", "tilesAcross", "depth", "share", "splits", "rows", "columns"],
  ...["aOffset", "aBatch", "aLine", "aStep", "bOffset", "bBatch", "bLine", "bStep"],
  ...["oOffset", "oBatch", "oRow", "oColumn"],
];

/** WGSL that writes results. */
function storeOf(dtype: DType, vectors: boolean, { sum, sums }: AddendText): string {
  const element = elementOf(dtype);
  const { value, stored } = element;
  const start = "P.oOffset + z * P.oBatch + row * P.oRow";
  if (vectors) {
    const all = sums("value");
    const whole = dtype === "uint8" ? `(${all}) & vec4<u32>(255u)` : value === stored ? all : `vec4<${stored}>(${all})`;
    return `fn store(z: u32, row: u32, column: u32, value: vec4<${value}>) {
  if (row < P.rows && column < P.columns) { let at = (${start} + column) / 4u; o[at] = ${whole}; }
}`;
  }
  return `fn store(z: u32, row: u32, column: u32, value: ${value}) {
  if (row < P.rows && column < P.columns) { let at = ${start} + column * P.oColumn; o[at] = ${element.store(sum("value"))}; }
}`;
}

/** A product to be run, perhaps several times, with the left operand elsewhere in its storage. */
export interface Call {
  readonly prepared: Prepared;
  readonly words: number[];
  /** The word that says where the left operand begins. */
  readonly left: number;
  readonly groups: readonly [number, number, number];
}

/** A product in tiles. With `splits` the result is `splits` summands for each matrix of the batch, one after the other in `out`. */
export function matmulTiled(gpu: Runtime, problem: Problem, tile: Tile, splits: number): Call {
  const { out, batches, rows, columns, depth, left, right, steps } = problem;
  const { dtype } = out.storage;
  const share = Math.ceil(depth / splits / tile.depth) * tile.depth;
  const readings = [readingOf(left, batches, rows, depth), readingOf(right, batches, columns, depth)] as const;
  const ragged = depth % tile.depth !== 0;
  const even =
    steps[2] === 1 && fours(out.offset, batches * splits === 1 ? 0 : steps[0], rows === 1 ? 0 : steps[1], columns);
  const vectors =
    even && readings[1] !== "across scalars" && readings[1] !== "depth scalars" && readings[1] !== "depth";
  const { addend } = problem;
  const key = `matmul ${dtype} ${Object.values(tile)} ${readings} ${ragged} ${vectors}${addendKey(addend)}`;
  const source = (): string => {
    const [a, b] = [sideOf("A", readings[0], dtype, ragged), sideOf("B", readings[1], dtype, ragged)];
    const { stored, value } = elementOf(dtype);
    const plus = addendText(addend, dtype);
    const type = (four: boolean): string => (four ? `vec4<${stored}>` : stored);
    const read = [
      ["a", type(!readings[0].endsWith("scalars"))],
      ["b", type(!readings[1].endsWith("scalars"))],
      ...plus.bound.map((name) => [name, stored]),
    ];
    const words = [...PARAMS, ...plus.params];
    const params = `${dtype === "float16" ? "enable f16;\n" : ""}struct Params { ${words.map((word) => `${word}: u32`).join(", ")} }
@group(0) @binding(0) var<storage, read_write> o: array<${type(vectors)}>;
${read.map(([name, element], i) => `@group(0) @binding(${i + 1}) var<storage, read> ${name}: array<${element}>;`).join("\n")}
@group(0) @binding(${read.length + 1}) var<uniform> P: Params;`;
    const store = storeOf(dtype, vectors, plus);
    return gemm({ tile, element: value, left: a, right: b, params, store, vectors: vectors && neighbours(b) });
  };
  const down = Math.ceil(rows / tile.rows);
  const across = Math.ceil(columns / tile.columns);
  const sizes = [down, across, depth, share, splits, rows, columns];
  const words = [...sizes, ...wordsOf(left), ...wordsOf(right), out.offset, ...steps, ...addendWords(addend)];
  const storages = [out.storage, left.view.storage, right.view.storage, ...addendStorages(addend)];
  const groups = tileGrid(gpu, across, down, batches * splits);
  return { prepared: gpu.prepare(key, source, storages, words.length), words, left: sizes.length, groups };
}
