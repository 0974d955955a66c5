import { rows32, rows64 } from "./gemm";

/*
 * Packs operands of matrix products as gemm.ts wants them.
 */

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
  pack<f32>(rows32(), to, from, lines, depth, line, step);
}

/** Packs a block of a right operand, (depth, lines): `line` and `step` elements from column to column and along the depth. */
export function packRight32(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f32>(8, to, from, lines, depth, line, step);
}

/** As `packLeft32`, for float64. */
export function packLeft64(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f64>(rows64(), to, from, lines, depth, line, step);
}

/** As `packRight32`, for float64. */
export function packRight64(to: usize, from: usize, lines: i32, depth: i32, line: i32, step: i32): void {
  pack<f64>(4, to, from, lines, depth, line, step);
}
