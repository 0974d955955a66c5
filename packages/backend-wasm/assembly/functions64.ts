import { LOG2_E } from "./functions";
import { fma64 } from "./simd";

/*
 * Functions of two float64 at once, as functions.ts has them of four float32.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
export function c64(x: f64): v128 {
  return f64x2.splat(x);
}
/** The bits of `magnitude` with the sign of `sign`; the magnitude is not negative unless `sign` is. */
// @ts-ignore
@inline
function signed64(magnitude: v128, sign: v128): v128 {
  return v128.or(magnitude, v128.and(sign, i64x2.splat(0x8000000000000000)));
}

/** Added and taken away again, it rounds to an integer. */
// @ts-ignore
@inline
export const ROUND64: f64 = 6755399441055744;

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
