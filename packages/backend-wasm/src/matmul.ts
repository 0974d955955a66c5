import type { KernelEntry, KernelProvider, Primitives, Storage, View } from "@kindling/storage";
import { type Instance, instance } from "./instance.js";
import { limits } from "./limits.js";
import { available, begin, copyIn, copyOut, f32, f64, give, MOST_SCRATCH, mark, take } from "./memory.js";
import { parallel, threads } from "./threads.js";
import { FEW, fewRows, outerProduct, placeOfWeight } from "./vector.js";

type Floats = Float32Array | Float64Array;

/** A batch of matrices: memory, first element, and the steps from matrix to matrix, row to row, column to column. */
interface Matrices {
  readonly storage: Storage;
  readonly memory: Floats;
  readonly start: number;
  readonly batch: number;
  readonly row: number;
  readonly column: number;
}

const matricesOf = ({ storage, offset, strides }: View): Matrices => ({
  storage,
  memory: storage.handle as Floats,
  start: offset,
  batch: strides[0],
  row: strides[1],
  column: strides[2],
});

const turned = (x: Matrices): Matrices => ({ ...x, row: x.column, column: x.row });

/** What depends on the dtype. */
interface Kind {
  readonly bytes: number;
  readonly pack: string;
  readonly product: string;
  readonly batch: string;
  /** Columns in a panel of the right operand. */
  readonly columns: number;
  /** Deepest block. */
  readonly depth: number;
}
const float32: Kind = {
  bytes: 4,
  pack: "packBlocks32",
  product: "product32",
  batch: "batch32",
  columns: 8,
  depth: 384,
};
const float64: Kind = {
  bytes: 8,
  pack: "packBlocks64",
  product: "product64",
  batch: "batch64",
  columns: 4,
  depth: 192,
};

/** Bytes of an operand that are brought in at a time: for one thread, they are packed while the second-level cache holds them. */
const STRIP_ALONE = 1 << 19;
const STRIP_TOGETHER = 1 << 22;
/** Elements of the left operand and of the result that are in the workspace at a time. */
const AT_A_TIME = 1 << 22;
/** Bytes for a tile whose columns are not all stored. */
const EDGE = 192;
/** Bytes behind an operand that packing may read. */
const BEHIND = 64;
/** Rows and columns of the tiles that are a thread's unit of work: rows times the deepest block fit the second-level cache. */
const TALL = 96;
const WIDE = 128;
/** Multiplications of a run of small matrices. */
const RUN = 1 << 19;
/** Elements of small matrices that are brought in at a time: for one thread, what the second-level cache holds. */
const RUN_ALONE = 1 << 17;
const RUN_TOGETHER = 1 << 20;
/** Elements to pack that are worth waking a thread for. */
const WORTH_PACKING_TOGETHER = 1 << 17;
/** Multiplications of one product that are worth waking a thread for. */
const WORTH_SHARING = 1.5 * 2 ** 20;
/** Rows up to which it pays to keep a small weight packed. */
const LOW = 16;
/** Elements of operands that are packed as a whole; smaller ones just before they are multiplied. */
const WHOLE = 1 << 15;

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;
const rowsOfPanel = (): number => (instance() as Instance).kernels.rows32();

/** Depth is cut into equal blocks. */
const blockOf = (depth: number, most: number): number => Math.max(Math.ceil(depth / Math.ceil(depth / most)), 1);

/** One operand, as lines along the depth. */
interface Lines {
  readonly memory: Floats;
  readonly start: number;
  readonly lines: number;
  readonly depth: number;
  /** Steps from line to line and along the depth. */
  readonly line: number;
  readonly step: number;
}

/** Copies rows of `length` neighbours, `stride` apart, to `pointer`; the answer is how far apart they lie there. */
function bringRows(
  pointer: number,
  memory: Floats,
  start: number,
  rows: number,
  length: number,
  stride: number,
): number {
  if (stride === length || rows === 1) {
    copyIn(pointer, memory, start, rows * length);
  } else {
    const bytes = length * memory.BYTES_PER_ELEMENT;
    for (let i = 0; i < rows; i++) copyIn(pointer + i * bytes, memory, start + i * stride, length);
  }
  return length;
}

