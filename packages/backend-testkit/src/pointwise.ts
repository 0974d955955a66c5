import {
  type BinaryName,
  binaryNames,
  compareNames,
  type DType,
  isFloat,
  isInteger,
  type Operand,
  type Primitives,
  type UnaryName,
  unaryNames,
  type View,
} from "@kindling/storage";
import type { Bench, Test } from "./bench.js";
import { input, type Laid, type Layout, lay, layouts, limits, output, type Recipe } from "./cases.js";
import { type Check, exact, rounding, type Tolerance } from "./compare.js";

type Call = Omit<Check, "title">;
type Run = (backend: Primitives, out: View, ...inputs: Operand[]) => void;

const call = (inputs: Call["inputs"], out: Laid, tolerance: Tolerance, run: Run, detail?: string): Call => ({
  inputs,
  outputs: [out],
  tolerance,
  detail,
  run: (backend, [view], operands) => run(backend, view, ...operands),
});

/** Layouts that are output and input at once. */
const writable: readonly Layout[] = ["contiguous", "transposed", "offset slice", "0-dim"];
/** Shape of the inputs that are picked for their values: every pair of special values meets. */
const VALUES = [8, 32];

const integerUnary: readonly UnaryName[] = ["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "bitwiseNot"];
const exactUnary: readonly UnaryName[] = [...integerUnary, "isnan"];
const positiveUnary: readonly UnaryName[] = ["sqrt", "log", "log1p"];

function hasUnary(name: UnaryName, dtype: DType): boolean {
  if (isFloat(dtype)) return name !== "bitwiseNot";
  return isInteger(dtype) ? integerUnary.includes(name) : name === "bitwiseNot";
}

function* unaryTests(bench: Bench): Iterable<Test> {
  for (const name of unaryNames) {
    for (const dtype of bench.dtypes.filter((d) => hasUnary(name, d))) {
      const title = `unary ${name} ${dtype}`;
      const result = name === "isnan" ? "bool" : dtype;
      const recipe: Recipe = positiveUnary.includes(name) ? "positive" : "any";
      const tolerance = exactUnary.includes(name) ? exact : rounding(dtype);
      const run: Run = (backend, out, a) => backend.unary(name, out, a as View);
      for (const layout of layouts) {
        yield bench.test(`${title} ${layout}`, () => [
          call([input(layout, 0, dtype, recipe)], output(layout, result), tolerance, run),
        ]);
      }
      if (result === dtype) {
        yield bench.test(`${title} in place`, () =>
          writable.map((layout) => {
            const a = input(layout, 0, dtype, recipe);
            return call([a], a, tolerance, run, layout);
          }),
        );
      }
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => [
          call(
            [input("contiguous", 0, dtype, "non-finite", VALUES)],
            output("contiguous", result, VALUES),
            tolerance,
            run,
          ),
        ]);
      }
      if (isInteger(dtype) && (name === "neg" || name === "abs")) {
        yield bench.test(`${title} wrap-around`, () => [
          call([lay("contiguous", 0, dtype, [2], limits(dtype))], output("contiguous", dtype, [2]), exact, run),
        ]);
      }
    }
  }
}

const integerOnly: readonly BinaryName[] = ["shiftLeft", "shiftRight"];
const bitwise: readonly BinaryName[] = ["bitwiseAnd", "bitwiseOr", "bitwiseXor"];

function hasBinary(name: BinaryName, dtype: DType): boolean {
  if (bitwise.includes(name)) return !isFloat(dtype);
  if (integerOnly.includes(name)) return isInteger(dtype);
  return isFloat(dtype) || (isInteger(dtype) && name !== "atan2");
}

/** What the two operands may be, so that the result is defined and finite. */
function binaryRecipes(name: BinaryName, dtype: DType): readonly [Recipe, Recipe] {
  if (integerOnly.includes(name)) return ["any", "count"];
  if (name === "pow") return isFloat(dtype) ? ["positive", "any"] : ["any", "count"];
  if (name === "fmod" || (name === "div" && isFloat(dtype))) return ["any", "nonzero"];
  return ["any", "any"];
}

