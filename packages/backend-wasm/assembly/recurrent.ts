import { sigmoid64, tanh64 } from "./functions64";
import { gemm32, gemm64, packLeft32, packLeft64, rows32, rows64 } from "./gemm";
import { fma32, fma64 } from "./simd";

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
function lanes<T>(): i32 {
  return 16 / sizeof<T>();
}
// @ts-ignore
@inline
function fma<T>(a: v128, b: v128, c: v128): v128 {
  return sizeof<T>() == 4 ? fma32(a, b, c) : fma64(a, b, c);
}
/** Stores the lanes of `x` that are `left` before the end. Loads may read beyond it: there is memory, of no matter what. */
// @ts-ignore
@inline
function put<T>(p: usize, x: v128, left: i32): void {
  if (left >= lanes<T>()) v128.store(p, x);
  else if (sizeof<T>() == 8) v128.store64_lane(p, x, 0);
  else {
    if (left & 2) {
      v128.store64_lane(p, x, 0);
      if (left & 1) v128.store32_lane(p, x, 2, 8);
    } else v128.store32_lane(p, x, 0);
  }
}

// @ts-ignore
@inline
function one<T>(): v128 {
  return v128.splat<T>(1 as T);
}
/** `y · (1 - y)`: of the sigmoid from its result. */
// @ts-ignore
@inline
function slope<T>(y: v128): v128 {
  return v128.mul<T>(y, v128.sub<T>(one<T>(), y));
}
/** `1 - y²`: of the tanh from its result. */
// @ts-ignore
@inline
function fall<T>(y: v128): v128 {
  return v128.sub<T>(one<T>(), v128.mul<T>(y, y));
}

// The functions of gates are cheaper than those of all numbers (functions.ts): they lose the sign of 0, and the sigmoid is not
// below 6e-39. Two vectors at a time, so that constants serve twice: a third less time.

/** e^r - 1 for |r| ≤ ln 2 / 2, of z = n · ln 2 + r; t has n in its low bits. Cephes' expf, as in functions.ts. */
// @ts-ignore
@inline
function near(z: v128, t: v128): v128 {
  const n = f32x4.sub(t, f32x4.splat(12582912));
  const r = fma32(n, f32x4.splat(2.12194440e-4), fma32(n, f32x4.splat(-0.693359375), z));
  let p = fma32(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = fma32(p, r, f32x4.splat(8.3334519073e-3));
  p = fma32(p, r, f32x4.splat(4.1665795894e-2));
  p = fma32(p, r, f32x4.splat(1.6666665459e-1));
  p = fma32(p, r, f32x4.splat(5.0000001201e-1));
  return fma32(p, f32x4.mul(r, r), r);
}

/** The sigmoid, to 2.5 ulp. */
// @ts-ignore
@inline
function gate<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return sigmoid64(x);
  const z = f32x4.pmax(f32x4.pmin(f32x4.neg(x), f32x4.splat(88)), f32x4.splat(-88));
  const t = fma32(z, f32x4.splat(1.44269504), f32x4.splat(12582912));
  const e = f32x4.add(near(z, t), f32x4.splat(1));
  return f32x4.div(f32x4.splat(1), f32x4.add(i32x4.add(e, i32x4.shl(t, 23)), f32x4.splat(1)));
}

/** The hyperbolic tangent, to 2.5 ulp. */
// @ts-ignore
@inline
function bent<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return tanh64(x);
  let z = f32x4.pmax(f32x4.pmin(x, f32x4.splat(10)), f32x4.splat(-10));
  z = f32x4.add(z, z);
  const t = fma32(z, f32x4.splat(1.44269504), f32x4.splat(12582912));
  const power = i32x4.add(i32x4.shl(t, 23), i32x4.splat(0x3f800000));
  const e = fma32(power, near(z, t), f32x4.sub(power, f32x4.splat(1))); // e^2x - 1
  return f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
}

