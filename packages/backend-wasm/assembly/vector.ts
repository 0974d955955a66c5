import { fma32, fma64 } from "./simd";

/*
 * Products with one row, and with a depth of one: every element of the matrix is used once, so nothing is packed.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
function splat<T>(x: T): v128 {
  return sizeof<T>() == 4 ? f32x4.splat(f32(x)) : f64x2.splat(f64(x));
}
// @ts-ignore: decorators are AssemblyScript's
@inline
function add<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.add(a, b) : f64x2.add(a, b);
}
// @ts-ignore: decorators are AssemblyScript's
@inline
function fma<T>(a: v128, b: v128, c: v128): v128 {
  return sizeof<T>() == 4 ? fma32(a, b, c) : fma64(a, b, c);
}
// @ts-ignore: decorators are AssemblyScript's
@inline
function total<T>(x: v128): T {
  if (sizeof<T>() == 4) {
    const y = f32x4.add(x, v128.shuffle<f64>(x, x, 1, 0));
    return <T>(f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1));
  }
  return <T>(f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
}

/** `c[j] (+)= Σ a[k] · b[j][k]`: rows of `b` run along the depth. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function dots<T>(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  const line = usize(depth) * sizeof<T>();
  const body = line & ~31;
  const end = c + usize(n) * sizeof<T>();
  while (c < end) {
    let x0 = splat<T>(0), x1 = x0, x2 = x0, x3 = x0;
    let y0 = x0, y1 = x0, y2 = x0, y3 = x0;
    const left = i32((end - c) / sizeof<T>());
    const b1 = left > 1 ? b + line : b;
    const b2 = left > 2 ? b1 + line : b;
    const b3 = left > 3 ? b2 + line : b;
    let p: usize = 0;
    while (p < body) {
      const u = v128.load(a + p);
      x0 = fma<T>(u, v128.load(b + p), x0);
      x1 = fma<T>(u, v128.load(b1 + p), x1);
      x2 = fma<T>(u, v128.load(b2 + p), x2);
      x3 = fma<T>(u, v128.load(b3 + p), x3);
      const v = v128.load(a + p, 16);
      y0 = fma<T>(v, v128.load(b + p, 16), y0);
      y1 = fma<T>(v, v128.load(b1 + p, 16), y1);
      y2 = fma<T>(v, v128.load(b2 + p, 16), y2);
      y3 = fma<T>(v, v128.load(b3 + p, 16), y3);
      p += 32;
    }
    let s0 = total<T>(add<T>(x0, y0));
    let s1 = total<T>(add<T>(x1, y1));
    let s2 = total<T>(add<T>(x2, y2));
    let s3 = total<T>(add<T>(x3, y3));
    while (p < line) {
      const u = load<T>(a + p);
      s0 += u * load<T>(b + p);
      s1 += u * load<T>(b1 + p);
      s2 += u * load<T>(b2 + p);
      s3 += u * load<T>(b3 + p);
      p += sizeof<T>();
    }
    put<T>(c, s0, accumulate);
    if (left > 1) put<T>(c + sizeof<T>(), s1, accumulate);
    if (left > 2) put<T>(c + 2 * sizeof<T>(), s2, accumulate);
    if (left > 3) put<T>(c + 3 * sizeof<T>(), s3, accumulate);
    c += 4 * sizeof<T>();
    b = b3 + line;
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function put<T>(c: usize, x: T, accumulate: i32): void {
  store<T>(c, accumulate ? load<T>(c) + x : x);
}

export function dots32(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  dots<f32>(n, depth, a, b, c, accumulate);
}
export function dots64(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  dots<f64>(n, depth, a, b, c, accumulate);
}

/** `c[j] (+)= Σ a[k] · b[k][j]`: rows of `b` run along the result. Columns are taken 128 bytes at a time. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function sums<T>(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  const line = usize(n) * sizeof<T>();
  const bottom = a + usize(depth) * sizeof<T>();
  let left = line;
  while (left >= 128) {
    let x0 = splat<T>(0), x1 = x0, x2 = x0, x3 = x0;
    let x4 = x0, x5 = x0, x6 = x0, x7 = x0;
    let p = a;
    let q = b;
    while (p < bottom) {
      const u = splat<T>(load<T>(p));
      x0 = fma<T>(u, v128.load(q), x0);
      x1 = fma<T>(u, v128.load(q, 16), x1);
      x2 = fma<T>(u, v128.load(q, 32), x2);
      x3 = fma<T>(u, v128.load(q, 48), x3);
      x4 = fma<T>(u, v128.load(q, 64), x4);
      x5 = fma<T>(u, v128.load(q, 80), x5);
      x6 = fma<T>(u, v128.load(q, 96), x6);
      x7 = fma<T>(u, v128.load(q, 112), x7);
      p += sizeof<T>();
      q += line;
    }
    if (accumulate) {
      x0 = add<T>(x0, v128.load(c));
      x1 = add<T>(x1, v128.load(c, 16));
      x2 = add<T>(x2, v128.load(c, 32));
      x3 = add<T>(x3, v128.load(c, 48));
      x4 = add<T>(x4, v128.load(c, 64));
      x5 = add<T>(x5, v128.load(c, 80));
      x6 = add<T>(x6, v128.load(c, 96));
      x7 = add<T>(x7, v128.load(c, 112));
    }
    v128.store(c, x0);
    v128.store(c, x1, 16);
    v128.store(c, x2, 32);
    v128.store(c, x3, 48);
    v128.store(c, x4, 64);
    v128.store(c, x5, 80);
    v128.store(c, x6, 96);
    v128.store(c, x7, 112);
    b += 128;
    c += 128;
    left -= 128;
  }
  while (left >= 16) {
    let x = splat<T>(0);
    let y = x;
    let p = a;
    let q = b;
    while (p + sizeof<T>() < bottom) {
      x = fma<T>(splat<T>(load<T>(p)), v128.load(q), x);
      y = fma<T>(splat<T>(load<T>(p + sizeof<T>())), v128.load(q + line), y);
      p += 2 * sizeof<T>();
      q += line << 1;
    }
    if (p < bottom) x = fma<T>(splat<T>(load<T>(p)), v128.load(q), x);
    x = add<T>(x, y);
    v128.store(c, accumulate ? add<T>(x, v128.load(c)) : x);
    b += 16;
    c += 16;
    left -= 16;
  }
  while (left > 0) {
    let x: T = 0;
    let p = a;
    let q = b;
    while (p < bottom) {
      x += load<T>(p) * load<T>(q);
      p += sizeof<T>();
      q += line;
    }
    put<T>(c, x, accumulate);
    b += sizeof<T>();
    c += sizeof<T>();
    left -= sizeof<T>();
  }
}

export function sums32(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  sums<f32>(n, depth, a, b, c, accumulate);
}
export function sums64(n: i32, depth: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  sums<f64>(n, depth, a, b, c, accumulate);
}

/** `c[i][j] (+)= a[i] · b[j]`. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function outer<T>(m: i32, n: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  const bottom = a + usize(m) * sizeof<T>();
  const line = usize(n) * sizeof<T>();
  const body = line & ~15;
  while (a < bottom) {
    const x = load<T>(a);
    const u = splat<T>(x);
    let p: usize = 0;
    if (accumulate) {
      while (p < body) {
        v128.store(c + p, fma<T>(u, v128.load(b + p), v128.load(c + p)));
        p += 16;
      }
    } else {
      while (p < body) {
        v128.store(c + p, sizeof<T>() == 4 ? f32x4.mul(u, v128.load(b + p)) : f64x2.mul(u, v128.load(b + p)));
        p += 16;
      }
    }
    while (p < line) {
      put<T>(c + p, x * load<T>(b + p), accumulate);
      p += sizeof<T>();
    }
    a += sizeof<T>();
    c += line;
  }
}

export function outer32(m: i32, n: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  outer<f32>(m, n, a, b, c, accumulate);
}
export function outer64(m: i32, n: i32, a: usize, b: usize, c: usize, accumulate: i32): void {
  outer<f64>(m, n, a, b, c, accumulate);
}
