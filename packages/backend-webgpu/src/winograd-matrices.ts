/*
 * Winograd's minimal filtering (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015), as matrices and as WGSL that multiplies
 * by them. Tiles of m × m results of a 3 × 3 kernel take k × k multiplications each, k = m + 2:
 * a convolution is A [(G g Gᵀ) ⊙ (B d Bᵀ)] Aᵀ of a kernel `g` and a window `d` of k × k, the gradient of the kernel Gᵀ [(Aᵀ y A) ⊙ (B d Bᵀ)] G.
 */

type Matrix = readonly (readonly number[])[];

export interface Winograd {
  /** Results on each side of a tile, and the numbers on each side of what is transformed. */
  readonly m: number;
  readonly k: number;
  /** (k, k), (k, 3) and (m, k) */
  readonly b: Matrix;
  readonly g: Matrix;
  readonly a: Matrix;
}

const [p, q] = [3 / 4, 3 / 2];
/** Row of G for a point, and what it is divided by. */
const powers = (point: number, by: number): number[] => [1 / by, point / by, point ** 2 / by];

/**
 * F(4 × 4, 3 × 3), 36 multiplications for 144, of the points 0, ±3/4, ±3/2 and ∞: they keep all factors between 0.1 and 3.4, which leaves a third
 * of the errors that the usual points 0, ±1, ±2 have (on points: Barabasz et al., "Error analysis and improving the accuracy of Winograd
 * convolution for deep neural networks", 2018; these were found by trying).
 */
export const WINOGRAD: Winograd = {
  m: 4,
  k: 6,
  b: [
    [p ** 2 * q ** 2, 0, -(p ** 2 + q ** 2), 0, 1, 0],
    [0, -p * q ** 2, -(q ** 2), p, 1, 0],
    [0, p * q ** 2, -(q ** 2), -p, 1, 0],
    [0, -q * p ** 2, -(p ** 2), q, 1, 0],
    [0, q * p ** 2, -(p ** 2), -q, 1, 0],
    [0, p ** 2 * q ** 2, 0, -(p ** 2 + q ** 2), 0, 1],
  ],
  g: [
    [1 / (p * q) ** 2, 0, 0],
    powers(p, 2 * p ** 2 * (p ** 2 - q ** 2)),
    powers(-p, 2 * p ** 2 * (p ** 2 - q ** 2)),
    powers(q, 2 * q ** 2 * (q ** 2 - p ** 2)),
    powers(-q, 2 * q ** 2 * (q ** 2 - p ** 2)),
    [0, 0, 1],
  ],
  a: [
    [1, 1, 1, 1, 1, 0],
    [0, p, -p, q, -q, 0],
    [0, p ** 2, p ** 2, q ** 2, q ** 2, 0],
    [0, p ** 3, -(p ** 3), q ** 3, -(q ** 3), 1],
  ],
};

export const transposed = (x: Matrix): Matrix => x[0].map((_, j) => x.map((row) => row[j]));

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** WGSL of Σ factor · name. */
function combine(factors: readonly number[], names: readonly string[]): string {
  let text = "";
  factors.forEach((factor, i) => {
    if (factor === 0) return;
    const size = Math.abs(factor);
    const term = size === 1 ? names[i] : `${size} * ${names[i]}`;
    text += text === "" ? (factor < 0 ? `-${term}` : term) : `${factor < 0 ? " - " : " + "}${term}`;
  });
  return text;
}

/** WGSL that defines `to` = M · `from` · Mᵀ; elements are called `from0_0` and so on. */
export function sandwich(matrix: Matrix, from: string, to: string): string {
  const [rows, inner] = [range(matrix.length), range(matrix[0].length)];
  const half = rows.flatMap((i) =>
    inner.map((j) => {
      const column = inner.map((k) => `${from}${k}_${j}`);
      return `let ${to}h${i}_${j} = ${combine(matrix[i], column)};`;
    }),
  );
  const whole = rows.flatMap((i) =>
    rows.map((j) => {
      const row = inner.map((k) => `${to}h${i}_${k}`);
      return `let ${to}${i}_${j} = ${combine(matrix[j], row)};`;
    }),
  );
  return [...half, ...whole].join("\n  ");
}
