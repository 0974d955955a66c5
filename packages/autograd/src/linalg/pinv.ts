import { ArgumentError, DTypeError, dtypeInfo, formatShape, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { gt } from "../ops/compare.js";
import { amax } from "../ops/extremes.js";
import { reciprocal, square } from "../ops/functions.js";
import { matmul } from "../ops/matmul.js";
import { abs, add, maximum, mul, sub } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor } from "../ops/table.js";
import { squeeze, unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import { hostValues } from "../read.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eigh, eigvalsh } from "./eigh.js";
import { batchOf, epsilonOf, inBatch, LinAlgError, mT, sizesOf } from "./host.js";
import { isVectorOf } from "./solve.js";
import { decompose, svdvals } from "./svd.js";

/*
 * What depends on the numerical rank: rank, pseudo-inverse, least squares.
 */

/** A number, one number for each matrix, or the default. */
type Tolerance = number | Tensor | null;
type Tolerances = { atol?: Tolerance; rtol?: Tolerance };

/** What magnitudes (…, K) of eigenvalues or singular values of A have to exceed to count: max(atol, rtol · the largest). */
function cutoff(magnitudes: Tensor, A: Tensor, atol: Tolerance, rtol: Tolerance): Tensor {
  const [m, n] = sizesOf(A);
  const usual = epsilonOf(A.dtype) * Math.max(m, n);
  const largest = amax(magnitudes, -1);
  const asTensor = (x: number | Tensor): Tensor => (isTensor(x) ? x : magnitudes.newFull([], x));
  const absolute = asTensor(atol ?? 0);
  const relative = rtol === null ? where(gt(absolute, 0), 0, asTensor(usual)) : asTensor(rtol);
  return unsqueeze(maximum(absolute, mul(relative, largest)), -1);
}

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

// ------------------------------------------------------------------------------------------------ pseudo-inverse

const PINV: Derivative = {
  name: "LinalgPinvBackward0",
  backward: (node, g) => pinvGradient(g, node.saved(0), node.saved(1)),
};

/** Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973): for changes of A that keep its rank. P is the pseudo-inverse of A. */
function pinvGradient(g: Tensor, A: Tensor, P: Tensor): Tensor {
  const turned = mT(P);
  const gT = mT(g);
  const outside = matmul(gT, matmul(P, turned));
  const inside = matmul(matmul(turned, P), gT);
  const direct = matmul(turned, matmul(g, turned));
  const left = sub(outside, matmul(A, matmul(P, outside)));
  const right = sub(inside, matmul(matmul(inside, P), A));
  return sub(add(left, right), direct);
}

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
    pseudoInverse(A, atol, rtol ?? rcond, hermitian),
);

/** The pseudo-inverse: `linalg.pinv` with a smaller `rcond`. */
export const pinverse = operator<(self: Tensor, rcond?: number | { rcond?: number }) => Tensor>(
  "pinverse(self, rcond=1e-15)",
  (self: Tensor, rcond: number) => pseudoInverse(self, null, rcond, false),
);

function pseudoInverse(A: Tensor, atol: Tolerance, rtol: Tolerance, hermitian: boolean): Tensor {
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
  const [U, S, V] = hermitian ? symmetricFactors(x) : factors(x);
  const magnitudes = abs(S);
  const kept = where(gt(magnitudes, cutoff(magnitudes, A, atol, rtol)), reciprocal(S), 0);
  const P = matmul(mul(V, unsqueeze(kept, -2)), mT(U));
  if (recording(A)) record(PINV, P, [A]).save(A, P);
  return P;
}

function factors(A: Tensor): [U: Tensor, S: Tensor, V: Tensor] {
  const [U, S, Vh] = decompose(A, false);
  return [U, S, mT(Vh)];
}

function symmetricFactors(A: Tensor): [U: Tensor, S: Tensor, V: Tensor] {
  const [L, V] = eigh(A);
  return [V, L, V];
}

// ------------------------------------------------------------------------------------------------- least squares

const LSTSQ: Derivative = {
  name: "LinalgLstsqBackward0",
  backward(node, g) {
    const [A, B] = [node.saved(0), node.saved(1)];
    const P = pinv(A);
    return [node.needs(0) ? pinvGradient(matmul(g, mT(B)), A, P) : null, node.needs(1) ? matmul(mT(P), g) : null];
  },
};

