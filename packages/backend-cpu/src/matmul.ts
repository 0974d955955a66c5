import type { DType } from "@kindling/storage";
import { memoryOf, type Numbers, type Strided } from "./memory.js";
import { dot, packedTile, rowTile, stridedTile } from "./tiles.js";

/** One matrix of a batch: its memory, where it starts, and the steps from row to row and from column to column. */
interface Matrix {
  readonly memory: Numbers;
  start: number;
  readonly row: number;
  readonly column: number;
}

const matrixOf = (view: Strided): Matrix => ({
  memory: memoryOf(view),
  start: view.offset,
  row: view.strides[1],
  column: view.strides[2],
});

type Product = (m: number, n: number, depth: number, out: Matrix, a: Matrix, b: Matrix, accumulate: boolean) => void;

/** Rows and columns of a tile. */
const TILE = 4;
/** Columns and shared depth of the part of `b` that is packed at a time: 512 KB, for the second-level cache. */
const COLUMNS = 256;
const DEPTH = 256;
/** Packing pays from this many multiplications on, in matrices that are not thin. */
const WORTH_PACKING = 2 ** 21;
const THIN = 32;

const block = new Float64Array(TILE * TILE);
let panelsOfA = new Float64Array(0);
let panelsOfB = new Float64Array(0);

/** Stores the `rows` × `columns` corner of the block. */
function store(
  rows: number,
  columns: number,
  out: Numbers,
  o: number,
  row: number,
  column: number,
  accumulate: boolean,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, p = o + r * row; c < columns; c++, p += column) {
      const x = block[TILE * r + c];
      out[p] = accumulate ? out[p] + x : x;
    }
  }
}

/**
 * Copies `count` lines of a matrix, each `depth` long, into panels of four interleaved lines; missing lines of the last
 * panel are 0.
 */
function pack(
  panels: Float64Array,
  memory: Numbers,
  start: number,
  count: number,
  line: number,
  depth: number,
  step: number,
): void {
  for (let first = 0, p = 0; first < count; first += TILE, p += TILE * depth) {
    for (let l = 0; l < TILE; l++) {
      let to = p + l;
      if (first + l >= count) for (let k = 0; k < depth; k++, to += TILE) panels[to] = 0;
      else {
        let from = start + (first + l) * line;
        for (let k = 0; k < depth; k++, to += TILE, from += step) panels[to] = memory[from];
      }
    }
  }
}

const roundUp = (n: number): number => Math.ceil(n / TILE) * TILE;

/** Large products: both factors are packed block by block, so that tiles read memory in order. */
const packed: Product = (m, n, depth, out, a, b, accumulate) => {
  const most = Math.min(depth, DEPTH);
  const widest = roundUp(Math.min(n, COLUMNS));
  if (panelsOfA.length < TILE * most) panelsOfA = new Float64Array(TILE * DEPTH);
  if (panelsOfB.length < widest * most) panelsOfB = new Float64Array(widest * most);
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = Math.min(COLUMNS, n - j);
    for (let k = 0; k < depth; k += DEPTH) {
      const part = Math.min(DEPTH, depth - k);
      const adds = accumulate || k > 0;
      pack(panelsOfB, b.memory, b.start + k * b.row + j * b.column, columns, b.column, part, b.row);
      for (let i = 0; i < m; i += TILE) {
        const rows = Math.min(TILE, m - i);
        pack(panelsOfA, a.memory, a.start + i * a.row + k * a.column, rows, a.row, part, a.column);
        for (let c = 0; c < columns; c += TILE) {
          packedTile(part, panelsOfA, 0, panelsOfB, c * part, block);
          const o = out.start + i * out.row + (j + c) * out.column;
          store(rows, Math.min(TILE, columns - c), out.memory, o, out.row, out.column, adds);
        }
      }
    }
  }
};

/** A vector `a` by `count` lines of `b`: one line of the result. */
function vector(
  count: number,
  depth: number,
  out: Numbers,
  o: number,
  so: number,
  a: Numbers,
  i: number,
  ak: number,
  b: Numbers,
  j: number,
  bk: number,
  bn: number,
  accumulate: boolean,
): void {
  for (; count >= 8; count -= 8, o += 8 * so, j += 8 * bn) {
    rowTile(depth, a, i, ak, b, j, bk, bn, out, o, so, accumulate);
  }
  for (; count > 0; count--, o += so, j += bn) {
    const x = dot(depth, a, i, ak, b, j, bk);
    out[o] = accumulate ? out[o] + x : x;
  }
}

