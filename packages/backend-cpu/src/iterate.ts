import type { Shape, Strides } from "@kindling/storage";
import { memoryOf, type Numbers, type Strided } from "./memory.js";

/**
 * Inner loops: they walk `n` elements of one to four memories, each from an offset in steps of a stride.
 * The output comes first.
 */
export type Loop1 = (out: Numbers, o: number, so: number, n: number) => void;
export type Loop2 = (out: Numbers, o: number, so: number, a: Numbers, i: number, sa: number, n: number) => void;
export type Loop3 = (
  out: Numbers, o: number, so: number,
  a: Numbers, i: number, sa: number,
  b: Numbers, j: number, sb: number,
  n: number,
) => void; // biome-ignore format: one line a memory
export type Loop4 = (
  out: Numbers,
  o: number,
  so: number,
  a: Numbers,
  i: number,
  sa: number,
  b: Numbers,
  j: number,
  sb: number,
  c: Numbers,
  k: number,
  sc: number,
  n: number,
) => void;

// The plan of the current call: dimensions that are left after merging, outermost first. Kernels are never nested
// inside one another's loops, so one plan is enough and a call allocates nothing.
const size: number[] = [];
const step0: number[] = [];
const step1: number[] = [];
const step2: number[] = [];
const step3: number[] = [];
const index: number[] = [];

function swap(list: number[], p: number, q: number): void {
  const held = list[p];
  list[p] = list[q];
  list[q] = held;
}

/**
 * Drops dimensions of size 1, merges neighbours that are one run in every memory, and puts the dimension in which the
 * first memory is densest last. Returns how many dimensions are left (at least 1), or 0 where there are no elements.
 */
function plan(shape: Shape, s0: Strides, s1: Strides, s2: Strides, s3: Strides): number {
  let last = -1;
  for (let d = 0; d < shape.length; d++) {
    const n = shape[d];
    if (n === 0) return 0;
    if (n === 1) continue;
    const merges =
      last >= 0 &&
      step0[last] === s0[d] * n &&
      step1[last] === s1[d] * n &&
      step2[last] === s2[d] * n &&
      step3[last] === s3[d] * n;
    if (merges) size[last] *= n;
    else size[++last] = n;
    step0[last] = s0[d];
    step1[last] = s1[d];
    step2[last] = s2[d];
    step3[last] = s3[d];
  }
  if (last < 0) {
    size[0] = 1;
    step0[0] = step1[0] = step2[0] = step3[0] = 0;
    return 1;
  }
  let dense = last;
  for (let d = last - 1; d >= 0; d--) if (step0[d] < step0[dense] && step0[d] > 0) dense = d;
  if (dense !== last) for (const list of [size, step0, step1, step2, step3]) swap(list, dense, last);
  return last + 1;
}

/** Advances the odometer over all but the last planned dimension; returns the digit that moved, or -1 at the end. */
function advance(rank: number): number {
  let d = rank - 2;
  while (d >= 0 && ++index[d] === size[d]) index[d--] = 0;
  return d;
}

function reset(rank: number): void {
  for (let d = 0; d < rank; d++) index[d] = 0;
}

/** How far a memory moves when digit `d` advanced and all faster ones went back to 0. */
function leap(step: readonly number[], d: number, rank: number): number {
  let distance = step[d];
  for (let e = d + 1; e < rank - 1; e++) distance -= (size[e] - 1) * step[e];
  return distance;
}

/** Calls `loop` for the runs that make up `out`. */
export function each1(loop: Loop1, out: Strided): void {
  const s0 = out.strides;
  const x = memoryOf(out);
  let o = out.offset;
  const rank = plan(out.shape, s0, s0, s0, s0);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  loop(x, o, so, n);
  if (rank === 1) return;
  reset(rank);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += leap(step0, d, rank);
    loop(x, o, so, n);
  }
}

/** Calls `loop` for the runs that make up `out` and `a`, which have `out`'s shape. */
export function each2(loop: Loop2, out: Strided, a: Strided): void {
  const x = memoryOf(out);
  const y = memoryOf(a);
  let o = out.offset;
  let i = a.offset;
  const shape = out.shape;
  const s0 = out.strides;
  const s1 = a.strides;
  if (shape.length === 1) {
    loop(x, o, s0[0], y, i, s1[0], shape[0]);
    return;
  }
  const rank = plan(shape, s0, s1, s0, s0);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  const sa = step1[rank - 1];
  loop(x, o, so, y, i, sa, n);
  if (rank === 1) return;
  reset(rank);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += leap(step0, d, rank);
    i += leap(step1, d, rank);
    loop(x, o, so, y, i, sa, n);
  }
}

/** Calls `loop` for the runs that make up `out`, `a` and `b`, which have `out`'s shape. */
export function each3(loop: Loop3, out: Strided, a: Strided, b: Strided): void {
  const x = memoryOf(out);
  const y = memoryOf(a);
  const z = memoryOf(b);
  let o = out.offset;
  let i = a.offset;
  let j = b.offset;
  const shape = out.shape;
  const s0 = out.strides;
  const s1 = a.strides;
  const s2 = b.strides;
  if (shape.length === 1) {
    loop(x, o, s0[0], y, i, s1[0], z, j, s2[0], shape[0]);
    return;
  }
  const rank = plan(shape, s0, s1, s2, s0);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  const sa = step1[rank - 1];
  const sb = step2[rank - 1];
  loop(x, o, so, y, i, sa, z, j, sb, n);
  if (rank === 1) return;
  reset(rank);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += leap(step0, d, rank);
    i += leap(step1, d, rank);
    j += leap(step2, d, rank);
    loop(x, o, so, y, i, sa, z, j, sb, n);
  }
}

/** Calls `loop` for the runs that make up `out`, `a`, `b` and `c`, which have `out`'s shape. */
export function each4(loop: Loop4, out: Strided, a: Strided, b: Strided, c: Strided): void {
  const x = memoryOf(out);
  const y = memoryOf(a);
  const z = memoryOf(b);
  const w = memoryOf(c);
  let o = out.offset;
  let i = a.offset;
  let j = b.offset;
  let k = c.offset;
  const rank = plan(out.shape, out.strides, a.strides, b.strides, c.strides);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  const sa = step1[rank - 1];
  const sb = step2[rank - 1];
  const sc = step3[rank - 1];
  loop(x, o, so, y, i, sa, z, j, sb, w, k, sc, n);
  if (rank === 1) return;
  reset(rank);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += leap(step0, d, rank);
    i += leap(step1, d, rank);
    j += leap(step2, d, rank);
    k += leap(step3, d, rank);
    loop(x, o, so, y, i, sa, z, j, sb, w, k, sc, n);
  }
}
