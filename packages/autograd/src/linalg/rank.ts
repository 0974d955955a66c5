import { ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { gt } from "../ops/compare.js";
import { abs } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor } from "../ops/table.js";
import type { Tensor } from "../tensor.js";
import { eigh, eigvalsh } from "./eigh.js";
import { cutoff, factors, pseudoInverse, type Tolerance, type Tolerances } from "./pinv.js";
import { svdvals } from "./svd.js";

/*
 * What depends on the numerical rank, of symmetric matrices too.
 */

type RankOptions = Tolerances & { hermitian?: boolean; tol?: Tolerance };

/**
 * How many singular values of A (…, M, N) exceed max(`atol`, `rtol` · the largest): int32. Without tolerances `rtol` is max(M, N) times the
 * epsilon of the dtype. `hermitian` says that A is symmetric.
 */
export const matrixRank = operator<
  (A: Tensor, tol?: Tolerance | RankOptions, hermitian?: boolean | RankOptions, options?: RankOptions) => Tensor
>(
  "matrixRank(A, tol=null, hermitian=false, *, atol=null, rtol=null)",
  (A: Tensor, tol: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance) => {
    expectTensor(A, "matrixRank", "A");
    if (A.ndim < 2) {
      throw new ShapeError("linalg.matrixRank: The input tensor input must have at least 2 dimensions.", {
        shape: A.shape,
      });
    }
    const x = A.detach();
    const S = hermitian ? abs(eigvalsh(x)) : svdvals(x);
    if (S.numel() === 0) return sum(S, -1).to("int32");
    const limit = tol === null ? cutoff(S, A, atol, rtol) : cutoff(S, A, tol, 0);
    return sum(gt(S, limit), -1);
  },
);

type PinvOptions = Tolerances & { hermitian?: boolean; rcond?: Tolerance };

/**
 * The pseudo-inverse (…, N, M) of A (…, M, N). Singular values up to max(`atol`, `rtol` · the largest) count as 0; without tolerances `rtol`
 * (`rcond` by an older name) is max(M, N) times the epsilon of the dtype. `hermitian` says that A is symmetric.
 */
export const pinv = operator<
  (A: Tensor, rcond?: Tolerance | PinvOptions, hermitian?: boolean | PinvOptions, options?: PinvOptions) => Tensor
>(
  "pinv(A, rcond=null, hermitian=false, *, atol=null, rtol=null)",
  (A: Tensor, rcond: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance) =>
    pseudoInverse(A, atol, rtol ?? rcond, hermitian ? symmetricFactors : factors),
);

function symmetricFactors(A: Tensor): [U: Tensor, S: Tensor, V: Tensor] {
  const [L, V] = eigh(A);
  return [V, L, V];
}
