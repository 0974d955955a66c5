import {
  allocate,
  type SequenceBackward as Backward,
  type SequenceForward as Forward,
  getNumThreads,
  type KernelProvider,
  numelOf,
  type RecurrentSequence as Sequence,
  type View,
} from "@kindling/storage";
import { bringOut } from "./bring.js";
import { instance, type Kernel } from "./instance.js";
import { limits } from "./limits.js";
import { available, begin, copyIn, f32, f64, floats, i32, MOST_SCRATCH, take, u8 } from "./memory.js";
import { resident } from "./resident.js";
import { parallel } from "./threads.js";

/*
 * Recurrent layers: see assembly/recurrent.ts, and packages/autograd's ops/recurrent.ts for what the arguments are.
 */

type Family = "rnn" | "lstm" | "gru";
type Bits = 32 | 64;

/** The words that tell a kernel what to work on, as in assembly/recurrent.ts. */
interface Job {
  gates: number;
  output?: number;
  hidden: number;
  cell: number;
  previous: number;
  kept: number;
  weight: number;
  bias?: number;
  innerBias?: number;
  gradOutput?: number;
  gradGates?: number;
  gradHidden?: number;
  toInitial?: boolean;
  products?: number;
}

/** Family of kinds of resident entries. */
const RECURRENT = 3 << 20;

const elementBytes = (view: View): number => floats(view).BYTES_PER_ELEMENT;
/** Kernels load whole vectors, beyond the end of what is there. */
const SLACK = 16;
/** Bytes for the edges of products. */
const EDGE = 192;

/** Room for what is in a view, filled with it or not; 0 for `null`. */
function room(view: View | null): number {
  return view === null ? 0 : take(numelOf(view.shape) * elementBytes(view) + SLACK);
}
function brought(view: View | null): number {
  const pointer = room(view);
  if (view !== null) copyIn(pointer, floats(view), view.offset, numelOf(view.shape));
  return pointer;
}
function taken(view: View | null, pointer: number): void {
  if (view !== null) bringOut(view, pointer);
}

const kernels = (): Readonly<Record<string, Kernel>> =>
  (instance() as { kernels: Readonly<Record<string, Kernel>> }).kernels;

/**
 * The weight (gates · H, H) as the right operand of a product: transposed for the states, as it is for gradients. Packed once for
 * as long as nobody writes to it.
 */
function packed(weight: View, transposed: boolean, bits: Bits): number {
  const [wide, size] = weight.shape;
  const width = bits === 32 ? 8 : 4;
  const [depth, lines] = transposed ? [size, wide] : [wide, size];
  const bytes = Math.ceil(lines / width) * width * depth * (bits / 8);
  const kind = RECURRENT | ((size * 2 + (transposed ? 1 : 0)) & 0xfffff);
  const found = resident(weight.storage, kind, weight.offset, bytes);
  if (found > 0) return found;
  const pointer = found === 0 ? take(bytes) : ~found;
  const from = brought(weight);
  if (transposed) kernels()[`packRight${bits}`](pointer, from, lines, depth, size, 1);
  else kernels()[`packRight${bits}`](pointer, from, lines, depth, 1, size);
  return pointer;
}

/**
 * What is added to the gates: both biases, or 0. Of a GRU's gate n, which lies last, that of the state is multiplied with the
 * product, and stands for itself.
 */
function biases(family: Family, { biasIh, biasHh, weight, initial }: Sequence): { bias: number; innerBias: number } {
  const [wide] = weight.shape;
  const bytes = elementBytes(weight);
  const bias = take(wide * bytes + SLACK);
  const inner = family === "gru" ? wide - initial[0].shape[1] : wide;
  const innerBias = take((wide - inner) * bytes + SLACK);
  const memory = bytes === 4 ? f32 : f64;
  const first = bias / bytes;
  if (biasIh === null) memory.fill(0, first, first + wide);
  else copyIn(bias, floats(biasIh), biasIh.offset, wide);
  const from = biasHh === null ? null : floats(biasHh).subarray(biasHh.offset, biasHh.offset + wide);
  for (let i = 0; from !== null && i < inner; i++) memory[first + i] += from[i];
  for (let i = inner; i < wide; i++) memory[innerBias / bytes + i - inner] = from === null ? 0 : from[i];
  return { bias, innerBias };
}

/** What the chunks have written in their scratch: see assembly/recurrent.ts. */
interface Sums {
  readonly first: number;
  readonly apart: number;
  readonly chunks: number;
}

