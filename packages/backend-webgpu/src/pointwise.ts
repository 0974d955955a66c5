import {
  type BinaryName,
  type CompareName,
  type DType,
  numelOf,
  type Operand,
  type Storage,
  type UnaryName,
  type View,
} from "@kindling/storage";
import { binaryOf, compareOf, conversion, declarationsOf, type Pointwise, unaryOf } from "./functions.js";
import { addressing } from "./layout.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { type Binding, elementOf, f32, kernel, wordOf } from "./wgsl.js";

/* Kernels that treat every element by itself. */

const letters = ["a", "b", "c"];

/** What an elementwise kernel reads: a view, or a number as a value of `dtype`. */
export interface Input {
  readonly operand: Operand;
  readonly dtype: DType;
}

/**
 * `out[i] = f(inputs[0][i], …)`. `expression` gets the WGSL of the inputs' values and gives that of the result's value. An input that is the
 * output's storage has the output's layout: it is read through the output's binding, since WebGPU binds no buffer for reading and writing at once.
 */
export function elementwise(
  gpu: Runtime,
  name: string,
  out: View,
  inputs: readonly Input[],
  expression: Pointwise["of"],
  declarations: () => string = () => "",
): void {
  const n = numelOf(out.shape);
  if (n === 0) return;
  const views: View[] = [out];
  const names = ["out"];
  const storages: Storage[] = [out.storage];
  const bindings: Binding[] = [];
  const numbers: string[] = [];
  const words: number[] = [];
  const { dtype } = out.storage;
  let key = `${name} ${dtype}`;
  const values = inputs.map((input, i) => {
    const { operand } = input;
    const { value, load } = elementOf(input.dtype);
    const letter = letters[i];
    if (typeof operand !== "object") {
      key += ` n:${input.dtype}`;
      numbers.push(`number_${letter}: ${value}`);
      words.push(wordOf(operand, input.dtype));
      return `P.number_${letter}`;
    }
    if (operand.storage === out.storage) {
      key += " out";
      return load("out[at_out]");
    }
    key += ` ${input.dtype}`;
    views.push(operand);
    names.push(letter);
    storages.push(operand.storage);
    bindings.push({ name: letter, dtype: input.dtype });
    return load(`${letter}[at_${letter}]`);
  });
  const where = addressing(names, views);
  gpu.dispatch(
    `${key} ${where.key}`,
    () =>
      kernel({
        outputs: [{ name: "out", dtype }],
        inputs: bindings,
        params: ["n", ...where.params, ...numbers],
        declarations: declarations(),
        body: `  if (index >= P.n) { return; }
${where.code()}
${values.map((value, i) => `  let ${letters[i]}_value = ${value};`).join("\n")}
  out[at_out] = ${elementOf(dtype).store(expression(...letters.slice(0, values.length).map((x) => `${x}_value`)))};`,
      }),
    storages,
    [n, ...where.words, ...words],
    gpu.grid(n),
  );
}

export function unary(name: UnaryName, out: View, a: View): void {
  const { dtype } = a.storage;
  const pointwise = unaryOf(name, dtype);
  elementwise(runtimeOf(out), name, out, [{ operand: a, dtype }], pointwise.of, () => declarationsOf(pointwise));
}

export function binary(name: BinaryName, out: View, a: Operand, b: Operand): void {
  const { dtype } = out.storage;
  const pointwise = binaryOf(name, dtype);
  const inputs = [
    { operand: a, dtype },
    { operand: b, dtype },
  ];
  elementwise(runtimeOf(out), name, out, inputs, pointwise.of, () => declarationsOf(pointwise));
}

export function compare(name: CompareName, out: View, a: Operand, b: Operand): void {
  const { dtype } = (typeof a === "object" ? a : (b as View)).storage;
  const inputs = [
    { operand: a, dtype },
    { operand: b, dtype },
  ];
  elementwise(runtimeOf(out), name, out, inputs, compareOf(name));
}

export function where(out: View, condition: View, a: Operand, b: Operand): void {
  const { dtype } = out.storage;
  const inputs: Input[] = [
    { operand: condition, dtype: "bool" },
    { operand: a, dtype },
    { operand: b, dtype },
  ];
  elementwise(runtimeOf(out), "where", out, inputs, (c, x, y) => `select(${y}, ${x}, ${c} != 0u)`);
}

export function copy(out: View, a: View): void {
  const from = a.storage.dtype;
  elementwise(runtimeOf(out), "copy", out, [{ operand: a, dtype: from }], conversion(out.storage.dtype, from));
}

export function fill(out: View, value: number | bigint): void {
  elementwise(runtimeOf(out), "fill", out, [{ operand: value, dtype: out.storage.dtype }], (x) => x);
}

/** start + i · step in two floats each: i · step of many elements would lose what one float rounds away. */
const floatRange = `  let i = f32(index);
  let t = i * P.step_high;
  let sum = P.start_high + t;
  let back = sum - P.start_high;
  let lost = (P.start_high - (sum - back)) + (t - back);
  let value = sum + (lost + fma(i, P.step_high, -t) + fma(i, P.step_low, P.start_low));`;

const integerRange = (type: string): string => `  let value = P.start + ${type}(index) * P.step;`;

export function range(out: View, start: number | bigint, step: number | bigint): void {
  const n = out.shape[0];
  if (n === 0) return;
  const gpu = runtimeOf(out);
  const { dtype } = out.storage;
  const { value, store } = elementOf(dtype);
  const float = value === "f32";
  const numbers = [start, step].map(Number);
  const low = (x: number): number => (Number.isFinite(x) ? x - Math.fround(x) : 0);
  const at = addressing(["out"], [out]);
  gpu.dispatch(
    `range ${dtype} ${at.key}`,
    () =>
      kernel({
        outputs: [{ name: "out", dtype }],
        inputs: [],
        params: [
          "n",
          ...(float
            ? ["start_high: f32", "start_low: f32", "step_high: f32", "step_low: f32"]
            : [`start: ${value}`, `step: ${value}`]),
          ...at.params,
        ],
        body: `  if (index >= P.n) { return; }\n${at.code()}\n${float ? floatRange : integerRange(value)}\n  out[at_out] = ${store("value")};`,
      }),
    [out.storage],
    [n, ...(float ? numbers.flatMap((x) => [f32(x), f32(low(x))]) : numbers), ...at.words],
    gpu.grid(n),
  );
}
