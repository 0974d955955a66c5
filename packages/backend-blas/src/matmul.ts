import type { View } from "@kindling/storage";
import { type Memory, PLAIN, ROW_MAJOR, type Routines, TRANSPOSED } from "./blas.js";

/** A batch of matrices: memory, first element, and the steps from matrix to matrix, row to row, column to column. */
interface Matrices {
  memory: Memory;
  start: number;
  batch: number;
  row: number;
  column: number;
}

const matricesOf = ({ storage, offset, strides: [batch, row, column] }: View): Matrices => ({
  memory: storage.handle as Memory,
  start: offset,
  batch,
  row,
  column,
});

/**
 * BLAS takes matrices whose rows, or whose columns, are runs of neighbours at least their length apart. This is the step between
 * rows, or minus the step between columns, or 0 for matrices that are neither.
 */
function leading(rows: number, columns: number, row: number, column: number): number {
  if ((columns === 1 || column === 1) && (rows === 1 || row >= columns)) return rows === 1 ? columns : row;
  if ((rows === 1 || row === 1) && (columns === 1 || column >= rows)) return columns === 1 ? -rows : -column;
  return 0;
}

/** The step under which `count` matrices of `lines` lines are one matrix, or -1. */
const stacked = (batch: number, lines: number, line: number): number =>
  lines === 1 ? batch : batch === lines * line ? line : -1;

const empty = (like: Memory, length: number): Memory =>
  new (like.constructor as Float32ArrayConstructor | Float64ArrayConstructor)(length);

/** Row-major copy of a matrix that BLAS cannot take. */
function packed(rows: number, columns: number, from: Matrices, start: number): Memory {
  const { memory, row, column } = from;
  const copy = empty(memory, rows * columns);
  for (let i = 0, to = 0; i < rows; i++) {
    for (let j = 0, p = start + i * row; j < columns; j++, p += column) copy[to++] = memory[p];
  }
  return copy;
}

const at = (memory: Memory, start: number): Memory => (start === 0 ? memory : memory.subarray(start));

/** `y = a (rows, columns) · x`, plus what is in `y` where `accumulate`. */
function matrixByVector(
  { gemv }: Routines,
  rows: number,
  columns: number,
  a: Memory,
  lda: number,
  x: Memory,
  stepX: number,
  y: Memory,
  stepY: number,
  accumulate: boolean,
): void {
  if (!accumulate) {
    // some versions multiply by a beta of 0, and keep NaN
    if (stepY === 1) y.fill(0, 0, rows);
    else for (let i = 0; i < rows; i++) y[i * stepY] = 0;
  }
  if (lda > 0) gemv(ROW_MAJOR, PLAIN, rows, columns, 1, a, lda, x, stepX, 1, y, stepY);
  else gemv(ROW_MAJOR, TRANSPOSED, columns, rows, 1, a, -lda, x, stepX, 1, y, stepY);
}

/** Stores a row-major matrix where BLAS cannot write. */
function unpack(rows: number, columns: number, to: Matrices, start: number, from: Memory, accumulate: boolean): void {
  const { memory, row, column } = to;
  for (let i = 0, p = 0; i < rows; i++) {
    for (let j = 0, o = start + i * row; j < columns; j++, o += column, p++) {
      memory[o] = accumulate ? memory[o] + from[p] : from[p];
    }
  }
}

/**
 * The contract's batched product, `out (B, M, N) = a (B, M, K) · b (B, K, N)`, none of them empty. What BLAS
 * cannot take as it lies is copied.
 */
export function matmul(routines: Routines, out: View, a: View, b: View, accumulate: boolean): void {
  let [count, m, n] = out.shape;
  const k = a.shape[2];
  let [c, x, y] = [matricesOf(out), matricesOf(a), matricesOf(b)];
  if (count > 1 && y.batch === 0) {
    // one matrix on the right: the rows of all on the left are those of one
    const [rowOfC, rowOfX] = [stacked(c.batch, m, c.row), stacked(x.batch, m, x.row)];
    if (rowOfX >= 0 && rowOfC >= 0 && leading(count * m, n, rowOfC, c.column) !== 0) {
      [m, count] = [count * m, 1];
      c.row = rowOfC;
      x.row = rowOfX;
    }
  } else if (count > 1 && x.batch === 0) {
    const [columnOfC, columnOfY] = [stacked(c.batch, n, c.column), stacked(y.batch, n, y.column)];
    if (columnOfY >= 0 && columnOfC >= 0 && leading(m, count * n, c.row, columnOfC) !== 0) {
      [n, count] = [count * n, 1];
      c.column = columnOfC;
      y.column = columnOfY;
    }
  }
  let ldc = leading(m, n, c.row, c.column);
  const aside = ldc === 0 ? empty(c.memory, m * n) : null;
  if (aside !== null) ldc = n;
  if (ldc < 0) {
    // columns are in runs: the transposed product has them as rows
    ldc = -ldc;
    [m, n, c, x, y] = [n, m, turned(c), turned(y), turned(x)];
  }
  let [lda, ldb] = [leading(m, k, x.row, x.column), leading(k, n, y.row, y.column)];
  const [copyA, copyB] = [lda === 0, ldb === 0];
  if (copyA) lda = k;
  if (copyB) ldb = n;
  for (let i = 0; i < count; i++) {
    const [startA, startB] = [x.start + i * x.batch, y.start + i * y.batch];
    const left = copyA ? packed(m, k, x, startA) : at(x.memory, startA);
    const right = copyB ? packed(k, n, y, startB) : at(y.memory, startB);
    const to = aside ?? at(c.memory, c.start + i * c.batch);
    const adds = accumulate && aside === null;
    if (n === 1) {
      // what is left of `leading` for one column or row is the step of a vector
      matrixByVector(routines, m, k, left, lda, right, ldb > 0 ? ldb : 1, to, ldc, adds);
    } else if (m === 1) {
      matrixByVector(routines, n, k, right, -ldb, left, lda > 0 ? 1 : -lda, to, 1, adds);
    } else {
      const [turnA, turnB] = [lda > 0 ? PLAIN : TRANSPOSED, ldb > 0 ? PLAIN : TRANSPOSED];
      const beta = adds ? 1 : 0;
      routines.gemm(ROW_MAJOR, turnA, turnB, m, n, k, 1, left, Math.abs(lda), right, Math.abs(ldb), beta, to, ldc);
    }
    if (aside !== null) unpack(m, n, c, c.start + i * c.batch, aside, accumulate);
  }
}

const turned = (x: Matrices): Matrices => ({ ...x, row: x.column, column: x.row });
