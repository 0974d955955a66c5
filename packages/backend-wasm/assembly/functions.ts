import { fma32, fma64 } from "./simd";

/*
 * Functions of four float32 or two float64 at once. Infinities, signed zeros, subnormal numbers and NaN come out as IEEE 754
 * says. Bounds of the error, over all arguments and with or without relaxed SIMD, in units in the last place (ulp): see each.
 * All are inlined: a loop over one keeps its constants in registers.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
function c32(x: f32): v128 {
  return f32x4.splat(x);
}
// @ts-ignore
@inline
function c64(x: f64): v128 {
  return f64x2.splat(x);
}
/** The bits of `magnitude` with the sign of `sign`; the magnitude is not negative unless `sign` is. */
// @ts-ignore
@inline
function signed32(magnitude: v128, sign: v128): v128 {
  return v128.or(magnitude, v128.and(sign, i32x4.splat(0x80000000)));
}
// @ts-ignore
@inline
function signed64(magnitude: v128, sign: v128): v128 {
  return v128.or(magnitude, v128.and(sign, i64x2.splat(0x8000000000000000)));
}

// e^x = 2^n · e^r with n the integer next to x / ln 2. Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
// @ts-ignore
@inline
const ROUND32: f32 = 12582912;
// @ts-ignore
@inline
const ROUND64: f64 = 6755399441055744;
// @ts-ignore
@inline
const LOG2_E: f64 = 1.4426950408889634;

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

// The same for two float64.

// @ts-ignore
@inline
function remainder64(x: v128, n: v128): v128 {
  return fma64(n, c64(-1.42860682030941723212e-6), fma64(n, c64(-6.93145751953125e-1), x));
}

/** e^r - 1 for |r| ≤ ln 2 / 2, as FreeBSD's e_exp.c. */
// @ts-ignore
@inline
function expm1Near64(r: v128): v128 {
  const z = f64x2.mul(r, r);
  let p = fma64(c64(4.13813679705723846039e-8), z, c64(-1.6533902205465251539e-6));
  p = fma64(p, z, c64(6.61375632143793436117e-5));
  p = fma64(p, z, c64(-2.77777777770155933842e-3));
  p = fma64(p, z, c64(1.66666666666666019037e-1));
  const c = f64x2.sub(r, f64x2.mul(p, z));
  return f64x2.add(r, f64x2.div(f64x2.mul(r, c), f64x2.sub(c64(2), c)));
}

// @ts-ignore
@inline
const ROUND64_BITS: i64 = 0x4338000000000000;

/** e^x, to 1 ulp. */
// @ts-ignore
@inline
export function exp64(x: v128): v128 {
  x = f64x2.pmax(f64x2.pmin(x, c64(710)), c64(-746));
  const t = fma64(x, c64(LOG2_E), c64(ROUND64));
  const n = f64x2.sub(t, c64(ROUND64));
  const y = f64x2.add(expm1Near64(remainder64(x, n)), c64(1));
  // 2^n in three steps: shifts of 64-bit lanes to the right that keep the sign are slow
  const whole = i64x2.sub(t, i64x2.splat(ROUND64_BITS));
  const half = i64x2.sub(i64x2.shr_u(i64x2.add(whole, i64x2.splat(2048)), 1), i64x2.splat(1024));
  const first = i64x2.shl(i64x2.add(half, i64x2.splat(1023)), 52);
  const second = i64x2.shl(i64x2.add(i64x2.sub(whole, half), i64x2.splat(1023)), 52);
  return f64x2.mul(f64x2.mul(y, first), second);
}

/** e^x - 1, to 2 ulp. */
// @ts-ignore
@inline
export function expm164(x: v128): v128 {
  const z = f64x2.pmax(f64x2.pmin(x, c64(710)), c64(-50));
  const t = fma64(z, c64(LOG2_E), c64(ROUND64));
  const q = expm1Near64(remainder64(z, f64x2.sub(t, c64(ROUND64))));
  const s = i64x2.shl(i64x2.sub(t, i64x2.splat(ROUND64_BITS - 1022)), 52);
  const y = fma64(s, q, f64x2.sub(s, c64(0.5)));
  return signed64(f64x2.add(y, y), x);
}

