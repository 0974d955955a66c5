/*
 * Reductions of blocks. Sums of float32 are in float32 over sixteen elements at most, and in float64 over those partial sums; in
 * whatever parts a tensor comes, the order of the additions is the same.
 */

const enum Reduce { sum, prod, max, min }

/** The better of two, or NaN. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function better<T>(op: Reduce, x: v128, y: v128): v128 {
  return op == Reduce.max ? v128.max<T>(x, y) : v128.min<T>(x, y);
}

// @ts-ignore
@inline
function low64<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(x) : x;
}
// @ts-ignore
@inline
function high64(x: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
}

/** The sum, product or extreme of the `n` elements at `a`. */
// @ts-ignore
@inline
function along<T>(op: Reduce, a: usize, n: i32): f64 {
  const end = a + usize(n) * sizeof<T>();
  if (op == Reduce.sum) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    if (sizeof<T>() == 4) {
      for (; a + 256 <= end; a += 256) {
        // four sums of four numbers each, in each lane
        const x0 = f32x4.add(f32x4.add(v128.load(a), v128.load(a, 16)), f32x4.add(v128.load(a, 32), v128.load(a, 48)));
        const x1 = f32x4.add(f32x4.add(v128.load(a, 64), v128.load(a, 80)), f32x4.add(v128.load(a, 96), v128.load(a, 112)));
        const x2 = f32x4.add(f32x4.add(v128.load(a, 128), v128.load(a, 144)), f32x4.add(v128.load(a, 160), v128.load(a, 176)));
        const x3 = f32x4.add(f32x4.add(v128.load(a, 192), v128.load(a, 208)), f32x4.add(v128.load(a, 224), v128.load(a, 240)));
        const x = f32x4.add(f32x4.add(x0, x1), f32x4.add(x2, x3));
        s0 = f64x2.add(s0, f64x2.promote_low_f32x4(x));
        s1 = f64x2.add(s1, high64(x));
      }
      for (; a + 16 <= end; a += 16) {
        const x = v128.load(a);
        s0 = f64x2.add(s0, f64x2.promote_low_f32x4(x));
        s1 = f64x2.add(s1, high64(x));
      }
    } else {
      let s2 = f64x2.splat(0);
      let s3 = f64x2.splat(0);
      for (; a + 64 <= end; a += 64) {
        s0 = f64x2.add(s0, v128.load(a));
        s1 = f64x2.add(s1, v128.load(a, 16));
        s2 = f64x2.add(s2, v128.load(a, 32));
        s3 = f64x2.add(s3, v128.load(a, 48));
      }
      s0 = f64x2.add(s0, s2);
      s1 = f64x2.add(s1, s3);
    }
    s0 = f64x2.add(s0, s1);
    let s = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
    for (; a < end; a += sizeof<T>()) s += f64(load<T>(a));
    return s;
  }
  if (op == Reduce.prod) {
    let p0 = f64x2.splat(1);
    let p1 = f64x2.splat(1);
    for (; a + 16 <= end; a += 16) {
      const x = v128.load(a);
      p0 = f64x2.mul(p0, low64<T>(x));
      if (sizeof<T>() == 4) p1 = f64x2.mul(p1, high64(x));
    }
    p0 = f64x2.mul(p0, p1);
    let p = f64x2.extract_lane(p0, 0) * f64x2.extract_lane(p0, 1);
    for (; a < end; a += sizeof<T>()) p *= f64(load<T>(a));
    return p;
  }
  const start = op == Reduce.max ? -Infinity : Infinity;
  let m0 = v128.splat<T>(start as T);
  let m1 = m0;
  let nan = v128.ne<T>(m0, m0);
  for (; a + 32 <= end; a += 32) {
    const x = v128.load(a);
    const y = v128.load(a, 16);
    nan = v128.or(nan, v128.or(v128.ne<T>(x, x), v128.ne<T>(y, y)));
    // where NaN is, the result does not matter
    m0 = op == Reduce.max ? v128.pmax<T>(m0, x) : v128.pmin<T>(m0, x);
    m1 = op == Reduce.max ? v128.pmax<T>(m1, y) : v128.pmin<T>(m1, y);
  }
  if (v128.any_true(nan)) return NaN;
  m0 = better<T>(op, m0, m1);
  let m: T = max_lanes<T>(op, m0);
  for (; a < end; a += sizeof<T>()) {
    m = op == Reduce.max ? max<T>(m, load<T>(a)) : min<T>(m, load<T>(a));
  }
  return f64(m);
}

// @ts-ignore
@inline
function max_lanes<T>(op: Reduce, x: v128): T {
  if (sizeof<T>() == 4) x = better<T>(op, x, i64x2.shuffle(x, x, 1, 0));
  const y = v128.extract_lane<T>(x, 0);
  const z = v128.extract_lane<T>(x, 1);
  return op == Reduce.max ? max<T>(y, z) : min<T>(y, z);
}

