import {
  type SequenceBackward as Backward,
  type SequenceForward as Forward,
  numelOf,
  type RecurrentSequence as Sequence,
  type Storage,
  type View,
} from "@kindling/storage";
import { Params } from "./axes.js";
import { math } from "./math.js";
import { matmulSummands, type Summands } from "./matmul.js";
import { reduce } from "./reduce.js";
import { at } from "./rows.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { elementOf, kernel } from "./wgsl.js";

/*
 * Recurrent layers: fast paths of autograd/src/ops/recurrent.ts, which says what the arguments are. A step is a product of states and weight and one
 * kernel for all that is between products; there is a thread for each element of the state.
 */

type Family = "rnn" | "lstm" | "gru";

/** The views of a kernel by name; those that are not there are left out. */
type Views = Readonly<Record<string, View | null>>;

const present = (views: Views): [string, View][] =>
  Object.entries(views).filter((entry): entry is [string, View] => entry[1] !== null);

/** Views with rows for every step; the others are of the step that runs. */
const STEPS = new Set(["gates", "output", "previous", "kept", "grad_gates", "grad_hidden", "grad_output"]);

/** Runs a kernel for the step that has `count` rows from row `first` on. */
type StepKernel = (first: number, count: number) => void;

/**
 * Prepares `text` for the elements of a state with `size` columns; views are contiguous. In `text`, `u` is the column; `product(i)` is element `i`
 * of a product whose summands `products` (parts, rows, columns) are an input.
 */
function overState(
  gpu: Runtime,
  name: string,
  size: number,
  outputs: Views,
  inputs: Views,
  text: () => string,
): StepKernel {
  const [written, read] = [present(outputs), present(inputs)];
  const all = [...written, ...read];
  const { dtype } = all[0][1].storage;
  const params = new Params().add({ n: 0, size });
  const starts = params.words.length;
  for (const [key, view] of all) params.add({ [`start_${key}`]: view.offset });
  const { products = null } = inputs;
  if (products) params.add({ parts: products.shape[0], part: products.strides[0] });
  const { names, words } = params;
  const prepared = gpu.prepare(
    `${name} ${dtype} ${all.map(([key]) => key).join(" ")}`,
    () =>
      kernel({
        outputs: written.map(([key]) => ({ name: key, dtype })),
        inputs: read.map(([key]) => ({ name: key, dtype })),
        params: names,
        declarations: `${math("sigmoid_of", "tanh_of")}${products ? PRODUCT : ""}`,
        body: `
  if (index >= P.n) { return; }
  let u = index % P.size;
  let row = index / P.size;
${text()}`,
      }),
    all.map(([, view]) => view.storage),
    words.length,
  );
  return (first, count) => {
    words[0] = count * size;
    all.forEach(([key, view], i) => {
      if (STEPS.has(key)) words[starts + i] = view.offset + first * view.shape[1];
    });
    gpu.run(prepared, words, gpu.grid(count * size));
  };
}

const { load, store } = elementOf("float32");
const PRODUCT = `
fn product(i: u32) -> f32 {
  var sum = 0.0;
  for (var part = 0u; part < P.parts; part++) { sum += ${load(at("products", "part * P.part + i"))}; }
  return sum;
}`;
/** Element `u` of the state in gate `k` of `gates` of a row. */
const gate = (name: string, gates: number, k: number): string => at(name, `(row * ${gates}u + ${k}u) * P.size + u`);
const product = (gates: number, k: number): string => `product((row * ${gates}u + ${k}u) * P.size + u)`;
const own = (name: string): string => at(name, "index");
const GATES = { rnn: 1, lstm: 4, gru: 3 };

/** Statements of a step: from the projected inputs, the products and the biases to gates, output and state. */
function forwardText(family: Family, relu: boolean, records: boolean): string {
  const gates = GATES[family];
  const sum = (k: number): string =>
    `${load(gate("gates", gates, k))} + ${product(gates, k)} + ${load(at("bias", `${k}u * P.size + u`))}`;
  const keep = (name: string, value: string): string => (records ? `${own(name)} = ${store(value)};` : "");
  const leave = (...names: readonly string[]): string =>
    records ? names.map((name, k) => `${gate("gates", gates, k)} = ${store(name)};`).join(" ") : "";
  const before = `let before = ${load(own("hidden"))}; ${keep("previous", "before")}`;
  const after = `${own("hidden")} = ${store("h")}; ${own("output")} = ${store("h")};`;
  if (family === "rnn") {
    const h = relu ? `max(${sum(0)}, 0.0)` : `tanh_of(${sum(0)})`;
    return `${before} let h = ${h}; ${leave("h")} ${after}`;
  }
  if (family === "lstm") {
    return `${before}
  let i = sigmoid_of(${sum(0)});
  let f = sigmoid_of(${sum(1)});
  let g = tanh_of(${sum(2)});
  let o = sigmoid_of(${sum(3)});
  let c_before = ${load(own("cell"))};
  ${keep("kept", "c_before")}
  let c = f * c_before + i * g;
  let h = o * tanh_of(c);
  ${own("cell")} = ${store("c")};
  ${leave("i", "f", "g", "o")}
  ${after}`;
  }
  return `${before}
  let r = sigmoid_of(${sum(0)});
  let z = sigmoid_of(${sum(1)});
  let inner = ${product(3, 2)} + ${load(at("bias", "3u * P.size + u"))};
  ${keep("kept", "inner")}
  let n = tanh_of(${load(gate("gates", 3, 2))} + ${load(at("bias", "2u * P.size + u"))} + r * inner);
  let h = (1.0 - z) * n + z * before;
  ${leave("r", "z", "n")}
  ${after}`;
}

