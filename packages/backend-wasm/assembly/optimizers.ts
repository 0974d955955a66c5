import { all, fma } from "./lanes";

/*
 * Steps of optimizers, in place on `rows` elements of a parameter `p`, its gradient `g` and what is kept with it. As much as fills
 * the last vector may be written behind the elements. The formulas are those of the fast paths: autograd/src/ops/steps.ts. A
 * pointer of 0 is absent. Chunk `chunk` has the elements from `chunk · step` on.
 */

/** The gradient with its sign and the decay of the weights. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function direction<T>(p: v128, g: v128, scale: v128, weightDecay: v128): v128 {
  return fma<T>(weightDecay, p, v128.mul<T>(scale, g));
}

/** `p += alpha · x`: the step of a program that has no optimizer. */
// @ts-ignore
@inline
function addScaled<T>(p: usize, x: usize, rows: i32, alpha: f64, step: i32, chunk: i32): void {
  const before = usize(chunk * step) << alignof<T>();
  p += before;
  x += before;
  const end = p + (usize(min(step, rows - chunk * step)) << alignof<T>());
  const factor = all<T>(alpha);
  for (; p < end; p += 16, x += 16) v128.store(p, fma<T>(factor, v128.load(x), v128.load(p)));
}

// @ts-ignore
@inline
function sgd<T>(
  p: usize, g: usize, v: usize, rows: i32,
  lr: f64, momentum: f64, rate: f64, nesterov: i32, scale: f64, weightDecay: f64, step: i32, chunk: i32,
): void {
  const before = usize(chunk * step) << alignof<T>();
  p += before;
  g += before;
  if (v != 0) v += before;
  const end = p + (usize(min(step, rows - chunk * step)) << alignof<T>());
  const down = all<T>(-lr);
  const kept = all<T>(momentum);
  const taken = all<T>(rate);
  const sign = all<T>(scale);
  const decay = all<T>(weightDecay);
  for (; p < end; p += 16, g += 16) {
    const x = v128.load(p);
    let d = direction<T>(x, v128.load(g), sign, decay);
    if (v != 0) {
      const b = fma<T>(kept, v128.load(v), v128.mul<T>(taken, d));
      v128.store(v, b);
      d = nesterov ? fma<T>(kept, b, d) : b;
      v += 16;
    }
    v128.store(p, fma<T>(down, d, x));
  }
}

// @ts-ignore
@inline
function adam<T>(
  p: usize, g: usize, m: usize, v: usize, top: usize, rows: i32,
  lr: f64, decay: f64, beta1: f64, beta2: f64, root: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32,
): void {
  const before = usize(chunk * step) << alignof<T>();
  p += before;
  g += before;
  m += before;
  v += before;
  if (top != 0) top += before;
  const end = p + (usize(min(step, rows - chunk * step)) << alignof<T>());
  // m / (√v / root + eps), with one division less
  const down = all<T>(-lr * root);
  const least = all<T>(eps * root);
  const kept = all<T>(decay);
  const b1 = all<T>(beta1);
  const c1 = all<T>(1 - beta1);
  const b2 = all<T>(beta2);
  const c2 = all<T>(1 - beta2);
  const sign = all<T>(scale);
  const penalty = all<T>(weightDecay);
  for (; p < end; p += 16, g += 16, m += 16, v += 16) {
    const x = v128.mul<T>(v128.load(p), kept);
    const d = direction<T>(x, v128.load(g), sign, penalty);
    const mean = fma<T>(b1, v128.load(m), v128.mul<T>(c1, d));
    v128.store(m, mean);
    let square = fma<T>(b2, v128.load(v), v128.mul<T>(v128.mul<T>(c2, d), d));
    v128.store(v, square);
    if (top != 0) {
      square = v128.max<T>(v128.load(top), square);
      v128.store(top, square);
      top += 16;
    }
    v128.store(p, fma<T>(down, v128.div<T>(mean, v128.add<T>(v128.sqrt<T>(square), least)), x));
  }
}