function* binaryTests(bench: Bench): Iterable<Test> {
  for (const name of binaryNames) {
    for (const dtype of bench.dtypes.filter((d) => hasBinary(name, d))) {
      const title = `binary ${name} ${dtype}`;
      const [first, second] = binaryRecipes(name, dtype);
      const tolerance = name === "maximum" || name === "minimum" ? exact : rounding(dtype);
      const run: Run = (backend, out, a, b) => backend.binary(name, out, a, b);
      const left = (layout: Layout): Laid => input(layout, 0, dtype, first);
      const right = (layout: Layout): Laid => input(layout, 1, dtype, second);
      for (const layout of layouts) {
        yield bench.test(`${title} ${layout}`, () => [
          call([left(layout), right(layout)], output(layout, dtype), tolerance, run),
        ]);
      }
      yield bench.test(`${title} scalar operand`, () =>
        numbers(dtype).flatMap((x) =>
          layouts.flatMap((layout) => [
            call([left(layout), x], output(layout, dtype), tolerance, run, layout),
            call([x, right(layout)], output(layout, dtype), tolerance, run, layout),
          ]),
        ),
      );
      yield bench.test(`${title} in place`, () =>
        writable.flatMap((layout) => {
          const [a, b] = [left(layout), right(layout)];
          const both = input(layout, 0, dtype, name === "pow" || integerOnly.includes(name) ? "count" : "nonzero");
          return [
            call([a, b], a, tolerance, run, layout),
            call([a, b], b, tolerance, run, layout),
            call([both, both], both, tolerance, run, layout),
          ];
        }),
      );
      if (name === "mul" || name === "bitwiseXor") {
        yield bench.test(`${title} inputs in one storage`, () => {
          const a = input("contiguous", 0, dtype, "any", [4, 4]);
          return [call([a, { ...a, strides: [1, 4] }], output("contiguous", dtype, [4, 4]), tolerance, run)];
        });
      }
      if (name === "pow" && isFloat(dtype)) {
        yield bench.test(`${title} negative base`, () => [
          call(
            [
              lay("contiguous", 0, dtype, [6], [-2, -2, -2, -0.5, -1, -3]),
              lay("contiguous", 1, dtype, [6], [2, 3, 0, -1, 3, 1]),
            ],
            output("contiguous", dtype, [6]),
            tolerance,
            run,
          ),
        ]);
      }
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => {
          const a = input("contiguous", 0, dtype, "non-finite", VALUES);
          const b = input("contiguous", 1, dtype, "non-finite", VALUES);
          return [call([a, b], output("contiguous", dtype, VALUES), tolerance, run)];
        });
      }
      if (isInteger(dtype) && (name === "add" || name === "sub" || name === "mul")) {
        yield bench.test(`${title} wrap-around`, () => {
          const [low, high] = limits(dtype);
          const a = lay("contiguous", 0, dtype, [5], [low, high, low, high, high]);
          const b = lay("contiguous", 1, dtype, [5], [high, 1, 1, high, 2]);
          return [call([a, b], output("contiguous", dtype, [5]), exact, run)];
        });
      }
    }
  }
}

/** Numbers that stand for an operand; both kinds where the dtype takes both. */
export function numbers(dtype: DType): (number | bigint)[] {
  if (dtype === "int64") return [3, 3n];
  return [isFloat(dtype) ? 2.5 : dtype === "bool" ? 1 : 3];
}

function* compareTests(bench: Bench): Iterable<Test> {
  for (const name of compareNames) {
    for (const dtype of bench.dtypes) {
      const title = `compare ${name} ${dtype}`;
      const run: Run = (backend, out, a, b) => backend.compare(name, out, a, b);
      const operand = (layout: Layout, i: number): Laid => input(layout, i, dtype, "few");
      for (const layout of layouts) {
        yield bench.test(`${title} ${layout}`, () => [
          call([operand(layout, 0), operand(layout, 1)], output(layout, "bool"), exact, run),
        ]);
      }
      yield bench.test(`${title} scalar operand`, () => {
        const x = dtype === "int64" ? [1, 1n] : [1];
        return x.flatMap((value) =>
          layouts.flatMap((layout) => [
            call([operand(layout, 0), value], output(layout, "bool"), exact, run, layout),
            call([value, operand(layout, 1)], output(layout, "bool"), exact, run, layout),
          ]),
        );
      });
      if (dtype === "bool") {
        yield bench.test(`${title} in place`, () =>
          writable.flatMap((layout) => {
            const [a, b] = [operand(layout, 0), operand(layout, 1)];
            return [call([a, b], a, exact, run, layout), call([a, b], b, exact, run, layout)];
          }),
        );
      }
      if (isFloat(dtype) && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => {
          const a = input("contiguous", 0, dtype, "non-finite", VALUES);
          const b = input("contiguous", 1, dtype, "non-finite", VALUES);
          return [call([a, b], output("contiguous", "bool", VALUES), exact, run)];
        });
      }
    }
  }
}

function* whereTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes) {
    const title = `where ${dtype}`;
    const run: Run = (backend, out, condition, a, b) => backend.where(out, condition as View, a, b);
    const condition = (layout: Layout): Laid => input(layout, 0, "bool");
    for (const layout of layouts) {
      yield bench.test(`${title} ${layout}`, () => [
        call([condition(layout), input(layout, 1, dtype), input(layout, 2, dtype)], output(layout, dtype), exact, run),
      ]);
    }
    yield bench.test(`${title} scalar operand`, () =>
      numbers(dtype).flatMap((x) =>
        layouts.flatMap((layout) => [
          call([condition(layout), x, input(layout, 1, dtype)], output(layout, dtype), exact, run, layout),
          call([condition(layout), input(layout, 1, dtype), x], output(layout, dtype), exact, run, layout),
          call([condition(layout), x, dtype === "int64" ? 0n : 0], output(layout, dtype), exact, run, layout),
        ]),
      ),
    );
    yield bench.test(`${title} in place`, () =>
      writable.flatMap((layout) => {
        const [which, a, b] = [condition(layout), input(layout, 1, dtype), input(layout, 2, dtype)];
        return (dtype === "bool" ? [which, a, b] : [a, b]).map((out) => call([which, a, b], out, exact, run, layout));
      }),
    );
    if (isFloat(dtype) && bench.nonFinite) {
      yield bench.test(`${title} non-finite`, () => {
        const which = input("contiguous", 0, "bool", "any", VALUES);
        const a = input("contiguous", 1, dtype, "non-finite", VALUES);
        const b = input("contiguous", 2, dtype, "non-finite", VALUES);
        return [call([which, a, b], output("contiguous", dtype, VALUES), exact, run)];
      });
    }
  }
}

function* copyTests(bench: Bench): Iterable<Test> {
  const run: Run = (backend, out, a) => backend.copy(out, a as View);
  for (const from of bench.dtypes) {
    for (const to of bench.dtypes) {
      const title = from === to ? `copy ${from}` : `copy ${from} to ${to}`;
      // A negative float has no value in uint8.
      const recipe: Recipe = isFloat(from) && to === "uint8" ? "positive" : "any";
      for (const layout of from === to ? layouts : (["contiguous", "mixed"] as const)) {
        yield bench.test(`${title} ${layout}`, () => [
          call([input(layout, 0, from, recipe)], output(layout, to), exact, run),
        ]);
      }
      if (isInteger(from) && isInteger(to) && from !== to) {
        yield bench.test(`${title} wrap-around`, () => {
          const [low, high] = limits(from);
          return [
            call(
              [lay("contiguous", 0, from, [4], [low, high, low + 1n, 100n])],
              output("contiguous", to, [4]),
              exact,
              run,
            ),
          ];
        });
      }
      if (isFloat(from) && (isFloat(to) || to === "bool") && bench.nonFinite) {
        yield bench.test(`${title} non-finite`, () => [
          call([input("contiguous", 0, from, "non-finite", VALUES)], output("contiguous", to, VALUES), exact, run),
        ]);
      }
    }
  }
}

function* fillTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes) {
    const title = `fill ${dtype}`;
    const filled = (layout: Layout, x: number | bigint): Call =>
      call([], output(layout, dtype), exact, (backend, out) => backend.fill(out, x), `value ${x}`);
    for (const layout of layouts.filter((l) => l !== "expanded" && l !== "mixed")) {
      yield bench.test(`${title} ${layout}`, () => [0, ...numbers(dtype)].map((x) => filled(layout, x)));
    }
    if (isFloat(dtype) && bench.nonFinite) {
      yield bench.test(`${title} non-finite`, () =>
        [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => filled("contiguous", x)),
      );
    }
  }
}

function* rangeTests(bench: Bench): Iterable<Test> {
  for (const dtype of bench.dtypes.filter((d) => d !== "bool")) {
    const steps: [number | bigint, number | bigint][] = isFloat(dtype)
      ? [
          [0.5, 0.25],
          [4, -1.5],
        ]
      : [
          [20, -2],
          [0, 1],
        ];
    if (dtype === "int64") steps.push([(1n << 60n) + 1n, -3n]);
    for (const [layout, size] of [
      ["contiguous", 9],
      ["offset slice", 9],
      ["empty", 0],
    ] as const) {
      yield bench.test(`range ${dtype} ${layout}`, () =>
        steps.map(([start, step]) =>
          call(
            [],
            output(layout, dtype, [size]),
            rounding(dtype),
            (backend, out) => backend.range(out, start, step),
            `start ${start}, step ${step}`,
          ),
        ),
      );
    }
  }
}

/** Tests of the primitives that treat every element by itself. */
export function* pointwiseTests(bench: Bench): Iterable<Test> {
  yield* unaryTests(bench);
  yield* binaryTests(bench);
  yield* compareTests(bench);
  yield* whereTests(bench);
  yield* copyTests(bench);
  yield* fillTests(bench);
  yield* rangeTests(bench);
}
