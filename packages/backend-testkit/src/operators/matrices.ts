import { eye, type Tensor } from "@kindling/autograd";
import { type Case, call, list, type Operator, type Table } from "./case.js";
import { index, Values } from "./values.js";

const v = new Values();

/** Matrices that are far from singular. */
function regular(...shape: number[]): Tensor {
  const A = v.any(...shape);
  A.data.add_(eye(...(shape.slice(-2) as [number, number])).mul(3));
  return A;
}

/** Calls with the first matrix made of what is differentiated. */
const made =
  (make: (A: Tensor) => Tensor) =>
  (args: readonly unknown[], ...rest: unknown[]): Case => ({
    args,
    call: (op, [A, ...others]) => op(make(A as Tensor), ...others, ...rest),
  });
/** With a symmetric matrix, of which operators read one half. */
const symmetric = made((A) => A.add(A.mT).mul(0.5));
/** With a symmetric and positive-definite one. */
const positive = made((A) => A.matmul(A.mT).add(eye(A.shape[A.ndim - 1], { dtype: A.dtype, device: A.device })));
/** With two of three columns that are free: rank 2. */
const deficient = made((A) => A.matmul(A.mT));

/** Calls of which only some results, or what does not depend on free signs, is differentiated. */
const of = (use: (out: Tensor[]) => unknown, ...args: unknown[]): Case => ({
  args,
  call: (op: Operator, given) => use(op(...given)),
});
const first = (...args: unknown[]): Case => of(([x]) => x, ...args);
const squares = (out: Tensor[]): Tensor[] => out.map((x) => x.mul(x));
/** The singular vectors without those that only complete a basis. */
const singular = ([U, S, Vh]: Tensor[]): Tensor[] => {
  const k = S.shape[S.ndim - 1];
  return squares([U.narrow(-1, 0, k), S, Vh.narrow(-2, 0, k)]);
};
const eigen = (A: Tensor, ...rest: unknown[]): Case => {
  const c = symmetric([A], ...rest);
  return { ...c, call: (op, args) => squares((c.call as (o: Operator, a: readonly unknown[]) => Tensor[])(op, args)) };
};

