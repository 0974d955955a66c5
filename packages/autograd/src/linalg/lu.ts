import { ArgumentError, formatShape, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { empty, eye } from "../ops/creation.js";
import { matmul } from "../ops/matmul.js";
import { narrow } from "../ops/parts.js";
import { add, sub } from "../ops/pointwise.js";
import { cat } from "../ops/shape.js";
import { expectTensor, unsupported } from "../ops/table.js";
import { tril, triu } from "../ops/triangles.js";
import { hostValues } from "../read.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { factorLU } from "./algorithms/elimination.js";
import { batchOf, mT, onHost, requireMatrices, requireSuccess, sizesOf } from "./host.js";
import { permutation, requirePivotType } from "./lu-solve.js";
import { solveTriangular } from "./triangular.js";

/*
 * `A = P·L·U`: P a permutation, L lower triangular with ones on its diagonal, U upper triangular.
 */

const LU: Derivative = {
  name: "LinalgLuFactorExBackward0",
  backward(node, g) {
    const [packed, pivots] = [node.saved(0), node.saved(1)];
    const [m, n] = sizesOf(packed);
    const k = Math.min(m, n);
    const [L, U] = triangles(packed);
    const gL = tril(narrow(g, -1, 0, k), -1);
    const gU = triu(narrow(g, -2, 0, k));
    // with M = L₁⁻¹·dA₁·U₁⁻¹ of the leading (k, k): dL₁ = L₁·tril(M, −1), dU₁ = triu(M)·U₁
    let below = matmul(mT(narrow(L, -2, 0, k)), narrow(gL, -2, 0, k));
    let above = matmul(narrow(gU, -1, 0, k), mT(narrow(U, -1, 0, k)));
    if (n > k) below = sub(below, matmul(narrow(gU, -1, k, n - k), mT(narrow(U, -1, k, n - k))));
    if (m > k) above = sub(above, matmul(mT(narrow(L, -2, k, m - k)), narrow(gL, -2, k, m - k)));
    let gM = add(tril(below, -1), triu(above));
    // U₁ on the right of all rows, L₁ on the left of all columns
    if (m > k) gM = cat([gM, narrow(gL, -2, k, m - k)], -2);
    gM = solveTriangular(mT(narrow(U, -1, 0, k)), gM, { upper: false, left: false });
    if (n > k) gM = cat([gM, narrow(gU, -1, k, n - k)], -1);
    const upper = mT(narrow(L, -2, 0, k));
    const top = solveTriangular(upper, narrow(gM, -2, 0, k), { upper: true, unitriangular: true });
    const gA = m > k ? cat([top, narrow(gM, -2, k, m - k)], -2) : top;
    return matmul(permutation(pivots, m, g), gA);
  },
};

/** `[LU, pivots, info]`, recorded. */
function factor(A: Tensor, pivot: boolean, operation: string): [LU: Tensor, pivots: Tensor, info: Tensor] {
  expectTensor(A, operation, "A");
  if (A.ndim < 2) {
    throw new ShapeError(
      `${operation}: Expected tensor with 2 or more dimensions. Got size: ${formatShape(A.shape)} instead`,
      { shape: A.shape },
    );
  }
  if (A.dtype !== "float32" && A.dtype !== "float64") throw unsupported("lu_cpu", A.dtype);
  if (!pivot) throw new ArgumentError("linalg.luFactor: LU without pivoting is not implemented on the CPU");
  const [m, n] = sizesOf(A);
  const results = [{ shape: [m, n] }, { shape: [Math.min(m, n)], integers: true }, { shape: [], integers: true }];
  const [packed, pivots, info] = onHost(operation, batchOf(A), [A], results, ([a], [out, p, code]) => {
    code[0] = factorLU(a, m, n, p);
    out.set(a);
  });
  if (recording(A)) record(LU, packed, [A]).save(packed, pivots);
  return [packed, pivots, info];
}

/** L (…, M, K) and U (…, K, N) of the packed (…, M, N). */
function triangles(packed: Tensor): [L: Tensor, U: Tensor] {
  const [m, n] = sizesOf(packed);
  const k = Math.min(m, n);
  const ones = eye(m, k, { dtype: packed.dtype, device: packed.device });
  return [add(tril(narrow(packed, -1, 0, k), -1), ones), triu(narrow(packed, -2, 0, k))];
}

const singular = (name: string) => (i: number) =>
  `U[${i},${i}] is zero and using it on luSolve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or ${name}(A, pivot)`;

type Pivot = { pivot?: boolean };
type PivotChecked = Pivot & { checkErrors?: boolean };

/**
 * `[LU, pivots]` of A (…, M, N): L below the diagonal and U from it on, and for each of the min(M, N) steps the row, counted from 1, that
 * was exchanged with it (int32).
 * @throws LinAlgError where U has a zero on its diagonal: `luFactorEx` and `lu` take such matrices.
 */
export const luFactor = operator<(A: Tensor, options?: Pivot) => [LU: Tensor, pivots: Tensor]>(
  "luFactor(A, *, pivot=true)",
  (A: Tensor, pivot: boolean) => {
    const [packed, pivots, info] = factor(A, pivot, "linalg.luFactor");
    requireSuccess(info, "linalg.luFactor", singular("linalg.luFactorEx"));
    return [packed, pivots];
  },
);

/** `[LU, pivots, info]`: as `luFactor`; `info` (int32) names the first zero on the diagonal of U, counted from 1, or is 0. */
export const luFactorEx = operator<(A: Tensor, options?: PivotChecked) => [LU: Tensor, pivots: Tensor, info: Tensor]>(
  "luFactorEx(A, *, pivot=true, checkErrors=false)",
  (A: Tensor, pivot: boolean, checkErrors: boolean) => {
    const all = factor(A, pivot, "linalg.luFactorEx");
    if (checkErrors) requireSuccess(all[2], "linalg.luFactorEx", singular("linalg.luFactorEx"));
    return all;
  },
);

/** `[P, L, U]` of A (…, M, N): the permutation P (…, M, M), L (…, M, K) and U (…, K, N) with K = min(M, N). */
export const lu = operator<(A: Tensor, options?: Pivot) => [P: Tensor, L: Tensor, U: Tensor]>(
  "lu(A, *, pivot=true)",
  (A: Tensor, pivot: boolean) => {
    const [packed, pivots] = factor(A, pivot, "linalg.lu");
    return [permutation(pivots, A.shape[A.ndim - 2], packed), ...triangles(packed)];
  },
);

type UnpackOptions = { unpackData?: boolean; unpackPivots?: boolean };
type Unpack = (
  LUData: Tensor,
  LUPivots: Tensor,
  unpackData?: boolean | UnpackOptions,
  unpackPivots?: boolean | UnpackOptions,
) => [P: Tensor, L: Tensor, U: Tensor];

/** `[P, L, U]` from the results of `luFactor`; what is not wanted comes empty. */
export const luUnpack = operator<Unpack>(
  "luUnpack(LUData, LUPivots, unpackData=true, unpackPivots=true)",
  (packed: Tensor, pivots: Tensor, data: boolean, permuted: boolean) => {
    requireMatrices(packed, "luUnpack", "LUData");
    requirePivotType(pivots, "luUnpack: LUPivots is expected to be a contiguous tensor of int32 dtype.");
    const [m] = sizesOf(packed);
    const values = hostValues(pivots, "luUnpack") as Int32Array;
    if (values.some((p) => p < 1 || p > m)) {
      throw new ArgumentError(
        "pivots passed to luUnpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of luFactor?",
      );
    }
    const nothing = (): Tensor => empty(0, { dtype: packed.dtype, device: packed.device });
    const P = permuted ? permutation(pivots, m, packed) : nothing();
    return [P, ...(data ? triangles(packed) : [nothing(), nothing()])];
  },
);