/** Statements of a step back: from the gradients of the state after it to those of the gates and of the state before, as far as that is no product. */
function backwardText(family: Family, relu: boolean, arriving: readonly string[]): string {
  const gates = GATES[family];
  const value = (k: number): string => load(gate("gates", gates, k));
  const give = (name: string, ...values: readonly string[]): string =>
    values.map((x, k) => `${gate(name, gates, k)} = ${store(x)};`).join(" ");
  const sum = `let dh = ${arriving.join(" + ")};`;
  if (family === "rnn") {
    return `${sum} let h = ${value(0)}; ${give("grad_gates", relu ? "select(0.0, dh, h > 0.0)" : "dh * (1.0 - h * h)")}`;
  }
  if (family === "lstm") {
    return `${sum}
  let i = ${value(0)}; let f = ${value(1)}; let g = ${value(2)}; let o = ${value(3)};
  let c_before = ${load(own("kept"))};
  let t = tanh_of(f * c_before + i * g);
  let dc = ${load(own("grad_cell"))} + dh * o * (1.0 - t * t);
  ${own("grad_cell")} = ${store("dc * f")};
  ${give("grad_gates", "dc * g * i * (1.0 - i)", "dc * c_before * f * (1.0 - f)", "dc * i * (1.0 - g * g)", "dh * t * o * (1.0 - o)")}`;
  }
  return `${sum}
  let r = ${value(0)}; let z = ${value(1)}; let n = ${value(2)};
  let dn = dh * (1.0 - z) * (1.0 - n * n);
  let dr = dn * ${load(own("kept"))} * r * (1.0 - r);
  let dz = dh * (${load(own("previous"))} - n) * z * (1.0 - z);
  ${give("grad_gates", "dr", "dz", "dn")}
  ${give("grad_hidden", "dr", "dz", "dn * r")}
  ${own("grad_hidden_state")} = ${store("dh * z")};`;
}

/** Rows of a contiguous matrix. */
const rowsOf = (view: View, first: number, count: number): View => ({
  storage: view.storage,
  shape: [count, view.shape[1]],
  strides: [view.shape[1], 1],
  offset: view.offset + first * view.shape[1],
});
const turned = ({ storage, shape: [m, n], strides: [row, column], offset }: View): View => ({
  storage,
  shape: [n, m],
  strides: [column, row],
  offset,
});

/** `out (+)= a · b`. */
function multiply(out: View, a: View, b: View, accumulate: boolean): void {
  const one = ({ storage, shape: [m, n], strides: [row, column], offset }: View): View => ({
    storage,
    shape: [1, m, n],
    strides: [0, row, column],
    offset,
  });
  const { device, dtype } = out.storage;
  device.kernels.matmul[dtype](one(out), one(a), one(b), accumulate);
}

/** The steps in the order of the walk: first row, and rows. */
function stepsOf({ sizes, reverse }: Sequence): (readonly [first: number, count: number])[] {
  let first = 0;
  const steps = sizes.map((count) => {
    first += count;
    return [first - count, count] as const;
  });
  return reverse ? steps.reverse() : steps;
}

/** A contiguous matrix in memory that is released at the end. */
const scratch = (gpu: Runtime, like: View, rows: number, columns: number): View => ({
  storage: gpu.scratch(like.storage.device, like.storage.dtype, rows * columns),
  shape: [rows, columns],
  strides: [columns, 1],
  offset: 0,
});

/** Both biases added up; behind them, of a GRU, that of the state in gate n, which is then not in the sum. */
function biasesOf(gpu: Runtime, family: Family, { biasIh, biasHh, weight, initial }: Sequence): View {
  const [wide, size] = [weight.shape[0], initial[0].shape[1]];
  const out = scratch(gpu, weight, 1, family === "gru" ? wide + size : wide);
  const [first, second] = [biasIh ? own("first") : "0.0", biasHh ? own("second") : "0.0"];
  const add = overState(gpu, `${family}.bias`, wide, { out }, { first: biasIh, second: biasHh }, () =>
    family === "gru"
      ? `let inner = index >= 2u * (P.size / 3u);
  ${own("out")} = ${first} + select(${second}, 0.0, inner);
  if (inner) { ${at("out", "index + P.size / 3u")} = ${second}; }`
      : `${own("out")} = ${first} + ${second};`,
  );
  add(0, 1);
  return out;
}

