import { broadcastShapes, dtypeInfo, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { eye } from "../ops/creation.js";
import { matmul } from "../ops/matmul.js";
import { add, mul, neg } from "../ops/pointwise.js";
import { expectTensor } from "../ops/table.js";
import { tril } from "../ops/triangles.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { factorCholesky, solveTriangle, transposed } from "./algorithms/elimination.js";
import { batchOf, inBatch, mT, onHost, requireFloat, requireSquare, requireSuccess } from "./host.js";
import { requireFit, solveTriangular } from "./triangular.js";

const CHOLESKY: Derivative = {
  name: "LinalgCholeskyExBackward0",
  backward(node, g) {
    const L = node.saved(0);
    const half = tril(matmul(mT(L), g));
    const symmetric = mul(add(half, mT(tril(half, -1))), 0.5);
    const right = solveTriangular(L, symmetric, { upper: false, left: false });
    return solveTriangular(mT(L), right, { upper: true });
  },
};

/** `[L, info]`, recorded, of the lower (or upper) triangles. */
function factor(A: Tensor, upper: boolean, operation: string): [L: Tensor, info: Tensor] {
  requireSquare(A, operation);
  requireFloat(A, operation);
  const lower = upper ? mT(A) : A;
  const n = A.shape[A.ndim - 1];
  const results = [{ shape: [n, n] }, { shape: [], integers: true }];
  const [L, info] = onHost(operation, batchOf(A), [lower], results, ([a], [out, code]) => {
    code[0] = factorCholesky(a, n);
    out.set(a);
  });
  if (recording(lower)) record(CHOLESKY, L, [lower]).save(L);
  return [upper ? mT(L) : L, info];
}

const notPositive = (order: number): string =>
  `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${order} is not positive-definite).`;

type Upper = { upper?: boolean };
type UpperChecked = Upper & { checkErrors?: boolean };

/**
 * The lower triangular L of symmetric positive-definite matrices A (…, N, N): `A = L·Lᵀ`, or with `upper` the U of `A = Uᵀ·U`. Only
 * that triangle of A is read; the gradient is that of a symmetric A.
 * @throws LinAlgError where A is not positive-definite.
 */
export const linalgCholesky = operator<(A: Tensor, options?: Upper) => Tensor>(
  "cholesky(A, *, upper=false)",
  (A: Tensor, upper: boolean) => checked(A, upper, "linalg.cholesky"),
);

/** The same as `linalg.cholesky`, by its older name. */
export const cholesky = operator<(self: Tensor, upper?: boolean | Upper) => Tensor>(
  "cholesky(self, upper=false)",
  (self: Tensor, upper: boolean) => checked(self, upper, "cholesky"),
);

function checked(A: Tensor, upper: boolean, operation: string): Tensor {
  const [L, info] = factor(A, upper, operation);
  requireSuccess(info, operation, notPositive);
  return L;
}

/** `[L, info]`: as `cholesky`, but a matrix that is not positive-definite only shows in `info`, as the order of its first bad minor. */
export const choleskyEx = operator<(A: Tensor, options?: UpperChecked) => [L: Tensor, info: Tensor]>(
  "choleskyEx(A, *, upper=false, checkErrors=false)",
  (A: Tensor, upper: boolean, checkErrors: boolean) => {
    const [L, info] = factor(A, upper, "linalg.choleskyEx");
    if (checkErrors) requireSuccess(info, "linalg.choleskyEx", notPositive);
    return [L, info];
  },
);

// ------------------------------------------------------------------------- equations with a Cholesky factor

/** `(L·Lᵀ)⁻¹·B`, or `(Uᵀ·U)⁻¹·B`. */
function solveFactored(B: Tensor, L: Tensor, upper: boolean, operation: string): Tensor {
  const n = L.shape[L.ndim - 1];
  const k = B.shape[B.ndim - 1];
  const batch = broadcastShapes(batchOf(L), batchOf(B));
  const inputs = [inBatch(B, batch), inBatch(L, batch)];
  const [out] = onHost(operation, batch, inputs, [{ shape: [n, k] }], ([b, l], [x]) => {
    const turned = transposed(l, n, n);
    solveTriangle(upper ? turned : l, n, b, k, false, false);
    solveTriangle(upper ? l : turned, n, b, k, true, false);
    x.set(b);
  });
  return out;
}

/** The gradient of a factor L (or U) of `A = L·Lᵀ` from that of A, read as if all of L were used, as PyTorch does. */
const factorGradient = (gA: Tensor, L: Tensor, upper: boolean): Tensor => {
  const both = add(gA, mT(gA));
  return upper ? matmul(L, both) : matmul(both, L);
};

const CHOLESKY_SOLVE: Derivative = {
  name: "CholeskySolveBackward0",
  backward(node, g) {
    const [X, L] = [node.saved(0), node.saved(1)];
    const upper = node.context as boolean;
    const gB = choleskySolve(g, L, upper);
    return [gB, node.needs(1) ? factorGradient(neg(matmul(gB, mT(X))), L, upper) : null];
  },
};

type Solve = (self: Tensor, L: Tensor, upper?: boolean | Upper) => Tensor;

/**
 * `A⁻¹·B` from B (…, N, K) and the Cholesky factor L (…, N, N) of A, lower or `upper`.
 */
export const choleskySolve = operator<Solve>(
  "choleskySolve(self, L, upper=false)",
  (self: Tensor, L: Tensor, upper: boolean) => {
    for (const [name, x] of [
      ["b", self],
      ["u", L],
    ] as const) {
      expectTensor(x, "choleskySolve", name);
      if (x.ndim < 2) {
        throw new ShapeError(`${name} should have at least 2 dimensions, but has ${x.ndim} dimensions instead`, {
          shape: x.shape,
        });
      }
    }
    requireFloat(self, "choleskySolve");
    if (self.dtype !== L.dtype) {
      throw new ShapeError(
        `Expected b and A to have the same dtype, but found b of type ${dtypeInfo[self.dtype].scalarName} and A of type ${dtypeInfo[L.dtype].scalarName} instead.`,
      );
    }
    requireFit("choleskySolve", L, self);
    const X = solveFactored(self, L, upper, "choleskySolve");
    if (recording(self, L)) {
      const node = record(CHOLESKY_SOLVE, X, [self, L]);
      node.context = upper;
      node.save(X, L);
    }
    return X;
  },
);

const CHOLESKY_INVERSE: Derivative = {
  name: "CholeskyInverseBackward0",
  backward(node, g) {
    const [X, L] = [node.saved(0), node.saved(1)];
    return factorGradient(neg(matmul(X, matmul(g, X))), L, node.context as boolean);
  },
};

/**
 * `A⁻¹` from the Cholesky factor (…, N, N) of A, lower or `upper`.
 * @throws LinAlgError where the factor has a zero on its diagonal.
 */
export const choleskyInverse = operator<(self: Tensor, upper?: boolean | Upper) => Tensor>(
  "choleskyInverse(self, upper=false)",
  (self: Tensor, upper: boolean) => {
    requireSquare(self, "choleskyInverse");
    requireFloat(self, "choleskyInverse");
    const n = self.shape[self.ndim - 1];
    const results = [{ shape: [], integers: true }];
    const [info] = onHost("choleskyInverse", batchOf(self), [self], results, ([l], [code]) => {
      for (let i = n - 1; i >= 0; i--) if (l[i * n + i] === 0) code[0] = i + 1;
    });
    requireSuccess(
      info,
      "choleskyInverse",
      (i) =>
        `The diagonal element ${i} is zero, the inversion could not be completed because the input matrix is singular.`,
    );
    const X = solveFactored(eye(n, { dtype: self.dtype, device: self.device }), self, upper, "choleskyInverse");
    if (recording(self)) {
      const node = record(CHOLESKY_INVERSE, X, [self]);
      node.context = upper;
      node.save(X, self);
    }
    return X;
  },
);
