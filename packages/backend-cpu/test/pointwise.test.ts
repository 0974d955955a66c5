import type { BinaryName, DType, UnaryName, View } from "@kindling/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erf } from "../src/functions.js";
import {
  anyElement,
  anyLayout,
  anyShape,
  anyView,
  backend,
  type Element,
  elements,
  emptyView,
  expectElements,
  expectUntouched,
  floats,
  integers,
  outputLayout,
  stored,
  viewOf,
} from "./helpers.js";

const roundHalfEven = (x: number) => {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : Number.isFinite(x) ? floor + 1 : x;
};

const floatUnary: Partial<Record<UnaryName, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x !== x ? 0 : Math.sign(x)),
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
  isnan: (x) => (x !== x ? 1 : 0),
};

const same = (x: bigint) => x;
const bigUnary: Partial<Record<UnaryName, (x: bigint) => bigint>> = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  floor: same,
  ceil: same,
  round: same,
  trunc: same,
  bitwiseNot: (x) => ~x,
};

const floatBinary: Partial<Record<BinaryName, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  maximum: Math.max, // NaN travels through it
  minimum: Math.min,
  fmod: (x, y) => x % y,
  atan2: Math.atan2,
};

const bits: Partial<Record<DType, bigint>> = { int32: 32n, int16: 16n, int8: 8n, uint8: 8n, int64: 64n };

function bigPow(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let base = x, e = y; e > 0n; e /= 2n, base = BigInt.asIntN(64, base * base)) {
    if (e % 2n === 1n) result = BigInt.asIntN(64, result * base);
  }
  return result;
}

const bigBinary: Partial<Record<BinaryName, (x: bigint, y: bigint, dtype: DType) => bigint>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => (y === 0n ? 0n : x / y),
  pow: bigPow,
  maximum: (x, y) => (x > y ? x : y),
  minimum: (x, y) => (x < y ? x : y),
  fmod: (x, y) => (y === 0n ? 0n : x % y),
  bitwiseAnd: (x, y) => x & y,
  bitwiseOr: (x, y) => x | y,
  bitwiseXor: (x, y) => x ^ y,
  shiftLeft: (x, y, dtype) => (y < 0n || y >= (bits[dtype] as bigint) ? 0n : x << y),
  shiftRight: (x, y, dtype) => (y < 0n || y >= (bits[dtype] as bigint) ? (x < 0n ? -1n : 0n) : x >> y),
};

/** The value of a half is computed in float32 first. */
const rounded = (dtype: DType, x: number): Element =>
  dtype === "float16" || dtype === "bfloat16" ? stored(dtype, Math.fround(x)) : stored(dtype, x);

const cases = (dtype: DType) =>
  anyShape.chain((shape) => fc.tuple(anyView(dtype, shape), anyView(dtype, shape), anyLayout, anyElement(dtype)));

const outputFor = (dtype: DType, a: View, layout: Parameters<typeof outputLayout>[0]) =>
  emptyView(dtype, a.shape, outputLayout(layout));

describe("unary", () => {
  for (const dtype of floats) {
    it.each(Object.keys(floatUnary) as UnaryName[])(`${dtype} %s`, (name) => {
      const f = floatUnary[name] as (x: number) => number;
      const result = name === "isnan" ? "bool" : dtype;
      fc.assert(
        fc.property(cases(dtype), ([a, , layout]) => {
          const out = outputFor(result, a, layout);
          backend.unary(name, out, a);
          expectElements(
            out,
            elements(a).map((x) => rounded(result, f(Number(x)))),
          );
          expectUntouched(out);
        }),
        { numRuns: 40 },
      );
    });
  }
  for (const dtype of integers) {
    it.each(Object.keys(bigUnary) as UnaryName[])(`${dtype} %s`, (name) => {
      const f = bigUnary[name] as (x: bigint) => bigint;
      fc.assert(
        fc.property(cases(dtype), ([a, , layout]) => {
          const out = outputFor(dtype, a, layout);
          backend.unary(name, out, a);
          expectElements(
            out,
            elements(a).map((x) => stored(dtype, f(BigInt(x)))),
          );
          expectUntouched(out);
        }),
        { numRuns: 40 },
      );
    });
  }
  it("bool bitwiseNot is logical", () => {
    const out = emptyView("bool", [3]);
    backend.unary("bitwiseNot", out, viewOf("bool", [3], [0, 1, 0]));
    expectElements(out, [1, 0, 1]);
  });
  it("works in place", () => {
    const a = viewOf("float32", [2, 3], [1, 2, 3, 4, 5, 6]);
    backend.unary("neg", a, a);
    expectElements(a, [-1, -2, -3, -4, -5, -6]);
  });
  it("refuses what a dtype does not have", () => {
    const a = viewOf("int32", [1], [4]);
    expect(() => backend.unary("sqrt", a, a)).toThrow("[sqrt] is not defined for int32");
    const f = viewOf("float32", [1], [4]);
    expect(() => backend.binary("bitwiseAnd", f, f, f)).toThrow("[bitwiseAnd] is not defined for float32");
  });
});

