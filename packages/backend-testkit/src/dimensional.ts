import { type DType, isFloat, isInteger, reduceNames, type Shape, scanNames, type View } from "@kindling/storage";
import type { Bench, Test } from "./bench.js";
import { input, type Laid, type Layout, lay, layouts, limits, output, type Recipe, shapes } from "./cases.js";
import { type Check, exact, rounding } from "./compare.js";

type Call = Omit<Check, "title">;

/** The dimensions that a view can be worked along. */
export const dimsOf = (shape: Shape): number[] => shape.map((_, d) => d);

/** Layouts of at least one dimension: members with a `dim` get no others. */
export const dimensional: readonly Layout[] = layouts.filter((layout) => layout !== "0-dim");

const isSum = (name: string): boolean => name === "sum" || name === "prod";

const reduced = (shape: Shape, dims: readonly number[]): number[] =>
  shape.map((size, d) => (dims.includes(d) ? 1 : size));

/** Lanes of 23 values with infinities and NaN in some of them. */
function spoiled(dtype: DType, withNaN: boolean): Laid {
  const at: Record<number, number> = {
    5: Number.POSITIVE_INFINITY,
    26: Number.POSITIVE_INFINITY,
    32: Number.NEGATIVE_INFINITY,
  };
  const values = Array.from({ length: 92 }, (_, i) => at[i] ?? (i % 8) - 3);
  values[91] = Number.NEGATIVE_INFINITY;
  if (withNaN) values[50] = values[60] = Number.NaN;
  return lay("contiguous", 0, dtype, [4, 23], values);
}

function* reduceTests(bench: Bench): Iterable<Test> {
  for (const name of reduceNames) {
    const arg = name === "argmax" || name === "argmin";
    for (const dtype of bench.dtypes.filter((d) => d !== "bool" || name === "max" || name === "min")) {
      const title = `reduce ${name} ${dtype}`;
      const recipe: Recipe = name === "prod" ? "factor" : arg ? "few" : "any";
      const call = (a: Laid, layout: Layout, dims: readonly number[]): Call => ({
        inputs: [a],
        outputs: [output(layout, arg ? "int32" : dtype, reduced(a.shape, dims))],
        tolerance: isSum(name) ? rounding(dtype) : exact,
        detail: `dims [${dims}]`,
        run: (backend, [out], [x]) => backend.reduce(name, out, x as View, dims),
      });
      const choices = (shape: Shape): number[][] => {
        if (shape.length === 0) return [[]];
        const all = dimsOf(shape);
        const single = all.map((d) => [d]);
        return arg ? single : [...single, all, ...(all.length > 2 ? [[0, all.length - 1]] : [])];
      };
      for (const layout of arg ? dimensional : layouts) {
        const shape = shapes[layout];
        yield bench.test(`${title} ${layout}`, () =>
          choices(shape)
            .filter((dims) => isSum(name) || !dims.some((d) => shape[d] === 0))
            .map((dims) => call(input(layout, 0, dtype, recipe), layout, dims)),
        );
      }
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => [call(spoiled(dtype, name !== "argmin"), "contiguous", [1])]);
      }
      if (isInteger(dtype) && isSum(name)) {
        yield bench.test(`${title} wrap-around`, () => {
          const [, high] = limits(dtype);
          return [call(lay("contiguous", 0, dtype, [3], [high, high - 1n, 3]), "contiguous", [0])];
        });
      }
    }
  }
}

function* scanTests(bench: Bench): Iterable<Test> {
  for (const name of scanNames) {
    for (const dtype of bench.dtypes.filter((d) => d !== "bool")) {
      const title = `scan ${name} ${dtype}`;
      const call = (a: Laid, layout: Layout, dim: number): Call => ({
        inputs: [a],
        outputs: [output(layout, dtype, a.shape)],
        tolerance: isSum(name) ? rounding(dtype) : exact,
        detail: `dim ${dim}`,
        run: (backend, [out], [x]) => backend.scan(name, out, x as View, dim),
      });
      const recipe: Recipe = name === "prod" ? "factor" : "any";
      for (const layout of dimensional) {
        yield bench.test(`${title} ${layout}`, () =>
          dimsOf(shapes[layout]).map((dim) => call(input(layout, 0, dtype, recipe), layout, dim)),
        );
      }
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => [call(spoiled(dtype, true), "contiguous", 1)]);
      }
    }
  }
}

function* sortTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes) {
    const call = (a: Laid, layout: Layout, dim: number): Call[] =>
      [false, true].map((descending) => ({
        inputs: [a],
        outputs: [output(layout, dtype, a.shape), output(layout, "int32", a.shape)],
        tolerance: exact,
        detail: `dim ${dim}, ${descending ? "descending" : "ascending"}`,
        run: (backend, [values, indices], [x]) => backend.sort(values, indices, x as View, dim, descending),
      }));
    for (const layout of dimensional) {
      // Few different values: the indices show whether equal ones keep their order.
      yield bench.test(`sort ${dtype} ${layout}`, () =>
        dimsOf(shapes[layout]).flatMap((dim) => call(input(layout, 0, dtype, "few"), layout, dim)),
      );
    }
    if (isFloat(dtype) && bench.nonFinite) {
      yield bench.test(`sort ${dtype} non-finite`, () => call(spoiled(dtype, true), "contiguous", 1));
    }
  }
}

type Sizes = readonly [batch: number, rows: number, depth: number, columns: number];

const products: Readonly<Partial<Record<Layout, readonly Sizes[]>>> = {
  contiguous: [
    [2, 5, 7, 3],
    [1, 33, 65, 17],
    [3, 1, 4, 1],
  ],
  transposed: [[2, 3, 4, 5]],
  expanded: [[2, 3, 4, 5]],
  "offset slice": [[2, 3, 4, 5]],
  mixed: [[2, 3, 4, 5]],
  empty: [
    [0, 2, 3, 4],
    [2, 0, 3, 4],
    [2, 3, 4, 0],
    [2, 3, 0, 4],
  ],
};

function* matmulTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes.filter((d) => d !== "bool")) {
    const title = `matmul ${dtype}`;
    const call = (a: Laid, b: Laid, layout: Layout, accumulate: boolean): Call => {
      const shape = [a.shape[0], a.shape[1], b.shape[2]];
      const there = input("contiguous", 2, dtype, "any", shape);
      return {
        inputs: [a, b],
        outputs: [accumulate ? lay(layout, "out", dtype, shape, [...there.image]) : output(layout, dtype, shape)],
        updates: accumulate,
        tolerance: rounding(dtype),
        detail: accumulate ? "accumulate" : "overwrite",
        run: (backend, [out], [x, y]) => backend.matmul(out, x as View, y as View, accumulate),
      };
    };
    for (const [layout, sizes] of Object.entries(products) as [Layout, readonly Sizes[]][]) {
      yield bench.test(`${title} ${layout}`, () =>
        sizes.flatMap(([batch, rows, depth, columns]) => {
          // Both ways round: "expanded" repeats other dimensions of the first operand than of the second.
          const pairs = [
            [0, 1],
            [1, 0],
          ].map(([i, j]) => [
            input(layout, i, dtype, "any", [batch, rows, depth]),
            input(layout, j, dtype, "any", [batch, depth, columns]),
          ]);
          return pairs.flatMap(([a, b]) => [call(a, b, layout, false), call(a, b, layout, true)]);
        }),
      );
    }
    if (isFloat(dtype) && bench.nonFinite) {
      yield bench.test(`${title} non-finite`, () => [
        call(
          lay("contiguous", 0, dtype, [1, 3, 2], [0, 1, 1, 1, 0.5, 0]),
          lay("contiguous", 1, dtype, [1, 2, 3], [Number.POSITIVE_INFINITY, 1, Number.NaN, 2, 3, 4]),
          "contiguous",
          false,
        ),
      ]);
    }
    if (isInteger(dtype)) {
      yield bench.test(`${title} wrap-around`, () => {
        const [low, high] = limits(dtype);
        const a = lay("contiguous", 0, dtype, [1, 2, 2], [high, high, low, 3]);
        return [call(a, lay("contiguous", 1, dtype, [1, 2, 1], [high, 2]), "contiguous", true)];
      });
    }
  }
}

/** Tests of the primitives that work along dimensions. */
export function* dimensionalTests(bench: Bench): Iterable<Test> {
  yield* reduceTests(bench);
  yield* scanTests(bench);
  yield* sortTests(bench);
  yield* matmulTests(bench);
}
