import { ArgumentError, DTypeError, dtypeInfo, formatShape, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { eye } from "../ops/creation.js";
import { amax } from "../ops/extremes.js";
import { matmul } from "../ops/matmul.js";
import { abs, add, mul } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor, unsupported } from "../ops/table.js";
import { squeeze, unsqueeze } from "../ops/views.js";
import { hostValues } from "../read.js";
import type { Tensor } from "../tensor.js";
import { requireSquare } from "./host.js";
import { inv } from "./solve.js";

/*
 * Powers, exponentials and chains of products, all made of matrix products.
 */

const identityLike = (A: Tensor): Tensor => eye(A.shape[A.ndim - 1], { dtype: A.dtype, device: A.device });

/** A (…, N, N) multiplied with itself to the n-th power; a negative n takes the inverse. */
export const matrixPower = operator<(A: Tensor, n: number) => Tensor>("matrixPower(A, n)", (A: Tensor, n: number) => {
  requireSquare(A, "linalg.matrixPower");
  if (!Number.isInteger(n)) {
    throw new ArgumentError(`matrixPower(): argument 'n' (position 2) must be a whole number, not ${n}`, { n });
  }
  if (n === 0) return add(mul(A, 0).fill_(0), identityLike(A));
  let square = n < 0 ? inv(A) : A;
  let out: Tensor | null = null;
  for (let rest = Math.abs(n); ; square = matmul(square, square)) {
    if (rest % 2 === 1) out = out === null ? square : matmul(out, square);
    rest = Math.floor(rest / 2);
    if (rest === 0) return out === square ? square.clone() : out;
  }
});

/** 1/k! of the Taylor series, up to the order 16. */
const TAYLOR = [1];
for (let k = 1; k <= 16; k++) TAYLOR[k] = TAYLOR[k - 1] / k;

/**
 * The exponential `Σ Aᵏ/k!` of A (…, N, N): its Taylor polynomial of order 16 at A/2ˢ, evaluated in six products (Paterson and Stockmeyer), squared s
 * times. s is chosen by the largest norm in the batch, which is read on the host.
 */
export const matrixExp = operator<(A: Tensor) => Tensor>("matrixExp(A)", (A: Tensor) => {
  requireSquare(A, "linalg.matrixExp");
  const { scalarName } = dtypeInfo[A.dtype];
  if (!isFloat(A.dtype)) {
    throw new DTypeError(`matrixExp: Expected a floating point or complex tensor as input. Got ${scalarName}`, {
      dtype: A.dtype,
    });
  }
  if (A.dtype === "float16") throw unsupported("matrix_exp", A.dtype);
  if (A.numel() === 0) return A.clone();
  const [norm] = hostValues(amax(sum(abs(A.detach()), -2)), "linalg.matrixExp") as Float64Array;
  const halvings = Number.isFinite(norm) && norm > 0 ? Math.max(0, Math.ceil(Math.log2(norm)) + 1) : 0;
  const x = halvings > 0 ? mul(A, 2 ** -halvings) : A;
  const powers = [identityLike(A), x, matmul(x, x)];
  powers.push(matmul(powers[2], x), matmul(powers[2], powers[2]));
  let out = mul(powers[4], TAYLOR[16]);
  for (let k = 12; k >= 0; k -= 4) {
    for (let j = 0; j < 4; j++) out = add(out, powers[j], { alpha: TAYLOR[k + j] });
    if (k > 0) out = matmul(out, powers[4]);
  }
  for (let s = 0; s < halvings; s++) out = matmul(out, out);
  return out;
});

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