/** Runs a walk over all sequences, in chunks of some. Its products are `depth` deep; a row has `room` elements of scratch besides. */
function run(kernel: string, family: Family, bits: Bits, s: Sequence, depth: number, room: number, job: Job): Sums {
  const bytes = bits / 8;
  const [batch, size] = s.initial[0].shape;
  const tile = kernels()[`rows${bits}`]();
  const chunk = batch > 8 * tile ? 2 * tile : tile;
  const chunks = Math.ceil(batch / chunk);
  const sums = (s.weight.shape[0] + size) * bytes;
  const scratchBytes = (chunk * (depth + room) * bytes + sums + EDGE + 2 * SLACK + 63) & ~63;
  const scratch = take(chunks * scratchBytes);
  const steps = take(8 * s.sizes.length);
  const words = take(4 * 22);
  let first = 0;
  s.sizes.forEach((count, t) => {
    i32[steps / 4 + 2 * t] = first;
    i32[steps / 4 + 2 * t + 1] = count;
    first += count;
  });
  const { gates, output = 0, hidden, cell, previous, kept, weight, bias = 0, innerBias = 0 } = job;
  const { gradOutput = 0, gradGates = 0, gradHidden = 0, toInitial = false, products = 0 } = job;
  const kind = family === "lstm" ? 2 : family === "gru" ? 3 : Number(s.relu);
  i32.set(
    [
      ...[gates, output, hidden, cell, previous, kept, weight, bias, steps, s.sizes.length, size, Number(s.reverse)],
      ...[
        kind,
        chunk,
        scratch,
        scratchBytes,
        gradOutput,
        gradGates,
        gradHidden,
        Number(toInitial),
        innerBias,
        products,
      ],
    ],
    words / 4,
  );
  parallel(kernel, chunks, words);
  return { first: scratch + EDGE, apart: scratchBytes, chunks };
}

/** The sums of all chunks: `count` elements behind the first `skipped`, added to what is there or not. */
function summed(
  out: View,
  at: number,
  { first, apart, chunks }: Sums,
  skipped: number,
  count: number,
  adds: boolean,
): void {
  const to = floats(out);
  const memory = to.BYTES_PER_ELEMENT === 4 ? f32 : f64;
  const start = out.offset + at;
  if (!adds) to.fill(0, start, start + count);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const from = (first + chunk * apart) / to.BYTES_PER_ELEMENT + skipped;
    for (let i = 0; i < count; i++) to[start + i] += memory[from + i];
  }
}

/** Whether everything finds room at once. */
const accepts = (s: Sequence): boolean =>
  (4 * numelOf(s.gates.shape) + 2 * numelOf(s.weight.shape)) * elementBytes(s.gates) < MOST_SCRATCH && available();

/** The walk; `products`, of states and weight, are made here unless they are given, of one step. */
function forward(
  family: Family,
  bits: Bits,
  [s, output, last, previous, kept]: Forward,
  products: View | null = null,
): void {
  begin();
  const [wide, size] = s.weight.shape;
  const gates = brought(s.gates);
  const states = s.initial.map(brought);
  const weight = products === null ? packed(s.weight, true, bits) : 0;
  const [out, before, side] = [output, previous, kept].map(room);
  run(`recurrent${bits}`, family, bits, s, size, wide, {
    gates,
    output: out,
    hidden: states[0],
    cell: states[1] ?? 0,
    previous: before,
    kept: side,
    weight,
    ...biases(family, s),
    products: brought(products),
  });
  taken(output, out);
  last.forEach((view, i) => {
    taken(view, states[i]);
  });
  if (previous === null) return;
  taken(s.gates, gates);
  taken(previous, before);
  taken(kept, side);
}

/** The derivative of the walk, or of one step of it but for the product; then sums are added to what is there. */
function backward(family: Family, bits: Bits, args: Backward, oneStep = false): void {
  const [s, previous, kept, gradOutput, gradLast, gradGates, gradHidden, gradInitial, gradBiasIh, gradBiasHh] = args;
  begin();
  const [wide, size] = s.weight.shape;
  const states = s.initial.map((like, i) => {
    const given = gradLast[i];
    if (given !== null) return brought(given);
    const pointer = room(like);
    u8.fill(0, pointer, pointer + numelOf(like.shape) * elementBytes(like));
    return pointer;
  });
  const weight = oneStep ? 0 : packed(s.weight, false, bits);
  const [toGates, toHidden] = [room(gradGates), room(gradHidden)];
  const sums = run(`recurrentBack${bits}`, family, bits, s, wide, 0, {
    gates: brought(s.gates),
    hidden: states[0],
    cell: states[1] ?? 0,
    previous: family === "gru" ? brought(previous) : 0,
    kept: brought(kept),
    weight,
    gradOutput: brought(gradOutput),
    gradGates: toGates,
    gradHidden: toHidden,
    toInitial: gradInitial[0] !== null,
  });
  taken(gradGates, toGates);
  taken(gradHidden, toHidden);
  if (gradBiasIh !== null) summed(gradBiasIh, 0, sums, 0, wide, oneStep);
  if (gradBiasHh !== null) {
    summed(gradBiasHh, 0, sums, 0, wide - size, oneStep);
    summed(gradBiasHh, wide - size, sums, wide, size, oneStep);
  }
  gradInitial.forEach((view, i) => {
    taken(view, states[i]);
  });
}

/**
 * Whether a provider above this one makes products, and they are large enough to hand them over step by step. Not on several
 * threads: those of a walk meet once a sequence, those of a BLAS at every product.
 */
