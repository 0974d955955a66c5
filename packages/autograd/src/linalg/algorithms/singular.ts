import { dotRows, transposed } from "./elimination.js";
import { applyQ, factorQR, identity } from "./householder.js";
import { rotateRows } from "./symmetric.js";

/*
 * Singular values by one-sided Jacobi rotations of the R of a QR with exchanged columns (Drmač and Veselić, SIAM J. Matrix
 * Anal. 29, 2008): accurate for small singular values too, and converged in a few sweeps.
 */

/** U (m, u), the singular values in descending order, and Vᵀ (v, n). */
export interface Singular {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly vt: Float64Array;
}

/** Elements beyond this are no longer seen to be orthogonal. */
const TOLERANCE = 4 * Number.EPSILON;
/** Lengths, beside the largest element, below which squares vanish. */
const NOTHING = 1e-150;

/**
 * `A = U·S·Vᵀ` of an (m, n) matrix; `full` makes U and V square, else they have min(m, n) columns. With `vectors` false
 * only the singular values are computed. `a` is used up. Its elements are finite.
 */
export function singularValues(a: Float64Array, m: number, n: number, vectors: boolean, full: boolean): Singular {
  if (m < n) {
    const { u, s, vt } = singularValues(transposed(a, m, n), n, m, vectors, full);
    return vectors ? { u: transposed(vt, m, m), s, vt: transposed(u, n, full ? n : m) } : { u, s, vt };
  }
  const scale = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (scale > 0) for (let i = 0; i < a.length; i++) a[i] /= scale;
  const tau = new Float64Array(n);
  const order = Int32Array.from({ length: n }, (_, j) => j);
  factorQR(a, m, n, tau, order);
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++) r.set(a.subarray(i * n + i, i * n + n), i * n + i);
  const turns = vectors ? identity(n, n) : null;
  orthogonalizeRows(r, n, turns);

  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sqrt(dotRows(r, i * n, r, i * n, n)));
  const ranks = Array.from(lengths.keys()).sort((i, j) => lengths[j] - lengths[i]);
  const s = Float64Array.from(ranks, (i) => lengths[i] * scale);
  if (turns === null) return { u: s, s, vt: s };
  // A·P = Q·R with R = turnsᵀ·(rows): U = Q·turnsᵀ, and the rows by their lengths are those of Vᵀ
  const columns = full ? m : n;
  const u = identity(m, columns);
  const vt = new Float64Array(n * n);
  ranks.forEach((from, to) => {
    for (let i = 0; i < n; i++) {
      u[i * columns + to] = turns[from * n + i];
      if (lengths[from] > NOTHING) vt[to * n + order[i]] = r[from * n + i] / lengths[from];
    }
  });
  applyQ(a, n, tau, u, m, columns);
  completeRows(vt, n, lengths.filter((x) => x > NOTHING).length);
  return { u, s, vt };
}

/** Rotates rows in pairs until all are orthogonal, and the rows of `turns` along. */
function orthogonalizeRows(r: Float64Array, n: number, turns: Float64Array | null): void {
  const squares = new Float64Array(n);
  let turned = true;
  for (let sweep = 0; turned && sweep < 60; sweep++) {
    turned = false;
    // a rotation moves t·γ from one square to the other
    for (let i = 0; i < n; i++) squares[i] = dotRows(r, i * n, r, i * n, n);
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const gamma = dotRows(r, p * n, r, q * n, n);
        const [alpha, beta] = [squares[p], squares[q]];
        if (!(Math.abs(gamma) > TOLERANCE * Math.sqrt(alpha) * Math.sqrt(beta))) continue;
        turned = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotateRows(r, n, p, q, c, c * t);
        squares[p] = alpha - t * gamma;
        squares[q] = beta + t * gamma;
        // where little is left of a square, little of it is right
        const shrunk = t * gamma > 0 ? p : q;
        if (squares[shrunk] < 0.1 * Math.min(alpha, beta)) squares[shrunk] = dotRows(r, shrunk * n, r, shrunk * n, n);
        if (turns) rotateRows(turns, n, p, q, c, c * t);
      }
    }
  }
}

/** Adds rows from `count` on so that all n are an orthonormal basis: each the axis farthest from those before it. */
function completeRows(v: Float64Array, n: number, count: number): void {
  for (let row = count; row < n; row++) {
    const within = new Float64Array(n);
    for (let i = 0; i < row; i++) for (let j = 0; j < n; j++) within[j] += v[i * n + j] ** 2;
    v[row * n + within.indexOf(Math.min(...within))] = 1;
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < row; i++) {
        const f = dotRows(v, row * n, v, i * n, n);
        for (let j = 0; j < n; j++) v[row * n + j] -= f * v[i * n + j];
      }
      const size = Math.sqrt(dotRows(v, row * n, v, row * n, n));
      for (let j = 0; j < n; j++) v[row * n + j] /= size;
    }
  }
}
