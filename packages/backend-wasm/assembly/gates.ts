import { sigmoid64, tanh64 } from "./functions64";
import { fma32, fma64 } from "./simd";

/*
 * The gates of recurrent layers, one row at a time: their functions, the states that come of them, and the gradients of both.
 */

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
export function sigmoids<T>(a: usize, b: usize, c: usize, n: i32): void {
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
export function tanhs<T>(a: usize, b: usize, c: usize, n: i32): void {
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
export function relus<T>(a: usize, b: usize, c: usize, n: i32): void {
  const zero = v128.splat<T>(0 as T);
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16, c += 16) put<T>(a, v128.max<T>(sum3<T>(a, b, c), zero), n);
}

export function moved<T>(to: usize, from: usize, n: i32): void {
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
export function lstmState<T>(gates: usize, h: usize, c: usize, output: usize, n: i32): void {
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
export function gruState<T>(gates: usize, product: usize, inner: usize, bias: usize, h: usize, output: usize, n: i32): void {
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

/** `a += b`. */
export function added<T>(a: usize, b: usize, n: i32): void {
  for (; n > 0; n -= lanes<T>(), a += 16, b += 16) put<T>(a, v128.add<T>(v128.load(a), v128.load(b)), n);
}

export function tanhBack<T>(gates: usize, dh: usize, to: usize, n: i32): void {
  for (; n > 0; n -= lanes<T>(), gates += 16, dh += 16, to += 16) {
    put<T>(to, v128.mul<T>(v128.load(dh), fall<T>(v128.load(gates))), n);
  }
}

export function reluBack<T>(gates: usize, dh: usize, to: usize, n: i32): void {
  const zero = v128.splat<T>(0 as T);
  for (; n > 0; n -= lanes<T>(), gates += 16, dh += 16, to += 16) {
    put<T>(to, v128.andnot(v128.load(dh), v128.le<T>(v128.load(gates), zero)), n);
  }
}

/** From the gradient of h and c after a step to those of the gates, and of c before it. */
export function lstmBack<T>(gates: usize, kept: usize, dh: usize, dc: usize, to: usize, n: i32): void {
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
export function gruBack<T>(gates: usize, previous: usize, kept: usize, dh: usize, to: usize, side: usize, n: i32): void {
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
