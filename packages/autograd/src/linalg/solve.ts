import { broadcastShapes, type Shape } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { matmul } from "../ops/matmul.js";
import { neg } from "../ops/pointwise.js";
import { expectTensor } from "../ops/table.js";
import { squeeze, unsqueeze } from "../ops/views.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eliminate } from "./algorithms/elimination.js";
import {
  batchOf,
  inBatch,
  isVectorOf,
  mT,
  onHost,
  requireFloat,
  requireMatrices,
  requireSameDType,
  requireSquare,
  requireSuccess,
  sizesOf,
} from "./host.js";
import { requireEquation } from "./triangular.js";

/*
 * Systems of linear equations.
 */

const SOLVE: Derivative = {
  name: "LinalgSolveExBackward0",
  backward(node, g) {
    const [gB] = solveLeft(mT(node.saved(0)), g, "linalg.solve");
    return [node.needs(0) ? neg(matmul(gB, mT(node.saved(1)))) : null, gB];
  },
};

/** `[X, info]` of `A·X = B`, of which the batches broadcast. */
function solveLeft(A: Tensor, B: Tensor, operation: string): [X: Tensor, info: Tensor] {
  const [n, k] = sizesOf(B);
  const batch = broadcastShapes(batchOf(A), batchOf(B));
  const inputs = [inBatch(B, batch), inBatch(A, batch)];
  const results = [{ shape: [n, k] }, { shape: [] as Shape, integers: true }];
  const [X, info] = onHost(operation, batch, inputs, results, ([b, a], [x, code]) => {
    code[0] = eliminate(a, n, b, k);
    x.set(b);
  });
  if (recording(A, B)) record(SOLVE, X, [A, B]).save(A, X);
  return [X, info];
}

function solved(A: Tensor, B: Tensor, left: boolean, operation: string): [X: Tensor, info: Tensor] {
  const name = "linalg.solve";
  requireSquare(A, name);
  requireFloat(A, name);
  expectTensor(B, name, "B");
  requireSameDType(A, B, name);
  const vector = isVectorOf(A, B);
  const matrix = vector ? unsqueeze(B, -1) : B;
  requireMatrices(matrix, name, "B");
  requireEquation(A, matrix, left, name);
  const [X, info] = left ? solveLeft(A, matrix, operation) : solveLeft(mT(A), mT(matrix), operation);
  return [vector ? squeeze(X, -1) : left ? X : mT(X), info];
}

const failed = (): string => "The solver failed because the input matrix is singular.";

type Options = { left?: boolean };
type OptionsChecked = Options & { checkErrors?: boolean };

/**
 * The X of `A·X = B` (or, with `left: false`, of `X·A = B`): A (…, N, N), B (…, N, K) or vectors (…, N); batches broadcast.
 * @throws LinAlgError where A is singular.
 */
export const solve = operator<(A: Tensor, B: Tensor, options?: Options) => Tensor>(
  "solve(A, B, *, left=true)",
  (A: Tensor, B: Tensor, left: boolean) => {
    const [X, info] = solved(A, B, left, "linalg.solve");
    requireSuccess(info, "linalg.solve", failed);
    return X;
  },
);

/** `[X, info]`: as `solve`; `info` (int32) is not 0 where A is singular, and X then holds no solution. */
export const solveEx = operator<(A: Tensor, B: Tensor, options?: OptionsChecked) => [X: Tensor, info: Tensor]>(
  "solveEx(A, B, *, left=true, checkErrors=false)",
  (A: Tensor, B: Tensor, left: boolean, checkErrors: boolean) => {
    const both = solved(A, B, left, "linalg.solveEx");
    if (checkErrors) requireSuccess(both[1], "linalg.solveEx", failed);
    return both;
  },
);
