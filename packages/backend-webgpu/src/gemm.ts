/*
 * WGSL of a matrix product in tiles: a workgroup makes a tile of the result, going through the depth in steps. Each step
 * brings a tile of either operand into workgroup memory; each thread multiplies `high` rows by `wide` columns in registers.
 * Where operands come from and where results go is the caller's: matrices, windows of an image, a weight.
 *
 * Tiles are held in vectors of four, along the depth or across it, whichever way neighbours lie in memory. Their arrays
 * are nested so that all but one index is constant: implementations that clamp indices then clamp once, outside of the loop.
 */

import type { Runtime } from "./runtime.js";

/** Sizes of a tiled product. All are powers of 2, and multiples of 4 but for `stages`. */
export interface Tile {
  /** Rows and columns of the result that a workgroup makes, and the depth of a step. */
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Rows and columns that a thread makes. */
  readonly high: number;
  readonly wide: number;
  /** Steps that workgroup memory holds: with 2, one is filled while the other is read. */
  readonly stages: 1 | 2;
  /** Whether the next step's elements are on their way into registers while this one is multiplied. */
  readonly ahead: boolean;
  /** Whether the text of a step is written out: faster on some drivers, slower to compile on all. */
  readonly unrolled: boolean;
}

/** An operand: `prepare` is called once for each vector of a tile that a thread brings, `load` in each step. */
export interface Side {
  /** Whether a vector holds four neighbours of the depth, or of the rows (of the right operand: columns). */
  readonly along: "depth" | "across";
  /** Across: whether the four are side by side, or a quarter of the tile apart, so that scalar reads of threads are. */
  readonly spread?: boolean;
  /**
   * WGSL. Defines, with `X` for the operand's letter: `PlaceX`, a type; `fn prepareX(batch: u32, line: vec4<u32> | u32) -> PlaceX`,
   * of the lines of a vector (along the depth: its one line); `fn loadX(place: PlaceX, depth: u32) -> vec4<E>`, the vector at this
   * depth, 0 for what is outside of the operand.
   */
  readonly code: string;
}

export interface Product {
  readonly tile: Tile;
  /** WGSL type that is multiplied and added up. */
  readonly element: "f32" | "i32" | "u32";
  readonly left: Side;
  readonly right: Side;
  /** Defines `P`, a uniform with `tilesDown`, `tilesAcross`, `depth`, `share` (depth of one split), `splits`. */
  readonly params: string;
  /**
   * WGSL. `fn store(z: u32, row: u32, column: u32, value: E)`, which ignores what is outside of the result, or with
   * `vectors` the same of four columns in a `vec4<E>`.
   */
  readonly store: string;
  readonly vectors: boolean;
}

/** Bytes of workgroup memory that a product takes. */
export function workgroupBytes(tile: Tile, left: Side, right: Side): number {
  const of = (side: Side, lines: number): number =>
    side.along === "depth" ? lines * (tile.depth / 4 + padding(tile)) : (lines * tile.depth) / 4;
  return 16 * tile.stages * (of(left, tile.rows) + of(right, tile.columns));
}

/** Threads of a workgroup. */
export const threadsOf = (tile: Tile): number => (tile.rows / tile.high) * (tile.columns / tile.wide);

/** Workgroups next to each other in time share this many rows of tiles, whose operands then stay in cache. */
const ROWS_TOGETHER = 8;

/** A vector between the lines of a tile along the depth keeps neighbouring threads off each other's banks. */
const padding = (tile: Tile): number => (tile.depth > 4 ? 1 : 0);

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const lanes = ["x", "y", "z", "w"] as const;

/** What the text needs to know of one operand. */
class Operand {
  readonly side: Side;
  readonly name: "A" | "B";
  /** Lines of a tile, those of a thread, and threads along them. */
  readonly lines: number;
  readonly own: number;
  readonly across: number;
  /** Vectors of a tile, and those that a thread brings. */
  readonly vectors: number;
  readonly brings: number;
  private readonly tile: Tile;

  constructor(name: "A" | "B", side: Side, lines: number, own: number, tile: Tile) {
    this.name = name;
    this.side = side;
    this.lines = lines;
    this.own = own;
    this.across = lines / own;
    this.tile = tile;
    this.vectors = (lines * tile.depth) / 4;
    this.brings = Math.ceil(this.vectors / threadsOf(tile));
  }

  get index(): string {
    return this.name === "A" ? "threadDown" : "threadAcross";
  }

  /** The tiles in workgroup memory. */
  declaration(element: string): string {
    const { tile, side, own, across, name } = this;
    const vector = `vec4<${element}>`;
    const one =
      side.along === "depth"
        ? `array<array<array<${vector}, ${tile.depth / 4 + padding(tile)}>, ${across}>, ${own}>`
        : `array<array<array<${vector}, ${across}>, ${own / 4}>, ${tile.depth}>`;
    return `var<workgroup> tile${name}: array<${one}, ${tile.stages}>;`;
  }

