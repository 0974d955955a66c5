import type { Shape, Strides } from "@kindling/storage";
import { memoryOf, type Numbers, type Strided } from "./memory.js";

/**
 * Inner loops over one to four memories: `n` elements of each (at least one), from an offset in steps of a stride. The
 * output comes first.
 */
export type Loop1 = (out: Numbers, o: number, so: number, n: number) => void;
export type Loop2 = (out: Numbers, o: number, so: number, a: Numbers, i: number, sa: number, n: number) => void;
// biome-ignore format: a memory a line
export type Loop3 = (
  out: Numbers, o: number, so: number,
  a: Numbers, i: number, sa: number,
  b: Numbers, j: number, sb: number,
  n: number,
) => void;
// biome-ignore format: a memory a line
export type Loop4 = (
  out: Numbers, o: number, so: number,
  a: Numbers, i: number, sa: number,
  b: Numbers, j: number, sb: number,
  c: Numbers, k: number, sc: number,
  n: number,
) => void;

// The plan of the current call: the dimensions left after merging, outermost first, with a step for each memory. Kernels
// are never nested inside one another's loops, so one plan is enough and a call allocates nothing.
const size: number[] = [];
const step0: number[] = [];
const step1: number[] = [];
const step2: number[] = [];
const step3: number[] = [];
const index: number[] = [];

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
    set(last, s0[d], s1[d], s2[d], s3[d]);
  }
  if (last < 0) {
    size[++last] = 1;
    set(last, 0, 0, 0, 0);
  }
  let dense = last;
  for (let d = last - 1; d >= 0; d--) if (step0[d] < step0[dense] && step0[d] > 0) dense = d;
  if (dense !== last) swap(dense, last);
  stepsToLeaps(last);
  return last + 1;
}

/**
 * Turns the steps of all planned dimensions before `last` into leaps: how far each memory moves when that digit of the
 * odometer advances and the digits after it go back to 0. Sets the odometer to 0.
 */
function stepsToLeaps(last: number): void {
  let back0 = 0;
  let back1 = 0;
  let back2 = 0;
  let back3 = 0;
  for (let d = last - 1; d >= 0; d--) {
    const n = size[d];
    const x0 = step0[d];
    const x1 = step1[d];
    const x2 = step2[d];
    const x3 = step3[d];
    set(d, x0 - back0, x1 - back1, x2 - back2, x3 - back3);
    back0 += (n - 1) * x0;
    back1 += (n - 1) * x1;
    back2 += (n - 1) * x2;
    back3 += (n - 1) * x3;
    index[d] = 0;
  }
}

function set(d: number, x0: number, x1: number, x2: number, x3: number): void {
  step0[d] = x0;
  step1[d] = x1;
  step2[d] = x2;
  step3[d] = x3;
}

function swap(d: number, e: number): void {
  const n = size[d];
  const x0 = step0[d];
  const x1 = step1[d];
  const x2 = step2[d];
  const x3 = step3[d];
  size[d] = size[e];
  set(d, step0[e], step1[e], step2[e], step3[e]);
  size[e] = n;
  set(e, x0, x1, x2, x3);
}

/** Advances the odometer over all but the last planned dimension; returns the digit that moved, or -1 at the end. */
function advance(rank: number): number {
  let d = rank - 2;
  while (d >= 0 && ++index[d] === size[d]) index[d--] = 0;
  return d;
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
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += step0[d];
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
    if (shape[0] > 0) loop(x, o, s0[0], y, i, s1[0], shape[0]);
    return;
  }
  if (shape.length === 2) {
    const n = shape[1];
    if (s0[0] === s0[1] * n && s1[0] === s1[1] * n) {
      if (n * shape[0] > 0) loop(x, o, s0[1], y, i, s1[1], n * shape[0]);
      return;
    }
  }
  const rank = plan(shape, s0, s1, s0, s0);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  const sa = step1[rank - 1];
  loop(x, o, so, y, i, sa, n);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += step0[d];
    i += step1[d];
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
    if (shape[0] > 0) loop(x, o, s0[0], y, i, s1[0], z, j, s2[0], shape[0]);
    return;
  }
  if (shape.length === 2) {
    const n = shape[1];
    if (s0[0] === s0[1] * n && s1[0] === s1[1] * n && s2[0] === s2[1] * n) {
      if (n * shape[0] > 0) loop(x, o, s0[1], y, i, s1[1], z, j, s2[1], n * shape[0]);
      return;
    }
  }
  const rank = plan(shape, s0, s1, s2, s0);
  if (rank === 0) return;
  const n = size[rank - 1];
  const so = step0[rank - 1];
  const sa = step1[rank - 1];
  const sb = step2[rank - 1];
  loop(x, o, so, y, i, sa, z, j, sb, n);
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += step0[d];
    i += step1[d];
    j += step2[d];
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
  for (let d = advance(rank); d >= 0; d = advance(rank)) {
    o += step0[d];
    i += step1[d];
    j += step2[d];
    k += step3[d];
    loop(x, o, so, y, i, sa, z, j, sb, w, k, sc, n);
  }
}
