import { broadcastShapes, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { matmul } from "../ops/matmul.js";
import { neg } from "../ops/pointwise.js";
import { clone } from "../ops/shape.js";
import { expectTensor } from "../ops/table.js";
import { tril, triu } from "../ops/triangles.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { solveTriangle } from "./algorithms/elimination.js";
import {
  batchOf,
  inBatch,
  mT,
  onHost,
  requireFloat,
  requireMatrices,
  requireSameDType,
  requireSquare,
  sizesOf,
} from "./host.js";

/*
 * Equations with triangular matrices.
 */

interface Triangle {
  readonly upper: boolean;
  readonly unit: boolean;
}

const SOLVE_TRIANGULAR: Derivative = {
  name: "LinalgSolveTriangularBackward0",
  backward(node, g) {
    const { upper, unit } = node.context as Triangle;
    const gB = solveLeft(mT(node.saved(0)), g, { upper: !upper, unit });
    if (!node.needs(0)) return [null, gB];
    const gA = neg(matmul(gB, mT(node.saved(1))));
    return [upper ? triu(gA, unit ? 1 : 0) : tril(gA, unit ? -1 : 0), gB];
  },
};

/** The X of `A·X = B`, of which the batches broadcast. */
function solveLeft(A: Tensor, B: Tensor, triangle: Triangle): Tensor {
  const [n, k] = sizesOf(B);
  const batch = broadcastShapes(batchOf(A), batchOf(B));
  const inputs = [inBatch(B, batch), inBatch(A, batch)];
  const [X] = onHost("linalg.solveTriangular", batch, inputs, [{ shape: [n, k] }], ([b, a], [x]) => {
    solveTriangle(a, n, b, k, triangle.upper, triangle.unit);
    x.set(b);
  });
  if (recording(A, B)) {
    const node = record(SOLVE_TRIANGULAR, X, [A, B]);
    node.context = triangle;
    node.save(A, X);
  }
  return X;
}

/** `A·X = B` or `X·A = B` need as many rows, or columns. */
export function requireEquation(A: Tensor, B: Tensor, left: boolean, operation: string): void {
  const [n] = sizesOf(A);
  const [rows, columns] = sizesOf(B);
  if ((left ? rows : columns) !== n) {
    throw new ShapeError(
      `${operation}: Incompatible shapes of A and B for the equation ${left ? "AX = B" : "XA = B"} (${n}x${n} and ${rows}x${columns})`,
      { A: A.shape, B: B.shape },
    );
  }
}

type Options = { upper: boolean; left?: boolean; unitriangular?: boolean };

/**
 * The X of `A·X = B` (or, with `left: false`, of `X·A = B`) for triangular A (…, N, N), `upper` or lower, and B (…, N, K); batches
 * broadcast. The other triangle of A is not read, nor, with `unitriangular`, its diagonal, which is then taken for ones. A zero on
 * the diagonal gives infinities.
 */
export const solveTriangular = operator<(A: Tensor, B: Tensor, options: Options) => Tensor>(
  "solveTriangular(A, B, *, upper, left=true, unitriangular=false)",
  (A: Tensor, B: Tensor, upper: boolean, left: boolean, unit: boolean) => {
    const name = "linalg.solveTriangular";
    requireSquare(A, name);
    requireMatrices(B, name, "B");
    requireEquation(A, B, left, name);
    requireFloat(A, name);
    requireSameDType(A, B, name);
    return left ? solveLeft(A, B, { upper, unit }) : mT(solveLeft(mT(A), mT(B), { upper: !upper, unit }));
  },
);

type OldOptions = { upper?: boolean; transpose?: boolean; unitriangular?: boolean };
type TriangularSolve = (
  self: Tensor,
  A: Tensor,
  upper?: boolean | OldOptions,
  transpose?: boolean | OldOptions,
  unitriangular?: boolean | OldOptions,
) => [solution: Tensor, clonedCoefficient: Tensor];

/** `[X, copy of A]` with the X of `A·X = self`, or of `Aᵀ·X = self`: the older form of `linalg.solveTriangular`. */
export const triangularSolve = operator<TriangularSolve>(
  "triangularSolve(self, A, upper=true, transpose=false, unitriangular=false)",
  (self: Tensor, A: Tensor, upper: boolean, transposed: boolean, unit: boolean) => {
    for (const [name, x] of [
      ["b", self],
      ["A", A],
    ] as const) {
      expectTensor(x, "triangularSolve", name);
      if (x.ndim < 2) {
        throw new ShapeError(
          `triangularSolve: Expected ${name} to have at least 2 dimensions, but it has ${x.ndim} dimensions instead`,
          { shape: x.shape },
        );
      }
    }
    requireFit("triangularSolve", A, self);
    requireFloat(A, "triangularSolve");
    requireSameDType(self, A, "triangularSolve", "b", "A");
    const X = solveLeft(transposed ? mT(A) : A, self, { upper: upper !== transposed, unit });
    return [X, clone(inBatch(A, batchOf(X)))];
  },
);

/** Square matrices A, and as many rows in b: in the words of the older operators. */
export function requireFit(operation: string, A: Tensor, b: Tensor): void {
  const [m, n] = sizesOf(A);
  if (m !== n) {
    throw new ShapeError(`A must be batches of square matrices, but they are ${m} by ${n} matrices`, {
      shape: A.shape,
    });
  }
  const [rows, columns] = sizesOf(b);
  if (rows !== n) {
    throw new ShapeError(
      `Incompatible matrix sizes for ${operation}: each A matrix is ${n} by ${n} but each b matrix is ${rows} by ${columns}`,
      { A: A.shape, b: b.shape },
    );
  }
}