describe("binary", () => {
  for (const dtype of floats) {
    it.each(Object.keys(floatBinary) as BinaryName[])(`${dtype} %s`, (name) => {
      const f = floatBinary[name] as (x: number, y: number) => number;
      fc.assert(
        fc.property(cases(dtype), ([a, b, layout, scalar]) => {
          const xs = elements(a).map(Number);
          const ys = elements(b).map(Number);
          const s = Number(scalar);
          const out = outputFor(dtype, a, layout);
          backend.binary(name, out, a, b);
          expectElements(
            out,
            xs.map((x, p) => rounded(dtype, f(x, ys[p]))),
          );
          backend.binary(name, out, a, s);
          expectElements(
            out,
            xs.map((x) => rounded(dtype, f(x, s))),
          );
          backend.binary(name, out, s, b);
          expectElements(
            out,
            ys.map((y) => rounded(dtype, f(s, y))),
          );
          expectUntouched(out);
        }),
        { numRuns: 40 },
      );
    });
  }
  for (const dtype of integers) {
    it.each(Object.keys(bigBinary) as BinaryName[])(`${dtype} %s`, (name) => {
      const f = bigBinary[name] as (x: bigint, y: bigint, dtype: DType) => bigint;
      fc.assert(
        fc.property(cases(dtype), ([a, b, layout, scalar]) => {
          const xs = elements(a).map(BigInt);
          const ys = elements(b).map(BigInt);
          const s = BigInt(scalar);
          const out = outputFor(dtype, a, layout);
          backend.binary(name, out, a, b);
          expectElements(
            out,
            xs.map((x, p) => stored(dtype, f(x, ys[p], dtype))),
          );
          backend.binary(name, out, a, scalar);
          expectElements(
            out,
            xs.map((x) => stored(dtype, f(x, s, dtype))),
          );
          backend.binary(name, out, scalar, b);
          expectElements(
            out,
            ys.map((y) => stored(dtype, f(s, y, dtype))),
          );
          expectUntouched(out);
        }),
        { numRuns: 40 },
      );
    });
  }
  it.each([
    ["add", [0, 1, 1, 1]],
    ["mul", [0, 0, 0, 1]],
    ["maximum", [0, 1, 1, 1]],
    ["minimum", [0, 0, 0, 1]],
    ["bitwiseAnd", [0, 0, 0, 1]],
    ["bitwiseOr", [0, 1, 1, 1]],
    ["bitwiseXor", [0, 1, 1, 0]],
  ] as const)("bool %s", (name, expected) => {
    const out = emptyView("bool", [4]);
    backend.binary(name, out, viewOf("bool", [4], [0, 0, 1, 1]), viewOf("bool", [4], [0, 1, 0, 1]));
    expectElements(out, expected);
  });
  it("works in place on a transposed view", () => {
    const layout = { order: [1, 0, 0, 0, 0, 0], gap: 1, offset: 2, expanded: [] };
    const a = viewOf("float32", [2, 3], [1, 2, 3, 4, 5, 6], layout);
    backend.binary("mul", a, a, viewOf("float32", [2, 3], [1, 2, 3, 4, 5, 6]));
    expectElements(a, [1, 4, 9, 16, 25, 36]);
    expectUntouched(a);
  });
  it("rounds a number to the dtype of a half before it computes", () => {
    const out = emptyView("float16", [2]);
    backend.binary("mul", out, viewOf("float16", [2], [3, 7]), 0.1);
    expectElements(out, [0.2998046875, 0.69970703125]);
  });
  it("keeps int64 exact beyond 2^53", () => {
    const a = viewOf("int64", [2], [2n ** 53n + 1n, 2n ** 63n - 1n]);
    const out = emptyView("int64", [2]);
    backend.binary("add", out, a, 2);
    expectElements(out, [2n ** 53n + 3n, -(2n ** 63n) + 1n]);
    backend.binary("mul", out, a, 3n);
    expectElements(out, [3n * 2n ** 53n + 3n, BigInt.asIntN(64, 3n * (2n ** 63n - 1n))]);
  });
});
