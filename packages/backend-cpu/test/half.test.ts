import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "../src/half.js";
import { stored } from "./helpers.js";

const patterns = Array.from({ length: 65536 }, (_, bits) => bits);

describe("float16", () => {
  it("round-trips every pattern", () => {
    for (const bits of patterns) {
      const x = fromFloat16(bits);
      const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      if (Number.isNaN(x) !== isNaN || (isNaN ? (toFloat16(x) & 0x7fff) !== 0x7e00 : toFloat16(x) !== bits)) {
        expect.fail(`pattern ${bits.toString(16)} reads as ${x} and is written as ${toFloat16(x).toString(16)}`);
      }
    }
  });

  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x3555, 0.333251953125],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])("knows pattern %i as %d", (bits, x) => {
    expect(fromFloat16(bits)).toBe(x);
    expect(toFloat16(x)).toBe(bits);
  });

  it.each([
    [1 + 2 ** -11, 0x3c00], // halfway, to even: down
    [1 + 3 * 2 ** -11, 0x3c02], // halfway, to even: up
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [-65520, 0xfc00],
    [1e30, 0x7c00],
    [2 ** -25, 0x0000],
    [2 ** -25 + 2 ** -40, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [1023.5 * 2 ** -24, 0x0400], // the largest subnormal rounds up to a normal
    [-0, 0x8000],
    [-(2 ** -30), 0x8000],
    [0.1, 0x2e66],
  ])("rounds %d", (x, bits) => {
    expect(toFloat16(x)).toBe(bits);
  });

  it("rounds as plain arithmetic does", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.float(), fc.double({ min: -7e4, max: 7e4 }), fc.double({ min: -1e-4, max: 1e-4 })),
        (x) => {
          expect(fromFloat16(toFloat16(x))).toBe(stored("float16", x));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("bfloat16", () => {
  it("round-trips every pattern", () => {
    for (const bits of patterns) {
      const x = fromBfloat16(bits);
      const isNaN = (bits & 0x7f80) === 0x7f80 && (bits & 0x7f) !== 0;
      if (Number.isNaN(x) !== isNaN || (isNaN ? (toBfloat16(x) & 0x7fff) !== 0x7fc0 : toBfloat16(x) !== bits)) {
        expect.fail(`pattern ${bits.toString(16)} reads as ${x} and is written as ${toBfloat16(x).toString(16)}`);
      }
    }
  });

  it.each([
    [1, 0x3f80],
    [-2, 0xc000],
    [1 + 2 ** -8, 0x3f80], // halfway, to even: down
    [1 + 3 * 2 ** -8, 0x3f82], // halfway, to even: up
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [3.4e38, 0x7f80],
    [-3.4e38, 0xff80],
    [Infinity, 0x7f80],
    [2 ** -133, 0x0001],
    [2 ** -134, 0x0000],
    [-0, 0x8000],
    [0.1, 0x3dcd],
  ])("rounds %d", (x, bits) => {
    expect(toBfloat16(x)).toBe(bits);
  });

  it("rounds as plain arithmetic does", () => {
    fc.assert(
      fc.property(fc.oneof(fc.float(), fc.double({ min: -1e-37, max: 1e-37 })), (x) => {
        expect(fromBfloat16(toBfloat16(x))).toBe(stored("bfloat16", x));
      }),
      { numRuns: 3000 },
    );
  });
});
