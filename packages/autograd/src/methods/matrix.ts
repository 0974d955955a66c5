import { cholesky, choleskyInverse, choleskySolve } from "../linalg/cholesky.js";
import { det, logdet, slogdet } from "../linalg/determinant.js";
import { inverse } from "../linalg/inverse.js";
import { luSolve } from "../linalg/lu-solve.js";
import { norm } from "../linalg/norm.js";
import { pinverse } from "../linalg/pinv.js";
import { matrixExp, matrixPower } from "../linalg/powers.js";
import { cross, kron } from "../linalg/products.js";
import { geqrf, orgqr, ormqr, qr } from "../linalg/qr.js";
import { svd } from "../linalg/svd.js";
import { triangularSolve } from "../linalg/triangular.js";
import { addbmm, addmm, addmv, addr, baddbmm } from "../ops/addmm.js";
import { dist } from "../ops/distance.js";
import { bmm, dot, inner, matmul, mm, mv, outer, vdot } from "../ops/matmul.js";
import { corrcoef, cov } from "../ops/statistics.js";

/** Methods on matrices and vectors. */
export const matrixMethods = {
  mm,
  bmm,
  mv,
  dot,
  outer,
  ger: outer,
  matmul,
  addmm,
  baddbmm,
  addbmm,
  addmv,
  addr,
  inner,
  vdot,
  cholesky,
  choleskyInverse,
  choleskySolve,
  corrcoef,
  cov,
  cross,
  det,
  dist,
  geqrf,
  inverse,
  kron,
  logdet,
  luSolve,
  matrixExp,
  matrixPower,
  norm,
  orgqr,
  ormqr,
  pinverse,
  qr,
  slogdet,
  svd,
  triangularSolve,
};
