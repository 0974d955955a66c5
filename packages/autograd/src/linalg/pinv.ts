import { DTypeError, dtypeInfo, formatShape } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { gt } from "../ops/compare.js";
import { amax } from "../ops/extremes.js";
import { reciprocal } from "../ops/functions.js";
import { matmul } from "../ops/matmul.js";
import { abs, add, maximum, mul, sub } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor } from "../ops/table.js";
import { unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { batchOf, epsilonOf, mT, sizesOf } from "./host.js";
import { decompose } from "./svd.js";

/*
 * Pseudo-inverses, from singular values that count as numbers other than 0.
 */

/** A number, one number for each matrix, or the default. */
export type Tolerance = number | Tensor | null;
export type Tolerances = { atol?: Tolerance; rtol?: Tolerance };

/** What magnitudes (…, K) of eigenvalues or singular values of A have to exceed to count: max(atol, rtol · the largest). */
export function cutoff(magnitudes: Tensor, A: Tensor, atol: Tolerance, rtol: Tolerance): Tensor {
  const [m, n] = sizesOf(A);
  const usual = epsilonOf(A.dtype) * Math.max(m, n);
  const largest = amax(magnitudes, -1);
  const asTensor = (x: number | Tensor): Tensor => (isTensor(x) ? x : magnitudes.newFull([], x));
  const absolute = asTensor(atol ?? 0);
  const relative = rtol === null ? where(gt(absolute, 0), 0, asTensor(usual)) : asTensor(rtol);
  return unsqueeze(maximum(absolute, mul(relative, largest)), -1);
}

const PINV: Derivative = {
  name: "LinalgPinvBackward0",
  backward: (node, g) => pinvGradient(g, node.saved(0), node.saved(1)),
};

/** Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973): for changes of A that keep its rank. P is the pseudo-inverse of A. */
export function pinvGradient(g: Tensor, A: Tensor, P: Tensor): Tensor {
  const turned = mT(P);
  const gT = mT(g);
  const outside = matmul(gT, matmul(P, turned));
  const inside = matmul(matmul(turned, P), gT);
  const direct = matmul(turned, matmul(g, turned));
  const left = sub(outside, matmul(A, matmul(P, outside)));
  const right = sub(inside, matmul(matmul(inside, P), A));
  return sub(add(left, right), direct);
}

/** The pseudo-inverse: `linalg.pinv` with a smaller `rcond`. */
export const pinverse = operator<(self: Tensor, rcond?: number | { rcond?: number }) => Tensor>(
  "pinverse(self, rcond=1e-15)",
  (self: Tensor, rcond: number) => pseudoInverse(self, null, rcond, factors),
);

type Factors = (A: Tensor) => [U: Tensor, S: Tensor, V: Tensor];

export function pseudoInverse(A: Tensor, atol: Tolerance, rtol: Tolerance, decompose: Factors): Tensor {
  expectTensor(A, "pinv", "A");
  if (A.ndim < 2 || (A.dtype !== "float32" && A.dtype !== "float64")) {
    throw new DTypeError(
      `linalg.pinv(${dtypeInfo[A.dtype].scalarName}{${formatShape(A.shape)}}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
      { dtype: A.dtype, shape: A.shape },
    );
  }
  const [m, n] = sizesOf(A);
  if (A.numel() === 0) return A.newZeros([...batchOf(A), n, m]).add(mul(sum(A), 0));
  const x = A.detach();
  const [U, S, V] = decompose(x);
  const magnitudes = abs(S);
  const kept = where(gt(magnitudes, cutoff(magnitudes, A, atol, rtol)), reciprocal(S), 0);
  const P = matmul(mul(V, unsqueeze(kept, -2)), mT(U));
  if (recording(A)) record(PINV, P, [A]).save(A, P);
  return P;
}

export function factors(A: Tensor): [U: Tensor, S: Tensor, V: Tensor] {
  const [U, S, Vh] = decompose(A, false);
  return [U, S, mT(Vh)];
}
