import type { BinaryName, CompareName, DType, ScatterReduction, UnaryName } from "@kindling/storage";

/*
 * The pointwise functions, on numbers. Memory rounds and wraps around by itself when a typed array takes a result, so one function
 * serves all dtypes, except where integers compute differently.
 */

export type Unary = (x: number) => number;
export type Binary = (a: number, b: number) => number;

function roundHalfEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)); from 6 on it is 1 in float64. */
function erf(x: number): number {
  if (Math.abs(x) >= 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const unary: Record<UnaryName, Unary> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => Number(x > 0) - Number(x < 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  bitwiseNot: (x) => ~x,
  isnan: (x) => Number(Number.isNaN(x)),
};

/** As C's: JavaScript's `**` gives NaN where the base is ±1 and the exponent infinite, or the base 1 and the exponent NaN. */
function pow(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY)) return 1;
  return a ** b;
}

const floats: Record<BinaryName, Binary> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow,
  maximum: Math.max,
  minimum: Math.min,
  fmod: (a, b) => a % b,
  atan2: Math.atan2,
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => a >> b,
};

function integerPow(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest >>= 1, base = Math.imul(base, base)) {
    if (rest & 1) result = Math.imul(result, base);
  }
  return result;
}

const integers: Record<BinaryName, Binary> = {
  ...floats,
  mul: Math.imul, // the low 32 bits, which a product of doubles loses
  div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  pow: integerPow,
};

export const comparisons: Record<CompareName, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

export const unaryOf = (name: UnaryName, dtype: DType): Unary =>
  name === "bitwiseNot" && dtype === "bool" ? (x) => 1 - x : unary[name];

export const binaryOf = (name: BinaryName, dtype: DType): Binary =>
  (dtype.startsWith("float") ? floats : integers)[name];

const steps = { sum: "add", prod: "mul", max: "maximum", min: "minimum" } as const;

/** How a reduction, a scan or a scatter takes the next element in. */
export const stepOf = (name: ScatterReduction, dtype: DType): Binary =>
  name === "none" ? (_, arriving) => arriving : binaryOf(steps[name], dtype);
