/*
 * The namespace `linalg`. What neither it nor a method of tensors uses has files of its own, which bundlers drop.
 */

export { matmul } from "../ops/matmul.js";
export { choleskyEx, linalgCholesky as cholesky } from "./cholesky.js";
export { det, slogdet } from "./determinant.js";
export { eigh, eigvalsh } from "./eigh.js";
export { LinAlgError } from "./host.js";
export { inv, invEx } from "./inverse.js";
export { lstsq } from "./least-squares.js";
export { lu, luFactor, luFactorEx } from "./lu.js";
export { linalgLuSolve as luSolve } from "./lu-solve.js";
export { cond, linalgNorm as norm, matrixNorm } from "./matrix-norm.js";
export { multiDot } from "./multi-dot.js";
export { vectorNorm } from "./norm.js";
export { matrixExp, matrixPower } from "./powers.js";
export { linalgCross as cross } from "./products.js";
export { householderProduct, linalgQr as qr } from "./qr.js";
export { matrixRank, pinv } from "./rank.js";
export { solve, solveEx } from "./solve.js";
export { linalgSvd as svd, svdvals } from "./svd.js";
export { tensorinv, tensorsolve } from "./tensors.js";
export { solveTriangular } from "./triangular.js";
export { linalgDiagonal as diagonal, linalgVander as vander, vecdot } from "./vectors.js";
