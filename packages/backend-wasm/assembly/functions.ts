import { fma32 } from "./simd";

/*
 * Functions of four float32 at once; functions64.ts has those of two float64. Infinities, signed zeros, subnormal numbers and NaN
 * come out as IEEE 754 says. Bounds of the error, over all arguments and with or without relaxed SIMD, in units in the last
 * place (ulp): see each. All are inlined: a loop over one keeps its constants in registers.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
export function c32(x: f32): v128 {
  return f32x4.splat(x);
}
/** The bits of `magnitude` with the sign of `sign`; the magnitude is not negative unless `sign` is. */
// @ts-ignore
@inline
function signed32(magnitude: v128, sign: v128): v128 {
  return v128.or(magnitude, v128.and(sign, i32x4.splat(0x80000000)));
}

// e^x = 2^n · e^r with n the integer next to x / ln 2. Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
// @ts-ignore
@inline
const ROUND32: f32 = 12582912;
// @ts-ignore
@inline
export const LOG2_E: f64 = 1.4426950408889634;

// @ts-ignore
@inline
export function remainder32(x: v128, n: v128): v128 {
  return fma32(n, c32(2.12194440e-4), fma32(n, c32(-0.693359375), x));
}

/** e^r - 1 for |r| ≤ ln 2 / 2. Coefficients of Cephes' expf (S. Moshier). */
// @ts-ignore
@inline
export function expm1Near32(r: v128): v128 {
  let p = fma32(c32(1.9875691500e-4), r, c32(1.3981999507e-3));
  p = fma32(p, r, c32(8.3334519073e-3));
  p = fma32(p, r, c32(4.1665795894e-2));
  p = fma32(p, r, c32(1.6666665459e-1));
  p = fma32(p, r, c32(5.0000001201e-1));
  return fma32(p, f32x4.mul(r, r), r);
}

/** 2^n · y for integers n (as int32) from -252 to 254, rounded once. */
// @ts-ignore
@inline
function scale32(y: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(n, half), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(y, first), second);
}

/** e^x, to 1 ulp. */
// @ts-ignore
@inline
export function exp32(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, c32(89)), c32(-104)); // beyond: ∞ and 0
  const t = fma32(x, c32(LOG2_E as f32), c32(ROUND32));
  const n = f32x4.sub(t, c32(ROUND32));
  const y = f32x4.add(expm1Near32(remainder32(x, n)), c32(1));
  return scale32(y, i32x4.sub(t, i32x4.splat(0x4b400000)));
}

/** e^x - 1, to 1.5 ulp. */
// @ts-ignore
@inline
export function expm132(x: v128): v128 {
  const z = f32x4.pmax(f32x4.pmin(x, c32(89)), c32(-20)); // beyond: ∞ and -1
  const t = fma32(z, c32(LOG2_E as f32), c32(ROUND32));
  const n = f32x4.sub(t, c32(ROUND32));
  const q = expm1Near32(remainder32(z, n));
  // 2 · (2^(n-1) · q + 2^(n-1) - 1/2), as 2^128 is no float32
  const s = i32x4.shl(i32x4.sub(t, i32x4.splat(0x4b400000 - 126)), 23);
  const y = fma32(s, q, f32x4.sub(s, c32(0.5)));
  return signed32(f32x4.add(y, y), x);
}

/** The hyperbolic tangent, to 2.3 ulp. */
// @ts-ignore
@inline
export function tanh32(x: v128): v128 {
  let z = f32x4.pmin(f32x4.abs(x), c32(10)); // beyond: 1
  z = f32x4.add(z, z);
  const t = fma32(z, c32(LOG2_E as f32), c32(ROUND32));
  const n = f32x4.sub(t, c32(ROUND32));
  const q = expm1Near32(remainder32(z, n));
  const s = i32x4.shl(i32x4.sub(t, i32x4.splat(0x4b400000 - 127)), 23);
  // e^2x - 1 over e^2x + 1, or for large x one less 2 over e^2x + 1
  const large = f32x4.gt(z, c32(2));
  const above = v128.bitselect(c32(2), fma32(s, q, f32x4.sub(s, c32(1))), large);
  const y = f32x4.div(above, fma32(s, q, f32x4.add(s, c32(1))));
  return signed32(v128.bitselect(f32x4.sub(c32(1), y), y, large), x);
}

