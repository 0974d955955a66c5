import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { erf, pow, powBigInt, powInteger, roundHalfEven, sigmoid } from "../src/functions.js";

const erfTable: [number, number][] = JSON.parse(readFileSync(new URL("./fixtures/erf.json", import.meta.url), "utf8"));

describe("erf", () => {
  it("is within 4e-16 of the table, relative", () => {
    let worst = 0;
    for (const [x, y] of erfTable)
      worst = Math.max(worst, Math.abs(erf(x) - y) / Math.max(Math.abs(y), Number.MIN_VALUE));
    expect(worst).toBeLessThan(4.5e-16);
  });
  it("has its limits", () => {
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(6), erf(-40), erf(NaN)]).toEqual([0, 1, -1, 1, -1, NaN]);
    expect(erf(-0)).toBe(-0);
  });
});

describe("roundHalfEven", () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-2.5, -2],
    [0.49999999999999994, 0],
    [2 ** 52 + 1, 2 ** 52 + 1],
    [-7.3, -7],
    [Infinity, Infinity],
    [NaN, NaN],
  ])("%d gives %d", (x, y) => {
    expect(roundHalfEven(x)).toBe(y);
  });
});

describe("pow", () => {
  it.each([
    [1, NaN, 1],
    [NaN, 0, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [1, Infinity, 1],
    [-8, 1 / 3, NaN],
    [-2, 3, -8],
    [0, -1, Infinity],
    [NaN, 1, NaN],
  ])("%d to the power %d is %d", (x, y, z) => {
    expect(pow(x, y)).toBe(z);
  });
  it("of integers wraps, and negative exponents leave 1, -1 and 0", () => {
    expect([powInteger(3, 21), powInteger(-1, -3), powInteger(-1, -2), powInteger(1, -5), powInteger(2, -1)]).toEqual([
      (3 ** 21) | 0,
      -1,
      1,
      1,
      0,
    ]);
    expect([powInteger(0, -1), powInteger(0, 0), powInteger(2, 31), powInteger(2, 32)]).toEqual([0, 1, -(2 ** 31), 0]);
    expect([powBigInt(3n, 40n), powBigInt(-1n, -3n), powBigInt(2n, -1n), powBigInt(2n, 64n)]).toEqual([
      BigInt.asIntN(64, 3n ** 40n),
      -1n,
      0n,
      0n,
    ]);
  });
});

describe("sigmoid", () => {
  it("has its limits and its middle", () => {
    expect([sigmoid(-Infinity), sigmoid(0), sigmoid(Infinity), sigmoid(NaN)]).toEqual([0, 0.5, 1, NaN]);
  });
});