// @ts-ignore
@inline
function sum3<T>(a: usize, b: usize, c: usize): v128 {
  return v128.add<T>(v128.add<T>(v128.load(a), v128.load(b)), v128.load(c));
}

/** `a = σ(a + b + c)`, `n` elements. */
function sigmoids<T>(a: usize, b: usize, c: usize, n: i32): void {
  while (n >= 2 * lanes<T>()) {
    const x = gate<T>(sum3<T>(a, b, c));
    const y = gate<T>(sum3<T>(a + 16, b + 16, c + 16));
    v128.store(a, x);
    v128.store(a, y, 16);
    n -= 2 * lanes<T>();
    a += 32;
    b += 32;
    c += 32;
  }
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16, c += 16) put<T>(a, gate<T>(sum3<T>(a, b, c)), n);
}

/** `a = tanh(a + b + c)`. */
function tanhs<T>(a: usize, b: usize, c: usize, n: i32): void {
  while (n >= 2 * lanes<T>()) {
    const x = bent<T>(sum3<T>(a, b, c));
    const y = bent<T>(sum3<T>(a + 16, b + 16, c + 16));
    v128.store(a, x);
    v128.store(a, y, 16);
    n -= 2 * lanes<T>();
    a += 32;
    b += 32;
    c += 32;
  }
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16, c += 16) put<T>(a, bent<T>(sum3<T>(a, b, c)), n);
}

/** `a = max(a + b + c, 0)`. */
function relus<T>(a: usize, b: usize, c: usize, n: i32): void {
  const zero = v128.splat<T>(0 as T);
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16, c += 16) put<T>(a, v128.max<T>(sum3<T>(a, b, c), zero), n);
}

function moved<T>(to: usize, from: usize, n: i32): void {
  for (; n > 0; n -= lanes<T>(), to += 16, from += 16) put<T>(to, v128.load(from), n);
}

/** `f · c + i · g` of an LSTM, from gates and the c before. */
// @ts-ignore
@inline
function lstmCell<T>(gates: usize, row: usize, c: usize): v128 {
  const both = v128.mul<T>(v128.load(gates), v128.load(gates + row + row));
  return fma<T>(v128.load(gates + row), v128.load(c), both);
}

/** The state after a step of an LSTM, from the gates. */
function lstmState<T>(gates: usize, h: usize, c: usize, output: usize, n: i32): void {
  const row = usize(n) * sizeof<T>();
  while (n >= 2 * lanes<T>()) {
    const c0 = lstmCell<T>(gates, row, c);
    const c1 = lstmCell<T>(gates + 16, row, c + 16);
    v128.store(c, c0);
    v128.store(c, c1, 16);
    const h0 = v128.mul<T>(v128.load(gates + row + row + row), bent<T>(c0));
    const h1 = v128.mul<T>(v128.load(gates + row + row + row, 16), bent<T>(c1));
    v128.store(h, h0);
    v128.store(h, h1, 16);
    v128.store(output, h0);
    v128.store(output, h1, 16);
    n -= 2 * lanes<T>();
    gates += 32;
    h += 32;
    c += 32;
    output += 32;
  }
  for (; n > 0; n -= lanes<T>(), gates += 16, h += 16, c += 16, output += 16) {
    const cell = lstmCell<T>(gates, row, c);
    put<T>(c, cell, n);
    const y = v128.mul<T>(v128.load(gates + row + row + row), bent<T>(cell));
    put<T>(h, y, n);
    put<T>(output, y, n);
  }
}