/** The hyperbolic tangent, to 3 ulp. */
// @ts-ignore
@inline
export function tanh64(x: v128): v128 {
  let z = f64x2.pmin(f64x2.abs(x), c64(20));
  z = f64x2.add(z, z);
  const t = fma64(z, c64(LOG2_E), c64(ROUND64));
  const q = expm1Near64(remainder64(z, f64x2.sub(t, c64(ROUND64))));
  const s = i64x2.shl(i64x2.sub(t, i64x2.splat(ROUND64_BITS - 1023)), 52);
  const large = f64x2.gt(z, c64(2));
  const above = v128.bitselect(c64(2), fma64(s, q, f64x2.sub(s, c64(1))), large);
  const y = f64x2.div(above, fma64(s, q, f64x2.add(s, c64(1))));
  return signed64(v128.bitselect(f64x2.sub(c64(1), y), y, large), x);
}

/** 1 / (1 + e^-x), to 3 ulp. */
// @ts-ignore
@inline
export function sigmoid64(x: v128): v128 {
  const e = exp64(f64x2.neg(f64x2.abs(x)));
  const above = v128.bitselect(e, c64(1), f64x2.lt(x, c64(0)));
  return f64x2.div(above, f64x2.add(c64(1), e));
}

/**
 * The error function, to 3 ulp: rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error
 * function", Mathematics of Computation 23 (1969).
 */
export function erf64(x: v128): v128 {
  const t = f64x2.abs(x);
  const z = f64x2.mul(x, x);
  let result = x;
  const near = f64x2.le(t, c64(0.46875));
  if (v128.any_true(near)) {
    let p = fma64(c64(1.85777706184603153e-1), z, c64(3.1611237438705656));
    p = fma64(p, z, c64(113.864154151050156));
    p = fma64(p, z, c64(377.485237685302021));
    p = fma64(p, z, c64(3209.37758913846947));
    let q = f64x2.add(z, c64(23.6012909523441209));
    q = fma64(q, z, c64(244.024637934444173));
    q = fma64(q, z, c64(1282.61652607737228));
    q = fma64(q, z, c64(2844.23683343917062));
    result = f64x2.mul(x, f64x2.div(p, q));
  }
  const far = f64x2.gt(t, c64(0.46875));
  if (v128.any_true(far)) {
    const y = f64x2.pmin(t, c64(6));
    let p = fma64(c64(2.15311535474403846e-8), y, c64(5.64188496988670089e-1));
    p = fma64(p, y, c64(8.88314979438837594));
    p = fma64(p, y, c64(66.1191906371416295));
    p = fma64(p, y, c64(298.635138197400131));
    p = fma64(p, y, c64(881.95222124176909));
    p = fma64(p, y, c64(1712.04761263407058));
    p = fma64(p, y, c64(2051.07837782607147));
    p = fma64(p, y, c64(1230.33935479799725));
    let q = f64x2.add(y, c64(15.7449261107098347));
    q = fma64(q, y, c64(117.693950891312499));
    q = fma64(q, y, c64(537.181101862009858));
    q = fma64(q, y, c64(1621.38957456669019));
    q = fma64(q, y, c64(3290.79923573345963));
    q = fma64(q, y, c64(4362.61909014324716));
    q = fma64(q, y, c64(3439.36767414372164));
    q = fma64(q, y, c64(1230.33935480374942));
    // between 4 and 6, where Cody has a third ratio, erfc is below 2e-8 and this one good to 1e-7 of it
    const erfc = f64x2.mul(exp64(f64x2.neg(f64x2.mul(y, y))), f64x2.div(p, q));
    result = v128.bitselect(signed64(f64x2.sub(c64(1), erfc), x), result, far);
  }
  return result;
}

