import type { DType, Storage } from "@kindling/storage";
import { type BinaryName, DTypeError, numelOf, type Operand, type UnaryName, type View } from "@kindling/storage";
import { addressing } from "./layout.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { type Binding, elementOf, kernel, wordOf } from "./wgsl.js";

/* Kernels that treat every element by itself. */

const letters = ["a", "b", "c"];

/** What an elementwise kernel reads: a view, or a number as a value of `dtype`. */
interface Input {
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
  expression: (...values: string[]) => string,
  declarations = "",
): void {
  const n = numelOf(out.shape);
  if (n === 0) return;
  const views: View[] = [out];
  const names = ["out"];
  const storages: Storage[] = [out.storage];
  const bindings: Binding[] = [];
  const numbers: string[] = [];
  const numberWords: number[] = [];
  let key = `${name} ${out.storage.dtype}`;
  const values = inputs.map(({ operand, dtype }, i) => {
    const { value, load } = elementOf(dtype);
    const letter = letters[i];
    if (typeof operand !== "object") {
      key += ` n:${dtype}`;
      numbers.push(`number_${letter}: ${value}`);
      numberWords.push(wordOf(operand, dtype));
      return `P.number_${letter}`;
    }
    if (operand.storage === out.storage) {
      key += " out";
      return load("out[at_out]");
    }
    key += ` ${dtype}`;
    views.push(operand);
    names.push(letter);
    storages.push(operand.storage);
    bindings.push({ name: letter, dtype });
    return load(`${letter}[at_${letter}]`);
  });
  const where = addressing(names, views);
  const { dtype } = out.storage;
  gpu.dispatch(
    `${key} ${where.key}`,
    () =>
      kernel({
        outputs: [{ name: "out", dtype }],
        inputs: bindings,
        params: ["n", ...where.params, ...numbers],
        declarations,
        body: `  if (index >= P.n) { return; }\n${where.code()}\n  out[at_out] = ${elementOf(dtype).store(expression(...values))};`,
      }),
    storages,
    [n, ...where.words, ...numberWords],
    gpu.grid(n),
  );
}

const unaryRows: Partial<Record<UnaryName, (x: string) => string>> = {
  neg: (x) => `-${x}`,
  abs: (x) => `abs(${x})`,
};

const binaryRows: Partial<Record<BinaryName, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
};

function absent(name: string, dtype: DType): never {
  throw new DTypeError(`[${name}] is not defined for ${dtype} on device 'webgpu'`, { operation: name, dtype });
}

export function unary(name: UnaryName, out: View, a: View): void {
  const { dtype } = a.storage;
  elementwise(runtimeOf(out), name, out, [{ operand: a, dtype }], unaryRows[name] ?? absent(name, dtype));
}

export function binary(name: BinaryName, out: View, a: Operand, b: Operand): void {
  const { dtype } = out.storage;
  const inputs = [a, b].map((operand) => ({ operand, dtype }));
  elementwise(runtimeOf(out), name, out, inputs, binaryRows[name] ?? absent(name, dtype));
}
