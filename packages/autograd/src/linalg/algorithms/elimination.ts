/*
 * Elimination on the host, in float64. A matrix is an array of its rows, one after the other.
 */

type Pivots = Int32Array | Float64Array;

/**
 * `P·L·U` of an (m, n) matrix in its place, with partial pivoting. `pivots[k]`, counted from 1, is the row that was exchanged
 * with row k. Returns the number of the first pivot that is zero, or 0.
 */
export function factorLU(a: Float64Array, m: number, n: number, pivots: Pivots): number {
  let zero = 0;
  for (let k = 0; k < Math.min(m, n); k++) {
    let p = k;
    for (let i = k + 1; i < m; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[p * n + k])) p = i;
    pivots[k] = p + 1;
    const pivot = a[p * n + k];
    if (pivot === 0) {
      if (zero === 0) zero = k + 1;
      continue;
    }
    if (p !== k) swapRows(a, n, k, p);
    for (let i = k + 1; i < m; i++) {
      const f = (a[i * n + k] /= pivot);
      if (f !== 0) addRow(a, i * n, a, k * n, -f, k + 1, n);
    }
  }
  return zero;
}

/** Exchanges the rows of an (…, n) matrix as the pivots say, in their order or backwards. */
export function permuteRows(a: Float64Array, n: number, pivots: Pivots, backwards = false): void {
  for (let s = 0; s < pivots.length; s++) {
    const k = backwards ? pivots.length - 1 - s : s;
    if (pivots[k] !== k + 1) swapRows(a, n, k, pivots[k] - 1);
  }
}

/**
 * The lower Cholesky factor of an (n, n) matrix in its place; only the lower triangle is read, and the upper becomes zero.
 * Returns the order of the first leading minor that is not positive, where it stops, or 0.
 */
export function factorCholesky(a: Float64Array, n: number): number {
  let failed = 0;
  for (let j = 0; j < n && failed === 0; j++) {
    const d = (a[j * n + j] -= dotRows(a, j * n, a, j * n, j));
    if (d <= 0) failed = j + 1;
    else {
      a[j * n + j] = Math.sqrt(d);
      for (let i = j + 1; i < n; i++) a[i * n + j] = (a[i * n + j] - dotRows(a, i * n, a, j * n, j)) / a[j * n + j];
    }
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, i * n + n);
  return failed;
}

/** Solves `T·X = B` in the place of B (n, k), for a triangular T (n, n), which may have a diagonal of ones unsaid. */
export function solveTriangle(
  t: Float64Array,
  n: number,
  b: Float64Array,
  k: number,
  upper: boolean,
  unit: boolean,
): void {
  for (let s = 0; s < n; s++) {
    const i = upper ? n - 1 - s : s;
    for (let j = upper ? i + 1 : 0; j < (upper ? n : i); j++) {
      if (t[i * n + j] !== 0) addRow(b, i * k, b, j * k, -t[i * n + j], 0, k);
    }
    if (!unit) for (let c = 0; c < k; c++) b[i * k + c] /= t[i * n + i];
  }
}

/** Leaves `A⁻¹·B` in the place of B (n, k), for A (n, n); returns the number of the first pivot that is zero, or 0. */
export function eliminate(a: Float64Array, n: number, b: Float64Array, k: number): number {
  const pivots = new Int32Array(n);
  const zero = factorLU(a, n, n, pivots);
  permuteRows(b, k, pivots);
  solveTriangle(a, n, b, k, false, true);
  solveTriangle(a, n, b, k, true, false);
  return zero;
}

/** Σ over c < n of x[from + c] · y[at + c]. */
export function dotRows(x: Float64Array, from: number, y: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += x[from + c] * y[at + c];
  return sum;
}

/** x[to + c] += f · y[from + c] for first ≤ c < last. */
export function addRow(
  x: Float64Array,
  to: number,
  y: Float64Array,
  from: number,
  f: number,
  first: number,
  last: number,
): void {
  for (let c = first; c < last; c++) x[to + c] += f * y[from + c];
}

export function swapRows(a: Float64Array, n: number, i: number, j: number): void {
  for (let c = 0; c < n; c++) {
    const x = a[i * n + c];
    a[i * n + c] = a[j * n + c];
    a[j * n + c] = x;
  }
}

/** The (n, m) transpose of an (m, n) matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}
