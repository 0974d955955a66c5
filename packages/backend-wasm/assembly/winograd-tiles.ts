import { fma32 } from "./simd";

/*
 * The transforms of Winograd's F(4×4, 3×3) and F(3×3, 4×4), of four tiles at a time: a vector holds one number of each.
 */

// ------------------------------------------------------------------------------- transforms of one dimension, four at a time

/** Input: 6 numbers to 6, in registers, stored `step` bytes apart. */
// @ts-ignore: decorator
@inline function input6(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, out: usize, step: usize): void {
  const four = f32x4.splat(-4);
  const a = fma32(d2, four, d4);
  const b = fma32(d1, four, d3);
  const c = f32x4.sub(d4, d2);
  const e = f32x4.sub(d3, d1);
  v128.store(out, fma32(f32x4.sub(d0, d2), f32x4.splat(4), c));
  v128.store(out + step, f32x4.add(a, b));
  v128.store(out + 2 * step, f32x4.sub(a, b));
  v128.store(out + 3 * step, fma32(e, f32x4.splat(2), c));
  v128.store(out + 4 * step, fma32(e, f32x4.splat(-2), c));
  v128.store(out + 5 * step, fma32(f32x4.sub(d1, d3), f32x4.splat(4), f32x4.sub(d5, d3)));
}

