import { ArgumentError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { diagEmbed } from "../ops/arrange.js";
import { matmul } from "../ops/matmul.js";
import { add, div, mul, sub } from "../ops/pointwise.js";
import { unsupported } from "../ops/table.js";
import { recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { transposed } from "./algorithms/elimination.js";
import { symmetricEigen } from "./algorithms/symmetric.js";
import { batchOf, LinAlgError, mT, onHost, requireSquare, sizesOf } from "./host.js";
import { differences } from "./svd.js";

/*
 * Eigenvalues of symmetric matrices. Those of other matrices are complex numbers, which do not exist here.
 */

const EIGH: Derivative = {
  name: "LinalgEighBackward0",
  backward(node, _, [gL, gV]) {
    const V = node.saved(1);
    let middle = gL && diagEmbed(gL);
    if (gV) {
      const along = matmul(mT(V), gV);
      const turn = div(mul(sub(along, mT(along)), 0.5), differences(node.saved(0)));
      middle = middle ? add(turn, middle) : turn;
    }
    return matmul(V, matmul(middle as Tensor, mT(V)));
  },
};

function decompose(A: Tensor, UPLO: string, vectors: boolean): [L: Tensor, V: Tensor] {
  const operation = "linalg.eigh";
  requireSquare(A, operation);
  const triangle = UPLO.toUpperCase();
  if (triangle !== "L" && triangle !== "U") {
    throw new ArgumentError(`Expected UPLO argument to be 'L' or 'U', but got ${UPLO}`, { UPLO });
  }
  if (A.dtype !== "float32" && A.dtype !== "float64") throw unsupported("linalg_eigh_cpu", A.dtype);
  const [n] = sizesOf(A);
  const batch = batchOf(A);
  const results = [{ shape: [n] }, { shape: vectors ? [n, n] : [0, 0] }];
  const [L, V] = onHost(operation, batch, [A], results, ([a], [values, out], element) => {
    const from = triangle === "U" ? transposed(a, n, n) : a;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) from[i * n + j] = from[j * n + i];
    if (!from.every(Number.isFinite)) {
      values.fill(Number.NaN);
      out.fill(Number.NaN);
    } else if (!symmetricEigen(from, n, values, vectors ? out : null)) {
      const where = batch.length > 0 ? `(Batch element ${element}): ` : "";
      throw new LinAlgError(`${operation}: ${where}The algorithm failed to converge.`, { element });
    } else if (vectors) out.set(transposed(out, n, n));
  });
  if (vectors && recording(A)) recordMany(EIGH, [L, V], [A]).save(L, V);
  return [L, V];
}

type Uplo = "L" | "U" | "l" | "u";
type Options = { UPLO?: Uplo };

/**
 * `[L, V]` with `A = V·diag(L)·Vᵀ` of symmetric A (…, N, N): the eigenvalues L (…, N) in ascending order, and the orthonormal eigenvectors as
 * the columns of V (…, N, N), with free signs. Only the lower (`UPLO` "L") or upper ("U") triangle is read; the gradient is that of a
 * symmetric A, and through V it needs distinct eigenvalues.
 */
export const eigh = operator<(A: Tensor, UPLO?: Uplo | Options) => [eigenvalues: Tensor, eigenvectors: Tensor]>(
  'eigh(A, UPLO="L")',
  (A: Tensor, UPLO: string) => decompose(A, UPLO, true),
);

/** The eigenvalues (…, N) of symmetric A (…, N, N), in ascending order. */
export const eigvalsh = operator<(A: Tensor, UPLO?: Uplo | Options) => Tensor>(
  'eigvalsh(A, UPLO="L")',
  (A: Tensor, UPLO: string) => decompose(A, UPLO, recording(A))[0],
);
