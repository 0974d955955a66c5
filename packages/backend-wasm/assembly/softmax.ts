import { exp64 } from "./functions";
import { all, lanes, loadPart, logOf, maxOf, storePart, sumOf } from "./lanes";
import { fma32 } from "./simd";

/*
 * Softmax and its logarithm along rows of `n` elements, with their gradients. Chunk `chunk` has the rows from `chunk · step` on.
 */

/** e^x for x ≤ 0, to 1 ulp; what would be subnormal is 0. Constants as in functions.ts. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function exp32(x: v128): v128 {
  const t = fma32(x, all<f32>(1.4426950408889634), all<f32>(12582912));
  const n = f32x4.sub(t, all<f32>(12582912));
  const r = fma32(n, all<f32>(2.1219444e-4), fma32(n, all<f32>(-0.693359375), x));
  let p = fma32(all<f32>(1.98756915e-4), r, all<f32>(1.3981999507e-3));
  p = fma32(p, r, all<f32>(8.3334519073e-3));
  p = fma32(p, r, all<f32>(4.1665795894e-2));
  p = fma32(p, r, all<f32>(1.6666665459e-1));
  p = fma32(p, r, all<f32>(5.0000001201e-1));
  p = f32x4.add(fma32(p, f32x4.mul(r, r), r), all<f32>(1));
  const y = i32x4.add(p, i32x4.shl(t, 23));
  return v128.or(v128.andnot(y, f32x4.lt(x, all<f32>(-87))), f32x4.ne(x, x)); // all bits set is NaN
}

// @ts-ignore
@inline
function exp<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? exp32(x) : exp64(x);
}

// @ts-ignore
@inline
function largest<T>(a: usize, end: usize, rest: i32): f64 {
  let top = all<T>(-Infinity);
  for (; a < end; a += 16) top = v128.max<T>(top, v128.load(a));
  if (rest > 0) top = v128.max<T>(top, loadPart<T>(a, rest, -Infinity));
  return maxOf<T>(top);
}

// @ts-ignore
@inline
function softmax<T>(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  a += size * chunk * step;
  out += size * chunk * step;
  for (let row = min(step, rows - chunk * step); row > 0; row--, a += size, out += size) {
    const top = all<T>(largest<T>(a, a + whole, rest));
    let sum = all<T>(0);
    let p: usize = 0;
    for (; p < whole; p += 16) {
      const e = exp<T>(v128.sub<T>(v128.load(a + p), top));
      v128.store(out + p, e);
      sum = v128.add<T>(sum, e);
    }
    if (rest > 0) {
      const e = exp<T>(v128.sub<T>(loadPart<T>(a + p, rest, -Infinity), top));
      storePart<T>(out + p, e, rest);
      sum = v128.add<T>(sum, e);
    }
    const share = all<T>(1 / sumOf<T>(sum));
    for (p = 0; p < whole; p += 16) v128.store(out + p, v128.mul<T>(v128.load(out + p), share));
    if (rest > 0) storePart<T>(out + p, v128.mul<T>(loadPart<T>(out + p, rest, 0), share), rest);
  }
}

// @ts-ignore
@inline
function logSoftmax<T>(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  a += size * chunk * step;
  out += size * chunk * step;
  for (let row = min(step, rows - chunk * step); row > 0; row--, a += size, out += size) {
    const top = all<T>(largest<T>(a, a + whole, rest));
    let sum = all<T>(0);
    let p: usize = 0;
    for (; p < whole; p += 16) sum = v128.add<T>(sum, exp<T>(v128.sub<T>(v128.load(a + p), top)));
    if (rest > 0) sum = v128.add<T>(sum, exp<T>(v128.sub<T>(loadPart<T>(a + p, rest, -Infinity), top)));
    const total = all<T>(logOf<T>(sumOf<T>(sum)));
    for (p = 0; p < whole; p += 16) v128.store(out + p, v128.sub<T>(v128.sub<T>(v128.load(a + p), top), total));
    if (rest > 0) {
      storePart<T>(out + p, v128.sub<T>(v128.sub<T>(loadPart<T>(a + p, rest, 0), top), total), rest);
    }
  }
}

/** `out = y · (g − Σ g · y)`. */
// @ts-ignore
@inline
function softmaxBackward<T>(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  const first = size * chunk * step;
  out += first;
  g += first;
  y += first;
  for (let row = min(step, rows - chunk * step); row > 0; row--, out += size, g += size, y += size) {
    let sum = all<T>(0);
    let p: usize = 0;
    for (; p < whole; p += 16) sum = v128.add<T>(sum, v128.mul<T>(v128.load(g + p), v128.load(y + p)));
    if (rest > 0) sum = v128.add<T>(sum, v128.mul<T>(loadPart<T>(g + p, rest, 0), loadPart<T>(y + p, rest, 0)));
    const total = all<T>(sumOf<T>(sum));
    for (p = 0; p < whole; p += 16) {
      v128.store(out + p, v128.mul<T>(v128.load(y + p), v128.sub<T>(v128.load(g + p), total)));
    }
    if (rest > 0) {
      storePart<T>(out + p, v128.mul<T>(loadPart<T>(y + p, rest, 0), v128.sub<T>(loadPart<T>(g + p, rest, 0), total)), rest);
    }
  }
}

/** `out = g − e^y · Σ g`. */
// @ts-ignore
@inline
function logSoftmaxBackward<T>(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  const first = size * chunk * step;
  out += first;
  g += first;
  y += first;
  for (let row = min(step, rows - chunk * step); row > 0; row--, out += size, g += size, y += size) {
    let sum = all<T>(0);
    let p: usize = 0;
    for (; p < whole; p += 16) sum = v128.add<T>(sum, v128.load(g + p));
    if (rest > 0) sum = v128.add<T>(sum, loadPart<T>(g + p, rest, 0));
    const total = all<T>(sumOf<T>(sum));
    for (p = 0; p < whole; p += 16) {
      v128.store(out + p, v128.sub<T>(v128.load(g + p), v128.mul<T>(exp<T>(v128.load(y + p)), total)));
    }
    if (rest > 0) {
      const e = exp<T>(loadPart<T>(y + p, rest, 0));
      storePart<T>(out + p, v128.sub<T>(loadPart<T>(g + p, rest, 0), v128.mul<T>(e, total)), rest);
    }
  }
}

export function softmax32(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  softmax<f32>(out, a, rows, n, step, chunk);
}
export function softmax64(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  softmax<f64>(out, a, rows, n, step, chunk);
}
export function logSoftmax32(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  logSoftmax<f32>(out, a, rows, n, step, chunk);
}
export function logSoftmax64(out: usize, a: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  logSoftmax<f64>(out, a, rows, n, step, chunk);
}
export function softmaxBackward32(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  softmaxBackward<f32>(out, g, y, rows, n, step, chunk);
}
export function softmaxBackward64(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  softmaxBackward<f64>(out, g, y, rows, n, step, chunk);
}
export function logSoftmaxBackward32(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  logSoftmaxBackward<f32>(out, g, y, rows, n, step, chunk);
}
export function logSoftmaxBackward64(out: usize, g: usize, y: usize, rows: i32, n: i32, step: i32, chunk: i32): void {
  logSoftmaxBackward<f64>(out, g, y, rows, n, step, chunk);
}
