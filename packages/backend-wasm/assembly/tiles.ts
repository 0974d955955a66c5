import { fma32 } from "./simd";

/*
 * The product of two packed panels, of which the convolutions are made: `a` has 12 rows (of which 6 are taken), `b` 8 columns, both
 * element by element of what is summed over.
 */

/** `c[i][j] = Σ a[k][i] · b[k][j]`, 6 × 8 float32: `a` from step to step 12 floats apart, `b` 8, rows of `c` `row` bytes. */
export function tile6x8(c: usize, row: usize, a: usize, b: usize, k: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  const end = b + (usize(k) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = fma32(a0, b0, c00);
    c01 = fma32(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = fma32(a1, b0, c10);
    c11 = fma32(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = fma32(a2, b0, c20);
    c21 = fma32(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = fma32(a3, b0, c30);
    c31 = fma32(a3, b1, c31);
    const a4 = v128.load_splat<f32>(a, 16);
    c40 = fma32(a4, b0, c40);
    c41 = fma32(a4, b1, c41);
    const a5 = v128.load_splat<f32>(a, 20);
    c50 = fma32(a5, b0, c50);
    c51 = fma32(a5, b1, c51);
    a += 48;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += row;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += row;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += row;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c += row;
  v128.store(c, c40);
  v128.store(c, c41, 16);
  c += row;
  v128.store(c, c50);
  v128.store(c, c51, 16);
}
