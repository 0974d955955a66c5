import { all, expBelow as exp, lanes, loadPart, logOf, maxOf, storePart, sumOf } from "./lanes";

/*
 * Softmax and its logarithm along rows of `n` elements, with their gradients. Chunk `chunk` has the rows from `chunk · step` on.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
function largest<T>(a: usize, end: usize, rest: i32): f64 {
  // `pmax` is one instruction where `max` is eight; it passes over NaN, which the sum of exponentials finds
  let top = all<T>(-Infinity);
  let more = top;
  for (; a + 16 < end; a += 32) {
    top = v128.pmax<T>(top, v128.load(a));
    more = v128.pmax<T>(more, v128.load(a, 16));
  }
  if (a < end) {
    top = v128.pmax<T>(top, v128.load(a));
    a += 16;
  }
  if (rest > 0) more = v128.pmax<T>(more, loadPart<T>(a, rest, -Infinity));
  return maxOf<T>(v128.pmax<T>(top, more));
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
    for (; p + 16 < whole; p += 32) {
      const e = exp<T>(v128.sub<T>(v128.load(a + p), top));
      const f = exp<T>(v128.sub<T>(v128.load(a + p, 16), top));
      v128.store(out + p, e);
      v128.store(out + p, f, 16);
      sum = v128.add<T>(sum, v128.add<T>(e, f));
    }
    if (p < whole) {
      const e = exp<T>(v128.sub<T>(v128.load(a + p), top));
      v128.store(out + p, e);
      sum = v128.add<T>(sum, e);
      p += 16;
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
    for (; p + 16 < whole; p += 32) {
      const e = exp<T>(v128.sub<T>(v128.load(a + p), top));
      const f = exp<T>(v128.sub<T>(v128.load(a + p, 16), top));
      sum = v128.add<T>(sum, v128.add<T>(e, f));
    }
    if (p < whole) {
      sum = v128.add<T>(sum, exp<T>(v128.sub<T>(v128.load(a + p), top)));
      p += 16;
    }
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
