import * as f from "../functions";
import * as f64s from "../functions64";
import * as sine from "../sine";
import { fma32 } from "../simd";

// Each function is a loop of its own over four vectors at a time, so that no operation waits for the one before; which
// function is known when the loop is inlined.

const enum Unary {
  neg, abs, sign, floor, ceil, round, trunc, sqrt, expm1, log, log1p, tanh, sigmoid, erf, cube, root, toExp,
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function unary<T>(op: Unary, x: v128): v128 {
  if (op == Unary.neg) return v128.neg<T>(x);
  if (op == Unary.abs) return v128.abs<T>(x);
  if (op == Unary.floor) return v128.floor<T>(x);
  if (op == Unary.ceil) return v128.ceil<T>(x);
  if (op == Unary.round) return v128.nearest<T>(x);
  if (op == Unary.trunc) return v128.trunc<T>(x);
  if (op == Unary.sqrt) return v128.sqrt<T>(x);
  if (op == Unary.cube) return v128.mul<T>(v128.mul<T>(x, x), x);
  // x^½ as C's pow: ∞ for -∞, and 0 for -0
  if (op == Unary.root) {
    return v128.bitselect(
      v128.splat<T>(Infinity as T),
      v128.sqrt<T>(v128.add<T>(x, v128.splat<T>(0))),
      v128.eq<T>(x, v128.splat<T>(-Infinity as T)),
    );
  }
  if (sizeof<T>() == 4) {
    if (op == Unary.sign) return f.sign32(x);
    if (op == Unary.expm1) return f.expm132(x);
    if (op == Unary.log) return f.log32(x);
    if (op == Unary.log1p) return f.log1p32(x);
    if (op == Unary.tanh) return f.tanh32(x);
    if (op == Unary.sigmoid) return f.sigmoid32(x);
    return f.erf32(x);
  }
  if (op == Unary.sign) return f64s.sign64(x);
  if (op == Unary.expm1) return f64s.expm164(x);
  if (op == Unary.log) return f64s.log64(x);
  if (op == Unary.log1p) return f64s.log1p64(x);
  if (op == Unary.tanh) return f64s.tanh64(x);
  if (op == Unary.sigmoid) return f64s.sigmoid64(x);
  if (op == Unary.toExp) return f64s.exp64(x);
  return f64s.erf64(x);
}

// @ts-ignore
@inline
function each<T>(op: Unary, out: usize, a: usize, bytes: usize): void {
  const end = a + bytes;
  const d = out - a;
  if (sizeof<T>() == 8 && op > Unary.sqrt) {
    for (; a < end; a += 32) {
      const x0 = unary<T>(op, v128.load(a));
      const x1 = unary<T>(op, v128.load(a, 16));
      v128.store(a + d, x0);
      v128.store(a + d, x1, 16);
    }
    return;
  }
  for (; a < end; a += 64) {
    const x0 = unary<T>(op, v128.load(a));
    const x1 = unary<T>(op, v128.load(a, 16));
    const x2 = unary<T>(op, v128.load(a, 32));
    const x3 = unary<T>(op, v128.load(a, 48));
    v128.store(a + d, x0);
    v128.store(a + d, x1, 16);
    v128.store(a + d, x2, 32);
    v128.store(a + d, x3, 48);
  }
}

export function neg32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.neg, out, a, bytes);
}
export function abs32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.abs, out, a, bytes);
}
export function sign32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.sign, out, a, bytes);
}
export function floor32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.floor, out, a, bytes);
}
export function ceil32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.ceil, out, a, bytes);
}
export function round32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.round, out, a, bytes);
}
export function trunc32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.trunc, out, a, bytes);
}
export function sqrt32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.sqrt, out, a, bytes);
}
export function expm132(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.expm1, out, a, bytes);
}
export function log32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.log, out, a, bytes);
}
export function log1p32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.log1p, out, a, bytes);
}
export function tanh32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.tanh, out, a, bytes);
}
export function erf32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.erf, out, a, bytes);
}
export function cube32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.cube, out, a, bytes);
}
export function root32(out: usize, a: usize, bytes: usize): void {
  each<f32>(Unary.root, out, a, bytes);
}
export function neg64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.neg, out, a, bytes);
}
export function abs64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.abs, out, a, bytes);
}
export function sign64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.sign, out, a, bytes);
}
export function floor64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.floor, out, a, bytes);
}
export function ceil64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.ceil, out, a, bytes);
}
export function round64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.round, out, a, bytes);
}
export function trunc64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.trunc, out, a, bytes);
}
export function sqrt64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.sqrt, out, a, bytes);
}
export function expm164(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.expm1, out, a, bytes);
}
export function log64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.log, out, a, bytes);
}
export function log1p64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.log1p, out, a, bytes);
}
export function tanh64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.tanh, out, a, bytes);
}
export function sigmoid64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.sigmoid, out, a, bytes);
}
export function erf64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.erf, out, a, bytes);
}
export function cube64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.cube, out, a, bytes);
}
export function root64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.root, out, a, bytes);
}
export function exp64(out: usize, a: usize, bytes: usize): void {
  each<f64>(Unary.toExp, out, a, bytes);
}

/** e^x where neither x nor the result is out of the ordinary. */
// @ts-ignore
@inline
function ordinaryExp(x: v128): v128 {
  const t = fma32(x, f32x4.splat(1.44269504), f32x4.splat(12582912));
  return i32x4.add(f32x4.add(f.expm1Near32(f.remainder32(x, f32x4.sub(t, f32x4.splat(12582912)))), f32x4.splat(1)), i32x4.shl(t, 23));
}

