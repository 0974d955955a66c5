import { ArgumentError, AutogradError, DTypeError, dtypeInfo, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { eye } from "../ops/creation.js";
import { matmul } from "../ops/matmul.js";
import { narrow, select } from "../ops/parts.js";
import { add, mul, sub } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { cat } from "../ops/shape.js";
import { expectTensor, unsupported } from "../ops/table.js";
import { tril, triu } from "../ops/triangles.js";
import { unsqueeze } from "../ops/views.js";
import { recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { applyQ, factorQR, identity } from "./algorithms/householder.js";
import { batchOf, inBatch, mT, onHost, requireFloat, requireMatrices, sizesOf } from "./host.js";
import { solveTriangular } from "./triangular.js";

/*
 * `A = Q·R` with orthonormal columns in Q and an upper triangular R, and products of reflections.
 */

type Mode = "reduced" | "complete" | "r";

const QR: Derivative = {
  name: "LinalgQrBackward0",
  backward(node, _, [gQ, fullR]) {
    const mode = node.context as Mode;
    if (mode === "r") {
      throw new AutogradError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
      );
    }
    const [Q, R] = [node.saved(0), node.saved(1)];
    const [m, n] = [Q.shape[Q.ndim - 2], R.shape[R.ndim - 1]];
    if (mode === "complete" && m > n) {
      throw new AutogradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
    }
    const k = Math.min(m, n);
    const gR = fullR && triu(fullR);
    // Qᵀ·dA₁·R₁⁻¹ = Ω + dR₁·R₁⁻¹ of the leading k columns, with Ω = Qᵀ·dQ skew-symmetric
    let N = gR && mul(matmul(gR, mT(R)), -1);
    if (gQ) {
      const along = matmul(mT(Q), gQ);
      N = N ? add(along, N) : along;
    }
    let inner = matmul(Q, tril(sub(N as Tensor, mT(N as Tensor)), -1));
    if (gQ && m > k) inner = add(inner, sub(gQ, matmul(Q, matmul(mT(Q), gQ))));
    const first = solveTriangular(mT(narrow(R, -1, 0, k)), inner, { upper: false, left: false });
    if (!gR) return n > k ? cat([first, first.newZeros([...first.shape.slice(0, -1), n - k])], -1) : first;
    const direct = matmul(Q, gR);
    if (n === k) return add(first, direct);
    return cat([add(first, narrow(direct, -1, 0, k)), narrow(direct, -1, k, n - k)], -1);
  },
};

/** `[Q, R]`, recorded. */
function decompose(A: Tensor, mode: Mode): [Q: Tensor, R: Tensor] {
  const operation = "linalg.qr";
  requireMatrices(A, operation);
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new ArgumentError(
      `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
      { mode },
    );
  }
  requireFloat(A, operation);
  const [m, n] = sizesOf(A);
  const k = Math.min(m, n);
  const columns = mode === "complete" ? m : k;
  const results = [{ shape: [m, columns] }, { shape: [columns, n] }];
  const wanted = mode === "r" ? results.slice(1) : results;
  const outs = onHost(operation, batchOf(A), [A], wanted, ([a], parts) => {
    const tau = new Float64Array(k);
    factorQR(a, m, n, tau);
    const r = parts[parts.length - 1];
    for (let i = 0; i < k; i++) r.set(a.subarray(i * n + i, i * n + n), i * n + i);
    if (mode === "r") return;
    parts[0].set(identity(m, columns));
    applyQ(a, n, tau, parts[0], m, columns);
  });
  const [Q, R] = mode === "r" ? [A.newEmpty([0]), outs[0]] : outs;
  if (recording(A)) {
    const node = recordMany(QR, [Q, R], [A]);
    node.context = mode;
    node.save(Q, R);
  }
  return [Q, R];
}

/**
 * `[Q, R]` with `A = Q·R` of A (…, M, N), K = min(M, N): Q (…, M, K) with orthonormal columns and upper triangular R (…, K, N); in mode "complete" Q is (…, M, M) and R
 * (…, M, N), in mode "r" only R is computed. The diagonal of R has the signs that LAPACK gives it. The gradient needs the first K
 * columns of A to be independent.
 */
export const linalgQr = operator<(A: Tensor, mode?: Mode | { mode?: Mode }) => [Q: Tensor, R: Tensor]>(
  'qr(A, mode="reduced")',
  (A: Tensor, mode: Mode) => decompose(A, mode),
);

/** `[Q, R]`: `linalg.qr` in an older form; without `some` it is complete. */
export const qr = operator<(self: Tensor, some?: boolean | { some?: boolean }) => [Q: Tensor, R: Tensor]>(
  "qr(self, some=true)",
  (self: Tensor, some: boolean) => decompose(self, some ? "reduced" : "complete"),
);

// ------------------------------------------------------------------------------------- products of reflections

/**
 * `[a, tau]`: the reflections whose product is the Q of a QR, as LAPACK packs them: R in the upper triangle of a (…, M, N), their
 * vectors below it. It has no derivative.
 */
export const geqrf = operator<(self: Tensor) => [a: Tensor, tau: Tensor]>("geqrf(self)", (self: Tensor) => {
  expectTensor(self, "geqrf");
  if (self.ndim < 2) throw new ShapeError("geqrf: input must have at least 2 dimensions.", { shape: self.shape });
  requireFloat(self, "geqrf");
  const [m, n] = sizesOf(self);
  const results = [{ shape: [m, n] }, { shape: [Math.min(m, n)] }];
  const [a, tau] = onHost("geqrf", batchOf(self), [self], results, ([x], [out, t]) => {
    factorQR(x, m, n, t);
    out.set(x);
  });
  if (recording(self)) recordMany(NO_DERIVATIVE, [a, tau], [self]);
  return [a, tau];
});

const NO_DERIVATIVE: Derivative = {
  name: "NotImplemented",
  backward: () => {
    throw new AutogradError("the derivative for 'geqrf' is not implemented.");
  },
};

function checkReflections(name: string, input: Tensor, tau: Tensor): void {
  expectTensor(input, name, "input");
  expectTensor(tau, name, "tau");
  const refuse = (text: string): never => {
    throw new ShapeError(`${name}: ${text}`, { input: input.shape, tau: tau.shape });
  };
  if (input.ndim < 2) refuse("input must have at least 2 dimensions.");
  const [m, n] = sizesOf(input);
  if (m < n) refuse("input.shape[-2] must be greater than or equal to input.shape[-1]");
  if (tau.ndim !== input.ndim - 1) {
    refuse(
      `Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is equal to ${input.ndim}`,
    );
  }
  if (n < tau.shape[tau.ndim - 1]) refuse("input.shape[-1] must be greater than or equal to tau.shape[-1]");
  const batch = tau.shape.slice(0, -1);
  if (`${batch}` !== `${batchOf(input)}`) {
    refuse(`Expected batch dimensions of tau to be equal to input.shape[:-2], but got [${batch.join(", ")}]`);
  }
  if (input.dtype !== "float32" && input.dtype !== "float64") throw unsupported("orgqr_cpu", input.dtype);
  if (tau.dtype !== input.dtype) {
    const [a, b] = [dtypeInfo[tau.dtype].scalarName, dtypeInfo[input.dtype].scalarName];
    throw new DTypeError(`${name}: tau dtype ${a} does not match input dtype ${b}`, { input: input.dtype });
  }
}

/** Reflections, the last one first (or the first one first, which is Qᵀ), applied to x (…, M, K). */
function reflected(input: Tensor, tau: Tensor, x: Tensor, transpose: boolean): Tensor {
  const [m, n] = sizesOf(input);
  const vectors = add(tril(input, -1), eye(m, n, { dtype: input.dtype, device: input.device }));
  const count = tau.shape[tau.ndim - 1];
  // without any, the result still belongs to the graph
  let out = count === 0 ? add(x, sum(triu(tril(input, -1)))) : x;
  for (let s = 0; s < count; s++) {
    const i = transpose ? s : count - 1 - s;
    const v = narrow(vectors, -1, i, 1);
    const t = unsqueeze(unsqueeze(select(tau, -1, i), -1), -1);
    out = sub(out, matmul(mul(v, t), matmul(mT(v), out)));
  }
  return out;
}

function product(input: Tensor, tau: Tensor, name: string): Tensor {
  checkReflections(name, input, tau);
  const [m, n] = sizesOf(input);
  return reflected(input, tau, inBatch(eye(m, n, { dtype: input.dtype, device: input.device }), batchOf(input)), false);
}

/** The first N columns of the product of reflections that are packed as `geqrf` packs them: input (…, M, N), tau (…, K). */
export const householderProduct = operator<(input: Tensor, tau: Tensor) => Tensor>(
  "householderProduct(input, tau)",
  (input: Tensor, tau: Tensor) => product(input, tau, "linalg.householderProduct"),
);

/** `linalg.householderProduct` by an older name. */
export const orgqr = operator<(self: Tensor, tau: Tensor) => Tensor>("orgqr(self, tau)", (self: Tensor, tau: Tensor) =>
  product(self, tau, "orgqr"),
);

type Sides = { left?: boolean; transpose?: boolean };
type Ormqr = (self: Tensor, tau: Tensor, other: Tensor, left?: boolean | Sides, transpose?: boolean | Sides) => Tensor;

/** `Q·other`, `Qᵀ·other`, or with `left: false` `other·Q`, `other·Qᵀ`, for the (…, M, M) product Q of packed reflections. */
export const ormqr = operator<Ormqr>(
  "ormqr(self, tau, other, left=true, transpose=false)",
  (self: Tensor, tau: Tensor, other: Tensor, left: boolean, transpose: boolean) => {
    for (const [name, x] of [
      ["input", self],
      ["other", other],
    ] as const) {
      expectTensor(x, "ormqr", name);
      if (x.ndim < 2) throw new ShapeError(`ormqr: ${name} must have at least 2 dimensions.`, { shape: x.shape });
    }
    const side = left ? -2 : -1;
    if (other.shape[other.ndim + side] !== self.shape[self.ndim - 2]) {
      throw new ShapeError(`ormqr: other.shape[${side}] must be equal to input.shape[-2]`, { other: other.shape });
    }
    if (tau.shape[tau.ndim - 1] > self.shape[self.ndim - 1]) {
      throw new ShapeError("ormqr: tau.shape[-1] must be less than or equal to input.shape[-1]", { tau: tau.shape });
    }
    return left ? reflected(self, tau, other, transpose) : mT(reflected(self, tau, mT(other), !transpose));
  },
);
