import { gemm32, gemm64, rows32, rows64 } from "./gemm";
import { packLeft32, packLeft64, packRight32, packRight64 } from "./packing";

/*
 * The primitive `matmul`. Operands of large products are packed as a whole, block of depth after block; tiles of the output are
 * the chunks. Products of many small matrices are packed one by one, just before they are multiplied; chunks are runs of matrices.
 * In both the order of sums depends on the depth alone.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
function roundUp(n: i32, to: i32): i32 {
  return ((n + to - 1) / to) * to;
}

/**
 * Packs lines of an operand in blocks of depth: `line` and `step` elements from line to line and along the depth, `all` lines in the
 * whole packed operand. `to` is where the first block has these lines. A chunk has `share` lines, full panels.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
function packBlocks<T>(
  right: i32,
  to: usize,
  from: usize,
  lines: i32,
  depth: i32,
  line: i32,
  step: i32,
  block: i32,
  first: i32,
  all: i32,
  share: i32,
  chunk: i32,
): void {
  const skipped = chunk * share;
  from += usize(skipped * line) * sizeof<T>();
  lines = min(share, lines - skipped);
  first += skipped;
  for (let k = 0; k < depth; k += block) {
    const part = min(block, depth - k);
    const p = to + (usize(all) * k + usize(first) * part) * sizeof<T>();
    const q = from + usize(k) * step * sizeof<T>();
    if (sizeof<T>() == 4) {
      if (right) packRight32(p, q, lines, part, line, step);
      else packLeft32(p, q, lines, part, line, step);
    } else {
      if (right) packRight64(p, q, lines, part, line, step);
      else packLeft64(p, q, lines, part, line, step);
    }
  }
}

export function packBlocks32(
  right: i32, to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32,
  block: i32, first: i32, all: i32, share: i32, chunk: i32,
): void {
  packBlocks<f32>(right, to, from, lines, depth, line, step, block, first, all, share, chunk);
}

export function packBlocks64(
  right: i32, to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32,
  block: i32, first: i32, all: i32, share: i32, chunk: i32,
): void {
  packBlocks<f64>(right, to, from, lines, depth, line, step, block, first, all, share, chunk);
}

/** The product of packed operands; a chunk is a tile of `tall` × `wide` of the output, both multiples of a panel's lines. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function product<T>(
  m: i32, n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32,
  block: i32, tall: i32, wide: i32, edges: usize, chunk: i32,
): void {
  const across = (n + wide - 1) / wide;
  const i = (chunk / across) * tall;
  const j = (chunk % across) * wide;
  const rows = min(tall, m - i);
  const columns = min(wide, n - j);
  const allRows = roundUp(m, sizeof<T>() == 4 ? rows32() : rows64());
  const allColumns = roundUp(n, 32 / sizeof<T>());
  const to = c + (usize(i) * n + j) * sizeof<T>();
  for (let k = 0; k < depth; k += block) {
    const part = min(block, depth - k);
    const p = a + (usize(allRows) * k + usize(i) * part) * sizeof<T>();
    const q = b + (usize(allColumns) * k + usize(j) * part) * sizeof<T>();
    const line = usize(n) * sizeof<T>();
    const adds = accumulate != 0 || k > 0;
    if (sizeof<T>() == 4) gemm32(rows, columns, part, p, q, to, line, adds, edges + usize(192) * chunk);
    else gemm64(rows, columns, part, p, q, to, line, adds, edges + usize(192) * chunk);
  }
}

export function product32(
  m: i32, n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32,
  block: i32, tall: i32, wide: i32, edges: usize, chunk: i32,
): void {
  product<f32>(m, n, depth, a, b, c, accumulate, block, tall, wide, edges, chunk);
}

export function product64(
  m: i32, n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32,
  block: i32, tall: i32, wide: i32, edges: usize, chunk: i32,
): void {
  product<f64>(m, n, depth, a, b, c, accumulate, block, tall, wide, edges, chunk);
}

/**
 * Products of small matrices, `c` contiguous; a chunk is a run of `share` of them, and has `room` bytes of scratch, for both operands
 * packed and an edge. A right operand that all share (a step of 0) is packed once a chunk, a left one too.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
function batch<T>(
  count: i32, m: i32, n: i32, depth: i32,
  a: usize, matrixA: i32, rowA: i32, columnA: i32,
  b: usize, matrixB: i32, rowB: i32, columnB: i32,
  c: usize, accumulate: i32, block: i32, scratch: usize, room: i32, share: i32, chunk: i32,
): void {
  const height = sizeof<T>() == 4 ? rows32() : rows64();
  const width = i32(32 / sizeof<T>());
  const packedA = scratch + usize(room) * chunk;
  const packedB = packedA + usize(roundUp(m, height) * depth) * sizeof<T>();
  const edge = packedB + usize(roundUp(n, width) * depth) * sizeof<T>();
  const end = min(count, (chunk + 1) * share);
  for (let i = chunk * share, fresh = true; i < end; i++, fresh = false) {
    if (fresh || matrixA != 0) {
      const from = a + usize(matrixA * i) * sizeof<T>();
      packBlocks<T>(0, packedA, from, m, depth, rowA, columnA, block, 0, roundUp(m, height), m, 0);
    }
    if (fresh || matrixB != 0) {
      const from = b + usize(matrixB * i) * sizeof<T>();
      packBlocks<T>(1, packedB, from, n, depth, columnB, rowB, block, 0, roundUp(n, width), n, 0);
    }
    const to = c + usize(i) * usize(m * n) * sizeof<T>();
    product<T>(m, n, depth, packedA, packedB, to, accumulate, block, roundUp(m, height), roundUp(n, width), edge, 0);
  }
}

export function batch32(
  count: i32, m: i32, n: i32, depth: i32,
  a: usize, matrixA: i32, rowA: i32, columnA: i32,
  b: usize, matrixB: i32, rowB: i32, columnB: i32,
  c: usize, accumulate: i32, block: i32, scratch: usize, room: i32, share: i32, chunk: i32,
): void {
  batch<f32>(
    count, m, n, depth, a, matrixA, rowA, columnA, b, matrixB, rowB, columnB,
    c, accumulate, block, scratch, room, share, chunk,
  );
}

export function batch64(
  count: i32, m: i32, n: i32, depth: i32,
  a: usize, matrixA: i32, rowA: i32, columnA: i32,
  b: usize, matrixB: i32, rowB: i32, columnB: i32,
  c: usize, accumulate: i32, block: i32, scratch: usize, room: i32, share: i32, chunk: i32,
): void {
  batch<f64>(
    count, m, n, depth, a, matrixA, rowA, columnA, b, matrixB, rowB, columnB,
    c, accumulate, block, scratch, room, share, chunk,
  );
}
