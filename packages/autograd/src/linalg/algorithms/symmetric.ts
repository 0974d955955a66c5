import { addRow, dotRows, transposed } from "./elimination.js";
import { columnOf, identity, reflect, reflector } from "./householder.js";

/*
 * Eigenvalues and eigenvectors of symmetric matrices: reflections to a tridiagonal matrix, then implicit QL steps
 * (Golub and Van Loan, Matrix Computations, 8.3).
 */

const EPSILON = Number.EPSILON;

/**
 * Eigenvalues in ascending order, and with `vectors` the eigenvectors as its rows. `a` (n, n) is symmetric and is used up.
 * Returns whether the iteration converged.
 */
export function symmetricEigen(
  a: Float64Array,
  n: number,
  values: Float64Array,
  vectors: Float64Array | null,
): boolean {
  const next = new Float64Array(n);
  const q = tridiagonal(a, n, values, next, vectors !== null);
  if (!ql(values, next, q)) return false;
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
  values.set(order.map((i) => values[i]));
  if (vectors && q) for (const [to, from] of order.entries()) vectors.set(q.subarray(from * n, from * n + n), to * n);
  return true;
}

/** The diagonal and what is beside it of `Qᵀ·A·Q`, and Qᵀ. */
function tridiagonal(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  next: Float64Array,
  wanted: boolean,
): Float64Array | null {
  const steps: [v: Float64Array, tau: number][] = [];
  for (let k = 0; k < n - 1; k++) {
    const v = columnOf(a, n, n, k, k + 1);
    const [tau, beta] = reflector(v);
    steps.push([v, tau]);
    next[k] = beta;
    // A ← H·A·H on what is left, by a symmetric update of rank two
    const w = v.map((_, i) => tau * dotRows(a, (k + 1 + i) * n + k + 1, v, 0, v.length));
    const half = (tau / 2) * dotRows(v, 0, w, 0, v.length);
    for (let i = 0; i < v.length; i++) w[i] -= half * v[i];
    for (let i = 0; i < v.length; i++) {
      const row = (k + 1 + i) * n + k + 1;
      addRow(a, row, w, 0, -v[i], 0, v.length);
      addRow(a, row, v, 0, -w[i], 0, v.length);
    }
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i];
  if (!wanted) return null;
  const q = identity(n, n);
  for (let k = steps.length - 1; k >= 0; k--) reflect(steps[k][0], steps[k][1], q, n, k + 1, 0);
  return transposed(q, n, n);
}

/** Makes the tridiagonal matrix (d, e) diagonal, turning the rows of z along. */
function ql(d: Float64Array, e: Float64Array, z: Float64Array | null): boolean {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    for (let step = 0; ; step++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      if (step === 60) return false;
      const half = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        const t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        if (z) rotateRows(z, n, i, i + 1, c, s);
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return true;
}

/** `(x, y) ← (c·x − s·y, s·x + c·y)` for rows i and j. */
export function rotateRows(a: Float64Array, n: number, i: number, j: number, c: number, s: number): void {
  const to = i * n;
  const other = j * n;
  for (let k = 0; k < n; k++) {
    const x = a[to + k];
    const y = a[other + k];
    a[to + k] = c * x - s * y;
    a[other + k] = s * x + c * y;
  }
}
