import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  broadcastShapes,
  contiguousStrides,
  expandStrides,
  extentOf,
  inferShape,
  isContiguous,
  isExpandable,
  numelOf,
  overlapsItself,
  type Shape,
  type Strides,
  viewStrides,
  wrapDim,
} from "../src/index.js";

/** Offsets of all elements in row-major order, the slow way. */
function offsets(shape: Shape, strides: Strides): number[] {
  if (shape.length === 0) return [0];
  const inner = offsets(shape.slice(1), strides.slice(1));
  return Array.from({ length: shape[0] }, (_, i) => inner.map((o) => o + i * strides[0])).flat();
}

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const filled = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

/** A layout with its dimensions permuted, sliced with a step, or repeated. */
const layout = filled.chain((sizes) =>
  fc
    .record({
      order: fc.shuffledSubarray(
        sizes.map((_, i) => i),
        { minLength: sizes.length },
      ),
      steps: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: sizes.length, maxLength: sizes.length }),
    })
    .map(({ order, steps }) => {
      const memory = contiguousStrides(order.map((d) => sizes[d] * steps[d]));
      const strides = new Array<number>(sizes.length);
      order.forEach((d, i) => {
        strides[d] = memory[i] * steps[d];
      });
      return { shape: sizes, strides };
    }),
);

describe("strides", () => {
  it("of a contiguous layout count elements in order", () => {
    fc.assert(
      fc.property(shape, (s) => {
        const strides = contiguousStrides(s);
        expect(offsets(s, strides)).toEqual(Array.from({ length: numelOf(s) }, (_, i) => i));
        expect(isContiguous(s, strides)).toBe(true);
      }),
    );
  });

  it("tell contiguous layouts from others", () => {
    fc.assert(
      fc.property(layout, ({ shape: s, strides }) => {
        const inOrder = offsets(s, strides).every((o, i) => o === i);
        expect(isContiguous(s, strides)).toBe(inOrder);
      }),
    );
  });

  it("of a view name the same elements in the same order, or there is no view", () => {
    fc.assert(
      fc.property(
        layout,
        fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
        ({ shape: s, strides }, parts) => {
          // any factorisation of the element count
          const target: number[] = [];
          let rest = numelOf(s);
          for (const part of parts) {
            if (rest % part === 0) {
              target.push(part);
              rest /= part;
            }
          }
          target.push(rest);
          const view = viewStrides(s, strides, target);
          if (view !== null) expect(offsets(target, view)).toEqual(offsets(s, strides));
          else expect(isContiguous(s, strides)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("know how far they reach and whether they meet themselves", () => {
    fc.assert(
      fc.property(layout, ({ shape: s, strides }) => {
        const all = offsets(s, strides);
        expect(extentOf(s, strides)).toBe(Math.max(...all) + 1);
        expect(overlapsItself(s, strides)).toBe(false);
      }),
    );
    expect(overlapsItself([3], [0])).toBe(true);
    expect(overlapsItself([1], [0])).toBe(false);
    expect(overlapsItself([2, 3], [1, 1])).toBe(true);
    expect(extentOf([0, 3], [3, 1])).toBe(0);
  });
});

describe("broadcasting", () => {
  it("agrees with stretching by hand", () => {
    fc.assert(
      fc.property(
        filled,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (s, ones, drop) => {
          const small = s.map((n, i) => (ones[i] ? 1 : n)).slice(Math.min(drop, s.length));
          expect(broadcastShapes(s, small)).toEqual(s);
          expect(broadcastShapes(small, s)).toEqual(s);
          expect(isExpandable(small, s)).toBe(true);
          const strides = expandStrides(small, contiguousStrides(small), s);
          expect(new Set(offsets(s, strides)).size).toBe(numelOf(small));
        },
      ),
    );
  });

  it("refuses sizes that differ, in PyTorch's words", () => {
    expect(() => broadcastShapes([4, 2], [4, 3])).toThrow(
      "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1",
    );
  });
});

describe("sizes from users", () => {
  it("infers one dimension", () => {
    expect(inferShape([2, -1], 6)).toEqual([2, 3]);
    expect(inferShape([-1], 0)).toEqual([0]);
    expect(() => inferShape([5, 3], 12)).toThrow("shape '[5, 3]' is invalid for input of size 12");
    expect(() => inferShape([5, -1], 12)).toThrow("shape '[5, -1]' is invalid for input of size 12");
    expect(() => inferShape([-1, -1], 12)).toThrow("only one dimension can be inferred");
    expect(() => inferShape([0, -1], 0)).toThrow("ambiguous");
  });

  it("wraps negative dimensions", () => {
    expect(wrapDim(-1, 3)).toBe(2);
    expect(wrapDim(-1, 0)).toBe(0);
    expect(() => wrapDim(2, 2)).toThrow("Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    expect(() => wrapDim(0.5, 2)).toThrow("Dimension out of range");
  });
});
