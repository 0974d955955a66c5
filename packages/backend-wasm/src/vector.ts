import type { Storage, View } from "@kindling/storage";
import { type Instance, instance } from "./instance.js";
import { begin, copyIn, copyOut, f32, f64, take } from "./memory.js";
import { resident } from "./resident.js";

/*
 * Matrix products with few rows or few columns, and with a depth of one. Copying the matrix in takes longer than the product: one
 * that is seen again is a weight, and stays.
 */

type Floats = Float32Array | Float64Array;

/** Rows up to which a product goes row by row. */
export const FEW = 2;

/** Storages that were right operands, by the low bits of their number. */
const seen = new Float64Array(256);
/** Bytes from which it pays to keep a weight. */
const WORTH_KEEPING = 2048;

/**
 * Where a right operand of `bytes` stays if it is a weight, which is a storage that has been a right operand before: negative (the
 * bitwise complement) where it must be filled, 0 where it does not stay. `layout` (2 bits) and `lines` tell apart ways to pack it.
 */
export function placeOfWeight(storage: Storage, start: number, bytes: number, lines: number, layout: number): number {
  if (bytes < WORTH_KEEPING || lines >= 1 << 18) return 0;
  const { id } = storage;
  const slot = id & 255;
  if (seen[slot] === id) return resident(storage, (1 << 20) | (lines << 2) | layout, start, bytes);
  seen[slot] = id;
  return 0;
}
/** The layout of a weight that stays as it is. */
const PLAIN = 2;

function bring(pointer: number, memory: Floats, start: number, count: number, step: number): void {
  if (step === 1) {
    copyIn(pointer, memory, start, count);
    return;
  }
  const to: Floats = memory.BYTES_PER_ELEMENT === 4 ? f32 : f64;
  for (let i = 0, o = pointer / memory.BYTES_PER_ELEMENT; i < count; i++, start += step) to[o++] = memory[start];
}

function takeOut(memory: Floats, start: number, step: number, pointer: number, count: number): void {
  if (step === 1) {
    copyOut(memory, start, pointer, count);
    return;
  }
  const from: Floats = memory.BYTES_PER_ELEMENT === 4 ? f32 : f64;
  for (let i = 0, p = pointer / memory.BYTES_PER_ELEMENT; i < count; i++, start += step) memory[start] = from[p++];
}

/**
 * `out (m, n) (+)= a (m, depth) · b (depth, n)` for few rows; the arrays' first elements and steps from row to row and from column to
 * column. False where the matrix is not contiguous in either order: nothing is done then.
 */
export function fewRows(
  m: number,
  n: number,
  depth: number,
  out: View,
  outRow: number,
  outColumn: number,
  a: View,
  aRow: number,
  aColumn: number,
  b: View,
  bRow: number,
  bColumn: number,
  accumulate: boolean,
): boolean {
  const along = (bRow === 1 || depth === 1) && (bColumn === depth || n === 1);
  if (!along && !((bColumn === 1 || n === 1) && bRow === n)) return false;
  const [left, right, to] = [a.storage.handle as Floats, b.storage.handle as Floats, out.storage.handle as Floats];
  const size = left.BYTES_PER_ELEMENT;
  const { kernels } = instance() as Instance;
  const kernel = size === 4 ? (along ? kernels.dots32 : kernels.sums32) : along ? kernels.dots64 : kernels.sums64;
  begin();
  const x = take(depth * size);
  const c = take(n * size);
  let matrix = placeOfWeight(b.storage, b.offset, n * depth * size, n, PLAIN);
  if (matrix <= 0) {
    matrix = matrix === 0 ? take(n * depth * size) : ~matrix;
    copyIn(matrix, right, b.offset, n * depth);
  }
  for (let i = 0, p = a.offset, o = out.offset; i < m; i++, p += aRow, o += outRow) {
    bring(x, left, p, depth, aColumn);
    if (accumulate) bring(c, to, o, n, outColumn);
    kernel(n, depth, x, matrix, c, accumulate ? 1 : 0);
    takeOut(to, o, outColumn, c, n);
  }
  return true;
}

/** Bytes of the result that are computed at a time: they are taken out while they are in the nearest cache. */
const STRIP = 16384;

/** `out (m, n) (+)= a (m) · b (n)`; as `fewRows`. False where the rows of the result are not runs. */
export function outerProduct(
  m: number,
  n: number,
  out: View,
  outRow: number,
  outColumn: number,
  a: View,
  aStep: number,
  b: View,
  bStep: number,
  accumulate: boolean,
): boolean {
  if (outColumn !== 1) return false;
  const [left, right, to] = [a.storage.handle as Floats, b.storage.handle as Floats, out.storage.handle as Floats];
  const size = left.BYTES_PER_ELEMENT;
  const { kernels } = instance() as Instance;
  const kernel = size === 4 ? kernels.outer32 : kernels.outer64;
  const strip = outRow === n ? Math.max(Math.floor(STRIP / (n * size)), 1) : 1;
  begin();
  const x = take(m * size);
  const y = take(n * size);
  const c = take(Math.min(strip, m) * n * size);
  bring(x, left, a.offset, m, aStep);
  bring(y, right, b.offset, n, bStep);
  for (let i = 0; i < m; i += strip) {
    const rows = Math.min(strip, m - i);
    const o = out.offset + i * outRow;
    if (accumulate) copyIn(c, to, o, rows * n);
    kernel(rows, n, x + i * size, y, c, accumulate ? 1 : 0);
    copyOut(to, o, c, rows * n);
  }
  return true;
}
