/*
 * Laying operands out: what is repeated or transposed becomes a plain run.
 */

/** `out[r][c] = a[c·step + r]` for `rows` × `columns` elements, four by four. */
export function transpose32(out: usize, a: usize, step: i32, rows: i32, columns: i32): void {
  const along = usize(step) << 2;
  const width = usize(columns) << 2;
  for (let r = 0; r < rows; r += 4) {
    const last = min(rows - r, 4);
    let to = out + usize(r) * width;
    let from = a + (usize(r) << 2);
    let c = 0;
    if (last == 4) {
      for (; c <= columns - 4; c += 4, to += 16, from += along << 2) {
        const x0 = v128.load(from);
        const x1 = v128.load(from + along);
        const x2 = v128.load(from + 2 * along);
        const x3 = v128.load(from + 3 * along);
        const a0 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
        const a1 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
        const b0 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
        const b1 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
        v128.store(to, i64x2.shuffle(a0, b0, 0, 2));
        v128.store(to + width, i64x2.shuffle(a0, b0, 1, 3));
        v128.store(to + 2 * width, i64x2.shuffle(a1, b1, 0, 2));
        v128.store(to + 3 * width, i64x2.shuffle(a1, b1, 1, 3));
      }
    }
    for (; c < columns; c++, to += 4, from += along) {
      for (let i: usize = 0; i < usize(last); i++) store<f32>(to + i * width, load<f32>(from + (i << 2)));
    }
  }
}

export function transpose64(out: usize, a: usize, step: i32, rows: i32, columns: i32): void {
  const along = usize(step) << 3;
  const width = usize(columns) << 3;
  for (let r = 0; r < rows; r += 2) {
    const last = min(rows - r, 2);
    let to = out + usize(r) * width;
    let from = a + (usize(r) << 3);
    let c = 0;
    if (last == 2) {
      for (; c <= columns - 2; c += 2, to += 16, from += along << 1) {
        const x0 = v128.load(from);
        const x1 = v128.load(from + along);
        v128.store(to, i64x2.shuffle(x0, x1, 0, 2));
        v128.store(to + width, i64x2.shuffle(x0, x1, 1, 3));
      }
    }
    for (; c < columns; c++, to += 8, from += along) {
      for (let i: usize = 0; i < usize(last); i++) store<f64>(to + i * width, load<f64>(from + (i << 3)));
    }
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function spread<T>(out: usize, a: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, a += sizeof<T>()) {
    const x = load<T>(a);
    const lanes = v128.splat<T>(x);
    const end = out + usize(columns) * sizeof<T>();
    for (; out + 16 <= end; out += 16) v128.store(out, lanes);
    for (; out < end; out += sizeof<T>()) store<T>(out, x);
  }
}
/** `out[r][c] = a[r]`. */
export function spread32(out: usize, a: usize, rows: i32, columns: i32): void {
  spread<f32>(out, a, rows, columns);
}
export function spread64(out: usize, a: usize, rows: i32, columns: i32): void {
  spread<f64>(out, a, rows, columns);
}

/** float32 to float64; `n` elements, or up to three more. */
export function widen(out: usize, a: usize, n: i32): void {
  for (const end = a + (usize(n) << 2); a < end; a += 16, out += 32) {
    const x = v128.load(a);
    v128.store(out, f64x2.promote_low_f32x4(x));
    v128.store(out, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)), 16);
  }
}
/** float64 to float32. */
export function narrow(out: usize, a: usize, n: i32): void {
  for (const end = out + (usize(n) << 2); out < end; a += 32, out += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(a));
    const high = f32x4.demote_f64x2_zero(v128.load(a, 16));
    v128.store(out, i64x2.shuffle(low, high, 0, 2));
  }
}