/** 1 / (1 + e^-x), to 2.3 ulp. */
// @ts-ignore
@inline
export function sigmoid32(x: v128): v128 {
  const e = exp32(f32x4.neg(f32x4.abs(x)));
  const above = v128.bitselect(e, c32(1), f32x4.lt(x, c32(0)));
  return f32x4.div(above, f32x4.add(c32(1), e));
}

/** The error function, to 1.5 ulp. Polynomials of N. Juffa. */
// @ts-ignore
@inline
export function erf32(x: v128): v128 {
  const t = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let near = fma32(c32(-5.96761703e-4), s, c32(4.99119423e-3));
  near = fma32(near, s, c32(-2.67681349e-2));
  near = fma32(near, s, c32(1.12819925e-1));
  near = fma32(near, s, c32(-3.76125336e-1));
  near = fma32(near, s, c32(1.28379166e-1));
  near = fma32(near, x, x);
  let far = fma32(c32(-1.72853470e-5), t, c32(3.83197126e-4));
  far = fma32(far, s, fma32(c32(-3.88396438e-3), t, c32(2.42546219e-2)));
  far = fma32(far, t, c32(-1.06777877e-1));
  far = fma32(far, t, c32(-6.34846687e-1));
  far = fma32(far, t, c32(-1.28717512e-1));
  far = fma32(far, t, f32x4.neg(t));
  // erfc = e^far
  far = signed32(f32x4.sub(c32(1), exp32(far)), x);
  return v128.bitselect(far, near, f32x4.gt(t, c32(0.927734375)));
}

/** log(1 + f) + e · ln 2 for 1 + f from √½ to √2. Coefficients of Cephes' logf. */
// @ts-ignore
@inline
function logNear32(f: v128, e: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = fma32(c32(7.0376836292e-2), f, c32(-1.1514610310e-1));
  p = fma32(p, f, c32(1.1676998740e-1));
  p = fma32(p, f, c32(-1.2420140846e-1));
  p = fma32(p, f, c32(1.4249322787e-1));
  p = fma32(p, f, c32(-1.6668057665e-1));
  p = fma32(p, f, c32(2.0000714765e-1));
  p = fma32(p, f, c32(-2.4999993993e-1));
  p = fma32(p, f, c32(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, f), z);
  p = fma32(e, c32(-2.12194440e-4), p);
  p = fma32(z, c32(-0.5), p);
  return fma32(e, c32(0.693359375), f32x4.add(f, p));
}

/** The natural logarithm, to 1 ulp. */
// @ts-ignore
@inline
export function log32(x: v128): v128 {
  const tiny = f32x4.lt(x, c32(1.17549435e-38));
  const y = v128.bitselect(f32x4.mul(x, c32(8388608)), x, tiny);
  // exponent, counted from √½
  const bits = i32x4.sub(y, i32x4.splat(0x3f3504f3));
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(tiny, c32(23)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  return logEnds32(logNear32(f32x4.sub(m, c32(1)), e), x);
}

/** The logarithm `y` of `x`, put right where `x` is 0 (-∞), negative or NaN (NaN), or ∞. */
// @ts-ignore
@inline
function logEnds32(y: v128, x: v128): v128 {
  const infinity = c32(Infinity as f32);
  y = v128.bitselect(y, x, f32x4.lt(x, infinity)); // also NaN
  y = v128.bitselect(y, f32x4.neg(infinity), f32x4.ne(x, c32(0)));
  return v128.or(y, f32x4.lt(x, c32(0)));
}

/** log(1 + x), to 1.5 ulp. */
// @ts-ignore
@inline
export function log1p32(x: v128): v128 {
  const u = f32x4.add(x, c32(1));
  // what rounding took away from u
  const lost = f32x4.sub(x, f32x4.sub(u, c32(1)));
  const bits = i32x4.sub(u, i32x4.splat(0x3f3504f3));
  const n = i32x4.shr_s(bits, 23);
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  // 2^-n; 0 where it does not matter, as there is none for the largest n
  const back = v128.and(i32x4.shl(i32x4.sub(i32x4.splat(127), n), 23), f32x4.lt(x, c32(33554432)));
  const y = logNear32(fma32(lost, back, f32x4.sub(m, c32(1))), f32x4.convert_i32x4_s(n));
  return signed32(logEnds32(y, u), x);
}

/** x / |x|, or 0: for zeros (whose sign is lost) and NaN too. */
// @ts-ignore
@inline
export function sign32(x: v128): v128 {
  const one = v128.or(v128.and(x, i32x4.splat(0x80000000)), c32(1));
  return v128.and(one, f32x4.gt(f32x4.abs(x), c32(0)));
}
