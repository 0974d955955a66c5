import { fma32, fma64 } from "./simd";

/*
 * Matrix products of packed operands.
 *
 * The left operand is packed in panels of `rows32()` rows (6; 5 without relaxed SIMD, where a product needs a register more), the
 * right one in panels of 8 columns. A panel holds, for k = 0, 1, …, the values of its lines side by side; lines that are missing
 * in the last panel have any values. Panel follows panel. Depth is cut in blocks of at most some hundred, so that a panel of each operand stays
 * in the nearest cache: every block is packed by itself, and its product added to what the blocks before gave. For float64, panels
 * of `rows64()` rows (6 or 5) and 4 columns.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Rows in a panel of the left operand, float32. */
export function rows32(): i32 {
  return ROWS;
}

/** Rows in a panel of the left operand, float64. */
export function rows64(): i32 {
  return ROWS;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function row32(c: usize, x: v128, y: v128, accumulate: bool): void {
  if (accumulate) {
    v128.store(c, f32x4.add(x, v128.load(c)));
    v128.store(c, f32x4.add(y, v128.load(c, 16)), 16);
  } else {
    v128.store(c, x);
    v128.store(c, y, 16);
  }
}

/**
 * `c (rows, 8) (+)= a · b` for a panel of each operand, `depth` deep; at most `rows32()` rows are stored, `line` bytes from row to
 * row. Compiled by itself because it is exported: inlined in a caller's loop it takes twice as long. So it does where less than
 * 8 columns are stored by branches here, or where values live across a call: registers are just enough.
 */
export function tile32(
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  line: usize,
  rows: i32,
  accumulate: bool,
): void {
  let x0 = f32x4.splat(0), y0 = f32x4.splat(0);
  let x1 = f32x4.splat(0), y1 = f32x4.splat(0);
  let x2 = f32x4.splat(0), y2 = f32x4.splat(0);
  let x3 = f32x4.splat(0), y3 = f32x4.splat(0);
  let x4 = f32x4.splat(0), y4 = f32x4.splat(0);
  let x5 = f32x4.splat(0), y5 = f32x4.splat(0);
  while (depth > 0) {
    const x = v128.load(b);
    const y = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    x0 = fma32(a0, x, x0);
    y0 = fma32(a0, y, y0);
    const a1 = v128.load32_splat(a, 4);
    x1 = fma32(a1, x, x1);
    y1 = fma32(a1, y, y1);
    const a2 = v128.load32_splat(a, 8);
    x2 = fma32(a2, x, x2);
    y2 = fma32(a2, y, y2);
    const a3 = v128.load32_splat(a, 12);
    x3 = fma32(a3, x, x3);
    y3 = fma32(a3, y, y3);
    const a4 = v128.load32_splat(a, 16);
    x4 = fma32(a4, x, x4);
    y4 = fma32(a4, y, y4);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const a5 = v128.load32_splat(a, 20);
      x5 = fma32(a5, x, x5);
      y5 = fma32(a5, y, y5);
    }
    a += 4 * ROWS;
    b += 32;
    depth--;
  }
  row32(c, x0, y0, accumulate);
  if (rows < 2) return;
  row32((c += line), x1, y1, accumulate);
  if (rows < 3) return;
  row32((c += line), x2, y2, accumulate);
  if (rows < 4) return;
  row32((c += line), x3, y3, accumulate);
  if (rows < 5) return;
  row32((c += line), x4, y4, accumulate);
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (rows < 6) return;
    row32((c += line), x5, y5, accumulate);
  }
}

/** Moves the first `columns` of a tile's rows to where they belong. */
function fromEdge<T>(c: usize, line: usize, edge: usize, rows: i32, columns: i32, accumulate: bool): void {
  for (; rows > 0; rows--, c += line, edge += 32) {
    for (let p = usize(columns) * sizeof<T>(); p > 0; ) {
      p -= sizeof<T>();
      const value = load<T>(edge + p);
      store<T>(c + p, accumulate ? load<T>(c + p) + value : value);
    }
  }
}

