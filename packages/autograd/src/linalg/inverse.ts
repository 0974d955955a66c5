import type { Shape } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { matmul } from "../ops/matmul.js";
import { neg } from "../ops/pointwise.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eliminate } from "./algorithms/elimination.js";
import { identity } from "./algorithms/householder.js";
import { batchOf, mT, onHost, requireFloat, requireSquare, requireSuccess, sizesOf } from "./host.js";

/*
 * Inverses.
 */

const INVERSE: Derivative = {
  name: "LinalgInvExBackward0",
  backward(node, g) {
    const turned = mT(node.saved(0));
    return neg(matmul(turned, matmul(g, turned)));
  },
};

function inverted(A: Tensor, operation: string): [inverse: Tensor, info: Tensor] {
  requireSquare(A, "linalg.inv");
  requireFloat(A, "linalg.inv");
  const [n] = sizesOf(A);
  const results = [{ shape: [n, n] }, { shape: [] as Shape, integers: true }];
  const [X, info] = onHost(operation, batchOf(A), [A], results, ([a], [x, code]) => {
    x.set(identity(n, n));
    code[0] = eliminate(a, n, x, n);
  });
  if (recording(A)) record(INVERSE, X, [A]).save(X);
  return [X, info];
}

const singular = (i: number): string =>
  `The diagonal element ${i} is zero, the inversion could not be completed because the input matrix is singular.`;

/**
 * The inverse of A (…, N, N). To multiply by it, `linalg.solve` is faster and more precise.
 * @throws LinAlgError where A is singular.
 */
export const inv = operator<(A: Tensor) => Tensor>("inv(A)", (A: Tensor) => {
  const [X, info] = inverted(A, "linalg.inv");
  requireSuccess(info, "linalg.inv", singular);
  return X;
});

/** The inverse: `linalg.inv` by another name. */
export const inverse = operator<(self: Tensor) => Tensor>("inverse(self)", (self: Tensor) => inv(self));

/** `[inverse, info]`: as `inv`; `info` (int32) names the first pivot that is zero, counted from 1, or is 0. */
export const invEx = operator<(A: Tensor, options?: { checkErrors?: boolean }) => [inverse: Tensor, info: Tensor]>(
  "invEx(A, *, checkErrors=false)",
  (A: Tensor, checkErrors: boolean) => {
    const both = inverted(A, "linalg.invEx");
    if (checkErrors) requireSuccess(both[1], "linalg.invEx", singular);
    return both;
  },
);
