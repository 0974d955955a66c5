import { fma32, fma64 } from "./simd";

/*
 * The inner loops of windows.ts. They are functions that are called: inlined, registers do not suffice.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline function fma<T>(a: v128, b: v128, c: v128): v128 {
  return sizeof<T>() === 4 ? fma32(a, b, c) : fma64(a, b, c);
}

/** 6 rows of `a` with the windows at `base`: results `row` bytes apart. */
// @ts-ignore: decorator
@inline function tileAt<T>(c: usize, row: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  const size = sizeof<T>();
  let c00 = v128.splat<T>(0);
  let c01 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0);
  let c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0);
  let c21 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0);
  let c31 = v128.splat<T>(0);
  let c40 = v128.splat<T>(0);
  let c41 = v128.splat<T>(0);
  let c50 = v128.splat<T>(0);
  let c51 = v128.splat<T>(0);
  const end = offsets + (usize(k) << 2);
  while (offsets < end) {
    const b = base + usize(load<u32>(offsets));
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<T>(a);
    c00 = fma<T>(a0, b0, c00);
    c01 = fma<T>(a0, b1, c01);
    const a1 = v128.load_splat<T>(a, size);
    c10 = fma<T>(a1, b0, c10);
    c11 = fma<T>(a1, b1, c11);
    const a2 = v128.load_splat<T>(a, 2 * size);
    c20 = fma<T>(a2, b0, c20);
    c21 = fma<T>(a2, b1, c21);
    const a3 = v128.load_splat<T>(a, 3 * size);
    c30 = fma<T>(a3, b0, c30);
    c31 = fma<T>(a3, b1, c31);
    const a4 = v128.load_splat<T>(a, 4 * size);
    c40 = fma<T>(a4, b0, c40);
    c41 = fma<T>(a4, b1, c41);
    const a5 = v128.load_splat<T>(a, 5 * size);
    c50 = fma<T>(a5, b0, c50);
    c51 = fma<T>(a5, b1, c51);
    a += 12 * size;
    offsets += 4;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += row;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += row;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += row;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c += row;
  v128.store(c, c40);
  v128.store(c, c41, 16);
  c += row;
  v128.store(c, c50);
  v128.store(c, c51, 16);
}

/** One row of `a`: for depthwise convolutions. */
// @ts-ignore: decorator
@inline function rowAt<T>(c: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  let c0 = v128.splat<T>(0);
  let c1 = v128.splat<T>(0);
  const end = offsets + (usize(k) << 2);
  while (offsets < end) {
    const b = base + usize(load<u32>(offsets));
    const x = v128.load_splat<T>(a);
    c0 = fma<T>(x, v128.load(b), c0);
    c1 = fma<T>(x, v128.load(b, 16), c1);
    a += 12 * sizeof<T>();
    offsets += 4;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

/**
 * Sums of the products of 3 rows with 3 others: 9 numbers at `out`. Rows are `n` bytes in each of `units` units, which are `stepA` and `stepB` apart.
 */
// @ts-ignore: decorator
@inline function dots<T>(out: usize, a0: usize, a1: usize, a2: usize, b0: usize, b1: usize, b2: usize, n: usize, units: i32, stepA: usize, stepB: usize): void {
  const size = sizeof<T>();
  let c00 = v128.splat<T>(0);
  let c01 = v128.splat<T>(0);
  let c02 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0);
  let c11 = v128.splat<T>(0);
  let c12 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0);
  let c21 = v128.splat<T>(0);
  let c22 = v128.splat<T>(0);
  for (; units > 0; units--) {
  const end = a0 + n;
  while (a0 < end) {
    const x = v128.load(a0);
    const y = v128.load(a1);
    const z = v128.load(a2);
    const p = v128.load(b0);
    c00 = fma<T>(x, p, c00);
    c10 = fma<T>(y, p, c10);
    c20 = fma<T>(z, p, c20);
    const q = v128.load(b1);
    c01 = fma<T>(x, q, c01);
    c11 = fma<T>(y, q, c11);
    c21 = fma<T>(z, q, c21);
    const r = v128.load(b2);
    c02 = fma<T>(x, r, c02);
    c12 = fma<T>(y, r, c12);
    c22 = fma<T>(z, r, c22);
    a0 += 16;
    a1 += 16;
    a2 += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
  }
  a0 += stepA;
  a1 += stepA;
  a2 += stepA;
  b0 += stepB;
  b1 += stepB;
  b2 += stepB;
  }
  store<T>(out, total<T>(c00));
  store<T>(out + size, total<T>(c01));
  store<T>(out + 2 * size, total<T>(c02));
  store<T>(out + 3 * size, total<T>(c10));
  store<T>(out + 4 * size, total<T>(c11));
  store<T>(out + 5 * size, total<T>(c12));
  store<T>(out + 6 * size, total<T>(c20));
  store<T>(out + 7 * size, total<T>(c21));
  store<T>(out + 8 * size, total<T>(c22));
}

// @ts-ignore: decorator
@inline function total<T>(x: v128): T {
  if (sizeof<T>() === 8) return <T>(f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
  const y = f32x4.add(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
  return <T>(f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1));
}

export function windowTile32(c: usize, row: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  tileAt<f32>(c, row, a, base, offsets, k);
}
export function windowTile64(c: usize, row: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  tileAt<f64>(c, row, a, base, offsets, k);
}
export function windowRow32(c: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  rowAt<f32>(c, a, base, offsets, k);
}
export function windowRow64(c: usize, a: usize, base: usize, offsets: usize, k: i32): void {
  rowAt<f64>(c, a, base, offsets, k);
}
export function windowDots32(
  out: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  n: usize,
  units: i32,
  stepA: usize,
  stepB: usize,
): void {
  dots<f32>(out, a0, a1, a2, b0, b1, b2, n, units, stepA, stepB);
}
export function windowDots64(
  out: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  n: usize,
  units: i32,
  stepA: usize,
  stepB: usize,
): void {
  dots<f64>(out, a0, a1, a2, b0, b1, b2, n, units, stepA, stepB);
}
