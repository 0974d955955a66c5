import type { Shape } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { eq, gt, logicalOr } from "../ops/compare.js";
import { eye } from "../ops/creation.js";
import { amax, amin } from "../ops/extremes.js";
import { matmul } from "../ops/matmul.js";
import { diagonal } from "../ops/parts.js";
import { mul, neg } from "../ops/pointwise.js";
import { prod } from "../ops/reduction.js";
import { unsqueeze } from "../ops/views.js";
import { where } from "../ops/where.js";
import { record, recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { factorLU } from "./algorithms/elimination.js";
import { batchOf, mT, onHost, requireFloat, requireSquare } from "./host.js";
import { invEx } from "./inverse.js";
import { decompose } from "./svd.js";

/*
 * Determinants, by LU.
 */

/** Sign and pivots of a matrix: its determinant is their product. */
function pivotsOf(a: Float64Array, n: number): [sign: number, pivots: Float64Array] {
  const exchanged = new Int32Array(n);
  factorLU(a, n, n, exchanged);
  const sign = exchanged.reduce((s, p, k) => (p === k + 1 ? s : -s), 1);
  return [sign, Float64Array.from({ length: n }, (_, i) => a[i * n + i])];
}

/** Singular values smaller than this beside the largest make the inverse too inexact to multiply a small determinant with. */
const NEARLY_SINGULAR = 1e-6;

const DET: Derivative = {
  name: "LinalgDetBackward0",
  backward(node, g) {
    const [A, det] = [node.saved(0), node.saved(1)];
    const wide = (x: Tensor): Tensor => unsqueeze(unsqueeze(x, -1), -1);
    const [U, S, Vh] = decompose(A.detach(), true);
    if (A.numel() === 0) return A.newZeros([...A.shape]);
    const regular = gt(amin(S, -1), mul(amax(S, -1), NEARLY_SINGULAR));
    const inverse = mT(invEx(where(wide(regular), A, U))[0]); // U: something that has an inverse
    return mul(wide(g), where(wide(regular), mul(wide(det), inverse), cofactors(A, U, Vh)));
  },
};

/**
 * The gradient of the determinant, `det(A)·A⁻ᵀ`, where A is singular: the cofactors of `B = Uᵀ·A·V`, turned back. B is diagonal, so
 * what B[i, j] adds to others is of second order, except −B[j, i] · (product of the other diagonal elements) at [i, j].
 */
function cofactors(A: Tensor, U: Tensor, Vh: Tensor): Tensor {
  const B = matmul(mT(U), matmul(A, mT(Vh)));
  const n = A.shape[A.ndim - 1];
  const here = eq(eye(n, { device: A.device }), 1);
  const either = logicalOr(unsqueeze(here, 1), unsqueeze(here, 0)); // [i, j, k]: k is i or j
  const others = prod(where(either, 1, unsqueeze(unsqueeze(diagonal(B, 0, -2, -1), -2), -2)), -1);
  const turned = matmul(U, matmul(where(here, others, neg(mul(mT(B), others))), Vh));
  const orientation = mul(det(U), det(Vh));
  return mul(unsqueeze(unsqueeze(orientation, -1), -1), turned);
}

function determinant(A: Tensor, operation: string): Tensor {
  requireSquare(A, operation);
  requireFloat(A, operation);
  const n = A.shape[A.ndim - 1];
  const [out] = onHost(operation, batchOf(A), [A], [{ shape: [] }], ([a], [d]) => {
    const [sign, pivots] = pivotsOf(a, n);
    d[0] = pivots.reduce((x, y) => x * y, sign);
  });
  if (recording(A)) record(DET, out, [A]).save(A, out);
  return out;
}

/**
 * The determinant of A (…, N, N). Its gradient exists for singular matrices too.
 */
export const det = operator<(A: Tensor) => Tensor>("det(A)", (A: Tensor) => determinant(A, "linalg.det"));

const SLOGDET: Derivative = {
  name: "LinalgSlogdetBackward0",
  backward(node, _, [, g]) {
    const A = node.saved(0);
    if (!g) return A.newZeros([...A.shape]); // the sign is constant
    return mul(unsqueeze(unsqueeze(g, -1), -1), mT(invEx(A)[0]));
  },
};

function signAndLog(A: Tensor, operation: string): [sign: Tensor, logabsdet: Tensor] {
  requireSquare(A, operation);
  requireFloat(A, operation);
  const n = A.shape[A.ndim - 1];
  const shape: Shape = [];
  const [sign, log] = onHost(operation, batchOf(A), [A], [{ shape }, { shape }], ([a], [s, l]) => {
    const [first, pivots] = pivotsOf(a, n);
    s[0] = pivots.reduce((x, y) => x * Math.sign(y), first) || 0;
    l[0] = pivots.reduce((x, y) => x + Math.log(Math.abs(y)), 0);
  });
  if (recording(A)) recordMany(SLOGDET, [sign, log], [A]).save(A);
  return [sign, log];
}

/** `[sign, logabsdet]` of A (…, N, N): the sign of the determinant (0 of a singular matrix) and the logarithm of its magnitude, without overflow. */
export const slogdet = operator<(A: Tensor) => [sign: Tensor, logabsdet: Tensor]>("slogdet(A)", (A: Tensor) =>
  signAndLog(A, "linalg.slogdet"),
);

/** The logarithm of the determinant of A (…, N, N): NaN where it is negative, −∞ where it is 0. */
export const logdet = operator<(self: Tensor) => Tensor>("logdet(self)", (self: Tensor) => {
  const [sign, log] = signAndLog(self, "logdet");
  return where(eq(sign, -1), Number.NaN, log);
});
