import { beforeEach, describe, expect, it } from "vitest";
import {
  cdist,
  cov,
  eye,
  linalg,
  manualSeed,
  ones,
  rand,
  randn,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";

const f64 = { dtype: "float64" } as const;
const matrices = (...shape: number[]): Tensor => randn(shape, f64);
/** The largest difference. */
const apart = (a: Tensor, b: Tensor): number => (a.numel() === 0 ? 0 : a.sub(b).abs().max().item());
const identity = (n: number): Tensor => eye(n, f64);
/** Rank 2, whatever the size. */
const rankTwo = (m: number, n: number): Tensor => matrices(m, 2).matmul(matrices(2, n));
/** The most ill-conditioned of the well-known. */
const hilbert = (n: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))),
    f64,
  );

beforeEach(() => {
  manualSeed(3);
});

const sizes = [
  [0, 0],
  [0, 3],
  [3, 0],
  [1, 1],
  [4, 4],
  [7, 3],
  [3, 7],
  [40, 30],
] as const;

describe("factors multiply to the matrix", () => {
  it.each(sizes)("svd of %i × %i", (m, n) => {
    for (const A of [matrices(m, n), matrices(2, m, n), zeros(m, n, f64), rankTwo(m, n), matrices(m, n).mul(1e-200)]) {
      const [k, scale] = [Math.min(m, n), 1 / (A.numel() === 0 ? 1 : A.abs().max().item() || 1)];
      for (const fullMatrices of [true, false]) {
        const [U, S, Vh] = linalg.svd(A, { fullMatrices });
        expect(
          apart(
            U.narrow(-1, 0, k)
              .mul(S.unsqueeze(-2))
              .matmul(Vh.narrow(-2, 0, k)),
            A,
          ) * scale,
        ).toBeLessThan(1e-12);
        expect(apart(U.mT.matmul(U), identity(fullMatrices ? m : k))).toBeLessThan(1e-13);
        expect(apart(Vh.matmul(Vh.mT), identity(fullMatrices ? n : k))).toBeLessThan(1e-13);
        expect(
          S.flatten()
            .tolist()
            .every((s: number) => s >= 0),
        ).toBe(true);
        expect(apart(S, S.sort(-1, true)[0])).toBe(0);
        expect(apart(linalg.svdvals(A), S) * scale).toBeLessThan(1e-13);
      }
    }
  });

  it.each(sizes)("qr of %i × %i", (m, n) => {
    for (const A of [matrices(m, n), matrices(2, m, n), zeros(m, n, f64), rankTwo(m, n)]) {
      for (const mode of ["reduced", "complete"] as const) {
        const [Q, R] = linalg.qr(A, mode);
        expect(apart(Q.matmul(R), A)).toBeLessThan(1e-12);
        expect(apart(Q.mT.matmul(Q), identity(Q.shape[Q.ndim - 1]))).toBeLessThan(1e-13);
        expect(apart(R.triu(), R)).toBe(0);
      }
      expect(apart(linalg.qr(A, "r")[1], linalg.qr(A)[1])).toBe(0);
      const [a, tau] = A.geqrf();
      if (m >= n) expect(apart(a.orgqr(tau), linalg.qr(A)[0])).toBeLessThan(1e-13);
    }
  });

  it.each(sizes)("lu of %i × %i", (m, n) => {
    for (const A of [matrices(m, n), matrices(2, m, n), zeros(m, n, f64), rankTwo(m, n)]) {
      const [P, L, U] = linalg.lu(A);
      expect(apart(P.matmul(L).matmul(U), A)).toBeLessThan(1e-12);
      expect(L.numel() === 0 ? 0 : L.abs().max().item()).toBeLessThanOrEqual(1);
    }
  });

  it.each([0, 1, 2, 5, 40])("eigh and cholesky of %i", (n) => {
    for (const B of [matrices(n, n), matrices(2, n, n), zeros(n, n, f64), rankTwo(n, n), identity(n)]) {
      const A = B.add(B.mT);
      const [L, V] = linalg.eigh(A);
      expect(apart(V.mul(L.unsqueeze(-2)).matmul(V.mT), A)).toBeLessThan(1e-12 * (n + 1));
      expect(apart(V.mT.matmul(V), identity(n))).toBeLessThan(1e-13);
      expect(apart(L, L.sort(-1)[0])).toBe(0);
      expect(apart(linalg.eigvalsh(A, { UPLO: "U" }), L)).toBeLessThan(1e-12);
      const positive = B.matmul(B.mT).add(identity(n));
      const C = linalg.cholesky(positive);
      expect(apart(C.matmul(C.mT), positive)).toBeLessThan(1e-11);
      expect(apart(linalg.cholesky(positive, { upper: true }), C.mT)).toBeLessThan(1e-13);
    }
  });
});

