import { c32 } from "./functions";
import { c64, ROUND64 } from "./functions64";
import { fma32, fma64 } from "./simd";

/*
 * Sine and cosine of float32: the argument is reduced in float64, where n · π/2 is exact up to 2^28.
 */

// @ts-ignore
@inline
const HALF_PI_HIGH: f64 = 1.57079631090164184570; // 25 bits
// @ts-ignore
@inline
const HALF_PI_LOW: f64 = 1.58932547735281966916e-8;
/** Up to where `sin32` and `cos32` are right; NaN beyond. */
// @ts-ignore
@inline
export const SIN_LIMIT: f32 = 268435456;

// @ts-ignore
@inline
function turns(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, c64(0.6366197723675814)), c64(ROUND64));
}
// @ts-ignore
@inline
function unturned(x: v128, t: v128): v128 {
  const n = f64x2.sub(t, c64(ROUND64));
  return fma64(n, c64(-HALF_PI_LOW), fma64(n, c64(-HALF_PI_HIGH), x));
}

/** sin(x + quarter · π/2), to 1.5 ulp, for |x| ≤ SIN_LIMIT. */
// @ts-ignore
@inline
function sine32(x: v128, quarter: i32): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 2, 3));
  const t0 = turns(low);
  const t1 = turns(high);
  const r = i32x4.shuffle(
    f32x4.demote_f64x2_zero(unturned(low, t0)),
    f32x4.demote_f64x2_zero(unturned(high, t1)),
    0, 1, 4, 5,
  );
  const n = i32x4.add(i32x4.shuffle(t0, t1, 0, 2, 4, 6), i32x4.splat(quarter));
  const z = f32x4.mul(r, r);
  // Cephes' sinf and cosf, from -π/4 to π/4
  let s = fma32(c32(-1.9515295891e-4), z, c32(8.3321608736e-3));
  s = fma32(s, z, c32(-1.6666654611e-1));
  s = fma32(f32x4.mul(s, z), r, r);
  let c = fma32(c32(2.443315711809948e-5), z, c32(-1.388731625493765e-3));
  c = fma32(c, z, c32(4.166664568298827e-2));
  c = fma32(c, f32x4.mul(z, z), fma32(z, c32(-0.5), c32(1)));
  const odd = i32x4.shr_s(i32x4.shl(n, 31), 31);
  const flip = i32x4.shl(i32x4.shr_u(n, 1), 31);
  return v128.xor(v128.bitselect(c, s, odd), flip);
}

/** The sine, to 1.5 ulp. */
// @ts-ignore
@inline
export function sin32(x: v128): v128 {
  // a zero keeps its sign
  return v128.bitselect(sine32(x, 0), x, f32x4.ne(x, c32(0)));
}

/** The cosine, to 1.5 ulp. */
// @ts-ignore
@inline
export function cos32(x: v128): v128 {
  return sine32(x, 1);
}
