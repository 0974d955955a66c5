import type { Numbers } from "./memory.js";

// The inner kernels of the floating-point matrix product: blocks of the result whose elements all stay in registers
// while the shared dimension runs. Sums are in double.

/**
 * 4 × 4 elements from panels of four rows of the left and four columns of the right factor, interleaved: `a[4k + row]`,
 * `b[4k + column]`. Writes them to `block`, row by row.
 */
export function packedTile(
  depth: number,
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  block: Float64Array,
): void {
  // biome-ignore format: a matrix
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0,
      c10 = 0, c11 = 0, c12 = 0, c13 = 0,
      c20 = 0, c21 = 0, c22 = 0, c23 = 0,
      c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (; depth > 0; depth--, i += 4, j += 4) {
    const a0 = a[i];
    const a1 = a[i + 1];
    const a2 = a[i + 2];
    const a3 = a[i + 3];
    let x = b[j];
    c00 += a0 * x;
    c10 += a1 * x;
    c20 += a2 * x;
    c30 += a3 * x;
    x = b[j + 1];
    c01 += a0 * x;
    c11 += a1 * x;
    c21 += a2 * x;
    c31 += a3 * x;
    x = b[j + 2];
    c02 += a0 * x;
    c12 += a1 * x;
    c22 += a2 * x;
    c32 += a3 * x;
    x = b[j + 3];
    c03 += a0 * x;
    c13 += a1 * x;
    c23 += a2 * x;
    c33 += a3 * x;
  }
  block[0] = c00;
  block[1] = c01;
  block[2] = c02;
  block[3] = c03;
  block[4] = c10;
  block[5] = c11;
  block[6] = c12;
  block[7] = c13;
  block[8] = c20;
  block[9] = c21;
  block[10] = c22;
  block[11] = c23;
  block[12] = c30;
  block[13] = c31;
  block[14] = c32;
  block[15] = c33;
}

const put = (out: Numbers, o: number, x: number, accumulate: boolean): void => {
  out[o] = accumulate ? out[o] + x : x;
};

/** 4 × 4 elements from the matrices themselves, with their steps along rows (`m`), shared dimension (`k`) and columns (`n`). */
export function stridedTile(
  depth: number,
  a: Numbers,
  i: number,
  am: number,
  ak: number,
  b: Numbers,
  j: number,
  bk: number,
  bn: number,
  out: Numbers,
  o: number,
  om: number,
  on: number,
  accumulate: boolean,
): void {
  // biome-ignore format: a matrix
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0,
      c10 = 0, c11 = 0, c12 = 0, c13 = 0,
      c20 = 0, c21 = 0, c22 = 0, c23 = 0,
      c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (; depth > 0; depth--, i += ak, j += bk) {
    const a0 = a[i];
    const a1 = a[i + am];
    const a2 = a[i + 2 * am];
    const a3 = a[i + 3 * am];
    let x = b[j];
    c00 += a0 * x;
    c10 += a1 * x;
    c20 += a2 * x;
    c30 += a3 * x;
    x = b[j + bn];
    c01 += a0 * x;
    c11 += a1 * x;
    c21 += a2 * x;
    c31 += a3 * x;
    x = b[j + 2 * bn];
    c02 += a0 * x;
    c12 += a1 * x;
    c22 += a2 * x;
    c32 += a3 * x;
    x = b[j + 3 * bn];
    c03 += a0 * x;
    c13 += a1 * x;
    c23 += a2 * x;
    c33 += a3 * x;
  }
  put(out, o, c00, accumulate);
  put(out, o + on, c01, accumulate);
  put(out, o + 2 * on, c02, accumulate);
  put(out, o + 3 * on, c03, accumulate);
  o += om;
  put(out, o, c10, accumulate);
  put(out, o + on, c11, accumulate);
  put(out, o + 2 * on, c12, accumulate);
  put(out, o + 3 * on, c13, accumulate);
  o += om;
  put(out, o, c20, accumulate);
  put(out, o + on, c21, accumulate);
  put(out, o + 2 * on, c22, accumulate);
  put(out, o + 3 * on, c23, accumulate);
  o += om;
  put(out, o, c30, accumulate);
  put(out, o + on, c31, accumulate);
  put(out, o + 2 * on, c32, accumulate);
  put(out, o + 3 * on, c33, accumulate);
}

/** 1 × 8 elements: a vector by eight columns. */
export function rowTile(
  depth: number,
  a: Numbers,
  i: number,
  ak: number,
  b: Numbers,
  j: number,
  bk: number,
  bn: number,
  out: Numbers,
  o: number,
  on: number,
  accumulate: boolean,
): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let c4 = 0;
  let c5 = 0;
  let c6 = 0;
  let c7 = 0;
  for (; depth > 0; depth--, i += ak, j += bk) {
    const x = a[i];
    let p = j;
    c0 += x * b[p];
    c1 += x * b[(p += bn)];
    c2 += x * b[(p += bn)];
    c3 += x * b[(p += bn)];
    c4 += x * b[(p += bn)];
    c5 += x * b[(p += bn)];
    c6 += x * b[(p += bn)];
    c7 += x * b[p + bn];
  }
  put(out, o, c0, accumulate);
  put(out, (o += on), c1, accumulate);
  put(out, (o += on), c2, accumulate);
  put(out, (o += on), c3, accumulate);
  put(out, (o += on), c4, accumulate);
  put(out, (o += on), c5, accumulate);
  put(out, (o += on), c6, accumulate);
  put(out, o + on, c7, accumulate);
}

/** One element: the inner product of two runs. */
export function dot(depth: number, a: Numbers, i: number, ak: number, b: Numbers, j: number, bk: number): number {
  let sum = 0;
  for (; depth > 0; depth--, i += ak, j += bk) sum += a[i] * b[j];
  return sum;
}
