import { addRow } from "./elimination.js";

/*
 * Reflections `H = I − τ·v·vᵀ` with v[0] = 1, as LAPACK makes them (dlarfg): the same signs, so that factors agree.
 */

/** Turns x into the v of the reflection that maps it to (β, 0, …); returns `[τ, β]`. */
export function reflector(x: Float64Array): [tau: number, beta: number] {
  const alpha = x[0];
  const rest = length(x.subarray(1));
  x[0] = 1;
  if (rest === 0) return [0, alpha];
  const beta = -(alpha < 0 ? -1 : 1) * Math.hypot(alpha, rest);
  for (let i = 1; i < x.length; i++) x[i] /= alpha - beta;
  return [(beta - alpha) / beta, beta];
}

/** The length of a vector, without overflow. */
export function length(x: Float64Array): number {
  let largest = 0;
  for (const v of x) if (!(Math.abs(v) <= largest)) largest = Math.abs(v);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const v of x) sum += (v / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** Reflects the rows `top, …` of a matrix with rows of n elements, in the columns from `left` on. */
export function reflect(v: Float64Array, tau: number, a: Float64Array, n: number, top: number, left: number): void {
  if (tau === 0) return;
  const w = new Float64Array(n);
  for (let i = 0; i < v.length; i++) addRow(w, 0, a, (top + i) * n, v[i], left, n);
  for (let i = 0; i < v.length; i++) addRow(a, (top + i) * n, w, 0, -tau * v[i], left, n);
}

/** Rows `top, …, m − 1` of a column. */
export function columnOf(a: Float64Array, m: number, n: number, column: number, top: number): Float64Array {
  const x = new Float64Array(m - top);
  for (let i = top; i < m; i++) x[i - top] = a[i * n + column];
  return x;
}

/**
 * QR of an (m, n) matrix in its place: R above, the v of the reflections (without their 1) below the diagonal, and their τ.
 * With `order` columns are exchanged so that R has a falling diagonal: column j of the result was column `order[j]`.
 */
export function factorQR(a: Float64Array, m: number, n: number, tau: Float64Array, order?: Int32Array): void {
  for (let k = 0; k < tau.length; k++) {
    if (order) exchangeLongest(a, m, n, k, order);
    const v = columnOf(a, m, n, k, k);
    const [t, beta] = reflector(v);
    tau[k] = t;
    reflect(v, t, a, n, k, k + 1);
    a[k * n + k] = beta;
    for (let i = k + 1; i < m; i++) a[i * n + k] = v[i - k];
  }
}

/** Brings the column that is longest below row k to place k. */
function exchangeLongest(a: Float64Array, m: number, n: number, k: number, order: Int32Array): void {
  const squares = new Float64Array(n);
  for (let i = k; i < m; i++) for (let j = k; j < n; j++) squares[j] += a[i * n + j] ** 2;
  let longest = k;
  for (let j = k + 1; j < n; j++) if (squares[j] > squares[longest]) longest = j;
  if (longest === k) return;
  [order[k], order[longest]] = [order[longest], order[k]];
  for (let i = 0; i < m; i++) {
    const x = a[i * n + k];
    a[i * n + k] = a[i * n + longest];
    a[i * n + longest] = x;
  }
}

/** Applies the Q of `factorQR` (its result `a` of rows of n elements) to an (m, k) matrix in its place. */
export function applyQ(a: Float64Array, n: number, tau: Float64Array, x: Float64Array, m: number, k: number): void {
  for (let j = tau.length - 1; j >= 0; j--) {
    const v = columnOf(a, m, n, j, j);
    v[0] = 1;
    reflect(v, tau[j], x, k, j, 0);
  }
}

/** Ones on the diagonal of an (m, n) matrix of zeros. */
export function identity(m: number, n: number): Float64Array {
  const x = new Float64Array(m * n);
  for (let i = 0; i < Math.min(m, n); i++) x[i * n + i] = 1;
  return x;
}