function forward(family: Family, ...[s, output, last, previous, kept]: Forward): void {
  const gpu = runtimeOf(output);
  const { kernels } = output.storage.device;
  const size = output.shape[1];
  last.forEach((view, i) => {
    kernels.copy[view.storage.dtype](view, s.initial[i]);
  });
  const bias = biasesOf(gpu, family, s);
  const [hidden, cell = null] = last;
  const weight = turned(s.weight);
  const prepare = (rows: number): { rows: number; product: Summands; run: StepKernel } => {
    const product = matmulSummands(gpu, rowsOf(hidden, 0, rows), weight);
    const run = overState(
      gpu,
      `${family}Sequence${s.relu ? ".relu" : ""}`,
      size,
      { gates: s.gates, output, hidden, cell, previous, kept },
      { products: product.parts, bias },
      () => forwardText(family, s.relu, previous !== null),
    );
    return { rows, product, run };
  };
  let step = prepare(s.sizes[0]);
  for (const [first, count] of stepsOf(s)) {
    if (count !== step.rows) {
      gpu.release(step.product.parts.storage);
      step = prepare(count);
    }
    step.product.multiply(hidden.offset);
    step.run(first, count);
  }
  gpu.release(step.product.parts.storage);
  gpu.release(bias.storage);
}

function backward(
  family: Family,
  ...[s, previous, kept, gradOutput, gradLast, gradGates, gradHidden, gradInitial, gradBiasIh, gradBiasHh]: Backward
): void {
  const gpu = runtimeOf(gradGates);
  const { kernels } = gradGates.storage.device;
  const { dtype } = gradGates.storage;
  const size = previous.shape[1];
  const made: Storage[] = [];
  const grads = s.initial.map((like, i) => {
    const view = gradInitial[i] ?? scratch(gpu, like, like.shape[0], size);
    if (gradInitial[i] === null) made.push(view.storage);
    const given = gradLast[i];
    if (given === null) kernels.fill[dtype](view, 0);
    else kernels.copy[dtype](view, given);
    return view;
  });
  const gru = family === "gru";
  const steps = stepsOf(s).reverse();
  const [state, cell = null] = grads;
  const left = gradHidden ?? gradGates;
  // where all steps have the same rows, what a step leaves of the gradient of its state is not added up on its own
  const even = steps.length > 1 && s.sizes.every((rows) => rows === s.sizes[0]);
  const product = even ? matmulSummands(gpu, rowsOf(left, 0, s.sizes[0]), s.weight) : null;
  const prepare = (products: View | null): StepKernel => {
    const outputs = { grad_gates: gradGates, grad_hidden: gradHidden, grad_cell: cell };
    const arriving = [
      ...(products === null || gru ? [load(own("grad_hidden_state"))] : []),
      ...(products === null ? [] : ["product(index)"]),
      ...(gradOutput === null ? [] : [load(own("grad_output"))]),
    ];
    // a GRU's kernel leaves its share of the gradient in the state; of the others it only reads
    return overState(
      gpu,
      `${family}SequenceBackward${s.relu ? ".relu" : ""}`,
      size,
      gru ? { ...outputs, grad_hidden_state: state } : outputs,
      {
        previous: gru ? previous : null,
        grad_hidden_state: gru || products !== null ? null : state,
        products,
        gates: s.gates,
        kept,
        grad_output: gradOutput,
      },
      () => backwardText(family, s.relu, arriving),
    );
  };
  const alone = prepare(null);
  const fed = product === null ? alone : prepare(product.parts);
  for (const [i, [first, count]] of steps.entries()) {
    (i === 0 ? alone : fed)(first, count);
    const atEnd = i === steps.length - 1;
    if (atEnd && gradInitial[0] === null) break;
    if (product !== null && !atEnd) product.multiply(left.offset + first * left.shape[1]);
    else multiply(rowsOf(state, 0, count), rowsOf(left, first, count), s.weight, gru);
  }
  if (product !== null) gpu.release(product.parts.storage);
  sumRows(gradBiasIh, gradGates);
  sumRows(gradBiasHh, gradHidden);
  for (const storage of made) gpu.release(storage);
}

/** The sums of the rows of a matrix, where they are wanted. */
function sumRows(out: View | null, rows: View | null): void {
  if (out === null || rows === null) return;
  const width = rows.shape[1];
  reduce("sum", { storage: out.storage, shape: [1, width], strides: [width, 1], offset: out.offset }, rows, [0]);
}

const accepts = (s: Sequence): boolean => numelOf(s.gates.shape) > 0;

const entries = (family: Family) => ({
  [`${family}Sequence`]: { float32: { accepts, run: (...args: Forward) => forward(family, ...args) } },
  [`${family}SequenceBackward`]: { float32: { accepts, run: (...args: Backward) => backward(family, ...args) } },
});

/** Walks of recurrent layers through their steps. */
export const recurrent = { ...entries("rnn"), ...entries("lstm"), ...entries("gru") };
