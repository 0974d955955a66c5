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

/** A panel of any strides: `line` and `step` bytes from line to line and along the depth. */
function panelByElement<T>(
  to: usize,
  from: usize,
  width: i32,
  lines: i32,
  depth: i32,
  line: usize,
  step: usize,
): void {
  const row = usize(width) * sizeof<T>();
  for (; lines > 0; lines--, to += sizeof<T>(), from += line) {
    let p = to;
    let q = from;
    for (let k = 0; k < depth; k++, p += row, q += step) store<T>(p, load<T>(q));
  }
}

/** Four lines that run along the depth, interleaved: transposes blocks of 4 × 4. */
function fourAlong32(to: usize, row: usize, from: usize, line: usize, depth: i32): void {
  const l1 = from + line;
  const l2 = l1 + line;
  const l3 = l2 + line;
  let p: usize = 0;
  for (; depth >= 4; depth -= 4, p += 16) {
    const a = v128.load(from + p);
    const b = v128.load(l1 + p);
    const c = v128.load(l2 + p);
    const d = v128.load(l3 + p);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
    to += row;
    v128.store(to, v128.shuffle<f64>(ab, cd, 1, 3));
    to += row;
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(ef, gh, 0, 2));
    to += row;
    v128.store(to, v128.shuffle<f64>(ef, gh, 1, 3));
    to += row;
  }
  for (; depth > 0; depth--, p += 4, to += row) {
    store<f32>(to, load<f32>(from + p));
    store<f32>(to, load<f32>(l1 + p), 4);
    store<f32>(to, load<f32>(l2 + p), 8);
    store<f32>(to, load<f32>(l3 + p), 12);
  }
}

/** Two such lines of float32. */
function twoAlong32(to: usize, row: usize, from: usize, line: usize, depth: i32): void {
  const l1 = from + line;
  let p: usize = 0;
  for (; depth >= 4; depth -= 4, p += 16) {
    const a = v128.load(from + p);
    const b = v128.load(l1 + p);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    v128.store64_lane(to, ab, 0);
    to += row;
    v128.store64_lane(to, ab, 1);
    to += row;
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    v128.store64_lane(to, ef, 0);
    to += row;
    v128.store64_lane(to, ef, 1);
    to += row;
  }
  for (; depth > 0; depth--, p += 4, to += row) {
    store<f32>(to, load<f32>(from + p));
    store<f32>(to, load<f32>(l1 + p), 4);
  }
}

/** Two such lines of float64. */
function twoAlong64(to: usize, row: usize, from: usize, line: usize, depth: i32): void {
  const l1 = from + line;
  let p: usize = 0;
  for (; depth >= 2; depth -= 2, p += 16) {
    const a = v128.load(from + p);
    const b = v128.load(l1 + p);
    v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
    to += row;
    v128.store(to, v128.shuffle<f64>(a, b, 1, 3));
    to += row;
  }
  if (depth > 0) {
    store<f64>(to, load<f64>(from + p));
    store<f64>(to, load<f64>(l1 + p), 8);
  }
}

/** A panel whose lines run along the depth. */
function panelAlong<T>(to: usize, from: usize, width: i32, lines: i32, depth: i32, line: usize): void {
  const row = usize(width) * sizeof<T>();
  if (sizeof<T>() == 4) {
    for (; lines >= 4; lines -= 4, to += 16, from += line << 2) fourAlong32(to, row, from, line, depth);
    for (; lines >= 2; lines -= 2, to += 8, from += line << 1) twoAlong32(to, row, from, line, depth);
  } else {
    for (; lines >= 2; lines -= 2, to += 16, from += line << 1) twoAlong64(to, row, from, line, depth);
  }
  if (lines > 0) for (; depth > 0; depth--, to += row, from += sizeof<T>()) store<T>(to, load<T>(from));
}

/** A panel whose lines lie side by side: 20, 24, 32, 40 or 48 `bytes` are copied for each k. */
function panelAcross(to: usize, from: usize, bytes: usize, depth: i32, step: usize): void {
  if (bytes == 32) {
    for (; depth > 0; depth--, to += 32, from += step) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  } else if (bytes == 24) {
    for (; depth > 0; depth--, to += 24, from += step) {
      v128.store(to, v128.load(from));
      store<u64>(to, load<u64>(from, 16), 16);
    }
  } else if (bytes == 20) {
    for (; depth > 0; depth--, to += 20, from += step) {
      v128.store(to, v128.load(from));
      store<u32>(to, load<u32>(from, 16), 16);
    }
  } else if (bytes == 48) {
    for (; depth > 0; depth--, to += 48, from += step) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
    }
  } else {
    for (; depth > 0; depth--, to += 40, from += step) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      store<u64>(to, load<u64>(from, 32), 32);
    }
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function pack<T>(width: i32, to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  const lineBytes = usize(line) * sizeof<T>();
  const stepBytes = usize(step) * sizeof<T>();
  const panel = usize(width * depth) * sizeof<T>();
  for (; lines > 0; lines -= width) {
    const count = min(width, lines);
    if (step == 1) panelAlong<T>(to, from, width, count, depth, lineBytes);
    else if (line == 1) panelAcross(to, from, usize(width) * sizeof<T>(), depth, stepBytes);
    else panelByElement<T>(to, from, width, count, depth, lineBytes, stepBytes);
    to += panel;
    from += lineBytes * width;
  }
}

/**
 * Packs a block of a left operand, (lines, depth): `line` and `step` elements from row to row and along the depth. One of them is 1
 * for the quick ways. Where `line` is 1, a panel's width is read even if it has less lines: up to 40 bytes behind the operand.
 */
export function packLeft32(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f32>(ROWS, to, from, lines, depth, line, step);
}

/** Packs a block of a right operand, (depth, lines): `line` and `step` elements from column to column and along the depth. */
export function packRight32(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f32>(8, to, from, lines, depth, line, step);
}

/** As `packLeft32`, for float64. */
export function packLeft64(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f64>(ROWS, to, from, lines, depth, line, step);
}

/** As `packRight32`, for float64. */
export function packRight64(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f64>(4, to, from, lines, depth, line, step);
}
