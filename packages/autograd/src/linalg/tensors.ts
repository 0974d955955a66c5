import { ArgumentError, numelOf, type Shape, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { expectTensor } from "../ops/table.js";
import { movedim, reshape } from "../ops/views.js";
import type { Tensor } from "../tensor.js";
import { inv } from "./inverse.js";
import { solve } from "./solve.js";

/*
 * Tensors as matrices: the first dimensions are the rows, the others the columns.
 */

function requireSameCount(rows: Shape, columns: Shape, where: string): void {
  const [r, c] = [numelOf(rows), numelOf(columns)];
  if (r !== c) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[${where}:]) == prod(self.shape[:${where}]), but got ${c} != ${r}`,
      { rows, columns },
    );
  }
}

/** The inverse of A as a matrix of its first `ind` dimensions by the others: `tensordot(tensorinv(A), B, ind)` is the X of `tensordot(A, X) = B`. */
export const tensorinv = operator<(A: Tensor, ind?: number | { ind?: number }) => Tensor>(
  "tensorinv(A, ind=2)",
  (A: Tensor, ind: number) => {
    expectTensor(A, "tensorinv", "A");
    if (!(ind > 0)) throw new ArgumentError(`Expected a strictly positive integer for 'ind', but got ${ind}`, { ind });
    const [rows, columns] = [A.shape.slice(0, ind), A.shape.slice(ind)];
    requireSameCount(rows, columns, "ind");
    const n = numelOf(rows);
    return reshape(inv(reshape(A, [n, n])), [...columns, ...rows]);
  },
);

type Dims = readonly number[] | null;
/** The X of `tensordot(A, X, X.ndim) = B`; the dimensions `dims` of A are moved to its end before. */
export const tensorsolve = operator<(A: Tensor, B: Tensor, dims?: Dims | { dims?: Dims }) => Tensor>(
  "tensorsolve(A, B, dims=null)",
  (A: Tensor, B: Tensor, dims: Dims) => {
    expectTensor(A, "tensorsolve", "A");
    expectTensor(B, "tensorsolve", "B");
    const from = dims === null ? [] : dims.map((d) => wrapDim(d, A.ndim));
    const matrix = movedim(
      A,
      from,
      from.map((_, i) => A.ndim - from.length + i),
    );
    const columns = matrix.shape.slice(B.ndim);
    const n = B.numel();
    const [rows, count] = [numelOf(matrix.shape.slice(0, B.ndim)), numelOf(columns)];
    if (rows !== count || n !== count)
      requireSameCount(rows === count ? B.shape : matrix.shape.slice(0, B.ndim), columns, "other.ndim");
    return reshape(solve(reshape(matrix, [n, n]), reshape(B, [n])), columns);
  },
);
