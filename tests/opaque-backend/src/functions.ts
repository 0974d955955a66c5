import type { BinaryName, CompareName, DType, UnaryName } from "@kindling/storage";
import { expect } from "./memory.js";

/** A function of one, or of two, words. Results are rounded or wrapped where they are stored; steps between, here. */
export type Unary = (x: number) => number;
export type Binary = (a: number, b: number) => number;

const f = Math.fround;
const same: Unary = (x) => x;

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

/** 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)); from 4 on it is 1 in float32. */
function erf(x: number): number {
  if (Math.abs(x) >= 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-12 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const floatUnary: Partial<Record<UnaryName, Unary>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => Number(x > 0) - Number(x < 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => (Number.isFinite(x) ? roundHalfEven(x) : x),
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => f(1 / f(1 + f(Math.exp(-x)))),
  erf,
  isnan: (x) => (Number.isNaN(x) ? 1 : 0),
};

const integerUnary: Partial<Record<UnaryName, Unary>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: same,
  ceil: same,
  round: same,
  trunc: same,
  bitwiseNot: (x) => ~x,
};

/** As C's: 1 to any power and anything to the power 0 are 1, NaN or not. */
function pow(a: number, b: number): number {
  if (a === 1 || b === 0) return 1;
  if (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) return 1;
  return a ** b;
}

function integerPow(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest = Math.floor(rest / 2), base = Math.imul(base, base)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
  }
  return result;
}

const floatBinary: Partial<Record<BinaryName, Binary>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow,
  maximum: Math.max,
  minimum: Math.min,
  fmod: (a, b) => a % b,
  atan2: Math.atan2,
};

const boolBinary: Partial<Record<BinaryName, Binary>> = {
  maximum: Math.max,
  minimum: Math.min,
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
};

const integerBinary: Partial<Record<BinaryName, Binary>> = {
  ...boolBinary,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  pow: integerPow,
  fmod: (a, b) => (b === 0 ? 0 : a % b),
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => a >> b,
};

export const comparisons: Record<CompareName, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

export function unaryOf(name: UnaryName, dtype: DType): Unary {
  if (dtype === "bool" && name === "bitwiseNot") return (x) => x ^ 1;
  const fn = dtype === "float32" ? floatUnary[name] : dtype === "bool" ? undefined : integerUnary[name];
  expect(fn !== undefined, () => `unary: there is no ${name} of ${dtype}`);
  return dtype === "uint8" ? (x) => fn(x) & 255 : fn;
}

export function binaryOf(name: BinaryName, dtype: DType): Binary {
  const fn = (dtype === "float32" ? floatBinary : dtype === "bool" ? boolBinary : integerBinary)[name];
  expect(fn !== undefined, () => `there is no ${name} of ${dtype}`);
  return dtype === "uint8" ? (a, b) => fn(a, b) & 255 : fn;
}

/** The pointwise step of a reduction, a scan or a scatter. */
export const stepOf = (name: "sum" | "prod" | "max" | "min", dtype: DType): Binary =>
  binaryOf(({ sum: "add", prod: "mul", max: "maximum", min: "minimum" } as const)[name], dtype);
