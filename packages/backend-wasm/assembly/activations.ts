import { sigmoid32, tanh32 } from "./functions";
import { erf64, sigmoid64, tanh64 } from "./functions64";
import { all, expBelow, fma } from "./lanes";

/*
 * Activations of `rows` elements and the gradients of their arguments. Chunk `chunk` has those from `chunk · step` on, two vectors at a
 * time, as constants then serve both; as much may be written behind the last as fills them.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
const HALF_GAUSS: f64 = 0.7978845608028654; // √(2/π)
// @ts-ignore
@inline
const CUBE: f64 = 0.044715;

// @ts-ignore
@inline
function tanh<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? tanh32(x) : tanh64(x);
}
// @ts-ignore
@inline
function sigmoid<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? sigmoid32(x) : sigmoid64(x);
}
/**
 * The distribution function of the normal distribution. In float32 by a rational approximation of erf, as Eigen has it: within
 * 2e-7, which is what is lost of 1 + erf anyway.
 */
// @ts-ignore
@inline
function normal<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return fma<T>(erf64(v128.mul<T>(x, all<T>(0.7071067811865476))), all<T>(0.5), all<T>(0.5));
  const s = f32x4.mul(f32x4.mul(x, x), all<T>(0.5));
  let p = fma<T>(s, all<T>(-2.72614225801306e-10), all<T>(2.77068142495902e-8));
  p = fma<T>(p, s, all<T>(-2.10102402082508e-6));
  p = fma<T>(p, s, all<T>(-5.69250639462346e-5));
  p = fma<T>(p, s, all<T>(-7.34990630326855e-4));
  p = fma<T>(p, s, all<T>(-2.95459980854025e-3));
  p = fma<T>(p, s, all<T>(-1.60960333262415e-2));
  let q = fma<T>(s, all<T>(-1.45660718464996e-5), all<T>(-2.13374055278905e-4));
  q = fma<T>(q, s, all<T>(-1.68282697438203e-3));
  q = fma<T>(q, s, all<T>(-7.37332916720468e-3));
  q = fma<T>(q, s, all<T>(-1.42647390514189e-2));
  const y = f32x4.add(f32x4.div(f32x4.mul(f32x4.mul(x, all<T>(0.3535533905932738)), p), q), all<T>(0.5));
  // from erf(3.83) on it is 1
  const end = v128.and(f32x4.gt(x, all<T>(0)), all<T>(1));
  return v128.bitselect(end, y, f32x4.gt(s, all<T>(14.688)));
}
/** `√(2/π) (x + 0.044715 x³)`. */
// @ts-ignore
@inline
function bent<T>(x: v128): v128 {
  return v128.mul<T>(v128.mul<T>(fma<T>(v128.mul<T>(x, x), all<T>(CUBE), all<T>(1)), x), all<T>(HALF_GAUSS));
}

/** Names of the functions, which are constants where they are used. */
const GELU = 0;
const GELU_TANH = 1;
const SILU = 2;
const RELU = 3;

// @ts-ignore
@inline
function value<T>(kind: i32, x: v128): v128 {
  if (kind == GELU) return v128.mul<T>(x, normal<T>(x));
  if (kind == GELU_TANH) {
    return v128.mul<T>(v128.mul<T>(x, all<T>(0.5)), v128.add<T>(tanh<T>(bent<T>(x)), all<T>(1)));
  }
  return v128.mul<T>(x, sigmoid<T>(x));
}

// @ts-ignore
@inline
function slope<T>(kind: i32, g: v128, x: v128): v128 {
  const one = all<T>(1);
  if (kind == RELU) return v128.andnot(g, v128.le<T>(x, all<T>(0)));
  if (kind == GELU) {
    const density = v128.mul<T>(expBelow<T>(v128.mul<T>(v128.mul<T>(x, x), all<T>(-0.5))), all<T>(0.3989422804014327));
    return v128.mul<T>(g, fma<T>(x, density, normal<T>(x)));
  }
  if (kind == GELU_TANH) {
    const t = tanh<T>(bent<T>(x));
    const inner = v128.mul<T>(fma<T>(v128.mul<T>(x, x), all<T>(3 * CUBE), one), all<T>(HALF_GAUSS));
    const bend = v128.mul<T>(v128.mul<T>(x, inner), v128.sub<T>(one, v128.mul<T>(t, t)));
    return v128.mul<T>(g, v128.mul<T>(v128.add<T>(v128.add<T>(t, one), bend), all<T>(0.5)));
  }
  const s = sigmoid<T>(x);
  return v128.mul<T>(g, v128.mul<T>(s, fma<T>(x, v128.sub<T>(one, s), one)));
}

// @ts-ignore
@inline
function forward<T>(kind: i32, out: usize, a: usize, rows: i32, step: i32, chunk: i32): void {
  const first = usize(chunk * step) << alignof<T>();
  const end = a + first + (usize(min(step, rows - chunk * step)) << alignof<T>());
  out += first;
  for (a += first; a < end; a += 32, out += 32) {
    const y = value<T>(kind, v128.load(a));
    const z = value<T>(kind, v128.load(a, 16));
    v128.store(out, y);
    v128.store(out, z, 16);
  }
}

// @ts-ignore
@inline
function backward<T>(kind: i32, out: usize, g: usize, x: usize, rows: i32, step: i32, chunk: i32): void {
  const first = usize(chunk * step) << alignof<T>();
  const end = x + first + (usize(min(step, rows - chunk * step)) << alignof<T>());
  out += first;
  g += first;
  for (x += first; x < end; x += 32, g += 32, out += 32) {
    const y = slope<T>(kind, v128.load(g), v128.load(x));
    const z = slope<T>(kind, v128.load(g, 16), v128.load(x, 16));
    v128.store(out, y);
    v128.store(out, z, 16);
  }
}

export function gelu32(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f32>(GELU, out, a, rows, step, chunk);
}
export function geluTanh32(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f32>(GELU_TANH, out, a, rows, step, chunk);
}
export function silu32(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f32>(SILU, out, a, rows, step, chunk);
}
export function gelu64(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f64>(GELU, out, a, rows, step, chunk);
}
export function geluTanh64(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f64>(GELU_TANH, out, a, rows, step, chunk);
}
export function silu64(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  forward<f64>(SILU, out, a, rows, step, chunk);
}
export function geluBackward32(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f32>(GELU, out, g, x, rows, step, chunk);
}
export function geluTanhBackward32(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f32>(GELU_TANH, out, g, x, rows, step, chunk);
}
export function siluBackward32(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f32>(SILU, out, g, x, rows, step, chunk);
}
export function reluBackward32(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f32>(RELU, out, g, y, rows, step, chunk);
}
export function geluBackward64(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f64>(GELU, out, g, x, rows, step, chunk);
}
export function geluTanhBackward64(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f64>(GELU_TANH, out, g, x, rows, step, chunk);
}
export function siluBackward64(out: usize, g: usize, x: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f64>(SILU, out, g, x, rows, step, chunk);
}
export function reluBackward64(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  backward<f64>(RELU, out, g, y, rows, step, chunk);
}