// @ts-ignore
@inline
function ordinarySigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), ordinaryExp(f32x4.neg(x))));
}

/** Sixteen elements that are not all ordinary. */
export function anyExp(out: usize, a: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(out + i, f.exp32(v128.load(a + i)));
}
export function anySigmoid(out: usize, a: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(out + i, f.sigmoid32(v128.load(a + i)));
}

// @ts-ignore
@inline
function exponential(sigmoid: bool, out: usize, a: usize, bytes: usize): void {
  const end = a + bytes;
  const d = out - a;
  const magnitude = i32x4.splat(0x7fffffff);
  for (; a < end; a += 64) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const x2 = v128.load(a, 32);
    const x3 = v128.load(a, 48);
    // as integers NaN and ∞ are largest
    const largest = i32x4.max_s(
      i32x4.max_s(v128.and(x0, magnitude), v128.and(x1, magnitude)),
      i32x4.max_s(v128.and(x2, magnitude), v128.and(x3, magnitude)),
    );
    if (i32x4.all_true(i32x4.lt_s(largest, f32x4.splat(87)))) {
      const y0 = sigmoid ? ordinarySigmoid(x0) : ordinaryExp(x0);
      const y1 = sigmoid ? ordinarySigmoid(x1) : ordinaryExp(x1);
      const y2 = sigmoid ? ordinarySigmoid(x2) : ordinaryExp(x2);
      const y3 = sigmoid ? ordinarySigmoid(x3) : ordinaryExp(x3);
      v128.store(a + d, y0);
      v128.store(a + d, y1, 16);
      v128.store(a + d, y2, 32);
      v128.store(a + d, y3, 48);
    } else if (sigmoid) {
      anySigmoid(a + d, a);
    } else {
      anyExp(a + d, a);
    }
  }
}
export function exp32(out: usize, a: usize, bytes: usize): void {
  exponential(false, out, a, bytes);
}
export function sigmoid32(out: usize, a: usize, bytes: usize): void {
  exponential(true, out, a, bytes);
}

/** Whether some elements are beyond what is reduced in float64: their results are wrong. */
// @ts-ignore
@inline
function sines(cosine: bool, out: usize, a: usize, bytes: usize): i32 {
  const end = a + bytes;
  const d = out - a;
  let beyond = f32x4.splat(0);
  for (; a < end; a += 32) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    beyond = v128.or(beyond, v128.or(f32x4.gt(f32x4.abs(x0), f32x4.splat(sine.SIN_LIMIT)), f32x4.gt(f32x4.abs(x1), f32x4.splat(sine.SIN_LIMIT))));
    const y0 = cosine ? sine.cos32(x0) : sine.sin32(x0);
    const y1 = cosine ? sine.cos32(x1) : sine.sin32(x1);
    v128.store(a + d, y0);
    v128.store(a + d, y1, 16);
  }
  return i32(v128.any_true(beyond));
}
export function sin32(out: usize, a: usize, bytes: usize): i32 {
  return sines(false, out, a, bytes);
}
export function cos32(out: usize, a: usize, bytes: usize): i32 {
  return sines(true, out, a, bytes);
}

// Two operands; the step of one is 64 bytes, or 0 for sixteen bytes times four of one number.

const enum Binary { add, sub, mul, div, maximum, minimum }

// @ts-ignore
@inline
function binary<T>(op: Binary, x: v128, y: v128): v128 {
  if (op == Binary.add) return v128.add<T>(x, y);
  if (op == Binary.sub) return v128.sub<T>(x, y);
  if (op == Binary.mul) return v128.mul<T>(x, y);
  if (op == Binary.div) return v128.div<T>(x, y);
  // y, but x where it is the better or NaN
  const better = op == Binary.maximum ? v128.gt<T>(x, y) : v128.lt<T>(x, y);
  return v128.bitselect(x, y, v128.or(better, v128.ne<T>(x, x)));
}

// @ts-ignore
@inline
function both<T>(op: Binary, out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  const end = out + bytes;
  for (; out < end; out += 64, a += sa, b += sb) {
    const x0 = binary<T>(op, v128.load(a), v128.load(b));
    const x1 = binary<T>(op, v128.load(a, 16), v128.load(b, 16));
    const x2 = binary<T>(op, v128.load(a, 32), v128.load(b, 32));
    const x3 = binary<T>(op, v128.load(a, 48), v128.load(b, 48));
    v128.store(out, x0);
    v128.store(out, x1, 16);
    v128.store(out, x2, 32);
    v128.store(out, x3, 48);
  }
}
export function add32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.add, out, a, sa, b, sb, bytes);
}
export function sub32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.sub, out, a, sa, b, sb, bytes);
}
export function mul32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.mul, out, a, sa, b, sb, bytes);
}
export function div32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.div, out, a, sa, b, sb, bytes);
}
export function maximum32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.maximum, out, a, sa, b, sb, bytes);
}
export function minimum32(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f32>(Binary.minimum, out, a, sa, b, sb, bytes);
}
export function add64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.add, out, a, sa, b, sb, bytes);
}
export function sub64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.sub, out, a, sa, b, sb, bytes);
}
export function mul64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.mul, out, a, sa, b, sb, bytes);
}
export function div64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.div, out, a, sa, b, sb, bytes);
}
export function maximum64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.maximum, out, a, sa, b, sb, bytes);
}
export function minimum64(out: usize, a: usize, sa: usize, b: usize, sb: usize, bytes: usize): void {
  both<f64>(Binary.minimum, out, a, sa, b, sb, bytes);
}
