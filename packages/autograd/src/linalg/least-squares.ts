import { ArgumentError, DTypeError, dtypeInfo, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { gt } from "../ops/compare.js";
import { amax } from "../ops/extremes.js";
import { reciprocal, square } from "../ops/functions.js";
import { matmul } from "../ops/matmul.js";
import { mul, sub } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { expectTensor } from "../ops/table.js";
import { squeeze, unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import { hostValues } from "../read.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { batchOf, epsilonOf, inBatch, isVectorOf, LinAlgError, mT, sizesOf } from "./host.js";
import { factors, pinvGradient, pseudoInverse } from "./pinv.js";

/*
 * Least squares.
 */

const LSTSQ: Derivative = {
  name: "LinalgLstsqBackward0",
  backward(node, g) {
    const [A, B] = [node.saved(0), node.saved(1)];
    const P = pseudoInverse(A, null, null, factors);
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
