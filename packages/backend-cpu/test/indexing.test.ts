import type { DType, ScatterReduction } from "@kindling/storage";
import { IndexError } from "@kindling/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  all,
  anyElement,
  anyLayout,
  anyView,
  backend,
  type Element,
  elements,
  emptyView,
  expectElements,
  expectUntouched,
  lookup,
  numel,
  outputLayout,
  positions,
  smallElement,
  stored,
  viewOf,
} from "./helpers.js";

/** A table, a dimension, and an index of at most its size elsewhere. */
const cases = (dtype: DType, element: fc.Arbitrary<Element>) =>
  fc
    .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    .chain((shape) =>
      fc
        .nat(shape.length - 1)
        .chain((dim) =>
          fc
            .tuple(...shape.map((size, d) => fc.integer({ min: 0, max: d === dim ? 6 : size })))
            .chain((sizes) =>
              fc.tuple(
                anyView(dtype, shape, element),
                anyView("int32", sizes, fc.nat(shape[dim] - 1)),
                anyView(dtype, sizes, element),
                fc.constant(dim),
                anyLayout,
                element,
              ),
            ),
        ),
    );

const moved = (at: readonly number[], dim: number, place: Element): number[] =>
  at.map((p, d) => (d === dim ? Number(place) : p));

const combine: Record<ScatterReduction, (x: Element, y: Element) => Element> = {
  none: (_, y) => y,
  sum: (x, y) => ((x as number) + (y as number)) as Element,
  prod: (x, y) => ((x as number) * (y as number)) as Element,
  max: (x, y) => (x !== x || x > y ? x : y),
  min: (x, y) => (x !== x || x < y ? x : y),
};

describe.each(all)("%s", (dtype) => {
  it("gather", () => {
    fc.assert(
      fc.property(cases(dtype, anyElement(dtype)), ([a, index, , dim, layout]) => {
        const out = emptyView(dtype, index.shape, outputLayout(layout));
        backend.gather(out, a, index, dim);
        const get = lookup(a);
        const place = lookup(index);
        expectElements(
          out,
          positions(index.shape).map((at) => get(moved(at, dim, place(at)))),
        );
        expectUntouched(out);
      }),
      { numRuns: 80 },
    );
  });

  it.each(["sum", "prod", "max", "min"] as const)("scatter %s", (reduction) => {
    const element = reduction === "sum" || reduction === "prod" ? smallElement(dtype) : anyElement(dtype);
    fc.assert(
      fc.property(cases(dtype, element), ([a, index, src, dim, layout, scalar]) => {
        for (const source of [src, stored(dtype, scalar)]) {
          const out = emptyView(dtype, a.shape, outputLayout(layout));
          backend.copy(out, a);
          backend.scatter(out, index, source, dim, reduction);
          const before = elements(a);
          const expected = new Map(positions(a.shape).map((at, p) => [String(at), before[p]]));
          const place = lookup(index);
          const y = typeof source === "object" ? lookup(source) : () => source;
          for (const at of positions(index.shape)) {
            const to = String(moved(at, dim, place(at)));
            const next = combine[reduction](expected.get(to) as Element, y(at));
            // halves stay in float32 until all has been combined: small values stay exact either way
            expected.set(to, dtype === "float16" || dtype === "bfloat16" ? next : stored(dtype, next));
          }
          expectElements(
            out,
            [...expected.values()].map((x) => stored(dtype, x)),
            dtype === "bfloat16" ? 1e-2 : 1e-3,
          );
          expectUntouched(out);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("scatter without a reduction keeps one of the values", () => {
    fc.assert(
      fc.property(cases(dtype, anyElement(dtype)), ([a, index, src, dim, layout, scalar]) => {
        const out = emptyView(dtype, a.shape, outputLayout(layout));
        backend.copy(out, a);
        backend.scatter(out, index, src, dim, "none");
        const place = lookup(index);
        const y = lookup(src);
        const candidates = new Map<string, Element[]>();
        for (const at of positions(index.shape)) {
          const to = String(moved(at, dim, place(at)));
          candidates.set(to, [...(candidates.get(to) ?? []), y(at)]);
        }
        const before = elements(a);
        const after = elements(out);
        positions(a.shape).forEach((at, p) => {
          const allowed = candidates.get(String(at)) ?? [before[p]];
          expect(allowed.some((x) => x === after[p] || (x !== x && after[p] !== after[p]))).toBe(true);
        });
        backend.scatter(out, index, scalar, dim, "none");
        const filled = elements(out);
        const s = stored(dtype, scalar);
        positions(a.shape).forEach((at, p) => {
          if (candidates.has(String(at))) expect(filled[p]).toEqual(s === 0 ? filled[p] : s);
        });
        expectUntouched(out);
      }),
      { numRuns: 60 },
    );
  });
});

describe("indices out of bounds", () => {
  const a = viewOf("float32", [3, 2], [1, 2, 3, 4, 5, 6]);

  it.each([
    [0, 5, 3],
    [0, -1, 3],
    [1, 2, 2],
  ])("along dimension %i: %i", (dim, bad, size) => {
    const index = viewOf("int32", [1, 2], [0, bad]);
    const text = `index ${bad} is out of bounds for dimension ${dim} with size ${size}`;
    expect(() => backend.gather(emptyView("float32", [1, 2]), a, index, dim)).toThrow(text);
    const before = elements(a);
    for (const reduction of ["none", "sum"] as const) {
      expect(() => backend.scatter(a, index, 9, dim, reduction)).toThrow(text);
    }
    expectElements(a, before); // nothing was written
  });

  it("throws an IndexError with its facts, for rows of one index too", () => {
    const index = { ...viewOf("int32", [1, 1], [7]), shape: [1, 2], strides: [1, 0] };
    try {
      backend.gather(emptyView("float32", [1, 2]), a, index, 0);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(IndexError);
      expect(error).toMatchObject({ index: 7, dim: 0, size: 3 });
    }
  });

  it("copies long rows of a table", () => {
    const table = viewOf(
      "float32",
      [4, 90],
      positions([4, 90]).map((_, p) => p),
    );
    const index = { ...viewOf("int32", [3, 1], [2, 0, 2]), shape: [3, 90], strides: [1, 0] };
    const out = emptyView("float32", [3, 90]);
    backend.gather(out, table, index, 0);
    expectElements(
      out,
      [2, 0, 2].flatMap((row) => Array.from({ length: 90 }, (_, c) => row * 90 + c)),
    );
    backend.scatter(table, index, out, 0, "sum");
    expect(elements(table)[0]).toBe(0);
    expect(elements(table)[181]).toBe(3 * 181);
    expect(numel(table.shape)).toBe(360);
  });
});
