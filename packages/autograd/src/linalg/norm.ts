import {
  ArgumentError,
  type DType,
  DTypeError,
  dtypeInfo,
  IndexError,
  isFloat,
  ShapeError,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { eq, ne } from "../ops/compare.js";
import { zerosLike } from "../ops/creation.js";
import { type Dims, dimsOf, dropped, keptDims, type Reduced } from "../ops/dims.js";
import { amax, amin } from "../ops/extremes.js";
import { abs, div, mul, pow, sign, sqrt } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { to } from "../ops/shape.js";
import { expectTensor } from "../ops/table.js";
import { movedim, reshape, unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { requireFloat, requireMatrices, sizesOf } from "./host.js";
import { invEx } from "./solve.js";
import { svdvals } from "./svd.js";

/*
 * Norms of vectors and of matrices, and condition numbers.
 */

const NORM: Derivative = {
  name: "LinalgVectorNormBackward0",
  backward(node, g) {
    const { p, ...reduced } = node.context as Reduced & { p: number };
    const x = node.saved(0);
    if (p === 0) return zerosLike(x);
    const norm = keptDims(node.saved(1), reduced);
    const wide = keptDims(g, reduced);
    // where the norm is 0, so is the gradient; powers are not taken of 0, whose own derivative would not be finite
    const none = eq(norm, 0);
    if (p === 2) return mul(x, where(none, 0, div(wide, where(none, 1, norm))));
    const zero = eq(x, 0);
    const towards = where(zero, 0, mul(sign(x), pow(where(zero, 1, abs(x)), p - 1)));
    return mul(towards, where(none, 0, mul(wide, pow(where(none, 1, norm), 1 - p))));
  },
};

/** `(Σ |x|ᵖ)^(1/p)` over dimensions counted from 0; the gradient at 0 is 0. */
function pNorm(x: Tensor, p: number, dims: readonly number[], keepdim: boolean): Tensor {
  if (p === Number.POSITIVE_INFINITY) return amax(abs(x), dims, keepdim);
  if (p === Number.NEGATIVE_INFINITY) return amin(abs(x), dims, keepdim);
  if (p === 1) return sum(abs(x), dims, keepdim);
  const a = x.detach();
  const out = dropped(rooted(a, p, dims), dims, keepdim);
  if (recording(x)) {
    const node = record(NORM, out, [x]);
    node.context = { p, dims, keepdim, shape: x.shape };
    node.save(x, out);
  }
  return out;
}

function rooted(x: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 0) return sum(to(ne(x, 0), x.dtype), dims, true);
  return p === 2 ? sqrt(sum(mul(x, x), dims, true)) : pow(sum(pow(abs(x), p), dims, true), 1 / p);
}

/** `x` in the dtype asked for, which has to be a wider one. */
function converted(x: Tensor, dtype: DType | null, operation: string): Tensor {
  expectTensor(x, operation, "x");
  const name = (type: DType): string => dtypeInfo[type].scalarName;
  if (!isFloat(x.dtype)) {
    throw new DTypeError(`${operation}: Expected a floating point or complex tensor as input. Got ${name(x.dtype)}`, {
      dtype: x.dtype,
    });
  }
  if (dtype === null || dtype === x.dtype) return x;
  if (!isFloat(dtype)) {
    throw new DTypeError(`${operation}: dtype should be floating point or complex, but got ${name(dtype)}`, { dtype });
  }
  if (dtypeInfo[dtype].bytes < dtypeInfo[x.dtype].bytes) {
    throw new DTypeError(
      `${operation}: the dtype of the input (${name(x.dtype)}) should be convertible without narrowing to the specified dtype (${name(dtype)})`,
      { dtype },
    );
  }
  return to(x, dtype);
}

type VectorNormOptions = { ord?: number; dim?: Dims; keepdim?: boolean; dtype?: DType | null };
type VectorNorm = (
  x: Tensor,
  ord?: number | VectorNormOptions,
  dim?: Dims | VectorNormOptions,
  keepdim?: boolean | VectorNormOptions,
  options?: VectorNormOptions,
) => Tensor;

/**
 * The p-norm over `dim` (all dimensions without it), p being `ord`: `(Σ |x|ᵖ)^(1/p)`; ±`Infinity` gives the largest and the smallest magnitude, 0 counts what is
 * not zero. Where the norm is 0 its gradient is 0.
 */
export const vectorNorm = operator<VectorNorm>(
  "vectorNorm(x, ord=2, dim=null, keepdim=false, *, dtype=null)",
  (input: Tensor, ord: number, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    const x = converted(input, dtype, "linalg.vectorNorm");
    if (typeof ord !== "number") {
      throw new ArgumentError(`vectorNorm(): argument 'ord' (position 2) must be number, not ${typeof ord}`, { ord });
    }
    const dims = dimsOf(dim, x.ndim);
    if ((ord < 0 || ord === Number.POSITIVE_INFINITY) && x.numel() === 0) {
      const empty = dims.find((d) => x.shape[d] === 0);
      const named = `${ord}`.replace("Infinity", "inf");
      if (dim === null || empty !== undefined) {
        throw new IndexError(
          `linalg.vectorNorm cannot compute the ${named} norm on ${dim === null ? "an empty tensor because the operation" : `the dimension ${empty}because this dimension is empty and the operation`} does not have an identity`,
          { dim, shape: x.shape },
        );
      }
    }
    return pNorm(x, ord, dims, keepdim);
  },
);

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

type PNorm = number | "fro" | "nuc" | null;
type PNormOptions = { p?: PNorm; dim?: Dims; keepdim?: boolean; dtype?: DType | null };
type Norm = (
  self: Tensor,
  p?: PNorm | PNormOptions,
  dim?: Dims | PNormOptions,
  keepdim?: boolean | PNormOptions,
) => Tensor;

/**
 * The p-norm over `dim`: `(Σ |x|ᵖ)^(1/p)`; `Infinity` gives the largest magnitude, "fro" is 2, "nuc" the nuclear norm of matrices. The gradient where the
 * norm is 0 is 0.
 */
export const norm = operator<Norm>(
  'norm(self, p="fro", dim=null, keepdim=false, dtype=null)',
  (input: Tensor, order: PNorm, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    expectTensor(input, "norm");
    const self = dtype === null ? input : to(input, dtype);
    if (!isFloat(self.dtype)) {
      throw new DTypeError(
        `norm(): input dtype should be either floating point or complex. Got ${dtypeInfo[self.dtype].scalarName} instead.`,
        { dtype: self.dtype },
      );
    }
    if (order === "nuc") {
      if (dim === null && self.ndim !== 2) {
        throw new ShapeError(
          `Expected a tensor with 2 dimensions, but got a tensor with ${self.ndim} dimension${self.ndim === 1 ? "" : "s"} instead.`,
          { shape: self.shape },
        );
      }
      const dims = dim ?? [0, 1];
      if (typeof dims === "number" || dims.length !== 2) {
        throw new ShapeError("nuclear norm requires a 'dim' argument of size 2", { dim });
      }
      return ofMatrix(self, "nuc", dims, keepdim, null);
    }
    const p = order === "fro" || order === null ? 2 : order;
    if (typeof p !== "number") {
      throw new ArgumentError(`only valid string values are 'fro' and 'nuc', found ${p}`, { p });
    }
    return pNorm(self, p, dimsOf(dim, self.ndim), keepdim);
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