/** Filter: 3 numbers to 6. */
// @ts-ignore: decorator
@inline function filter6(g0: v128, g1: v128, g2: v128, out: usize, step: usize): void {
  const sixth = f32x4.splat(-1.0 / 6.0);
  const even = f32x4.mul(f32x4.add(g0, g2), sixth);
  const odd = f32x4.mul(g1, sixth);
  const far = fma32(g0, f32x4.splat(1.0 / 24.0), f32x4.mul(g2, f32x4.splat(1.0 / 6.0)));
  const side = f32x4.mul(g1, f32x4.splat(1.0 / 12.0));
  v128.store(out, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(out + step, f32x4.add(even, odd));
  v128.store(out + 2 * step, f32x4.sub(even, odd));
  v128.store(out + 3 * step, f32x4.add(far, side));
  v128.store(out + 4 * step, f32x4.sub(far, side));
  v128.store(out + 5 * step, g2);
}

/** Gradient of the output: 4 numbers to 6. */
// @ts-ignore: decorator
@inline function grad6(g0: v128, g1: v128, g2: v128, g3: v128, out: usize, step: usize): void {
  const sixth = f32x4.splat(-1.0 / 6.0);
  const even = f32x4.mul(f32x4.add(g0, g2), sixth);
  const odd = f32x4.mul(f32x4.add(g1, g3), sixth);
  const far = fma32(g0, f32x4.splat(1.0 / 24.0), f32x4.mul(g2, f32x4.splat(1.0 / 6.0)));
  const side = fma32(g1, f32x4.splat(1.0 / 12.0), f32x4.mul(g3, f32x4.splat(1.0 / 3.0)));
  v128.store(out, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(out + step, f32x4.add(even, odd));
  v128.store(out + 2 * step, f32x4.sub(even, odd));
  v128.store(out + 3 * step, f32x4.add(far, side));
  v128.store(out + 4 * step, f32x4.sub(far, side));
  v128.store(out + 5 * step, g3);
}

/** Output: 6 numbers, `from` bytes apart, to 4. */
// @ts-ignore: decorator
@inline function output4(m: usize, from: usize, out: usize, step: usize): void {
  const m1 = v128.load(m + from);
  const m2 = v128.load(m + 2 * from);
  const m3 = v128.load(m + 3 * from);
  const m4 = v128.load(m + 4 * from);
  const s1 = f32x4.add(m1, m2);
  const d1 = f32x4.sub(m1, m2);
  const s2 = f32x4.add(m3, m4);
  const d2 = f32x4.sub(m3, m4);
  v128.store(out, f32x4.add(f32x4.add(v128.load(m), s1), s2));
  v128.store(out + step, fma32(d2, f32x4.splat(2), d1));
  v128.store(out + 2 * step, fma32(s2, f32x4.splat(4), s1));
  v128.store(out + 3 * step, f32x4.add(fma32(d2, f32x4.splat(8), d1), v128.load(m + 5 * from)));
}

/** Filter's gradient: 6 numbers, `from` bytes apart, to 3. */
// @ts-ignore: decorator
@inline export function weight3(m: usize, from: usize, out: usize, step: usize): void {
  const m1 = v128.load(m + from);
  const m2 = v128.load(m + 2 * from);
  const m3 = v128.load(m + 3 * from);
  const m4 = v128.load(m + 4 * from);
  const s1 = f32x4.add(m1, m2);
  const s2 = f32x4.add(m3, m4);
  v128.store(out, f32x4.add(f32x4.add(v128.load(m), s1), s2));
  v128.store(out + step, fma32(f32x4.sub(m3, m4), f32x4.splat(2), f32x4.sub(m1, m2)));
  v128.store(out + 2 * step, f32x4.add(fma32(s2, f32x4.splat(4), s1), v128.load(m + 5 * from)));
}

// ------------------------------------------------------------------------------------------------- tiles, four at a time

// @ts-ignore: decorator
@inline export function low(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline export function high(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline export function lows(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 1, 4, 5);
}
// @ts-ignore: decorator
@inline export function highs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 3, 6, 7);
}

/** Four tiles of 6×6, with rows `row` bytes apart, to 36 vectors `step` bytes apart. `at` is room for 36 vectors. */
export function inputTiles(at: usize, out: usize, step: usize, p: usize, q: usize, r: usize, s: usize, row: usize): void {
  for (let y = at, end = at + 576; y < end; y += 96) {
    const a = v128.load(p);
    const b = v128.load(q);
    const c = v128.load(r);
    const d = v128.load(s);
    const ab = low(a, b);
    const cd = low(c, d);
    const ef = high(a, b);
    const gh = high(c, d);
    const pq = v128.load_lane<i64>(q, v128.load_zero<i64>(p, 16), 1, 16);
    const rs = v128.load_lane<i64>(s, v128.load_zero<i64>(r, 16), 1, 16);
    input6(
      lows(ab, cd),
      highs(ab, cd),
      lows(ef, gh),
      highs(ef, gh),
      i32x4.shuffle(pq, rs, 0, 2, 4, 6),
      i32x4.shuffle(pq, rs, 1, 3, 5, 7),
      y,
      16,
    );
    p += row;
    q += row;
    r += row;
    s += row;
  }
  for (let x = at, end = at + 96; x < end; x += 16) {
    input6(
      v128.load(x),
      v128.load(x, 96),
      v128.load(x, 192),
      v128.load(x, 288),
      v128.load(x, 384),
      v128.load(x, 480),
      out,
      6 * step,
    );
    out += step;
  }
}

/** Four tiles of 4×4 to 36 vectors. */
export function gradTiles(at: usize, out: usize, step: usize, p: usize, q: usize, r: usize, s: usize, row: usize): void {
  for (let y = at, end = at + 384; y < end; y += 96) {
    const a = v128.load(p);
    const b = v128.load(q);
    const c = v128.load(r);
    const d = v128.load(s);
    const ab = low(a, b);
    const cd = low(c, d);
    const ef = high(a, b);
    const gh = high(c, d);
    grad6(lows(ab, cd), highs(ab, cd), lows(ef, gh), highs(ef, gh), y, 16);
    p += row;
    q += row;
    r += row;
    s += row;
  }
  for (let x = at, end = at + 96; x < end; x += 16) {
    grad6(v128.load(x), v128.load(x, 96), v128.load(x, 192), v128.load(x, 288), out, 6 * step);
    out += step;
  }
}

/** Four filters of 3×3 to 36 vectors; turned by 180° where `turned`. */
export function filterTiles(at: usize, out: usize, step: usize, p: usize, q: usize, r: usize, s: usize, turned: i32): void {
  // the nine numbers from `at` + 288 on, the last first if turned
  const next: usize = turned ? -16 : 16;
  let y = turned ? at + 416 : at + 288;
  for (let half = 0; half < 2; half++) {
    const a = v128.load(p);
    const b = v128.load(q);
    const c = v128.load(r);
    const d = v128.load(s);
    const ab = low(a, b);
    const cd = low(c, d);
    const ef = high(a, b);
    const gh = high(c, d);
    v128.store(y, lows(ab, cd));
    y += next;
    v128.store(y, highs(ab, cd));
    y += next;
    v128.store(y, lows(ef, gh));
    y += next;
    v128.store(y, highs(ef, gh));
    y += next;
    p += 16;
    q += 16;
    r += 16;
    s += 16;
  }
  store<f32>(y, load<f32>(p));
  store<f32>(y, load<f32>(q), 4);
  store<f32>(y, load<f32>(r), 8);
  store<f32>(y, load<f32>(s), 12);
  y = at + 288;
  for (let x = at, end = at + 288; x < end; x += 96) {
    filter6(v128.load(y), v128.load(y, 16), v128.load(y, 32), x, 16);
    y += 48;
  }
  // the rows' results lie in 3 × 96 bytes from `at`
  for (let x = at, end = at + 96; x < end; x += 16) {
    filter6(v128.load(x), v128.load(x, 96), v128.load(x, 192), out, 6 * step);
    out += step;
  }
}

/** 36 vectors `step` bytes apart to 4×4, stored as 16 vectors at `at` + 384. */
export function outputTile(at: usize, m: usize, step: usize): void {
  for (let x = at, end = at + 96; x < end; x += 16) {
    output4(m, 6 * step, x, 96);
    m += step;
  }
  for (let y = at, end = at + 384, to = end; y < end; y += 96) {
    output4(y, 16, to, 16);
    to += 64;
  }
}
