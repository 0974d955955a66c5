import { ArgumentError, type DType, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { ne } from "../ops/compare.js";
import { type Dims, dimsOf } from "../ops/dims.js";
import { amax, amin } from "../ops/extremes.js";
import { abs, div, mul } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor } from "../ops/table.js";
import { movedim, reshape, unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor.js";
import { requireFloat, requireMatrices, sizesOf } from "./host.js";
import { invEx } from "./inverse.js";
import { converted, pNorm, vectorNorm } from "./norm.js";
import { svdvals } from "./svd.js";

/*
 * Norms and condition numbers of matrices.
 */

type MatrixOrder = number | "fro" | "nuc";
type MatrixNormOptions = { ord?: MatrixOrder; dim?: readonly number[]; keepdim?: boolean; dtype?: DType | null };
type MatrixNorm = (
  A: Tensor,
  ord?: MatrixOrder | MatrixNormOptions,
  dim?: readonly number[] | MatrixNormOptions,
  keepdim?: boolean | MatrixNormOptions,
  options?: MatrixNormOptions,
) => Tensor;

/**
 * Norm of the matrices in two dimensions: "fro" (the root of the sum of squares), "nuc" (the sum of the singular values), ±2 (the largest, the smallest singular
 * value), ±1 and ±`Infinity` (the largest, the smallest sum of magnitudes of a column, and of a row).
 */
export const matrixNorm = operator<MatrixNorm>(
  'matrixNorm(A, ord="fro", dim=[-2, -1], keepdim=false, *, dtype=null)',
  (input: Tensor, ord: MatrixOrder, dim: readonly number[], keepdim: boolean, dtype: DType | null) =>
    ofMatrix(input, ord, dim, keepdim, dtype),
);

function ofMatrix(
  input: Tensor,
  ord: MatrixOrder,
  dim: readonly number[] | number,
  keepdim: boolean,
  dtype: DType | null,
): Tensor {
  const operation = "linalg.matrixNorm";
  requireMatrices(input, operation);
  const A = converted(input, dtype, operation);
  if (typeof dim === "number" || dim.length !== 2) {
    throw new ArgumentError(`${operation}: dim must be a 2-tuple. Got ${[dim].flat().join(" ")}`, { dim });
  }
  const [row, column] = dim.map((d) => wrapDim(d, A.ndim));
  if (row === column) {
    throw new ArgumentError(`${operation}: dims must be different. Got (${dim.join(", ")})`, { dim });
  }
  if (ord === "fro") return pNorm(A, 2, dimsOf([row, column], A.ndim), keepdim);
  const magnitude = typeof ord === "number" ? Math.abs(ord) : ord;
  const extreme = typeof ord === "number" && ord < 0 ? amin : amax;
  if (magnitude === 1 || magnitude === Number.POSITIVE_INFINITY) {
    const [added, compared] = magnitude === 1 ? [row, column] : [column, row];
    const sums = sum(abs(A), added, true);
    const kept = extreme(sums, compared, true);
    return keepdim
      ? kept
      : reshape(
          kept,
          A.shape.filter((_, d) => d !== row && d !== column),
        );
  }
  if (magnitude !== 2 && magnitude !== "nuc") {
    throw new ArgumentError(`${operation}: Order ${ord} not supported.`, { ord });
  }
  requireFloat(A, operation);
  const S = svdvals(movedim(A, [row, column], [-2, -1]));
  const out = magnitude === "nuc" ? sum(S, -1) : extreme(S, -1);
  return keepdim
    ? reshape(
        out,
        A.shape.map((n, d) => (d === row || d === column ? 1 : n)),
      )
    : out;
}

type Order = MatrixOrder | null;
type NormOptions = { ord?: Order; dim?: Dims; keepdim?: boolean; dtype?: DType | null };
type LinalgNorm = (
  A: Tensor,
  ord?: Order | NormOptions,
  dim?: Dims | NormOptions,
  keepdim?: boolean | NormOptions,
  options?: NormOptions,
) => Tensor;

/**
 * A vector norm over one dimension (or of a 1-dimensional tensor), a matrix norm over two (or of a 2-dimensional one); without `ord` the 2-norm of all elements in
 * `dim`. The orders are those of `linalg.vectorNorm` and `linalg.matrixNorm`.
 */
export const linalgNorm = operator<LinalgNorm>(
  "norm(A, ord=null, dim=null, keepdim=false, *, dtype=null)",
  (A: Tensor, ord: Order, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    expectTensor(A, "linalg.norm", "A");
    const count = dim === null ? A.ndim : typeof dim === "number" ? 1 : dim.length;
    if (ord === null) {
      return vectorNorm(A, 2, dim, keepdim, { dtype });
    }
    if (dim !== null && count !== 1 && count !== 2) {
      throw new ShapeError(
        `linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${[dim].flat().join(", ")}]`,
        { dim },
      );
    }
    if (dim === null && count !== 1 && count !== 2) {
      throw new ShapeError(
        `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${A.ndim}D.`,
        { shape: A.shape },
      );
    }
    if (typeof ord === "number" && count === 1) return vectorNorm(A, ord, dim, keepdim, { dtype });
    return ofMatrix(A, ord, dim ?? [0, 1], keepdim, dtype);
  },
);

/**
 * The condition number of A (…, M, N) in the norm `p`: ‖A‖·‖A⁻¹‖, infinite of a singular A. Without `p` (or 2, −2) the quotient of the largest and the smallest singular
 * value, for matrices of any shape.
 */
export const cond = operator<(A: Tensor, p?: Order | { p?: Order }) => Tensor>(
  "cond(A, p=null)",
  (A: Tensor, p: Order) => {
    expectTensor(A, "linalg.cond", "A");
    if (A.ndim < 2) {
      throw new ShapeError("linalg.cond: The input tensor must have at least 2 dimensions.", { shape: A.shape });
    }
    const [m, n] = sizesOf(A);
    if (p === null || p === 2 || p === -2) {
      if (A.numel() === 0) return A.newZeros(A.shape.slice(0, -2));
      const S = svdvals(A);
      const [largest, smallest] = [amax(S, -1), amin(S, -1)];
      return p === -2 ? div(smallest, largest) : div(largest, smallest);
    }
    if (!["fro", "nuc", 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].includes(p)) {
      throw new ArgumentError(`linalg.cond got an invalid norm type: ${p}`, { p });
    }
    if (m !== n) {
      throw new ShapeError(
        `linalg.cond(ord=${p}): A must be batches of square matrices, but they are ${m} by ${n} matrices`,
        { shape: A.shape },
      );
    }
    if (A.numel() === 0) return A.newZeros(A.shape.slice(0, -2));
    const [inverse, info] = invEx(A);
    const broken = ne(info, 0);
    const safe = where(unsqueeze(unsqueeze(broken, -1), -1), 0, inverse);
    const product = mul(ofMatrix(A, p, [-2, -1], false, null), ofMatrix(safe, p, [-2, -1], false, null));
    return where(broken, Number.POSITIVE_INFINITY, product);
  },
);
