import type { BinaryName, UnaryName } from "@kindling/storage";
import { moveBits, moveInteger } from "./copy.js";
import { powBigInt, powInteger } from "./functions.js";
import type { Loop2, Loop3 } from "./iterate.js";

// int32, int16, int8, uint8: computed in 32 bits; the store wraps around to the width of the dtype.

export const integerUnary: Partial<Record<UnaryName, Loop2>> = {
  neg(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = -a[i];
  },
  abs(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.abs(a[i]);
  },
  sign(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.sign(a[i]);
  },
  bitwiseNot(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = ~a[i];
  },
  floor: moveInteger,
  ceil: moveInteger,
  round: moveInteger,
  trunc: moveInteger,
};

export const integerBinary: Partial<Record<BinaryName, Loop3>> = {
  add(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = (a[i] + b[j]) | 0;
  },
  sub(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = (a[i] - b[j]) | 0;
  },
  mul(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = Math.imul(a[i], b[j]);
  },
  div(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = (a[i] / b[j]) | 0; // ±Infinity and NaN become 0
  },
  pow(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = powInteger(a[i], b[j]);
  },
  maximum(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = Math.max(a[i], b[j]);
  },
  minimum(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = Math.min(a[i], b[j]);
  },
  fmod(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = (a[i] % b[j]) | 0;
  },
  bitwiseAnd(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] & b[j];
  },
  bitwiseOr(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] | b[j];
  },
  bitwiseXor(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] ^ b[j];
  },
  shiftLeft(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = b[j] >>> 0 > 31 ? 0 : a[i] << b[j];
  },
  shiftRight(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] >> (b[j] >>> 0 > 31 ? 31 : b[j]);
  },
};

// bool: 0 or 1. Addition is "or", multiplication "and".

export const boolUnary: Partial<Record<UnaryName, Loop2>> = {
  bitwiseNot(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = a[i] ^ 1;
  },
};

const { bitwiseAnd, bitwiseOr, bitwiseXor } = integerBinary;

export const boolBinary: Partial<Record<BinaryName, Loop3>> = {
  add: bitwiseOr,
  mul: bitwiseAnd,
  maximum: bitwiseOr,
  minimum: bitwiseAnd,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
};

// int64: bigints, exact and slow; the store wraps around to 64 bits.

const big1 = (f: (x: bigint) => bigint): Loop2 =>
  ((out: BigInt64Array, o: number, so: number, a: BigInt64Array, i: number, sa: number, n: number) => {
    for (; n > 0; n--, o += so, i += sa) out[o] = f(a[i]);
  }) as unknown as Loop2;

export const int64Unary: Partial<Record<UnaryName, Loop2>> = {
  neg: big1((x) => -x),
  abs: big1((x) => (x < 0n ? -x : x)),
  sign: big1((x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)),
  bitwiseNot: big1((x) => ~x),
  floor: moveBits,
  ceil: moveBits,
  round: moveBits,
  trunc: moveBits,
};

const big2 = (f: (x: bigint, y: bigint) => bigint): Loop3 =>
  ((
    out: BigInt64Array,
    o: number,
    so: number,
    a: BigInt64Array,
    i: number,
    sa: number,
    b: BigInt64Array,
    j: number,
    sb: number,
    n: number,
  ) => {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = f(a[i], b[j]);
  }) as unknown as Loop3;

export const int64Binary: Partial<Record<BinaryName, Loop3>> = {
  add: big2((x, y) => x + y),
  sub: big2((x, y) => x - y),
  mul: big2((x, y) => x * y),
  div: big2((x, y) => (y === 0n ? 0n : x / y)),
  pow: big2(powBigInt),
  maximum: big2((x, y) => (x > y ? x : y)),
  minimum: big2((x, y) => (x < y ? x : y)),
  fmod: big2((x, y) => (y === 0n ? 0n : x % y)),
  bitwiseAnd: big2((x, y) => x & y),
  bitwiseOr: big2((x, y) => x | y),
  bitwiseXor: big2((x, y) => x ^ y),
  shiftLeft: big2((x, y) => (y < 0n || y > 63n ? 0n : x << y)),
  shiftRight: big2((x, y) => x >> (y < 0n || y > 63n ? 63n : y)),
};
