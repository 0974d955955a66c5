// Comparisons, and the choices made by them. Truth has a byte an element; `bytes` counts those of the operands.
// The step of an operand is 64 bytes, or 0 for sixteen bytes times four of one number.

const enum Compare { eq, ne, lt, le }

// @ts-ignore
@inline
function holds<T>(op: Compare, a: usize, b: usize): v128 {
  const x = v128.load(a);
  const y = v128.load(b);
  if (op == Compare.eq) return v128.eq<T>(x, y);
  if (op == Compare.ne) return v128.ne<T>(x, y);
  if (op == Compare.lt) return v128.lt<T>(x, y);
  return v128.le<T>(x, y);
}

// @ts-ignore
@inline
function compare<T>(op: Compare, out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  const end = out + bytes / sizeof<T>();
  for (; out < end; out += 64 / sizeof<T>(), a += sa, b += sb) {
    const c0 = holds<T>(op, a, b);
    const c1 = holds<T>(op, a + 16, b + 16);
    const c2 = holds<T>(op, a + 32, b + 32);
    const c3 = holds<T>(op, a + 48, b + 48);
    if (sizeof<T>() == 4) {
      const low = i16x8.narrow_i32x4_s(c0, c1);
      const high = i16x8.narrow_i32x4_s(c2, c3);
      v128.store(out, v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1)));
    } else {
      // of four pairs of halves, one each
      const low = i16x8.narrow_i32x4_s(i32x4.shuffle(c0, c1, 0, 2, 4, 6), i32x4.shuffle(c2, c3, 0, 2, 4, 6));
      v128.store64_lane(out, v128.and(i8x16.narrow_i16x8_s(low, low), i8x16.splat(1)), 0);
    }
  }
}
export function eq32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f32>(Compare.eq, out, a, sa, b, sb, bytes);
}
export function ne32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f32>(Compare.ne, out, a, sa, b, sb, bytes);
}
export function lt32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f32>(Compare.lt, out, a, sa, b, sb, bytes);
}
export function le32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f32>(Compare.le, out, a, sa, b, sb, bytes);
}
export function eq64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f64>(Compare.eq, out, a, sa, b, sb, bytes);
}
export function ne64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f64>(Compare.ne, out, a, sa, b, sb, bytes);
}
export function lt64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f64>(Compare.lt, out, a, sa, b, sb, bytes);
}
export function le64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  compare<f64>(Compare.le, out, a, sa, b, sb, bytes);
}

/** `out = condition ? a : b`; the condition has a byte an element. */
// @ts-ignore
@inline
function where<T>(out: usize, condition: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  const end = out + bytes;
  for (; out < end; out += 64, condition += 64 / sizeof<T>(), a += sa, b += sb) {
    for (let i: usize = 0; i < 64; i += 16) {
      let lanes: v128;
      if (sizeof<T>() == 4) {
        lanes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_splat(condition + (i >> 2))));
        lanes = i32x4.ne(lanes, i32x4.splat(0));
      } else {
        lanes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load16_splat(condition + (i >> 3))));
        lanes = i64x2.ne(i64x2.extend_low_i32x4_u(lanes), i64x2.splat(0));
      }
      v128.store(out + i, v128.bitselect(v128.load(a + i), v128.load(b + i), lanes));
    }
  }
}
export function where32(out: usize, condition: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  where<f32>(out, condition, a, sa, b, sb, bytes);
}
export function where64(out: usize, condition: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  where<f64>(out, condition, a, sa, b, sb, bytes);
}