/** Packs an operand at `to`, as assembly/gemm.ts describes it, block after block of depth. */
function packInto(kind: Kind, to: number, right: boolean, x: Lines, block: number): void {
  const { memory, start, lines, depth } = x;
  const width = right ? kind.columns : rowsOfPanel();
  const all = roundUp(lines, width);
  const side = right ? 1 : 0;
  const before = mark();
  if (x.line === 1 && x.step !== 1 && depth > 1) {
    // lines side by side: a block of depth at a time
    const pointer = take(lines * block * kind.bytes + BEHIND);
    for (let k = 0; k < depth; k += block) {
      const part = Math.min(block, depth - k);
      const step = bringRows(pointer, memory, start + k * x.step, part, lines, x.step);
      const at = to + all * k * kind.bytes;
      pack(kind, side, at, pointer, lines, part, 1, step, part, 0, all, width);
    }
  } else {
    const most = threads() === 1 ? STRIP_ALONE : STRIP_TOGETHER;
    const strip = Math.min(Math.max(Math.floor(most / (depth * kind.bytes * width)), 1) * width, all);
    const pointer = take(strip * depth * kind.bytes);
    for (let first = 0; first < lines; first += strip) {
      const count = Math.min(strip, lines - first);
      const from = start + first * x.line;
      if (x.step === 1 || depth === 1) bringRows(pointer, memory, from, count, depth, x.line);
      else gather(pointer, memory, from, count, depth, x.line, x.step);
      pack(kind, side, to, pointer, count, depth, depth, 1, block, first, all, width);
    }
  }
  give(before);
}

function pack(
  kind: Kind,
  side: number,
  to: number,
  from: number,
  lines: number,
  depth: number,
  line: number,
  step: number,
  block: number,
  first: number,
  all: number,
  width: number,
): void {
  const shared = lines * depth >= WORTH_PACKING_TOGETHER;
  const share = shared ? roundUp(Math.ceil(lines / 8), width) : lines;
  const chunks = Math.ceil(lines / share);
  parallel(kind.pack, chunks, side, to, from, lines, depth, line, step, block, first, all, share);
}

/** Copies a matrix of odd strides to `pointer`, rows one after the other. */
function gather(
  pointer: number,
  memory: Floats,
  start: number,
  rows: number,
  columns: number,
  row: number,
  column: number,
): void {
  const to: Floats = memory instanceof Float32Array ? f32 : f64;
  for (let i = 0, o = pointer / memory.BYTES_PER_ELEMENT; i < rows; i++) {
    for (let j = 0, p = start + i * row; j < columns; j++, p += column) to[o++] = memory[p];
  }
}

/** Brings in what an accumulating product adds to. */
function bringOutput(pointer: number, m: number, n: number, out: Matrices, start: number): void {
  if (out.column === 1 || n === 1) bringRows(pointer, out.memory, start, m, n, n === 1 ? out.row : out.row);
  else gather(pointer, out.memory, start, m, n, out.row, out.column);
}

/** Takes a row-major product out to where it belongs. */
function takeOutput(pointer: number, m: number, n: number, out: Matrices, start: number): void {
  const { memory, row, column } = out;
  if ((column === 1 || n === 1) && (row === n || m === 1)) {
    copyOut(memory, start, pointer, m * n);
  } else if (column === 1) {
    const bytes = n * memory.BYTES_PER_ELEMENT;
    for (let i = 0; i < m; i++) copyOut(memory, start + i * row, pointer + i * bytes, n);
  } else {
    const from: Floats = memory instanceof Float32Array ? f32 : f64;
    for (let i = 0, p = pointer / memory.BYTES_PER_ELEMENT; i < m; i++) {
      for (let j = 0, o = start + i * row; j < n; j++, o += column) memory[o] = from[p++];
    }
  }
}

