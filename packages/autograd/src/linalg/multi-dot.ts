import { ArgumentError, DTypeError, formatShape, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { matmul } from "../ops/matmul.js";
import { expectTensor } from "../ops/table.js";
import { squeeze, unsqueeze } from "../ops/views.js";
import type { Tensor } from "../tensor.js";

/*
 * Chains of matrix products.
 */

/**
 * The product of two matrices or more, in the order of least work. The first and the last may be vectors: a row, a column.
 */
export const multiDot = operator<(tensors: readonly Tensor[]) => Tensor>(
  "multiDot(tensors)",
  (tensors: readonly Tensor[]) => {
    const name = "multiDot()";
    const last = tensors.length - 1;
    if (last < 1) {
      throw new ArgumentError(`${name}: expected at least 2 tensors but got ${tensors.length}`, {
        count: tensors.length,
      });
    }
    tensors.forEach((t, i) => {
      expectTensor(t, "multiDot", `tensors[${i}]`);
      const outer = i === 0 || i === last;
      if (t.ndim !== 2 && !(outer && t.ndim === 1)) {
        const which = i === 0 ? "the first tensor" : i === last ? "the last tensor" : `tensor ${i}`;
        throw new ShapeError(`${name}: ${which} must be ${outer ? "1D or " : ""}2D but got ${t.ndim}D`, {
          shape: t.shape,
        });
      }
      if (t.dtype !== tensors[0].dtype) {
        throw new DTypeError(
          `${name}: all tensors must have be the same dtype but tensor 0 is ${tensors[0].dtype} and tensor ${i} ${t.dtype}`,
        );
      }
    });
    const matrices = tensors.map((t, i) => (t.ndim === 2 ? t : unsqueeze(t, i === 0 ? 0 : -1)));
    for (let i = 0; i < last; i++) {
      if (matrices[i].shape[1] !== matrices[i + 1].shape[0]) {
        throw new ShapeError(
          `${name}: tensors ${i} and ${i + 1} with shapes ${formatShape(matrices[i].shape)} and ${formatShape(matrices[i + 1].shape)} cannot be multiplied`,
        );
      }
    }
    let out = inBestOrder(matrices);
    if (tensors[last].ndim === 1) out = squeeze(out, -1);
    return tensors[0].ndim === 1 ? squeeze(out, 0) : out;
  },
);

/** Cormen et al., Introduction to Algorithms, 15.2: `cost[i][j]` is the least work for the product of i…j, which ends as i…`cut[i][j]` times the rest. */
function inBestOrder(matrices: readonly Tensor[]): Tensor {
  const n = matrices.length;
  const sizes = [matrices[0].shape[0], ...matrices.map((t) => t.shape[1])];
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const cut = cost.map(() => new Array<number>(n).fill(0));
  for (let i = n - 2; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) {
      cost[i][j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const work = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (work < cost[i][j]) {
          cost[i][j] = work;
          cut[i][j] = k;
        }
      }
    }
  }
  const product = (i: number, j: number): Tensor =>
    i === j ? matrices[i] : matmul(product(i, cut[i][j]), product(cut[i][j] + 1, j));
  return product(0, n - 1);
}

/** The product of matrices, in the order of least work: `linalg.multiDot` in an older form. */
export function chainMatmul(...matrices: Tensor[]): Tensor {
  for (const t of matrices) expectTensor(t, "chainMatmul", "matrices");
  if (matrices.length === 0) throw new ArgumentError("chainMatmul(): Expected one or more matrices");
  return matrices.length === 1 ? matrices[0] : multiDot(matrices);
}
