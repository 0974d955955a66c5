import { expm1Near32, log32, remainder32 } from "./functions";
import { exp64, log64 } from "./functions64";
import { fma32, fma64 } from "./simd";

/*
 * Vectors of either float dtype, in generic kernels, and the rest of a row that does not fill one.
 */

/** Lanes of a vector. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function lanes<T>(): i32 {
  return 16 / sizeof<T>();
}

// @ts-ignore
@inline
export function all<T>(x: f64): v128 {
  return v128.splat<T>(x as T);
}

// @ts-ignore
@inline
export function fma<T>(a: v128, b: v128, c: v128): v128 {
  return sizeof<T>() == 4 ? fma32(a, b, c) : fma64(a, b, c);
}

/**
 * e^x for x ≤ 0, to 1 ulp; below -87.7 it is 0. Constants as in functions.ts, but what rounds leaves n + 127 in the low bits: these are 2^n, and
 * from -88 on 0. As a factor it leaves NaN what it is.
 */
// @ts-ignore
@inline
function expBelow32(x: v128): v128 {
  x = f32x4.pmax(x, all<f32>(-88));
  const t = fma32(x, all<f32>(1.4426950408889634), all<f32>(12582912 + 127));
  const n = f32x4.sub(t, all<f32>(12582912 + 127));
  return f32x4.mul(f32x4.add(expm1Near32(remainder32(x, n)), all<f32>(1)), i32x4.shl(t, 23));
}

/** e^x for x ≤ 0. */
// @ts-ignore
@inline
export function expBelow<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? expBelow32(x) : exp64(x);
}

/** The logarithm of one number. */
// @ts-ignore
@inline
export function logOf<T>(x: f64): f64 {
  return sizeof<T>() == 4
    ? (f32x4.extract_lane(log32(f32x4.splat(x as f32)), 0) as f64)
    : f64x2.extract_lane(log64(f64x2.splat(x)), 0);
}

/** The sum of the lanes. */
// @ts-ignore
@inline
export function sumOf<T>(x: v128): f64 {
  if (sizeof<T>() == 8) return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
  return (((f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) as f32) +
    ((f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)) as f32)) as f64;
}

/** The largest lane; NaN if one is. */
// @ts-ignore
@inline
export function maxOf<T>(x: v128): f64 {
  if (sizeof<T>() == 8) return max(f64x2.extract_lane(x, 0), f64x2.extract_lane(x, 1));
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  ) as f64;
}

/** The vector at `p`, of which only the first `count` lanes count: the others are `fill`. */
// @ts-ignore
@inline
export function loadPart<T>(p: usize, count: i32, fill: f64): v128 {
  const mask =
    sizeof<T>() == 4
      ? i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count))
      : i64x2.lt_s(i64x2(0, 1), i64x2.splat(count as i64));
  return v128.bitselect(v128.load(p), all<T>(fill), mask);
}

/** Stores the first `count` lanes, fewer than all. */
// @ts-ignore
@inline
export function storePart<T>(p: usize, x: v128, count: i32): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(p, x, 0);
  } else {
    v128.store32_lane(p, x, 0);
    if (count > 1) v128.store32_lane(p, x, 1, 4);
    if (count > 2) v128.store32_lane(p, x, 2, 8);
  }
}

/** Adds the rows after the first to it: `count` rows of `n` elements. */
// @ts-ignore
@inline
function addRows<T>(a: usize, count: i32, n: i32): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  for (let row = a + size; count > 1; count--, row += size) {
    let p: usize = 0;
    for (; p < whole; p += 16) v128.store(a + p, v128.add<T>(v128.load(a + p), v128.load(row + p)));
    if (rest > 0) storePart<T>(a + p, v128.add<T>(v128.load(a + p), v128.load(row + p)), rest);
  }
}
export function addRows32(a: usize, count: i32, n: i32): void {
  addRows<f32>(a, count, n);
}
export function addRows64(a: usize, count: i32, n: i32): void {
  addRows<f64>(a, count, n);
}
