import { addbmm, addmm, addmv, addr, baddbmm } from "../ops/addmm.js";
import { bmm, dot, inner, matmul, mm, mv, outer, vdot } from "../ops/matmul.js";

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