/** The natural logarithm of 1 + f, plus e · ln 2, as FreeBSD's e_log.c; 1 + f from √½ to √2. `c` is added in the end. */
// @ts-ignore
@inline
function logNear64(f: v128, e: v128): v128 {
  const s = f64x2.div(f, f64x2.add(f, c64(2)));
  const z = f64x2.mul(s, s);
  let r = fma64(c64(1.479819860511658591e-1), z, c64(1.531383769920937332e-1));
  r = fma64(r, z, c64(1.818357216161805012e-1));
  r = fma64(r, z, c64(2.222219843214978396e-1));
  r = fma64(r, z, c64(2.857142874366239149e-1));
  r = fma64(r, z, c64(3.999999999940941908e-1));
  r = fma64(r, z, c64(6.666666666666735130e-1));
  r = f64x2.mul(r, z);
  const half = f64x2.mul(f64x2.mul(f, f), c64(0.5));
  // e·hi - ((half - (s·(half + r) + e·lo)) - f)
  const inner = fma64(s, f64x2.add(half, r), f64x2.mul(e, c64(1.90821492927058770002e-10)));
  return fma64(e, c64(6.93147180369123816490e-1), f64x2.sub(f, f64x2.sub(half, inner)));
}

// @ts-ignore
@inline
function logEnds64(y: v128, x: v128): v128 {
  const infinity = c64(Infinity);
  y = v128.bitselect(y, x, f64x2.lt(x, infinity));
  y = v128.bitselect(y, f64x2.neg(infinity), f64x2.ne(x, c64(0)));
  return v128.or(y, f64x2.lt(x, c64(0)));
}

// @ts-ignore
@inline
const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;

/** The exponent in the high bits of `bits` (counted from √½), as float64; it is above -1100. */
// @ts-ignore
@inline
function exponent64(bits: v128): v128 {
  // n + 2048 becomes the low bits of 2^52 + n + 2048
  const raised = i64x2.shr_u(i64x2.add(bits, i64x2.splat(2048 << 52)), 52);
  const n = v128.and(raised, i64x2.splat(4095));
  return f64x2.sub(v128.or(n, i64x2.splat(0x4330000000000000)), c64(4503599627370496.0 + 2048));
}

/** The natural logarithm, to 1 ulp. */
// @ts-ignore
@inline
export function log64(x: v128): v128 {
  const tiny = f64x2.lt(x, c64(2.2250738585072014e-308));
  const y = v128.bitselect(f64x2.mul(x, c64(18014398509481984)), x, tiny);
  const bits = i64x2.sub(y, i64x2.splat(SQRT_HALF_BITS));
  const e = f64x2.sub(exponent64(bits), v128.and(tiny, c64(54)));
  const m = i64x2.add(v128.and(bits, i64x2.splat(0xfffffffffffff)), i64x2.splat(SQRT_HALF_BITS));
  return logEnds64(logNear64(f64x2.sub(m, c64(1)), e), x);
}

/** log(1 + x), to 1 ulp. */
// @ts-ignore
@inline
export function log1p64(x: v128): v128 {
  const u = f64x2.add(x, c64(1));
  const lost = f64x2.sub(x, f64x2.sub(u, c64(1)));
  const bits = i64x2.sub(u, i64x2.splat(SQRT_HALF_BITS));
  const m = i64x2.add(v128.and(bits, i64x2.splat(0xfffffffffffff)), i64x2.splat(SQRT_HALF_BITS));
  const n = v128.and(bits, i64x2.splat(0xfff0000000000000)); // n · 2^52
  // 2^-n; 0 where it does not matter
  const back = v128.and(i64x2.sub(i64x2.splat(1023 << 52), n), f64x2.lt(x, c64(36028797018963968)));
  const y = logNear64(fma64(lost, back, f64x2.sub(m, c64(1))), exponent64(bits));
  return signed64(logEnds64(y, u), x);
}

// @ts-ignore
@inline
export function sign64(x: v128): v128 {
  const one = v128.or(v128.and(x, i64x2.splat(0x8000000000000000)), c64(1));
  return v128.and(one, f64x2.gt(f64x2.abs(x), c64(0)));
}

// Sine and cosine of float32: the argument is reduced in float64, where n · π/2 is exact up to 2^28.

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
