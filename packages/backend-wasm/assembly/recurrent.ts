import { added, gruBack, gruState, lstmBack, lstmState, moved, reluBack, relus, sigmoids, tanhBack, tanhs } from "./gates";
import { gemm32, gemm64, rows32, rows64 } from "./gemm";
import { packLeft32, packLeft64 } from "./packing";

/*
 * Recurrent layers: all steps of some sequences in one call. Sequences do not depend on each other, so threads share them. A
 * step is one product of the states and the packed weight, and a pass over the gates while they are in the nearest cache.
 *
 * What a walk works on is told by 32-bit words in memory; pointers, and counts of elements or rows. Rows of step t are those from
 * `first` on, of which there are `count`: two words for each step.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline const GATES = 0; // (S, gates · H): projected inputs; then the gates
// @ts-ignore
@inline const OUTPUT = 1; // (S, H)
// @ts-ignore
@inline const HIDDEN = 2; // (N, H): the state, before and after
// @ts-ignore
@inline const CELL = 3; // (N, H), of an LSTM
// @ts-ignore
@inline const PREVIOUS = 4; // (S, H) or 0: the state before each step
// @ts-ignore
@inline const KEPT = 5; // (S, H) or 0: the cell before each step, or W h + b of a GRU's gate n
// @ts-ignore
@inline const WEIGHT = 6; // packed; 0 where the caller makes the products, of one step
// @ts-ignore
@inline const BIAS = 7; // (gates · H): what is added to gates beside products; of a GRU's gate n, the input's part
// @ts-ignore
@inline const STEPS_AT = 8;
// @ts-ignore
@inline const STEPS = 9;
// @ts-ignore
@inline const SIZE = 10; // H
// @ts-ignore
@inline const REVERSE = 11;
// @ts-ignore
@inline const KIND = 12; // 0 tanh, 1 ReLU, 2 LSTM, 3 GRU
// @ts-ignore
@inline const CHUNK = 13; // sequences in a chunk
// @ts-ignore
@inline const SCRATCH = 14;
// @ts-ignore
@inline const SCRATCH_BYTES = 15; // of a chunk
// @ts-ignore
@inline const GRAD_OUTPUT = 16; // (S, H) or 0
// @ts-ignore
@inline const GRAD_GATES = 17; // (S, gates · H)
// @ts-ignore
@inline const GRAD_HIDDEN = 18; // (S, 3H), of a GRU
// @ts-ignore
@inline const TO_INITIAL = 19; // whether the gradient of the initial state is wanted
// @ts-ignore
@inline const INNER_BIAS = 20; // (H), of a GRU's gate n: the state's part
// @ts-ignore
@inline const PRODUCTS = 21; // (N, gates · H) where there is no WEIGHT: states times weight

/** Bytes for the edges of products. */
// @ts-ignore
@inline const EDGE = 192;

// @ts-ignore
@inline
function word(job: usize, index: i32): i32 {
  return load<i32>(job + (usize(index) << 2));
}

// @ts-ignore
@inline
function walk<T>(job: usize, chunk: i32): void {
  const kind = word(job, KIND);
  const n = word(job, SIZE);
  const many = kind < 2 ? 1 : kind == 2 ? 4 : 3;
  const row = usize(n) * sizeof<T>();
  const wide = usize(many) * row;
  const begin = chunk * word(job, CHUNK);
  const hidden: usize = usize(word(job, HIDDEN)) + usize(begin) * row;
  const cell: usize = usize(word(job, CELL)) + usize(begin) * row;
  const bias: usize = word(job, BIAS);
  const inner: usize = word(job, INNER_BIAS);
  const edge: usize = word(job, SCRATCH) + chunk * word(job, SCRATCH_BYTES);
  const left = edge + EDGE;
  const tile = sizeof<T>() == 4 ? rows32() : rows64();
  const weight: usize = word(job, WEIGHT);
  const own = left + usize((word(job, CHUNK) + tile - 1) / tile * tile) * row;
  const products = weight ? own : usize(word(job, PRODUCTS)) + usize(begin) * wide;
  const steps = word(job, STEPS);
  for (let s = 0; s < steps; s++) {
    const step: usize = usize(word(job, STEPS_AT)) + (usize(word(job, REVERSE) ? steps - 1 - s : s) << 3);
    const active = min(word(job, CHUNK), load<i32>(step, 4) - begin);
    if (active <= 0) continue;
    if (weight == 0) {
      // they are there
    } else if (sizeof<T>() == 4) {
      packLeft32(left, hidden, active, n, n, 1);
      gemm32(active, many * n, n, left, weight, products, wide, false, edge);
    } else {
      packLeft64(left, hidden, active, n, n, 1);
      gemm64(active, many * n, n, left, weight, products, wide, false, edge);
    }
    const first = usize(load<i32>(step) + begin);
    for (let r: usize = 0; r < usize(active); r++) {
      const at = (first + r) * row;
      const gates: usize = usize(word(job, GATES)) + at * many;
      const output: usize = usize(word(job, OUTPUT)) + at;
      const product = products + r * wide;
      const h = hidden + r * row;
      if (word(job, PREVIOUS)) moved<T>(usize(word(job, PREVIOUS)) + at, h, n);
      if (kind < 2) {
        if (kind == 0) tanhs<T>(gates, product, bias, n);
        else relus<T>(gates, product, bias, n);
        moved<T>(h, gates, n);
        moved<T>(output, gates, n);
      } else if (kind == 2) {
        const c = cell + r * row;
        if (word(job, KEPT)) moved<T>(usize(word(job, KEPT)) + at, c, n);
        sigmoids<T>(gates, product, bias, 2 * n);
        tanhs<T>(gates + 2 * row, product + 2 * row, bias + 2 * row, n);
        sigmoids<T>(gates + 3 * row, product + 3 * row, bias + 3 * row, n);
        lstmState<T>(gates, h, c, output, n);
      } else {
        sigmoids<T>(gates, product, bias, 2 * n);
        gruState<T>(gates, product + 2 * row, inner, bias + 2 * row, h, output, n);
        if (word(job, KEPT)) moved<T>(usize(word(job, KEPT)) + at, product + 2 * row, n);
      }
    }
  }
}