type Driver = "gels" | "gelsy" | "gelsd" | "gelss";
type LstsqOptions = { rcond?: number | null; driver?: Driver | null };
type Lstsq = (
  A: Tensor,
  B: Tensor,
  rcond?: number | null | LstsqOptions,
  options?: LstsqOptions,
) => [solution: Tensor, residuals: Tensor, rank: Tensor, singularValues: Tensor];

/**
 * `[X, residuals, rank, singularValues]` with the X of least length among those that make ‖A·X − B‖ smallest: A (…, M, N), B (…, M, K) or vectors
 * (…, M). `driver` is "gelsy" (the default), "gelsd" or "gelss", which take the singular values up to `rcond` · the largest for 0, or "gels", which
 * takes A to have full rank. The residuals (…, K), sums of squares, are there for M > N, full rank and a driver other than "gelsy"; the rank (int32) for
 * drivers other than "gels"; the singular values for "gelsd" and "gelss"; else they are empty. All are computed from the singular
 * value decomposition. Only X has a gradient.
 * @throws LinAlgError by "gels" for a matrix that has not full rank.
 */
export const lstsq = operator<Lstsq>(
  "lstsq(A, B, rcond=null, *, driver=null)",
  (A: Tensor, B: Tensor, rcond: number | null, chosen: Driver | null) => {
    const driver = chosen ?? "gelsy";
    checkEquations(A, B, driver);
    const vector = isVectorOf(A, B);
    const matrix = vector ? unsqueeze(B, -1) : B;
    const [m, n] = sizesOf(A);
    const [rows, k] = sizesOf(matrix);
    if (m !== rows) {
      throw new ShapeError(`linalg.lstsq: input.size(-2) should match other.size(${vector ? -1 : -2})`, {
        A: A.shape,
        B: B.shape,
      });
    }
    const batch = batchOf(A);
    const full = Math.min(m, n);
    const ranked = driver !== "gels";
    const [U, S, V] = factors(A.detach());
    const empty = (): Tensor => A.newEmpty([0]);
    const found =
      full === 0
        ? A.newZeros([...batch, 0], { dtype: "bool" })
        : gt(
            S,
            mul(amax(S, -1, true), ranked ? (rcond ?? epsilonOf(A.dtype) * Math.max(m, n)) : epsilonOf(A.dtype) / 2),
          );
    const rank = sum(found, -1);
    const short = (hostValues(rank, "linalg.lstsq") as Int32Array).findIndex((r) => r < full);
    if (!ranked && short >= 0) {
      const where = batch.length > 0 ? `(Batch element ${short}): ` : "";
      throw new LinAlgError(
        `linalg.lstsq: ${where}The least squares solution could not be computed because the input matrix does not have full rank.`,
        { element: short },
      );
    }
    const data = inBatch(matrix, batch);
    const parts = mul(matmul(mT(U), data.detach()), unsqueeze(where(found, reciprocal(S), 0), -1));
    const X = matmul(V, parts);
    if (recording(A, data)) record(LSTSQ, X, [A, data]).save(A, data);
    const overdetermined = m > n && short < 0 && driver !== "gelsy" && k > 0;
    return [
      vector ? squeeze(X, -1) : X,
      overdetermined ? sum(square(sub(matmul(A.detach(), X.detach()), data.detach())), -2) : empty(),
      ranked ? rank : A.newEmpty([0], { dtype: "int32" }),
      driver === "gelsd" || driver === "gelss" ? S : empty(),
    ];
  },
);

function checkEquations(A: Tensor, B: Tensor, driver: string): void {
  expectTensor(A, "lstsq", "A");
  expectTensor(B, "lstsq", "B");
  const refuse = (text: string): never => {
    throw new ShapeError(`linalg.lstsq: ${text}`, { A: A.shape, B: B.shape });
  };
  if (A.ndim < 2) refuse("input must have at least 2 dimensions.");
  if (B.ndim < 1) refuse("other must have at least 1 dimension.");
  const [a, b] = [dtypeInfo[A.dtype].scalarName, dtypeInfo[B.dtype].scalarName];
  if (a !== b) {
    throw new DTypeError(
      `linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype ${a} and other's dtype ${b}`,
    );
  }
  const more = A.ndim - B.ndim;
  if (more < 0 || more > 1) {
    refuse("input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1");
  }
  if (!["gels", "gelsy", "gelsd", "gelss"].includes(driver)) {
    throw new ArgumentError("linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)", {
      driver,
    });
  }
}