// @ts-ignore
@inline
function rmsprop<T>(
  p: usize, g: usize, v: usize, a: usize, b: usize, rows: i32,
  lr: f64, alpha: f64, eps: f64, momentum: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32,
): void {
  const before = usize(chunk * step) << alignof<T>();
  p += before;
  g += before;
  v += before;
  if (a != 0) a += before;
  if (b != 0) b += before;
  const end = p + (usize(min(step, rows - chunk * step)) << alignof<T>());
  const down = all<T>(-lr);
  const kept = all<T>(alpha);
  const taken = all<T>(1 - alpha);
  const least = all<T>(eps);
  const pushed = all<T>(momentum);
  const sign = all<T>(scale);
  const decay = all<T>(weightDecay);
  for (; p < end; p += 16, g += 16, v += 16) {
    const x = v128.load(p);
    const d = direction<T>(x, v128.load(g), sign, decay);
    let square = fma<T>(kept, v128.load(v), v128.mul<T>(v128.mul<T>(taken, d), d));
    v128.store(v, square);
    if (a != 0) {
      const mean = fma<T>(kept, v128.load(a), v128.mul<T>(taken, d));
      v128.store(a, mean);
      square = v128.sub<T>(square, v128.mul<T>(mean, mean));
      a += 16;
    }
    let s = v128.div<T>(d, v128.add<T>(v128.sqrt<T>(square), least));
    if (b != 0) {
      s = fma<T>(pushed, v128.load(b), s);
      v128.store(b, s);
      b += 16;
    }
    v128.store(p, fma<T>(down, s, x));
  }
}

// @ts-ignore
@inline
function adagrad<T>(p: usize, g: usize, v: usize, rows: i32, lr: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  const before = usize(chunk * step) << alignof<T>();
  p += before;
  g += before;
  v += before;
  const end = p + (usize(min(step, rows - chunk * step)) << alignof<T>());
  const down = all<T>(-lr);
  const least = all<T>(eps);
  const sign = all<T>(scale);
  const decay = all<T>(weightDecay);
  for (; p < end; p += 16, g += 16, v += 16) {
    const x = v128.load(p);
    const d = direction<T>(x, v128.load(g), sign, decay);
    const square = fma<T>(d, d, v128.load(v));
    v128.store(v, square);
    v128.store(p, fma<T>(down, v128.div<T>(d, v128.add<T>(v128.sqrt<T>(square), least)), x));
  }
}

export function sgd32(p: usize, g: usize, v: usize, rows: i32, n: i32, lr: f64, momentum: f64, rate: f64, nesterov: i32, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  sgd<f32>(p, g, v, rows, lr, momentum, rate, nesterov, scale, weightDecay, step, chunk);
}
export function sgd64(p: usize, g: usize, v: usize, rows: i32, n: i32, lr: f64, momentum: f64, rate: f64, nesterov: i32, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  sgd<f64>(p, g, v, rows, lr, momentum, rate, nesterov, scale, weightDecay, step, chunk);
}
export function adam32(p: usize, g: usize, m: usize, v: usize, top: usize, rows: i32, n: i32, lr: f64, decay: f64, beta1: f64, beta2: f64, root: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  adam<f32>(p, g, m, v, top, rows, lr, decay, beta1, beta2, root, eps, scale, weightDecay, step, chunk);
}
export function adam64(p: usize, g: usize, m: usize, v: usize, top: usize, rows: i32, n: i32, lr: f64, decay: f64, beta1: f64, beta2: f64, root: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  adam<f64>(p, g, m, v, top, rows, lr, decay, beta1, beta2, root, eps, scale, weightDecay, step, chunk);
}
export function addScaled32(p: usize, x: usize, rows: i32, n: i32, alpha: f64, step: i32, chunk: i32): void {
  addScaled<f32>(p, x, rows, alpha, step, chunk);
}
export function addScaled64(p: usize, x: usize, rows: i32, n: i32, alpha: f64, step: i32, chunk: i32): void {
  addScaled<f64>(p, x, rows, alpha, step, chunk);
}
export function rmsprop32(p: usize, g: usize, v: usize, a: usize, b: usize, rows: i32, n: i32, lr: f64, alpha: f64, eps: f64, momentum: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  rmsprop<f32>(p, g, v, a, b, rows, lr, alpha, eps, momentum, scale, weightDecay, step, chunk);
}
export function rmsprop64(p: usize, g: usize, v: usize, a: usize, b: usize, rows: i32, n: i32, lr: f64, alpha: f64, eps: f64, momentum: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  rmsprop<f64>(p, g, v, a, b, rows, lr, alpha, eps, momentum, scale, weightDecay, step, chunk);
}
export function adagrad32(p: usize, g: usize, v: usize, rows: i32, n: i32, lr: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  adagrad<f32>(p, g, v, rows, lr, eps, scale, weightDecay, step, chunk);
}
export function adagrad64(p: usize, g: usize, v: usize, rows: i32, n: i32, lr: f64, eps: f64, scale: f64, weightDecay: f64, step: i32, chunk: i32): void {
  adagrad<f64>(p, g, v, rows, lr, eps, scale, weightDecay, step, chunk);
}