/** The walk of one chunk of sequences through all steps. */
export function recurrent32(job: usize, chunk: i32): void {
  walk<f32>(job, chunk);
}
export function recurrent64(job: usize, chunk: i32): void {
  walk<f64>(job, chunk);
}

// @ts-ignore
@inline
function walkBack<T>(job: usize, chunk: i32): void {
  const kind = word(job, KIND);
  const n = word(job, SIZE);
  const many = kind < 2 ? 1 : kind == 2 ? 4 : 3;
  const row = usize(n) * sizeof<T>();
  const wide = usize(many) * row;
  const begin = chunk * word(job, CHUNK);
  const hidden: usize = usize(word(job, HIDDEN)) + usize(begin) * row;
  const cell: usize = usize(word(job, CELL)) + usize(begin) * row;
  const edge: usize = word(job, SCRATCH) + chunk * word(job, SCRATCH_BYTES);
  const sums = edge + EDGE;
  const left = sums + wide + row + 16;
  memory.fill(sums, 0, wide + row);
  const steps = word(job, STEPS);
  for (let s = steps - 1; s >= 0; s--) {
    const step: usize = usize(word(job, STEPS_AT)) + (usize(word(job, REVERSE) ? steps - 1 - s : s) << 3);
    const active = min(word(job, CHUNK), load<i32>(step, 4) - begin);
    if (active <= 0) continue;
    const first = usize(load<i32>(step) + begin);
    for (let r: usize = 0; r < usize(active); r++) {
      const at = first + r;
      const gates: usize = usize(word(job, GATES)) + at * wide;
      const to: usize = usize(word(job, GRAD_GATES)) + at * wide;
      const h = hidden + r * row;
      if (word(job, GRAD_OUTPUT)) added<T>(h, usize(word(job, GRAD_OUTPUT)) + at * row, n);
      if (kind == 0) tanhBack<T>(gates, h, to, n);
      else if (kind == 1) reluBack<T>(gates, h, to, n);
      else {
        const kept: usize = usize(word(job, KEPT)) + at * row;
        if (kind == 2) lstmBack<T>(gates, kept, h, cell + r * row, to, n);
        else {
          const previous: usize = usize(word(job, PREVIOUS)) + at * row;
          const side: usize = usize(word(job, GRAD_HIDDEN)) + at * wide;
          gruBack<T>(gates, previous, kept, h, to, side, n);
          added<T>(sums + wide, side + 2 * row, n);
        }
      }
      added<T>(sums, to, many * n);
    }
    if (!word(job, WEIGHT) || (s == 0 && !word(job, TO_INITIAL))) break;
    const from: usize = usize(word(job, kind == 3 ? GRAD_HIDDEN : GRAD_GATES)) + first * wide;
    if (sizeof<T>() == 4) {
      packLeft32(left, from, active, many * n, many * n, 1);
      gemm32(active, n, many * n, left, word(job, WEIGHT), hidden, row, kind == 3, edge);
    } else {
      packLeft64(left, from, active, many * n, many * n, 1);
      gemm64(active, n, many * n, left, word(job, WEIGHT), hidden, row, kind == 3, edge);
    }
  }
}

/**
 * The derivative of the walk of one chunk of sequences. HIDDEN and CELL are the gradients of the states: after, then before. In its
 * scratch, behind the edges, a chunk leaves the sums of its rows of GRAD_GATES, and of the last H columns of GRAD_HIDDEN.
 */
export function recurrentBack32(job: usize, chunk: i32): void {
  walkBack<f32>(job, chunk);
}
export function recurrentBack64(job: usize, chunk: i32): void {
  walkBack<f64>(job, chunk);
}