/** Small and thin products: tiles read the factors where they are, lines that do not fill a tile are vectors. */
const unpacked: Product = (m, n, depth, out, a, b, accumulate) => {
  const rows = n < TILE ? m : m - (m % TILE);
  const columns = n - (n % TILE);
  for (let i = 0; i < rows; i += TILE) {
    const from = a.start + i * a.row;
    for (let j = 0; j < columns; j += TILE) {
      const x = b.start + j * b.column;
      const o = out.start + i * out.row + j * out.column;
      // biome-ignore format: a matrix a line
      stridedTile(
        depth,
        a.memory, from, a.row, a.column,
        b.memory, x, b.row, b.column,
        out.memory, o, out.row, out.column,
        accumulate,
      );
    }
  }
  for (let j = columns; j < n && rows > 0; j++) {
    const o = out.start + j * out.column;
    const x = b.start + j * b.column;
    vector(rows, depth, out.memory, o, out.row, b.memory, x, b.row, a.memory, a.start, a.column, a.row, accumulate);
  }
  for (let i = rows; i < m; i++) {
    const o = out.start + i * out.row;
    const x = a.start + i * a.row;
    vector(n, depth, out.memory, o, out.column, a.memory, x, a.column, b.memory, b.start, b.row, b.column, accumulate);
  }
};

const floatProduct: Product = (m, n, depth, out, a, b, accumulate) => {
  const large = m >= THIN && n >= THIN && depth >= THIN && m * n * depth >= WORTH_PACKING;
  (large ? packed : unpacked)(m, n, depth, out, a, b, accumulate);
};

/** An inner product that starts from `sum`. */
type InnerProduct = (
  sum: number,
  depth: number,
  a: Numbers,
  i: number,
  ak: number,
  b: Numbers,
  j: number,
  bk: number,
) => number;

/** Other dtypes: element by element. */
const plainProduct =
  (inner: InnerProduct, zero: number | bigint): Product =>
  (m, n, depth, out, a, b, accumulate) => {
    const memory = out.memory;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const o = out.start + i * out.row + j * out.column;
        const sum = accumulate ? memory[o] : (zero as number);
        memory[o] = inner(sum, depth, a.memory, a.start + i * a.row, a.column, b.memory, b.start + j * b.column, b.row);
      }
    }
  };

const integerProduct = plainProduct((sum, depth, a, i, ak, b, j, bk) => {
  for (; depth > 0; depth--, i += ak, j += bk) sum = (sum + Math.imul(a[i], b[j])) | 0;
  return sum;
}, 0);

const boolProduct = plainProduct((sum, depth, a, i, ak, b, j, bk) => {
  for (; depth > 0; depth--, i += ak, j += bk) sum |= a[i] & b[j];
  return sum;
}, 0);

const int64Product = plainProduct(
  ((sum: bigint, depth: number, a: BigInt64Array, i: number, ak: number, b: BigInt64Array, j: number, bk: number) => {
    for (; depth > 0; depth--, i += ak, j += bk) sum += a[i] * b[j];
    return sum;
  }) as unknown as InnerProduct,
  0n,
);

const products: Readonly<Record<DType, Product>> = {
  float32: floatProduct,
  float64: floatProduct,
  float16: floatProduct,
  bfloat16: floatProduct,
  int64: int64Product,
  int32: integerProduct,
  int16: integerProduct,
  int8: integerProduct,
  uint8: integerProduct,
  bool: boolProduct,
};

/** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus what is in `out` where `accumulate`. */
export function matmul(out: Strided, a: Strided, b: Strided, accumulate: boolean): void {
  const product = products[out.storage.dtype];
  const [batches, m, n] = out.shape;
  const depth = a.shape[2];
  const x = matrixOf(out);
  const y = matrixOf(a);
  const z = matrixOf(b);
  for (let batch = 0; batch < batches; batch++) {
    product(m, n, depth, x, y, z, accumulate);
    x.start += out.strides[0];
    y.start += a.strides[0];
    z.start += b.strides[0];
  }
}