function productsAbove({ gates, weight, initial }: Sequence): boolean {
  if (getNumThreads() > 1) return false;
  if (initial[0].shape[0] * numelOf(weight.shape) < limits.recurrentStep) return false;
  const { device, dtype } = gates.storage;
  const above = device.providers.findIndex(({ kernels }) => kernels.matmul?.[dtype] !== undefined);
  return above >= 0 && device.providers[above].name !== "wasm";
}

/** Rows of a contiguous matrix. */
const rowsOf = (view: View, first: number, count: number): View => ({
  ...view,
  shape: [count, view.shape[1]],
  offset: view.offset + first * view.shape[1],
});
const rowsOrNone = (view: View | null, first: number, count: number): View | null => view && rowsOf(view, first, count);

/** A matrix like `view`, content undefined. */
const anew = (view: View, [rows, columns]: readonly number[] = view.shape): View => ({
  storage: allocate(view.storage.device, view.storage.dtype, rows * columns),
  shape: [rows, columns],
  strides: [columns, 1],
  offset: 0,
});

/** `out (+)= a · b` by the fastest provider there is; `turned`: with the transposed of `b`. */
function multiply(out: View, a: View, b: View, turned: boolean, accumulate: boolean): void {
  const one = ({ storage, shape: [m, n], strides: [row, column], offset }: View, swap = false): View => ({
    storage,
    shape: swap ? [1, n, m] : [1, m, n],
    strides: swap ? [0, column, row] : [0, row, column],
    offset,
  });
  const { device, dtype } = out.storage;
  device.kernels.matmul[dtype](one(out), one(a), one(b, turned), accumulate);
}

/** The steps in the order of the walk: first row, and rows. */
function stepsOf({ sizes, reverse }: Sequence): readonly (readonly [first: number, count: number])[] {
  let first = 0;
  const steps = sizes.map((count) => {
    first += count;
    return [first - count, count] as const;
  });
  return reverse ? steps.reverse() : steps;
}

/** The walk step by step, with products by the provider above. What lies in the workspace does not outlive a step. */
function forwardBySteps(family: Family, bits: Bits, [s, output, last, previous, kept]: Forward): void {
  const { copy } = output.storage.device.kernels;
  last.forEach((view, i) => {
    copy[view.storage.dtype](view, s.initial[i]);
  });
  const products = anew(output, [s.sizes[0], s.weight.shape[0]]);
  for (const [first, count] of stepsOf(s)) {
    const part = (view: View | null): View | null => rowsOrNone(view, first, count);
    const state = last.map((view) => rowsOf(view, 0, count));
    const product = rowsOf(products, 0, count);
    multiply(product, state[0], s.weight, true, false);
    const step = { ...s, sizes: [count], gates: rowsOf(s.gates, first, count), initial: state };
    forward(family, bits, [step, rowsOf(output, first, count), state, part(previous), part(kept)], product);
  }
}

function backwardBySteps(family: Family, bits: Bits, args: Backward): void {
  const [s, previous, kept, gradOutput, gradLast, gradGates, gradHidden, gradInitial, gradBiasIh, gradBiasHh] = args;
  const { copy, fill } = gradGates.storage.device.kernels;
  const { dtype } = gradGates.storage;
  const grads = s.initial.map((like, i) => gradInitial[i] ?? anew(like));
  grads.forEach((view, i) => {
    const given = gradLast[i];
    if (given === null) fill[dtype](view, 0);
    else copy[dtype](view, given);
  });
  for (const bias of [gradBiasIh, gradBiasHh]) if (bias !== null) fill[dtype](bias, 0);
  const steps = stepsOf(s);
  for (let i = steps.length - 1; i >= 0; i--) {
    const [first, count] = steps[i];
    const part = (view: View | null): View | null => rowsOrNone(view, first, count);
    const state = grads.map((view) => rowsOf(view, 0, count));
    const step = { ...s, sizes: [count], gates: rowsOf(s.gates, first, count), initial: state };
    const to = rowsOf(gradGates, first, count);
    const before = rowsOf(previous, first, count);
    const given = [part(gradOutput), state, to, part(gradHidden), state, gradBiasIh, gradBiasHh] as const;
    backward(family, bits, [step, before, part(kept), ...given], true);
    if (i === 0 && gradInitial[0] === null) break;
    multiply(state[0], part(gradHidden) ?? to, s.weight, false, family === "gru");
  }
}

const table = <A extends [Sequence, ...unknown[]]>(run: (bits: Bits, args: A) => void) => ({
  float32: { accepts, run: (...args: A) => run(32, args) },
  float64: { accepts, run: (...args: A) => run(64, args) },
});

const entries = (family: Family) => ({
  [`${family}Sequence`]: table<Forward>((bits, args) =>
    (productsAbove(args[0]) ? forwardBySteps : forward)(family, bits, args),
  ),
  [`${family}SequenceBackward`]: table<Backward>((bits, args) =>
    (productsAbove(args[0]) ? backwardBySteps : backward)(family, bits, args),
  ),
});

/** Walks of recurrent layers through their steps. */
export const recurrent = { ...entries("rnn"), ...entries("lstm"), ...entries("gru") } as KernelProvider["kernels"];