const cholesky = () => [
  positive([v.any(3, 3)]),
  positive([v.any(2, 2, 2)], { upper: true }),
  call(v.any(0, 0)),
  positive([v.gapped(2, 2)]),
];
/** L of which all is read. */
const lower = (): Tensor => regular(3, 3);
const triangular = made((A) => A.tril());
const upperTriangular = made((A) => A.triu());
const determinants = () => [
  call(regular(3, 3)),
  call(regular(2, 2, 2)),
  call(v.any(0, 0)),
  call(v.any(1, 1)),
  call(v.gapped(2, 2)),
];
const qrs = () => [call(v.any(3, 3)), call(v.any(3, 2)), call(v.any(2, 3)), call(v.any(2, 3, 2)), call(v.gapped(2, 2))];
const norms = () => [
  call(v.any(2, 3)),
  call(v.any(2, 3), 2, 1),
  call(v.any(2, 3), 3, 0, true),
  call(v.positive(4), 0.5),
  call(v.any(4), 1.5),
  call(v.any(4), -1),
  call(v.any(4), 1),
  call(v.any(4), Number.POSITIVE_INFINITY),
  call(v.any(4), Number.NEGATIVE_INFINITY),
  call(v.any(4), 0),
];
const matrixNorms = () => [
  call(v.any(2, 3), "fro"),
  call(v.any(2, 3), "nuc"),
  ...[1, -1, 2, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((ord) => call(v.any(2, 3), ord)),
];
const pinvs = () => [
  call(v.any(3, 3)),
  call(v.any(3, 2)),
  call(v.any(2, 2, 3)),
  call(v.any(0, 2)),
  { ...deficient([v.any(3, 2)]), float64: true },
];
const crosses = () => [call(v.any(2, 3), v.any(2, 3)), call(v.any(2, 3), v.any(1, 3))];
const inverses = () => [call(regular(3, 3)), call(regular(2, 2, 2)), call(v.any(0, 0)), call(v.gapped(2, 2))];
const powers = () => [
  call(regular(2, 2), 0),
  call(regular(2, 2), 1),
  call(regular(2, 2), 3),
  call(regular(2, 2, 2), -2),
];
const exponentials = () => [call(v.any(3, 3)), call(v.any(2, 2, 2)), call(v.any(0, 0))];
const lus = () => [call(v.any(3, 3)), call(v.any(3, 2)), call(v.any(2, 3)), call(v.any(2, 3, 2))];
const pivots = index([2, 3, 3]);
const reflections = () => [call(v.any(3, 2), v.any(2)), call(v.any(2, 3, 3), v.any(2, 2)), call(v.any(2, 2), v.any(0))];

export const matrices: Table = {
  cholesky: [positive([v.any(3, 3)]), positive([v.any(2, 2, 2)], true), call(v.any(0, 0))],
  "linalg.cholesky": cholesky(),
  "linalg.choleskyEx": cholesky(),
  choleskyInverse: [triangular([regular(3, 3)]), upperTriangular([regular(2, 2, 2)], true), call(v.any(0, 0))],
  choleskySolve: [
    {
      args: [v.any(3, 2), lower()],
      call: (op, [b, L]) => op(b, (L as Tensor).tril()),
    },
    {
      args: [v.any(2, 3, 1), lower()],
      call: (op, [b, L]) => op(b, (L as Tensor).triu(), true),
    },
  ],
  det: [...determinants(), deficient([v.any(3, 2)]), deficient([v.any(2, 4, 2)]), made((A) => A.mul(0))([v.any(2, 2)])],
  slogdet: determinants().map(({ args }) => of(([, log]) => log, ...args)),
  logdet: [positive([v.any(3, 3)]), positive([v.any(2, 2, 2)])],
  "linalg.lu": lus().map(({ args }) => of(([, L, U]) => [L, U], ...args)),
  "linalg.luFactor": lus(),
  "linalg.luFactorEx": lus(),
  luUnpack: [of(([, L, U]) => [L, U], v.any(3, 3), pivots), of(([, L, U]) => [L, U], v.any(3, 4), pivots)],
  luSolve: [call(v.any(3, 2), regular(3, 3), pivots)],
  "linalg.luSolve": [
    call(regular(3, 3), pivots, v.any(3, 2)),
    call(regular(3, 3), pivots, v.any(3, 2), { adjoint: true }),
    call(regular(3, 3), pivots, v.any(2, 3), { left: false }),
    call(regular(3, 3), pivots, v.any(2, 2, 3), { left: false, adjoint: true }),
  ],
  "linalg.solve": [
    call(regular(3, 3), v.any(3)),
    call(regular(3, 3), v.any(3, 2)),
    call(regular(2, 2, 2), v.any(2, 1)),
    call(regular(2, 2), v.any(2, 2, 1)),
    call(regular(2, 2, 2), v.any(2, 2)),
    call(regular(2, 2), v.any(1, 2), { left: false }),
    call(v.gapped(2, 2), v.gapped(2, 3)),
  ],
  "linalg.solveEx": [call(regular(3, 3), v.any(3, 2))],
  "linalg.solveTriangular": [
    call(regular(3, 3), v.any(3, 2), { upper: true }),
    call(regular(3, 3), v.any(3, 2), { upper: false }),
    call(regular(3, 3), v.any(2, 3), { upper: true, left: false }),
    call(v.any(2, 3, 3), v.any(3, 1), { upper: false, unitriangular: true }),
    call(v.any(3, 3), v.any(2, 3, 1), { upper: true, unitriangular: true }),
  ],
  triangularSolve: [
    call(v.any(3, 2), regular(3, 3)),
    call(v.any(3, 2), regular(3, 3), false),
    call(v.any(3, 2), regular(2, 3, 3), true, true),
    call(v.any(3, 2), v.any(3, 3), true, false, true),
  ],
  inverse: inverses(),
  "linalg.inv": inverses(),
  "linalg.invEx": inverses(),
  "linalg.tensorinv": [call(regular(4, 4).data.reshape(4, 2, 2).clone().requiresGrad_(), 1)],
  "linalg.tensorsolve": [call(regular(4, 4).data.reshape(2, 2, 4).clone().requiresGrad_(), v.any(2, 2))],
  qr: qrs(),
  "linalg.qr": [...qrs(), call(v.any(2, 3), "complete")],
  "linalg.householderProduct": reflections(),
  orgqr: reflections(),
  ormqr: [
    call(v.any(3, 2), v.any(2), v.any(3, 2)),
    call(v.any(3, 2), v.any(2), v.any(3, 2), true, true),
    call(v.any(3, 2), v.any(2), v.any(2, 3), false),
    call(v.any(2, 3, 2), v.any(2, 2), v.any(2, 2, 3), false, true),
  ],
  svd: [of(squares, v.any(3, 3)), of(squares, v.any(3, 2)), of(squares, v.any(2, 2, 3))],
  "linalg.svd": [
    of(singular, v.any(3, 3)),
    of(singular, v.any(3, 2)),
    of(singular, v.any(2, 2, 3)),
    of(singular, v.any(3, 2), { fullMatrices: false }),
    of(([U]) => U.mul(U), v.any(2, 2)),
    of(([, , Vh]) => Vh.mul(Vh), v.any(3, 2)),
    of(([, S]) => S, v.any(2, 3)),
  ],
  "linalg.svdvals": [call(v.any(3, 3)), call(v.any(2, 3, 2)), call(v.any(0, 2))],
  "linalg.eigh": [
    eigen(v.any(3, 3)),
    eigen(v.any(2, 3, 3), "U"),
    { args: [v.any(2, 2)], call: (op, [A]) => op((A as Tensor).add((A as Tensor).mT))[1].square() },
  ],
  "linalg.eigvalsh": [symmetric([v.any(3, 3)]), symmetric([v.any(2, 2, 2)], { UPLO: "U" })],
  pinverse: pinvs(),
  "linalg.pinv": [...pinvs(), symmetric([v.any(3, 3)], { hermitian: true })],
  "linalg.lstsq": [
    first(v.any(3, 2), v.any(3, 2)),
    first(v.any(2, 3), v.any(2)),
    first(v.any(2, 3, 2), v.any(2, 3, 1), { driver: "gelsd" }),
    first(v.any(3, 3), v.any(3, 1), { driver: "gels" }),
    { args: [v.any(3, 2), v.any(3, 1)], call: (op, [A, B]) => op((A as Tensor).matmul((A as Tensor).mT), B)[0] },
  ],
  norm: [...norms(), call(v.any(2, 3), "nuc"), call(v.any(2, 3, 2), "nuc", [0, 1], true)],
  "linalg.vectorNorm": norms(),
  "linalg.matrixNorm": [...matrixNorms(), call(v.any(2, 3, 2), "nuc", [2, 0], true), call(v.any(2, 2, 3), 1, [-1, 0])],
  "linalg.norm": [...matrixNorms(), call(v.any(2, 3)), call(v.any(2, 3), 3, 1), call(v.any(4), 1)],
  "linalg.cond": [
    call(regular(3, 3)),
    ...[2, -2, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "fro", "nuc"].map((p) =>
      call(regular(2, 2), p),
    ),
    call(v.any(3, 2)),
  ],
  matrixPower: powers(),
  "linalg.matrixPower": powers(),
  matrixExp: exponentials(),
  "linalg.matrixExp": exponentials(),
  chainMatmul: [call(v.any(2, 3)), call(v.any(2, 3), v.any(3, 1), v.any(1, 2))],
  "linalg.multiDot": [
    list([v.any(2, 3), v.any(3, 1), v.any(1, 2)]),
    list([v.any(2), v.any(2, 3), v.any(3, 2), v.any(2)]),
  ],
  cross: [...crosses(), call(v.any(3, 2), v.any(3, 2)), call(v.any(2, 3), v.any(2, 3), 1)],
  "linalg.cross": [...crosses(), call(v.any(3, 2), v.any(3, 2), { dim: 0 })],
  "linalg.vecdot": [call(v.any(2, 3), v.any(3)), call(v.any(2, 3), v.any(2, 3), { dim: 0 })],
  kron: [call(v.any(2, 3), v.any(3, 2)), call(v.any(2), v.any(2, 1, 2)), call(v.any(), v.any(2))],
  vander: [call(v.any(3)), call(v.any(3), 2, true), call(v.any(2), 1)],
  "linalg.vander": [call(v.any(3)), call(v.any(2, 3), { N: 4 })],
  "linalg.matmul": [call(v.any(2, 3), v.any(3, 2))],
  "linalg.diagonal": [call(v.any(2, 3, 3)), call(v.any(2, 3), { offset: 1 })],
  dist: [call(v.any(2, 3), v.any(3)), call(v.any(3), v.any(3), 1), call(v.any(3), v.any(3), 3)],
  cdist: [
    call(v.any(3, 2), v.any(2, 2)),
    call(v.any(2, 3, 2), v.any(2, 2), 2, "use_mm_for_euclid_dist"),
    call(v.any(2, 2), v.any(3, 2), 1),
    call(v.any(2, 2), v.any(3, 2), 3),
    call(v.any(2, 2), v.small(3, 2), Number.POSITIVE_INFINITY),
    call(v.any(2, 2), v.any(3, 2), 0),
    call(v.any(2, 0), v.any(3, 0)),
  ],
  cov: [
    call(v.any(2, 4)),
    call(v.any(4), { correction: 0 }),
    call(v.any(2, 3), { fweights: index([1, 2, 3]) }),
    call(v.any(2, 3), v.positive(3)),
  ].map((c, i) => (i === 3 ? { ...c, call: (op, [x, aweights]) => op(x, { aweights }) } : c)),
  // the diagonal is 1, where it is cut off
  corrcoef: [{ args: [v.any(2, 4)], call: (op, [x]) => op(x).at(0, 1) }],
};