/** Combines the result of `rows` runs of `n` elements each with the float64 at `out`. */
// @ts-ignore
@inline
function rowwise<T>(op: Reduce, out: usize, a: usize, rows: i32, n: i32): void {
  for (; rows > 0; rows--, out += 8, a += usize(n) * sizeof<T>()) {
    const x = along<T>(op, a, n);
    const y = load<f64>(out);
    if (op == Reduce.sum) store<f64>(out, y + x);
    else if (op == Reduce.prod) store<f64>(out, y * x);
    else if (op == Reduce.max) store<f64>(out, max<f64>(y, x));
    else store<f64>(out, min<f64>(y, x));
  }
}

/**
 * Combines `rows` × `n` elements, row by row, with the `n` float64 at `out`. What lies behind the last row and behind `out` up to
 * three elements is read and written as well.
 */
// @ts-ignore
@inline
function columnwise<T>(op: Reduce, out: usize, a: usize, rows: i32, n: i32): void {
  const step = usize(n) * sizeof<T>();
  const lanes = 16 / <i32>sizeof<T>();
  for (let r = 0; r < rows; r += 16) {
    const more = min(rows - r, 16);
    const first = a + usize(r) * step;
    for (let c = 0; c < n; c += lanes) {
      let p = first + usize(c) * sizeof<T>();
      const to = out + (usize(c) << 3);
      let x = v128.load(p);
      if (op == Reduce.prod) {
        let low = f64x2.mul(v128.load(to), low64<T>(x));
        let high = sizeof<T>() == 4 ? f64x2.mul(v128.load(to, 16), high64(x)) : low;
        for (let k = 1; k < more; k++) {
          p += step;
          x = v128.load(p);
          low = f64x2.mul(low, low64<T>(x));
          if (sizeof<T>() == 4) high = f64x2.mul(high, high64(x));
        }
        v128.store(to, low);
        if (sizeof<T>() == 4) v128.store(to, high, 16);
        continue;
      }
      for (let k = 1; k < more; k++) {
        p += step;
        x = op == Reduce.sum ? v128.add<T>(x, v128.load(p)) : better<T>(op, x, v128.load(p));
      }
      let low = low64<T>(x);
      low = op == Reduce.sum ? f64x2.add(v128.load(to), low) : better<f64>(op, v128.load(to), low);
      v128.store(to, low);
      if (sizeof<T>() == 4) {
        let high = high64(x);
        high = op == Reduce.sum ? f64x2.add(v128.load(to, 16), high) : better<f64>(op, v128.load(to, 16), high);
        v128.store(to, high, 16);
      }
    }
  }
}

export function sumRows32(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f32>(Reduce.sum, out, a, rows, n);
}
export function sumColumns32(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f32>(Reduce.sum, out, a, rows, n);
}
export function prodRows32(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f32>(Reduce.prod, out, a, rows, n);
}
export function prodColumns32(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f32>(Reduce.prod, out, a, rows, n);
}
export function maxRows32(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f32>(Reduce.max, out, a, rows, n);
}
export function maxColumns32(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f32>(Reduce.max, out, a, rows, n);
}
export function minRows32(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f32>(Reduce.min, out, a, rows, n);
}
export function minColumns32(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f32>(Reduce.min, out, a, rows, n);
}
export function sumRows64(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f64>(Reduce.sum, out, a, rows, n);
}
export function sumColumns64(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f64>(Reduce.sum, out, a, rows, n);
}
export function prodRows64(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f64>(Reduce.prod, out, a, rows, n);
}
export function prodColumns64(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f64>(Reduce.prod, out, a, rows, n);
}
export function maxRows64(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f64>(Reduce.max, out, a, rows, n);
}
export function maxColumns64(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f64>(Reduce.max, out, a, rows, n);
}
export function minRows64(out: usize, a: usize, rows: i32, n: i32): void {
  rowwise<f64>(Reduce.min, out, a, rows, n);
}
export function minColumns64(out: usize, a: usize, rows: i32, n: i32): void {
  columnwise<f64>(Reduce.min, out, a, rows, n);
}

/** The first index of the extreme of each of `rows` runs, or of a NaN. */
// @ts-ignore
@inline
function position<T>(op: Reduce, out: usize, a: usize, rows: i32, n: i32): void {
  const lanes = 16 / <i32>sizeof<T>();
  for (; rows > 0; rows--, out += 4, a += usize(n) * sizeof<T>()) {
    const best = <T>along<T>(op, a, n);
    const sought = v128.splat<T>(best);
    let i = 0;
    if (best == best) {
      while (i <= n - lanes && !v128.any_true(v128.eq<T>(v128.load(a + usize(i) * sizeof<T>()), sought))) i += lanes;
      while (i < n - 1 && load<T>(a + usize(i) * sizeof<T>()) != best) i++;
    } else {
      let x = load<T>(a);
      while (x == x) x = load<T>(a + usize(++i) * sizeof<T>());
    }
    store<i32>(out, i);
  }
}
export function argmax32(out: usize, a: usize, rows: i32, n: i32): void {
  position<f32>(Reduce.max, out, a, rows, n);
}
export function argmin32(out: usize, a: usize, rows: i32, n: i32): void {
  position<f32>(Reduce.min, out, a, rows, n);
}
export function argmax64(out: usize, a: usize, rows: i32, n: i32): void {
  position<f64>(Reduce.max, out, a, rows, n);
}
export function argmin64(out: usize, a: usize, rows: i32, n: i32): void {
  position<f64>(Reduce.min, out, a, rows, n);
}