/** Gate n and the state after a step of a GRU, from gates r and z; `product` is W h for n, to which `inner` is added. */
function gruState<T>(gates: usize, product: usize, inner: usize, bias: usize, h: usize, output: usize, n: i32): void {
  const row = usize(n) * sizeof<T>();
  for (; n > 0; n -= lanes<T>(), gates += 16, product += 16, inner += 16, bias += 16, h += 16, output += 16) {
    const r = v128.load(gates);
    const z = v128.load(gates + row);
    const side = v128.add<T>(v128.load(product), v128.load(inner));
    put<T>(product, side, n);
    const fresh = bent<T>(fma<T>(r, side, v128.add<T>(v128.load(gates + row + row), v128.load(bias))));
    put<T>(gates + row + row, fresh, n);
    const y = fma<T>(z, v128.sub<T>(v128.load(h), fresh), fresh);
    put<T>(h, y, n);
    put<T>(output, y, n);
  }
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

/** `a += b`. */
function added<T>(a: usize, b: usize, n: i32): void {
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16) put<T>(a, v128.add<T>(v128.load(a), v128.load(b)), n);
}

function tanhBack<T>(gates: usize, dh: usize, to: usize, n: i32): void {
  for (; n > 0; n -= lanes<T>(), gates += 16, dh += 16, to += 16) {
    put<T>(to, v128.mul<T>(v128.load(dh), fall<T>(v128.load(gates))), n);
  }
}

function reluBack<T>(gates: usize, dh: usize, to: usize, n: i32): void {
  const zero = v128.splat<T>(0 as T);
  for (; n > 0; n -= lanes<T>(), gates += 16, dh += 16, to += 16) {
    put<T>(to, v128.andnot(v128.load(dh), v128.le<T>(v128.load(gates), zero)), n);
  }
}

/** From the gradient of h and c after a step to those of the gates, and of c before it. */
function lstmBack<T>(gates: usize, kept: usize, dh: usize, dc: usize, to: usize, n: i32): void {
  const row = usize(n) * sizeof<T>();
  for (; n > 0; n -= lanes<T>(), gates += 16, kept += 16, dh += 16, dc += 16, to += 16) {
    const i = v128.load(gates);
    const f = v128.load(gates + row);
    const g = v128.load(gates + row + row);
    const o = v128.load(gates + row + row + row);
    const before = v128.load(kept);
    const y = bent<T>(fma<T>(f, before, v128.mul<T>(i, g)));
    const d = v128.load(dh);
    const e = fma<T>(v128.mul<T>(d, o), fall<T>(y), v128.load(dc));
    put<T>(to, v128.mul<T>(v128.mul<T>(e, g), slope<T>(i)), n);
    put<T>(to + row, v128.mul<T>(v128.mul<T>(e, before), slope<T>(f)), n);
    put<T>(to + row + row, v128.mul<T>(v128.mul<T>(e, i), fall<T>(g)), n);
    put<T>(to + row + row + row, v128.mul<T>(v128.mul<T>(d, y), slope<T>(o)), n);
    put<T>(dc, v128.mul<T>(e, f), n);
  }
}

/** From the gradient of h after a step to those of the gates on both sides, and to what h before it gets beside the product. */
function gruBack<T>(gates: usize, previous: usize, kept: usize, dh: usize, to: usize, side: usize, n: i32): void {
  const row = usize(n) * sizeof<T>();
  for (; n > 0; n -= lanes<T>(), gates += 16, previous += 16, kept += 16, dh += 16, to += 16, side += 16) {
    const r = v128.load(gates);
    const z = v128.load(gates + row);
    const fresh = v128.load(gates + row + row);
    const d = v128.load(dh);
    const dn = v128.mul<T>(v128.mul<T>(d, v128.sub<T>(one<T>(), z)), fall<T>(fresh));
    const dr = v128.mul<T>(v128.mul<T>(dn, v128.load(kept)), slope<T>(r));
    const dz = v128.mul<T>(v128.mul<T>(d, v128.sub<T>(v128.load(previous), fresh)), slope<T>(z));
    put<T>(to, dr, n);
    put<T>(to + row, dz, n);
    put<T>(to + row + row, dn, n);
    put<T>(side, dr, n);
    put<T>(side + row, dz, n);
    put<T>(side + row + row, v128.mul<T>(dn, r), n);
    put<T>(dh, v128.mul<T>(d, z), n);
  }
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
