/** The logistic function; -∞ gives 0. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** To the nearest integer, halves to the even one. */
export function roundHalfEven(x: number): number {
  const up = Math.round(x); // halves go up
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** IEEE 754's pow: 1 to any power is 1, NaN included, and -1 to an infinite power is 1 (JavaScript says NaN there). */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

/** Power of 32-bit integers, exact modulo 2³². A negative exponent gives 0, except for the bases 1 and -1. */
export function powInteger(base: number, exponent: number): number {
  if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent & 1 ? -1 : 1) : 0;
  let result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** Power of 64-bit integers, exact modulo 2⁶⁴; negative exponents as in `powInteger`. */
export function powBigInt(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent & 1n ? -1n : 1n) : 0n;
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = BigInt.asIntN(64, result * base);
    base = BigInt.asIntN(64, base * base);
  }
  return result;
}

// Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function",
// Mathematics of Computation 23 (1969): coefficients from the highest power down.

/** erf(x) / x in x², for |x| ≤ 0.46875. */
const nearP = [
  1.85777706184603153e-1, 3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947,
];
const nearQ = [1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
/** erfc(x) · exp(x²) in x, for 0.46875 < x ≤ 4. */
const middleP = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
  881.95222124176909, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725,
];
const middleQ = [
  1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
  4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
/** (1/√π − erfc(x) · exp(x²) · x) · x² in 1/x², for x > 4. */
const farP = [
  1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
  1.60837851487422766e-2, 6.58749161529837803e-4,
];
const farQ = [
  1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
];
const INVERSE_SQRT_PI = 0.5641895835477563;

function ratio(p: readonly number[], q: readonly number[], x: number): number {
  let above = p[0];
  let below = q[0];
  for (let i = 1; i < p.length; i++) {
    above = above * x + p[i];
    below = below * x + q[i];
  }
  return above / below;
}

/** The error function, to about 1e-16 relative. */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return x * ratio(nearP, nearQ, x * x);
  if (y >= 6) return Math.sign(x);
  if (y !== y) return x;
  let scaled: number;
  if (y <= 4) scaled = ratio(middleP, middleQ, y);
  else {
    const z = 1 / (y * y);
    scaled = (INVERSE_SQRT_PI - z * ratio(farP, farQ, z)) / y;
  }
  const erfc = Math.exp(-y * y) * scaled; // its error is far below one unit of erf, which is near 1 here
  return x > 0 ? 1 - erfc : erfc - 1;
}
