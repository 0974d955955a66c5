import type { DType, ReduceName, ScanName, View } from "@kindling/storage";
import fc from "fast-check";
import { describe, it } from "vitest";
import {
  all,
  anyElement,
  anyFullShape,
  anyLayout,
  anyShape,
  anyView,
  backend,
  type Element,
  emptyView,
  expectElements,
  expectUntouched,
  floats,
  integers,
  lookup,
  outputLayout,
  positions,
  smallElement,
  stored,
  viewOf,
} from "./helpers.js";

const isNaNElement = (x: Element) => x !== x;
type Fold = (s: Element, x: Element) => Element;
const larger: Fold = (s, x) => (isNaNElement(s) || s > x ? s : x);
const smaller: Fold = (s, x) => (isNaNElement(s) || s < x ? s : x);
const add: Fold = (s, x) => ((s as number) + (x as number)) as Element;
const multiply: Fold = (s, x) => ((s as number) * (x as number)) as Element;

const folds: Record<ScanName, Fold> = { sum: add, prod: multiply, max: larger, min: smaller };

const foldOf = (name: ScanName, dtype: DType): Fold => {
  if (dtype !== "bool") return folds[name];
  return name === "sum" ? larger : name === "prod" ? smaller : folds[name];
};

const unit = (name: ScanName, dtype: DType): Element => stored(dtype, name === "sum" ? 0 : 1);

/** Elements of `a` that go into the element of the result at `at`. */
function gathered(a: View, dims: readonly number[], at: readonly number[]): Element[] {
  const get = lookup(a);
  return positions(a.shape)
    .filter((p) => p.every((x, d) => dims.includes(d) || x === at[d]))
    .map(get);
}

const wraps = (dtype: DType) => (integers as readonly DType[]).includes(dtype);

describe.each(all)("reduce %s", (dtype) => {
  const cases = (shapes: fc.Arbitrary<number[]>, element: fc.Arbitrary<Element>) =>
    shapes.chain((shape) => fc.tuple(anyView(dtype, shape, element), anyLayout, fc.subarray(shape.map((_, d) => d))));
  const outputOf = (a: View, layout: Parameters<typeof outputLayout>[0], dims: readonly number[], as = dtype) =>
    emptyView(
      as,
      a.shape.map((size, d) => (dims.includes(d) ? 1 : size)),
      outputLayout(layout),
    );

  it.each(["sum", "prod"] as const)("%s", (name) => {
    fc.assert(
      fc.property(cases(anyShape, smallElement(dtype)), ([a, layout, dims]) => {
        const out = outputOf(a, layout, dims);
        backend.reduce(name, out, a, dims);
        const expected = positions(out.shape).map((at) =>
          gathered(a, dims, at).reduce(
            (s, x) => {
              const next = foldOf(name, dtype)(s, x);
              return wraps(dtype) ? stored(dtype, next) : next;
            },
            unit(name, dtype),
          ),
        );
        expectElements(
          out,
          expected.map((x) => stored(dtype, x)),
          1e-12,
        );
        expectUntouched(out);
      }),
      { numRuns: 80 },
    );
  });

  it.each(["max", "min"] as const)("%s", (name) => {
    fc.assert(
      fc.property(cases(anyFullShape, anyElement(dtype)), ([a, layout, dims]) => {
        const out = outputOf(a, layout, dims);
        backend.reduce(name, out, a, dims);
        expectElements(
          out,
          positions(out.shape).map((at) => gathered(a, dims, at).reduce(folds[name])),
        );
        expectUntouched(out);
      }),
      { numRuns: 80 },
    );
  });

  it.each(["argmax", "argmin"] as const)("%s", (name) => {
    fc.assert(
      fc.property(cases(anyFullShape, anyElement(dtype)), ([a, layout, chosen]) => {
        const dims = [chosen[0] ?? 0];
        const out = outputOf(a, layout, dims, "int32");
        backend.reduce(name, out, a, dims);
        const expected = positions(out.shape).map((at) => {
          const run = gathered(a, dims, at);
          const nan = run.findIndex(isNaNElement);
          return nan >= 0 ? nan : run.indexOf(run.reduce(name === "argmax" ? larger : smaller));
        });
        expectElements(out, expected);
        expectUntouched(out);
      }),
      { numRuns: 80 },
    );
  });

  it("scalars", () => {
    const a = viewOf(dtype, [], [stored(dtype, 1)]);
    for (const name of ["sum", "prod", "max", "min"] as ReduceName[]) {
      for (const dims of [[], [0]]) {
        const out = emptyView(dtype, []);
        backend.reduce(name, out, a, dims);
        expectElements(out, [stored(dtype, 1)]);
      }
    }
    const at = emptyView("int32", []);
    backend.reduce("argmax", at, a, [0]);
    expectElements(at, [0]);
  });

  it.each(["sum", "prod", "max", "min"] as const)("running %s", (name) => {
    const element = name === "sum" || name === "prod" ? smallElement(dtype) : anyElement(dtype);
    const scans = fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
      .chain((shape) => fc.tuple(anyView(dtype, shape, element), anyLayout, fc.nat(shape.length - 1)));
    fc.assert(
      fc.property(scans, ([a, layout, dim]) => {
        const out = emptyView(dtype, a.shape, outputLayout(layout));
        backend.scan(name, out, a, dim);
        const get = lookup(a);
        const expected = positions(a.shape).map((at) => {
          const run = Array.from({ length: at[dim] + 1 }, (_, p) => get(at.map((x, d) => (d === dim ? p : x))));
          return run.reduce((s, x) => {
            const next = foldOf(name, dtype)(s, x);
            return wraps(dtype) ? stored(dtype, next) : next;
          });
        });
        expectElements(
          out,
          expected.map((x) => stored(dtype, x)),
          1e-12,
        );
        expectUntouched(out);
      }),
      { numRuns: 80 },
    );
  });
});

describe("reduce", () => {
  it("sums float32 in double", () => {
    const values = [2 ** 24, ...new Array<number>(1000).fill(0.25)];
    const out = emptyView("float32", [1]);
    backend.reduce("sum", out, viewOf("float32", [1001], values), [0]);
    expectElements(out, [2 ** 24 + 250]);
    const column = emptyView("float32", [1, 2]);
    const twice = values.flatMap((x) => [x, -x]);
    backend.reduce("sum", column, viewOf("float32", [1001, 2], twice), [0]);
    expectElements(column, [2 ** 24 + 250, -(2 ** 24) - 250]);
  });

  it.each(floats)("of %s over many results", (dtype) => {
    const values = positions([3, 700]).map((_, p) => (p % 5) - 2);
    const out = emptyView(dtype, [1, 700]);
    backend.reduce("sum", out, viewOf(dtype, [3, 700], values), [0]);
    expectElements(
      out,
      Array.from({ length: 700 }, (_, c) => values[c] + values[700 + c] + values[1400 + c]),
    );
  });

  it("wraps int32 and keeps int64 exact", () => {
    const out = emptyView("int32", [1]);
    backend.reduce("sum", out, viewOf("int32", [2], [2 ** 31 - 1, 1]), [0]);
    expectElements(out, [-(2 ** 31)]);
    const big = emptyView("int64", [1]);
    backend.reduce("sum", big, viewOf("int64", [2], [2n ** 53n, 1n]), [0]);
    expectElements(big, [2n ** 53n + 1n]);
  });
});