  /** Where vector `i` of a thread goes: constants of the thread, outside of the loop. */
  prepare(i: number): string {
    const { name, side, tile, lines, across } = this;
    const at = `at${name}${i}`;
    const per = side.along === "depth" ? tile.depth / 4 : lines / 4;
    const text = [`let ${at} = thread + ${i * threadsOf(tile)}u;`];
    text.push(`let line${name}${i} = ${side.along === "depth" ? `${at} / ${per}u` : `${at} % ${per}u`};`);
    text.push(`let deep${name}${i} = ${side.along === "depth" ? `(${at} % ${per}u) * 4u` : `${at} / ${per}u`};`);
    const first = `first${name}`;
    const line = `line${name}${i}`;
    const index =
      side.along === "depth"
        ? `${first} + ${line}`
        : side.spread
          ? `${first} + ${line} + vec4<u32>(0u, ${per}u, ${2 * per}u, ${3 * per}u)`
          : `${first} + ${line} * 4u + vec4<u32>(0u, 1u, 2u, 3u)`;
    text.push(`let place${name}${i} = prepare${name}(batch, ${index});`);
    text.push(`let group${name}${i} = ${line} / ${across}u;`, `let rest${name}${i} = ${line} % ${across}u;`);
    return text.join("\n  ");
  }

  /** Whether the last vector is not every thread's. */
  private guarded(i: number, text: string): string {
    return (i + 1) * threadsOf(this.tile) > this.vectors
      ? `if (at${this.name}${i} < ${this.vectors}u) { ${text} }`
      : text;
  }

  load(i: number, depth: string): string {
    const { name } = this;
    return this.guarded(i, `next${name}${i} = load${name}(place${name}${i}, ${depth} + deep${name}${i});`);
  }

  keep(i: number, stage: string): string {
    const { name, side } = this;
    const [group, rest, deep] = [`group${name}${i}`, `rest${name}${i}`, `deep${name}${i}`];
    const place = side.along === "depth" ? `[${group}][${rest}][${deep} / 4u]` : `[${deep}][${group}][${rest}]`;
    return this.guarded(i, `tile${name}[${stage}]${place} = next${name}${i};`);
  }

  /** Reads what a thread needs of four steps of the depth. */
  read(stage: string, four: number | "four"): string[] {
    const { name, side, own, index } = this;
    if (side.along === "depth") {
      return range(own).map((i) => `let ${name}${i} = tile${name}[${stage}][${i}][${index}][${four}];`);
    }
    const at = (k: number): string => (four === "four" ? `4u * four + ${k}u` : `${4 * four + k}`);
    return range(4).flatMap((k) =>
      range(own / 4).map((g) => `let ${name}${g}_${k} = tile${name}[${stage}][${at(k)}][${g}][${index}];`),
    );
  }

  /** The element of line `i` at depth `k` of the four. */
  scalar(i: number, k: number): string {
    const { name, side } = this;
    return side.along === "depth" ? `${name}${i}.${lanes[k]}` : `${name}${i >> 2}_${k}.${lanes[i & 3]}`;
  }

  /** The elements of lines `4g` to `4g + 3` at depth `k` of the four. */
  vector(g: number, k: number, element: string): string {
    const { name, side } = this;
    return side.along === "across"
      ? `${name}${g}_${k}`
      : `vec4<${element}>(${range(4)
          .map((j) => `${name}${4 * g + j}.${lanes[k]}`)
          .join(", ")})`;
  }

  /** The line of the result that a thread's line `i` is, in this tile. */
  line(i: number): string {
    const { side, index, across, lines } = this;
    if (side.along === "depth") return `${index} + ${i * across}u`;
    const group = `${index} + ${(i >> 2) * across}u`;
    return side.spread ? `${group} + ${((i & 3) * lines) / 4}u` : `(${group}) * 4u + ${i & 3}u`;
  }
}

/** Workgroups of a product: its tiles, folded into two dimensions, and batches times splits. */
export function tileGrid(gpu: Runtime, across: number, down: number, deep: number): [number, number, number] {
  const [x, y] = gpu.grid(across * down, 1);
  return [x, y, deep];
}

/** Whether a thread's columns come as vectors of neighbours. */
export const neighbours = (side: Side): boolean => side.along === "across" && side.spread !== true;