/**
 * `c (m, n) (+)= a · b` for packed operands of one block of depth, `line` bytes from row to row of `c`. Every panel of `b` meets all
 * panels of `a`, which should fit the second-level cache. `edge` is scratch of this call alone, 192 bytes.
 */
export function gemm32(
  m: i32,
  n: i32,
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  line: usize,
  accumulate: bool,
  edge: usize,
): void {
  const panelA = usize(4 * ROWS) * depth;
  const panelB = usize(32) * depth;
  for (let j = 0; j < n; j += 8) {
    let p = a;
    let q = c;
    for (let i = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i);
      if (n - j >= 8) tile32(depth, p, b, q, line, rows, accumulate);
      else {
        tile32(depth, p, b, edge, 32, rows, false);
        fromEdge<f32>(q, line, edge, rows, n - j, accumulate);
      }
      p += panelA;
      q += line * ROWS;
    }
    b += panelB;
    c += 32;
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function row64(c: usize, x: v128, y: v128, accumulate: bool): void {
  if (accumulate) {
    v128.store(c, f64x2.add(x, v128.load(c)));
    v128.store(c, f64x2.add(y, v128.load(c, 16)), 16);
  } else {
    v128.store(c, x);
    v128.store(c, y, 16);
  }
}

/** As `tile32`, for float64: at most `rows64()` rows and 4 columns. */
export function tile64(
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  line: usize,
  rows: i32,
  accumulate: bool,
): void {
  let x0 = f64x2.splat(0), y0 = f64x2.splat(0);
  let x1 = f64x2.splat(0), y1 = f64x2.splat(0);
  let x2 = f64x2.splat(0), y2 = f64x2.splat(0);
  let x3 = f64x2.splat(0), y3 = f64x2.splat(0);
  let x4 = f64x2.splat(0), y4 = f64x2.splat(0);
  let x5 = f64x2.splat(0), y5 = f64x2.splat(0);
  while (depth > 0) {
    const x = v128.load(b);
    const y = v128.load(b, 16);
    const a0 = v128.load64_splat(a);
    x0 = fma64(a0, x, x0);
    y0 = fma64(a0, y, y0);
    const a1 = v128.load64_splat(a, 8);
    x1 = fma64(a1, x, x1);
    y1 = fma64(a1, y, y1);
    const a2 = v128.load64_splat(a, 16);
    x2 = fma64(a2, x, x2);
    y2 = fma64(a2, y, y2);
    const a3 = v128.load64_splat(a, 24);
    x3 = fma64(a3, x, x3);
    y3 = fma64(a3, y, y3);
    const a4 = v128.load64_splat(a, 32);
    x4 = fma64(a4, x, x4);
    y4 = fma64(a4, y, y4);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const a5 = v128.load64_splat(a, 40);
      x5 = fma64(a5, x, x5);
      y5 = fma64(a5, y, y5);
    }
    a += 8 * ROWS;
    b += 32;
    depth--;
  }
  row64(c, x0, y0, accumulate);
  if (rows < 2) return;
  row64((c += line), x1, y1, accumulate);
  if (rows < 3) return;
  row64((c += line), x2, y2, accumulate);
  if (rows < 4) return;
  row64((c += line), x3, y3, accumulate);
  if (rows < 5) return;
  row64((c += line), x4, y4, accumulate);
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (rows < 6) return;
    row64((c += line), x5, y5, accumulate);
  }
}

/** As `gemm32`, for float64. */
export function gemm64(
  m: i32,
  n: i32,
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  line: usize,
  accumulate: bool,
  edge: usize,
): void {
  const panelA = usize(8 * ROWS) * depth;
  const panelB = usize(32) * depth;
  for (let j = 0; j < n; j += 4) {
    let p = a;
    let q = c;
    for (let i = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i);
      if (n - j >= 4) tile64(depth, p, b, q, line, rows, accumulate);
      else {
        tile64(depth, p, b, edge, 32, rows, false);
        fromEdge<f64>(q, line, edge, rows, n - j, accumulate);
      }
      p += panelA;
      q += line * ROWS;
    }
    b += panelB;
    c += 32;
  }
}