describe("ill-conditioned and singular matrices", () => {
  it("has the singular values of the Hilbert matrix", () => {
    // the smallest, computed in fractions from the exact inverse of the rounded matrix
    expect(linalg.svdvals(hilbert(8)).at(-1).item() / 1.1115389694888081e-10).toBeCloseTo(1, 6);
    expect(linalg.cond(hilbert(8)).item() / 1.525757564e10).toBeCloseTo(1, 5);
    expect(linalg.matrixRank(hilbert(20)).item()).toBe(13); // as PyTorch
  });

  it("solves with a small residual where the solution is not determined", () => {
    const A = hilbert(12);
    const B = ones(12, f64);
    expect(apart(A.matmul(linalg.solve(A, B)), B)).toBeLessThan(1e-5);
  });

  it("finds ranks", () => {
    expect(linalg.matrixRank(stack([rankTwo(5, 5), matrices(5, 5), zeros(5, 5, f64)])).tolist()).toEqual([2, 5, 0]);
    const D = tensor([1, 1e-3, 0], f64).diag();
    expect(linalg.matrixRank(D).item()).toBe(2);
    expect(linalg.matrixRank(D, 0.5).item()).toBe(1);
    expect(linalg.matrixRank(D, { rtol: 1e-2 }).item()).toBe(1);
    expect(linalg.matrixRank(D, { atol: 1e-2, rtol: 2 }).item()).toBe(0);
    expect(linalg.matrixRank(D, { hermitian: true, atol: tensor([1e-2, 1e-4], f64) }).tolist()).toEqual([1, 2]);
  });

  it("gives pseudo-inverses that meet Penrose's conditions", () => {
    for (const A of [rankTwo(5, 4), rankTwo(3, 6), matrices(2, 4, 3), zeros(2, 3, f64)]) {
      const P = linalg.pinv(A);
      expect(apart(A.matmul(P).matmul(A), A)).toBeLessThan(1e-12);
      expect(apart(P.matmul(A).matmul(P), P)).toBeLessThan(1e-12);
      expect(apart(A.matmul(P), A.matmul(P).mT)).toBeLessThan(1e-12);
      expect(apart(P.matmul(A), P.matmul(A).mT)).toBeLessThan(1e-12);
    }
  });

  it("finds the shortest of the least squares solutions", () => {
    const A = rankTwo(5, 4);
    const B = matrices(5, 2);
    const [X, residuals, rank, S] = linalg.lstsq(A, B, { driver: "gelsd" });
    expect(apart(X, linalg.pinv(A).matmul(B))).toBeLessThan(1e-12);
    expect([rank.item(), residuals.shape, S.shape]).toEqual([2, [0], [4]]);
    const [, squares] = linalg.lstsq(matrices(5, 2), B, { driver: "gels" });
    expect(squares.shape).toEqual([2]);
  });

  it("says in info which minor or pivot failed, batch by batch", () => {
    const batch = stack([eye(2), ones(2, 2), zeros(2, 2)]);
    expect(linalg.invEx(batch)[1].tolist()).toEqual([0, 2, 1]);
    expect(linalg.solveEx(batch, ones(2, 1))[1].tolist()).toEqual([0, 2, 1]);
    expect(linalg.luFactorEx(batch)[2].tolist()).toEqual([0, 2, 1]);
    expect(linalg.choleskyEx(batch)[1].tolist()).toEqual([0, 2, 1]);
    expect(linalg.det(batch).tolist()).toEqual([1, 0, 0]);
    const [sign, log] = linalg.slogdet(batch);
    expect([sign.tolist(), log.tolist()]).toEqual([
      [1, 0, 0],
      [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ]);
    expect(linalg.cond(batch, "fro").tolist().slice(1)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("has the gradient of a determinant of 0", () => {
    const A = tensor([[1, 2], [2, 4]], { ...f64, requiresGrad: true }); // biome-ignore format: a matrix
    linalg.det(A).backward();
    expect(apart(A.grad as Tensor, tensor([[4, -2], [-2, 1]], f64))).toBeLessThan(1e-14); // biome-ignore format: a matrix
  });

  it("passes what is not a number on, where PyTorch does", () => {
    const nan = zeros(2, 2).fill_(Number.NaN);
    expect(linalg.eigvalsh(nan).tolist()).toEqual([Number.NaN, Number.NaN]);
    expect(linalg.det(nan).item()).toBeNaN();
    expect(linalg.inv(nan).isnan().all().item()).toBe(true);
  });
});

describe("functions of matrices", () => {
  it("matrixExp of large, nilpotent and rotating matrices", () => {
    const N = tensor([[0, 3, 1], [0, 0, 2], [0, 0, 0]], f64); // biome-ignore format: a matrix
    expect(apart(linalg.matrixExp(N), identity(3).add(N).add(N.matmul(N).div(2)))).toBeLessThan(1e-14);
    const turn = tensor([[0, -20], [20, 0]], f64); // biome-ignore format: a matrix
    const [c, s] = [Math.cos(20), Math.sin(20)];
    expect(apart(linalg.matrixExp(turn), tensor([[c, -s], [s, c]], f64))).toBeLessThan(1e-12); // biome-ignore format: a matrix
    expect(linalg.matrixExp(tensor([[30]], f64)).item() / Math.exp(30)).toBeCloseTo(1, 12);
  });

  it("matrixPower takes integers, and the inverse for negative powers", () => {
    expect(linalg.matrixPower(tensor([[1, 1], [1, 0]], { dtype: "int64" }), 30).tolist()).toEqual([[1346269, 832040], [832040, 514229]]); // biome-ignore format: matrices
    const A = matrices(3, 3);
    expect(apart(A.matrixPower(-2).matmul(A).matmul(A), identity(3))).toBeLessThan(1e-9);
  });

  it("multiDot multiplies in the cheapest order", () => {
    const chain = [[8, 100], [100, 2], [2, 50], [50, 3]].map(([m, n]) => matrices(m, n)); // biome-ignore format: sizes
    const direct = chain.reduce((x, y) => x.matmul(y));
    expect(apart(linalg.multiDot(chain), direct)).toBeLessThan(1e-9);
  });

  it("tensorinv and tensorsolve undo tensordot", () => {
    const A = matrices(2, 3, 6);
    const X = matrices(6);
    const B = A.matmul(X);
    expect(apart(linalg.tensorsolve(A, B), X)).toBeLessThan(1e-10);
    expect(linalg.tensorinv(A).shape).toEqual([6, 2, 3]);
  });

  it("cdist by products is near cdist by differences", () => {
    const [a, b] = [matrices(30, 4), matrices(5, 4)];
    expect(apart(cdist(a, b), cdist(a, b, { computeMode: "donot_use_mm_for_euclid_dist" }))).toBeLessThan(1e-12);
  });
});

const [bad, batch] = [ones(2, 2), stack([eye(2), ones(2, 2)])];
const ints = ones(3, 3).to("int64");
const LU = linalg.luFactor(eye(3, f64));

/** PyTorch 1.13's texts in this library's names. */
const refused: [call: () => unknown, text: string][] = [
  [() => linalg.inv(ones(3)), "linalg.inv: The input tensor A must have at least 2 dimensions."],
  [() => linalg.inv(ones(2, 3)), "linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices"],
  [() => linalg.inv(ints), "linalg.inv: Expected a floating point or complex tensor as input. Got Long"],
  [() => linalg.inv(ones(2, 2).half()), "linalg.inv: Low precision dtypes not supported. Got Half"],
  [
    () => linalg.inv(bad),
    "linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.",
  ],
  [
    () => linalg.inv(batch),
    "linalg.inv: (Batch element 1): The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.",
  ],
  [
    () => linalg.cholesky(batch.sub(eye(2).mul(2))),
    "linalg.cholesky: (Batch element 0): The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).",
  ],
  [
    () => bad.cholesky(),
    "cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order 2 is not positive-definite).",
  ],
  [() => linalg.solve(bad, ones(2)), "linalg.solve: The solver failed because the input matrix is singular."],
  [
    () => linalg.solve(eye(3), ones(2)),
    "linalg.solve: Incompatible shapes of A and B for the equation AX = B (3x3 and 2x1)",
  ],
  [
    () => linalg.solve(eye(3), ones(3, 2), { left: false }),
    "linalg.solve: Incompatible shapes of A and B for the equation XA = B (3x3 and 3x2)",
  ],
  [
    () => linalg.solve(eye(3, f64), ones(3)),
    "linalg.solve: Expected A and B to have the same dtype, but found A of type Double and B of type Float instead",
  ],
  [
    () => linalg.solveTriangular(eye(3), ones(3, 1), {} as never),
    "solveTriangular() missing required argument: 'upper'",
  ],
  [
    () => linalg.luFactor(batch),
    "linalg.luFactor: (Batch element 1): U[2,2] is zero and using it on luSolve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.luFactorEx(A, pivot)",
  ],
  [() => linalg.lu(ones(3)), "linalg.lu: Expected tensor with 2 or more dimensions. Got size: [3] instead"],
  [() => linalg.lu(eye(2), { pivot: false }), "linalg.luFactor: LU without pivoting is not implemented on the CPU"],
  [
    () => linalg.luSolve(LU[0], LU[1].mul(0), ones(3, 1, f64)),
    "Pivots given to luSolve must all be greater or equal to 1. Did you properly pass the result of luFactor?",
  ],
  [
    () => linalg.luSolve(LU[0], LU[1].long(), ones(3, 1, f64)),
    "linalg.luSolve: pivots should be a Tensor of scalar type int32",
  ],
  [
    () => linalg.svd(stack([eye(2), ones(2, 2).div(0)])),
    "linalg.svd: (Batch element 1): The algorithm failed to converge because the input matrix contained non-finite values.",
  ],
  [() => linalg.eigh(ints), `"linalg_eigh_cpu" not implemented for 'Long'`],
  [() => linalg.eigh(eye(2), "x" as never), "Expected UPLO argument to be 'L' or 'U', but got x"],
  [
    () => linalg.qr(eye(2), "x" as never),
    "qr received unrecognized mode 'x' but expected one of 'reduced' (default), 'r', or 'complete'",
  ],
  [
    () =>
      linalg
        .qr(rand(3, 2, { requiresGrad: true }), "complete")[1]
        .sum()
        .backward(),
    "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
  ],
  [
    () => linalg.pinv(ones(3)),
    "linalg.pinv(Float{[3]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
  ],
  [
    () => linalg.lstsq(eye(3, { dtype: "float32" }).mul(0), ones(3, 1), { driver: "gels" }),
    "linalg.lstsq: The least squares solution could not be computed because the input matrix does not have full rank.",
  ],
  [
    () => linalg.lstsq(eye(3), ones(3, 1), { driver: "x" as never }),
    "linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
  ],
  [
    () => linalg.householderProduct(ones(2, 3), ones(2)),
    "linalg.householderProduct: input.shape[-2] must be greater than or equal to input.shape[-1]",
  ],
  [() => linalg.matrixNorm(eye(3), 3), "linalg.matrixNorm: Order 3 not supported."],
  [() => linalg.matrixNorm(eye(3), "fro", [0, 0]), "linalg.matrixNorm: dims must be different. Got (0, 0)"],
  [
    () => linalg.norm(ones(2, 2, 2), 2),
    "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got 3D.",
  ],
  [
    () => linalg.vectorNorm(ones(0), Number.POSITIVE_INFINITY),
    "linalg.vectorNorm cannot compute the inf norm on an empty tensor because the operation does not have an identity",
  ],
  [() => ones(3, 3).norm("x" as never), "only valid string values are 'fro' and 'nuc', found x"],
  [() => linalg.cond(eye(2), 3), "linalg.cond got an invalid norm type: 3"],
  [() => linalg.multiDot([eye(3)]), "multiDot(): expected at least 2 tensors but got 1"],
  [
    () => linalg.multiDot([ones(3, 2), ones(3, 2)]),
    "multiDot(): tensors 0 and 1 with shapes [3, 2] and [3, 2] cannot be multiplied",
  ],
  [() => linalg.tensorinv(ones(2, 3, 6), 0), "Expected a strictly positive integer for 'ind', but got 0"],
  [
    () => linalg.tensorsolve(ones(2, 3, 5), ones(2, 3)),
    "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got 5 != 6",
  ],
  [() => linalg.cross(ones(3), ones(2, 3)), "linalg.cross: inputs must have the same number of dimensions."],
  [() => ones(2, 2).cross(ones(2, 2)), "no dimension of size 3 in input"],
  [() => cdist(ones(3), ones(3)), "cdist only supports at least 2D tensors, X1 got: 1D"],
  [
    () => cov(ones(3), { fweights: ones(3) }),
    "cov(): expected fweights to have integral dtype but got fweights with Float dtype",
  ],
];

describe("what is refused", () => {
  it.each(refused.map(([call, text]) => [text, call] as const))("%s", (text, call) => {
    expect(call).toThrow(text);
  });

  it("by LinAlgError where the numbers are at fault", () => {
    expect(() => linalg.inv(batch)).toThrow(linalg.LinAlgError);
    try {
      linalg.inv(batch);
    } catch (error) {
      expect(error).toMatchObject({ name: "LinAlgError", element: 1, code: 2 });
    }
  });
});
