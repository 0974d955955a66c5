import * as linalg from "../ops/linalg.js";

const { mm, bmm, mv, dot, outer, matmul, addmm, baddbmm, addbmm, addmv, addr, inner, vdot } = linalg;

/** Methods on matrices and vectors. */
export const matrixMethods = {
  mm,
  bmm,
  mv,
  dot,
  outer,
  matmul,
  addmm,
  baddbmm,
  addbmm,
  addmv,
  addr,
  inner,
  vdot,
};
