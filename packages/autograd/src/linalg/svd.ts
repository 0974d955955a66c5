import type { Shape } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { diagEmbed } from "../ops/arrange.js";
import { eye, zeros } from "../ops/creation.js";
import { matmul } from "../ops/matmul.js";
import { narrow } from "../ops/parts.js";
import { add, div, mul, sub } from "../ops/pointwise.js";
import { unsqueeze } from "../ops/views.js";
import { recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { singularValues } from "./algorithms/singular.js";
import { batchOf, LinAlgError, mT, onHost, requireFloat, requireMatrices, sizesOf } from "./host.js";

/*
 * The singular value decomposition `A = U·diag(S)·Vᵀ`.
 */

/** Differences `x[j] − x[i]` as matrices, with ones on the diagonal: for dividing by. */
export const differences = (x: Tensor): Tensor =>
  add(sub(unsqueeze(x, -2), unsqueeze(x, -1)), eye(x.shape[x.ndim - 1], { dtype: x.dtype, device: x.device }));

const skew = (x: Tensor): Tensor => sub(x, mT(x));

const SVD: Derivative = {
  name: "LinalgSvdBackward0",
  backward(node, _, [fullU, gS, fullVh]) {
    const S = node.saved(1);
    const k = S.shape[S.ndim - 1];
    const [U, Vh] = [narrow(node.saved(0), -1, 0, k), narrow(node.saved(2), -2, 0, k)];
    const gU = fullU && narrow(fullU, -1, 0, k);
    const gVh = fullVh && narrow(fullVh, -2, 0, k);
    const [row, column] = [unsqueeze(S, -2), unsqueeze(S, -1)];
    let middle = gS && diagEmbed(gS);
    if (gU || gVh) {
      const E = differences(mul(S, S));
      let turn: Tensor | null = null;
      if (gU) turn = mul(skew(matmul(mT(U), gU)), row);
      if (gVh) {
        const right = mul(column, skew(matmul(Vh, mT(gVh))));
        turn = turn ? add(turn, right) : right;
      }
      const rotated = div(turn as Tensor, E);
      middle = middle ? add(rotated, middle) : rotated;
    }
    let left = matmul(U, middle as Tensor);
    // the parts of A's columns and rows outside of what U and V span
    if (gU && U.shape[U.ndim - 2] > k) {
      const scaled = div(gU, row);
      left = add(left, sub(scaled, matmul(U, matmul(mT(U), scaled))));
    }
    const gA = matmul(left, Vh);
    if (!gVh || Vh.shape[Vh.ndim - 1] === k) return gA;
    const scaled = div(gVh, column);
    return add(gA, matmul(U, sub(scaled, matmul(matmul(scaled, mT(Vh)), Vh))));
  },
};

/** `[U, S, Vᵀ]`, recorded; `operation` is named in errors. */
export function decompose(A: Tensor, full: boolean, vectors = true): [U: Tensor, S: Tensor, Vh: Tensor] {
  const operation = "linalg.svd";
  requireMatrices(A, operation);
  requireFloat(A, operation);
  const [m, n] = sizesOf(A);
  const k = Math.min(m, n);
  const none: Shape = [0, 0];
  const shapes = [vectors ? [m, full ? m : k] : none, [k], vectors ? [full ? n : k, n] : none];
  const batch = batchOf(A);
  const results = shapes.map((shape) => ({ shape }));
  const [U, S, Vh] = onHost(operation, batch, [A], results, ([a], [u, s, vt], element) => {
    if (!a.every(Number.isFinite)) {
      const where = batch.length > 0 ? `(Batch element ${element}): ` : "";
      throw new LinAlgError(
        `${operation}: ${where}The algorithm failed to converge because the input matrix contained non-finite values.`,
        { element },
      );
    }
    const found = singularValues(a, m, n, vectors, full);
    s.set(found.s);
    if (vectors) {
      u.set(found.u);
      vt.set(found.vt);
    }
  });
  if (vectors && recording(A)) recordMany(SVD, [U, S, Vh], [A]).save(U, S, Vh);
  return [U, S, Vh];
}

type Full = { fullMatrices?: boolean; driver?: null };

/**
 * `[U, S, Vᵀ]` with `A = U·diag(S)·Vᵀ` of A (…, M, N): the singular values S (…, K), K = min(M, N), in descending order, U (…, M, M) and Vᵀ (…, N, N)
 * orthogonal, or with `fullMatrices: false` U (…, M, K) and Vᵀ (…, K, N). The signs of the vectors are free; gradients through them
 * need distinct singular values.
 * @throws LinAlgError where A holds numbers that are not finite.
 */
export const linalgSvd = operator<(A: Tensor, fullMatrices?: boolean | Full) => [U: Tensor, S: Tensor, Vh: Tensor]>(
  "svd(A, fullMatrices=true)",
  (A: Tensor, full: boolean) => decompose(A, full),
);

/** The singular values (…, min(M, N)) of A (…, M, N), in descending order. */
export const svdvals = operator<(A: Tensor) => Tensor>(
  "svdvals(A)",
  (A: Tensor) => decompose(A, false, recording(A))[1],
);

type Some = { some?: boolean; computeUv?: boolean };

/** `[U, S, V]` with `A = U·diag(S)·Vᵀ`: `linalg.svd` in an older form, with V instead of Vᵀ; with `computeUv: false` U and V are zero. */
export const svd = operator<
  (self: Tensor, some?: boolean | Some, computeUv?: boolean | Some) => [U: Tensor, S: Tensor, V: Tensor]
>("svd(self, some=true, computeUv=true)", (self: Tensor, some: boolean, computeUv: boolean) => {
  if (computeUv) {
    const [U, S, Vh] = decompose(self, !some);
    return [U, S, mT(Vh)];
  }
  const S = svdvals(self);
  const [m, n] = sizesOf(self);
  const square = (size: number): Tensor =>
    zeros([...batchOf(self), size, size], { dtype: self.dtype, device: self.device });
  return [square(m), S, square(n)];
});
