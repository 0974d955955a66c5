import { ArgumentError, DTypeError, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { matmul } from "../ops/matmul.js";
import { expectTensor, unsupported } from "../ops/table.js";
import { hostValues } from "../read.js";
import type { Tensor } from "../tensor.js";
import { permuteRows } from "./algorithms/elimination.js";
import { identity } from "./algorithms/householder.js";
import { batchOf, mT, onHost, requireMatrices, requireSameDType, requireSquare, sizesOf } from "./host.js";
import { requireEquation, solveTriangular } from "./triangular.js";

/*
 * Equations with the results of `luFactor`.
 */

/** The P (…, M, M) that pivots (…, K) stand for, in the dtype of `like`. */
export function permutation(pivots: Tensor, m: number, like: Tensor): Tensor {
  const [k] = pivots.shape.slice(-1);
  const batch = pivots.shape.slice(0, -1);
  const values = hostValues(pivots, "luUnpack") as Int32Array;
  const [P] = onHost("luUnpack", batch, [like.newEmpty([...batch, 0])], [{ shape: [m, m] }], (_, [p], b) => {
    p.set(identity(m, m));
    permuteRows(p, m, values.subarray(b * k, b * k + k), true);
  });
  return P;
}

export function requirePivotType(pivots: Tensor, text: string): void {
  expectTensor(pivots, "luSolve", "pivots");
  if (pivots.dtype !== "int32") throw new DTypeError(text, { dtype: pivots.dtype });
}

type SolveOptions = { left?: boolean; adjoint?: boolean };

/**
 * The X of `A·X = B` (with `left: false` of `X·A = B`, with `adjoint` of `Aᵀ·X = B`) from `luFactor(A)`: LU (…, N, N), pivots (…, N), B (…, N, K).
 */
export const linalgLuSolve = operator<(LU: Tensor, pivots: Tensor, B: Tensor, options?: SolveOptions) => Tensor>(
  "luSolve(LU, pivots, B, *, left=true, adjoint=false)",
  (packed: Tensor, pivots: Tensor, B: Tensor, left: boolean, adjoint: boolean) => {
    const name = "linalg.luSolve";
    expectTensor(packed, name, "LU");
    requireSquare(packed, name);
    requireMatrices(B, name, "B");
    if (packed.dtype !== "float32" && packed.dtype !== "float64") throw unsupported("lu_solve_cpu", packed.dtype);
    requireSameDType(packed, B, name, "LU", "B");
    requirePivotType(pivots, `${name}: pivots should be a Tensor of scalar type int32`);
    const [n] = sizesOf(packed);
    requireEquation(packed, B, left, name);
    if (pivots.shape[pivots.ndim - 1] !== n) {
      throw new ShapeError(`${name}: Number of pivots per batch should be same as the dimension of the matrix`, {
        pivots: pivots.shape,
      });
    }
    if (`${pivots.shape.slice(0, -1)}` !== `${batchOf(packed)}`) {
      throw new ShapeError(`${name}: Batch dimensions of LU and pivots should match`, { pivots: pivots.shape });
    }
    const values = hostValues(pivots, name) as Int32Array;
    const refuse = (bound: string): never => {
      throw new ArgumentError(
        `Pivots given to luSolve must all be ${bound}. Did you properly pass the result of luFactor?`,
      );
    };
    if (values.some((p) => p < 1)) refuse("greater or equal to 1");
    if (values.some((p) => p > n)) refuse("smaller or equal to LU.size(-2)");
    const P = permutation(pivots, n, packed);
    return left ? solveFactored(packed, P, B, adjoint) : mT(solveFactored(packed, P, mT(B), !adjoint));
  },
);

function solveFactored(packed: Tensor, P: Tensor, B: Tensor, adjoint: boolean): Tensor {
  if (adjoint) {
    const Y = solveTriangular(mT(packed), B, { upper: false });
    return matmul(P, solveTriangular(mT(packed), Y, { upper: true, unitriangular: true }));
  }
  const Y = solveTriangular(packed, matmul(mT(P), B), { upper: false, unitriangular: true });
  return solveTriangular(packed, Y, { upper: true });
}

/** The X of `A·X = b` from `luFactor(A)`: `linalg.luSolve` with its arguments in an older order. */
export const luSolve = operator<(b: Tensor, LUData: Tensor, LUPivots: Tensor) => Tensor>(
  "luSolve(b, LUData, LUPivots)",
  (b: Tensor, packed: Tensor, pivots: Tensor) => linalgLuSolve(packed, pivots, b),
);