/** One large product: the right operand is packed as a whole, rows of the left one as many as fit a part of the workspace. */
function large(
  kind: Kind,
  m: number,
  n: number,
  depth: number,
  out: Matrices,
  o: number,
  a: Matrices,
  i: number,
  b: Matrices,
  j: number,
  accumulate: boolean,
): void {
  begin();
  const { bytes, columns } = kind;
  const { memory, row, column } = a;
  const height = rowsOfPanel();
  const block = blockOf(depth, kind.depth);
  const [tall, wide] = tileOf(m, n, height);
  const share = Math.min(Math.max(Math.floor(AT_A_TIME / (depth + n) / tall), 1) * tall, m);
  const packedA = take(roundUp(share, height) * depth * bytes);
  const c = take(share * n * bytes);
  const across = Math.ceil(n / wide);
  const edges = take(EDGE * Math.ceil(share / tall) * across);
  const bytesB = roundUp(n, columns) * depth * bytes;
  const layout = b.row === 1 && b.column === depth ? 0 : b.column === 1 && b.row === n ? 1 : -1;
  let packedB = layout < 0 ? 0 : placeOfWeight(b.storage, j, bytesB, n, layout);
  if (packedB <= 0) {
    packedB = packedB === 0 ? take(bytesB) : ~packedB;
    packInto(kind, packedB, true, { memory: b.memory, start: j, lines: n, depth, line: b.column, step: b.row }, block);
  }
  for (let first = 0; first < m; first += share) {
    const rows = Math.min(share, m - first);
    const start = i + first * row;
    packInto(kind, packedA, false, { memory, start, lines: rows, depth, line: row, step: column }, block);
    const to = o + first * out.row;
    if (accumulate) bringOutput(c, rows, n, out, to);
    const chunks = Math.ceil(rows / tall) * across;
    // biome-ignore format: one line says more
    parallel(kind.product, chunks, rows, n, depth, packedA, packedB, c, accumulate ? 1 : 0, block, tall, wide, edges);
    takeOutput(c, rows, n, out, to);
  }
}

/** Rows and columns of the tiles that a product of that size is cut in: of a small one, which may be deep, there should be some to share. */
function tileOf(m: number, n: number, height: number): [number, number] {
  const parts = m * n > 1 << 17 ? 1 : m * n > 1 << 13 ? 2 : 4;
  return [Math.floor(TALL / parts / height) * height, parts === 1 ? WIDE : WIDE / 2];
}

/** A span of memory that has all matrices of a batch, if it is not much larger than they are; else 0. */
function spanOf(count: number, rows: number, columns: number, x: Matrices): number {
  const span = (count - 1) * x.batch + (rows - 1) * x.row + (columns - 1) * x.column + 1;
  return span <= 1.25 * (x.batch === 0 ? 1 : count) * rows * columns ? span : 0;
}

/** Small products, many at a time. */
function small(
  kind: Kind,
  first: number,
  count: number,
  m: number,
  n: number,
  depth: number,
  out: Matrices,
  a: Matrices,
  b: Matrices,
  accumulate: boolean,
): void {
  begin();
  const x = bringBatch(kind, first, count, m, depth, a);
  const y = bringBatch(kind, first, count, depth, n, b);
  const c = take(count * m * n * kind.bytes);
  const o = out.start + first * out.batch;
  const solid = out.batch === m * n && out.row === n && out.column === 1;
  if (accumulate) {
    if (solid) copyIn(c, out.memory, o, count * m * n);
    else for (let i = 0; i < count; i++) bringOutput(c + i * m * n * kind.bytes, m, n, out, o + i * out.batch);
  }
  const each = m * n * depth;
  const share = Math.max(Math.floor(RUN / each), 1);
  const chunks = Math.ceil(count / share);
  const block = blockOf(depth, kind.depth);
  const packed = (roundUp(m, rowsOfPanel()) + roundUp(n, kind.columns)) * depth * kind.bytes;
  const room = roundUp(packed + EDGE, 64);
  const scratch = take(room * chunks);
  // biome-ignore format: an operand a line
  parallel(
    kind.batch, chunks, count, m, n, depth,
    x.pointer, x.batch, x.row, x.column,
    y.pointer, y.batch, y.row, y.column,
    c, accumulate ? 1 : 0, block, scratch, room, share,
  );
  if (solid) copyOut(out.memory, o, c, count * m * n);
  else for (let i = 0; i < count; i++) takeOutput(c + i * m * n * kind.bytes, m, n, out, o + i * out.batch);
}

