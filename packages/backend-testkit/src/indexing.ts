import {
  type DType,
  IndexError,
  isFloat,
  numelOf,
  type ScatterReduction,
  type Shape,
  scatterReductions,
  type View,
} from "@kindling/storage";
import type { Bench, Test } from "./bench.js";
import { hostArray, input, type Laid, type Layout, lay, output, type Recipe, shapes, valueOf } from "./cases.js";
import { type Check, exact, rounding } from "./compare.js";
import { dimensional, dimsOf } from "./dimensional.js";
import { numbers } from "./pointwise.js";
import { kernelsOf } from "./subject.js";
import { load, unload } from "./transfer.js";

type Call = Omit<Check, "title">;

/** What is indexed is larger than the index in every dimension. */
const around = (shape: Shape, dim: number): number[] => shape.map((size, d) => (d === dim ? size + 3 : size + 1));

/** Any valid indices, repeated ones too. */
function anyIndex(layout: Layout, operand: number, shape: Shape, size: number): Laid {
  const values = Array.from({ length: numelOf(shape) }, (_, i) => Math.abs(valueOf("any", "int32", i, 11)) % size);
  return lay(layout, operand, "int32", shape, values);
}

/** Indices that never repeat along `dim`. */
function uniqueIndex(layout: Layout, operand: number, shape: Shape, dim: number, size: number): Laid {
  const inner = numelOf(shape.slice(dim + 1));
  const along = (i: number): number => Math.floor(i / inner) % shape[dim];
  const values = Array.from({ length: numelOf(shape) }, (_, i) => (2 * size - 1 - along(i)) % size);
  return lay(layout, operand, "int32", shape, values);
}

function* gatherTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes) {
    for (const layout of dimensional) {
      const shape = shapes[layout];
      yield bench.test(`gather ${dtype} ${layout}`, () =>
        dimsOf(shape).map((dim): Call => {
          const of = around(shape, dim);
          return {
            inputs: [input(layout, 0, dtype, "any", of), anyIndex(layout, 1, shape, of[dim])],
            outputs: [output(layout, dtype, shape)],
            tolerance: exact,
            detail: `dim ${dim}`,
            run: (backend, [out], [a, index]) => backend.gather(out, a as View, index as View, dim),
          };
        }),
      );
    }
  }
}

function scatterCall(
  dtype: DType,
  layout: Layout,
  dim: number,
  reduction: ScatterReduction,
  src?: number | bigint,
): Call {
  const shape = shapes[layout];
  const of = around(shape, dim);
  const recipe: Recipe = reduction === "prod" ? "factor" : "any";
  const there = Array.from({ length: numelOf(of) }, (_, i) => valueOf(recipe, dtype, i, 3));
  const size = of[dim];
  return {
    inputs: [
      reduction === "none" ? uniqueIndex(layout, 0, shape, dim, size) : anyIndex(layout, 0, shape, size),
      src ?? input(layout, 1, dtype, recipe, shape),
    ],
    outputs: [lay(layout, "out", dtype, of, there)],
    updates: true,
    tolerance: reduction === "sum" || reduction === "prod" ? rounding(dtype) : exact,
    detail: `dim ${dim}`,
    run: (backend, [out], [index, values]) => backend.scatter(out, index as View, values, dim, reduction),
  };
}

function* scatterTests(bench: Bench): Iterable<Test> {
  for (const reduction of scatterReductions) {
    for (const dtype of bench.dtypes.filter((d) => d !== "bool" || reduction === "none")) {
      const title = `scatter ${reduction} ${dtype}`;
      // An index expanded along the dimension would repeat itself.
      const dims = (layout: Layout): number[] =>
        dimsOf(shapes[layout]).filter((d) => reduction !== "none" || layout !== "expanded" || d % 2 === 1);
      for (const layout of dimensional) {
        yield bench.test(`${title} ${layout}`, () =>
          dims(layout).map((dim) => scatterCall(dtype, layout, dim, reduction)),
        );
      }
      yield bench.test(`${title} scalar operand`, () =>
        numbers(dtype).flatMap((x) =>
          dimensional.flatMap((layout) => dims(layout).map((dim) => scatterCall(dtype, layout, dim, reduction, x))),
        ),
      );
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => [
          {
            ...scatterCall(dtype, "contiguous", 0, reduction),
            inputs: [
              lay("contiguous", 0, "int32", [5], reduction === "none" ? [0, 1, 2, 3, 4] : [0, 0, 1, 2, 2]),
              lay("contiguous", 1, dtype, [5], [Number.NaN, 1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY]),
            ],
            outputs: [lay("contiguous", "out", dtype, [6], [1, 2, 3, 4, 5, 6])],
          },
        ]);
      }
    }
  }
}

/** With repeated indices any of the arriving values may win, but nothing else. */
const repeatedTest = ({ subject }: Bench): Test => ({
  title: "scatter none float32 repeated indices",
  async run() {
    const out = load(subject, hostArray("float32", [9, 9, 9]));
    const index = load(subject, hostArray("int32", [1, 1, 1, 1]));
    kernelsOf(subject).scatter(out, index, load(subject, hostArray("float32", [1, 2, 3, 4])), 0, "none");
    const got = [...(await unload(subject, out))].map(Number);
    if (![1, 2, 3, 4].includes(got[1]) || got[0] !== 9 || got[2] !== 9) {
      throw new Error(`${this.title}: expected [9, one of 1, 2, 3 and 4, 9], got [${got.join(", ")}]`);
    }
  },
});

/** Out of range: an error where the backend can look; elsewhere the other elements are right and nothing else is touched. */
function* outOfRangeTests({ subject }: Bench): Iterable<Test> {
  const run = async (
    title: string,
    kernel: (out: View, a: View, index: View) => void,
    expected: (number | null)[],
  ): Promise<void> => {
    for (const bad of [-1, 3, 0x7fffffff]) {
      const out = load(subject, hostArray("float32", [7, 8, 9]));
      const a = load(subject, hostArray("float32", [1, 2, 3]));
      const index = load(subject, hostArray("int32", [2, bad, 0]));
      let thrown: unknown;
      try {
        kernel(out, a, index);
      } catch (error) {
        thrown = error;
      }
      if (subject.capabilities.syncRead) {
        if (thrown instanceof IndexError) continue;
        throw new Error(`${title}: index ${bad} in 3 elements must throw an IndexError, got ${thrown ?? "no error"}`);
      }
      if (thrown) throw new Error(`${title}: a backend without readSync does not throw, got ${thrown}`);
      const got = [...(await unload(subject, out))].map(Number);
      if (expected.some((x, i) => x !== null && x !== got[i])) {
        throw new Error(
          `${title}: index ${bad} in 3 elements: expected [${expected.map((x) => x ?? "any")}], got [${got}]`,
        );
      }
    }
  };
  const gather = "gather float32 index out of range";
  yield {
    title: gather,
    run: () => run(gather, (out, a, index) => kernelsOf(subject).gather(out, a, index, 0), [3, null, 1]),
  };
  const scatter = "scatter sum float32 index out of range";
  yield {
    title: scatter,
    run: () => run(scatter, (out, a, index) => kernelsOf(subject).scatter(out, index, a, 0, "sum"), [10, 8, 10]),
  };
}

/** Tests of gather and scatter. */
export function* indexingTests(bench: Bench): Iterable<Test> {
  yield* gatherTests(bench);
  yield* scatterTests(bench);
  yield repeatedTest(bench);
  yield* outOfRangeTests(bench);
}
