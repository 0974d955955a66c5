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
import { movedim, reshape } from "../ops/views.js";
import { where } from "../ops/where.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { svdvals } from "./svd.js";

/*
 * Norms of vectors, over dimensions.
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
export function pNorm(x: Tensor, p: number, dims: readonly number[], keepdim: boolean): Tensor {
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
export function converted(x: Tensor, dtype: DType | null, operation: string): Tensor {
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

/** The sum of the singular values of the matrices in two dimensions. */
function nuclear(A: Tensor, dim: readonly number[], keepdim: boolean): Tensor {
  const dims = dim.map((d) => wrapDim(d, A.ndim));
  if (dims[0] === dims[1]) throw new ArgumentError("norm(): dims must be different", { dim });
  const out = sum(svdvals(movedim(A, dims, [-2, -1])), -1);
  return keepdim
    ? reshape(
        out,
        A.shape.map((n, d) => (dims.includes(d) ? 1 : n)),
      )
    : out;
}

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
      return nuclear(self, dims, keepdim);
    }
    const p = order === "fro" || order === null ? 2 : order;
    if (typeof p !== "number") {
      throw new ArgumentError(`only valid string values are 'fro' and 'nuc', found ${p}`, { p });
    }
    return pNorm(self, p, dimsOf(dim, self.ndim), keepdim);
  },
);