/** The program. Workgroups: those of `tileGrid`; `z` of `store` counts batches and splits. */
export function gemm(product: Product): string {
  const { tile, element, left, right, params, store, vectors } = product;
  const a = new Operand("A", left, tile.rows, tile.high, tile);
  const b = new Operand("B", right, tile.columns, tile.wide, tile);
  const both = [a, b];
  const all = (text: (operand: Operand, i: number) => string): string =>
    both.flatMap((operand) => range(operand.brings).map((i) => text(operand, i))).join("\n    ");
  const vector = `vec4<${element}>`;
  const groups = tile.wide / 4;

  // Threads that run together (32 of them, on many devices) form a block of 4 × 8, which reads the fewest vectors.
  const blockWide = Math.min(8, b.across);
  const blockHigh = Math.min(Math.max(32 / blockWide, 1), a.across);
  const block = blockWide * blockHigh;
  const blocksAcross = b.across / blockWide;

  const add = (i: number, g: number, k: number): string => {
    const x = `${vector}(${a.scalar(i, k)})`;
    const y = b.vector(g, k, element);
    const sum = `sum${i}_${g}`;
    return element === "f32" ? `${sum} = fma(${x}, ${y}, ${sum});` : `${sum} += ${x} * ${y};`;
  };
  const step = (stage: string): string =>
    (tile.unrolled ? range(tile.depth / 4) : (["four"] as const))
      .map((four) =>
        [
          four === "four" ? `for (var four = 0u; four < ${tile.depth / 4}u; four++) {` : "{",
          ...a.read(stage, four),
          ...b.read(stage, four),
          ...range(4).flatMap((k) => range(tile.high).flatMap((i) => range(groups).map((g) => add(i, g, k)))),
          "}",
        ].join("\n      "),
      )
      .join("\n    ");

  const loop = (): string => {
    const load = (depth: string): string => all((operand, i) => operand.load(i, depth));
    const keep = (stage: string): string => all((operand, i) => operand.keep(i, stage));
    const steps = `for (var depth = begin; depth < end; depth += ${tile.depth}u)`;
    const more = `depth + ${tile.depth}u < end`;
    if (tile.stages === 2) {
      return `
  var stage = 0u;
  ${load("begin")}
  ${keep("0")}
  workgroupBarrier();
  ${steps} {
    if (${more}) {
    ${load(`depth + ${tile.depth}u`)}
    }
    ${step("stage")}
    stage = 1u - stage;
    if (${more}) {
    ${keep("stage")}
    }
    workgroupBarrier();
  }`;
    }
    if (tile.ahead) {
      return `
  ${load("begin")}
  ${steps} {
    ${keep("0")}
    workgroupBarrier();
    if (${more}) {
    ${load(`depth + ${tile.depth}u`)}
    }
    ${step("0")}
    workgroupBarrier();
  }`;
    }
    return `
  ${steps} {
    ${load("depth")}
    ${keep("0")}
    workgroupBarrier();
    ${step("0")}
    workgroupBarrier();
  }`;
  };

  const results = range(tile.high)
    .flatMap((i) =>
      range(groups).flatMap((g) => {
        const row = `firstA + ${a.line(i)}`;
        return vectors
          ? [`store(group.z, ${row}, firstB + ${b.line(4 * g)}, sum${i}_${g});`]
          : range(4).map((j) => `store(group.z, ${row}, firstB + ${b.line(4 * g + j)}, sum${i}_${g}.${lanes[j]});`);
      }),
    )
    .join("\n  ");

  return `${params}
${left.code}
${right.code}
${store}
${a.declaration(element)}
${b.declaration(element)}

@compute @workgroup_size(${threadsOf(tile)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) counts: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let number = group.y * counts.x + group.x;
  if (number >= P.tilesAcross * P.tilesDown) { return; }
  let together = ${ROWS_TOGETHER}u * P.tilesAcross;
  let before = number / together * ${ROWS_TOGETHER}u;
  let down = min(P.tilesDown - before, ${ROWS_TOGETHER}u);
  let within = number % together;
  let firstA = (before + within % down) * ${tile.rows}u;
  let firstB = (within / down) * ${tile.columns}u;
  let batch = group.z / P.splits;
  let begin = (group.z % P.splits) * P.share;
  let end = min(begin + P.share, P.depth);
  let block = thread / ${block}u;
  let lane = thread % ${block}u;
  let threadDown = block / ${blocksAcross}u * ${blockHigh}u + lane / ${blockWide}u;
  let threadAcross = block % ${blocksAcross}u * ${blockWide}u + lane % ${blockWide}u;
  ${all((operand, i) => operand.prepare(i))}
  ${all((operand, i) => `var next${operand.name}${i}: ${vector};`)}
  ${range(tile.high)
    .flatMap((i) => range(groups).map((g) => `var sum${i}_${g}: ${vector};`))
    .join("\n  ")}
  ${loop()}
  ${results}
}
`;
}