/** Brings a run of matrices in as they lie, where they lie close together; else each for itself, row-major. */
function bringBatch(kind: Kind, first: number, count: number, rows: number, columns: number, x: Matrices) {
  const start = x.start + first * x.batch;
  const span = spanOf(count, rows, columns, x);
  if (span > 0) {
    const pointer = take(span * kind.bytes + BEHIND);
    copyIn(pointer, x.memory, start, span);
    return { pointer, batch: x.batch, row: x.row, column: x.column };
  }
  const different = x.batch === 0 ? 1 : count;
  const pointer = take(different * rows * columns * kind.bytes + BEHIND);
  for (let i = 0; i < different; i++) {
    const to = pointer + i * rows * columns * kind.bytes;
    const from = start + i * x.batch;
    if (x.column === 1) bringRows(to, x.memory, from, rows, columns, x.row);
    else gather(to, x.memory, from, rows, columns, x.row, x.column);
  }
  return { pointer, batch: x.batch === 0 ? 0 : rows * columns, row: columns, column: 1 };
}

/** About what a product takes of the workspace: the right operand packed, and a block of its depth as it lies. */
const appetite = (kind: Kind, m: number, n: number, depth: number): number =>
  kind.bytes * (2 * (Math.max(m, n) + 16) * depth + 2 * AT_A_TIME + 128 * (n + depth));

/** Products of which a dimension is so small that packing does not pay. */
function thin(m: number, n: number, depth: number, out: View, a: View, b: View, accumulate: boolean): boolean {
  const [, outRow, outColumn] = out.strides;
  const [, aRow, aColumn] = a.strides;
  const [, bRow, bColumn] = b.strides;
  if (depth === 1) {
    return outColumn === 1 || n === 1
      ? outerProduct(m, n, out, outRow, 1, a, aRow, b, bColumn, accumulate)
      : outerProduct(n, m, out, outColumn, outRow, b, bColumn, a, aRow, accumulate);
  }
  if (m <= n) return fewRows(m, n, depth, out, outRow, outColumn, a, aRow, aColumn, b, bRow, bColumn, accumulate);
  return fewRows(n, m, depth, out, outColumn, outRow, b, bColumn, bRow, a, aColumn, aRow, accumulate);
}

const isThin = (m: number, n: number, depth: number): boolean => m <= FEW || n <= FEW || depth === 1;

function matmul(kind: Kind, out: View, a: View, b: View, accumulate: boolean): void {
  const { shape } = out;
  const inner = a.shape[2];
  if (shape[0] === 1 && isThin(shape[1], shape[2], inner) && thin(shape[1], shape[2], inner, out, a, b, accumulate)) {
    return;
  }
  let [count, m, n] = out.shape;
  const depth = a.shape[2];
  let [c, x, y] = [matricesOf(out), matricesOf(a), matricesOf(b)];
  if (c.row === 1 && c.column !== 1 && n > 1) {
    // columns are in runs: the transposed product has them as rows
    [m, n, c, x, y] = [n, m, turned(c), turned(y), turned(x)];
  }
  if (count > 1 && y.batch === 0 && x.batch === m * x.row && c.batch === m * c.row) {
    // one matrix on the right: the rows of all on the left are those of one
    m *= count;
    count = 1;
  }
  if ((m + n) * depth <= WHOLE && (count > 1 || (m > LOW && m * n * depth < WORTH_SHARING))) {
    const most = Math.max(Math.floor((threads() === 1 ? RUN_ALONE : RUN_TOGETHER) / (m * n + (m + n) * depth)), 1);
    for (let i = 0; i < count; i += most) {
      small(kind, i, Math.min(most, count - i), m, n, depth, c, x, y, accumulate);
    }
  } else {
    for (let i = 0; i < count; i++) {
      const [o, p, q] = [c.start + i * c.batch, x.start + i * x.batch, y.start + i * y.batch];
      large(kind, m, n, depth, c, o, x, p, y, q, accumulate);
    }
  }
}

const entry = (kind: Kind): KernelEntry<Primitives["matmul"]> => ({
  accepts(out, a) {
    const { shape } = out;
    const [, m, n] = shape;
    const depth = a.shape[2];
    const work = m * n * depth;
    if (work === 0 || shape[0] * work < limits.thinMatmul) return false;
    if (shape[0] * work < limits.matmul && !isThin(m, n, depth)) return false;
    return appetite(kind, m, n, depth) <= MOST_SCRATCH && available();
  },
  run: (out, a, b, accumulate) => matmul(kind, out, a, b, accumulate),
});

/** Matrix products of float32 and float64. */
export const products: KernelProvider["kernels"] = { matmul: { float32: entry(float32), float64: entry(float64) } };
