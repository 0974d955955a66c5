export { matmul } from "../ops/matmul.js";
export { choleskyEx, linalgCholesky as cholesky } from "./cholesky.js";
export { det, slogdet } from "./determinant.js";
export { eigh, eigvalsh } from "./eigh.js";
export { LinAlgError } from "./host.js";
export { linalgLuSolve as luSolve, lu, luFactor, luFactorEx } from "./lu.js";
export { cond, linalgNorm as norm, matrixNorm, vectorNorm } from "./norm.js";
export { lstsq, matrixRank, pinv } from "./pinv.js";
export { matrixExp, matrixPower, multiDot } from "./powers.js";
export { householderProduct, linalgQr as qr } from "./qr.js";
export { inv, invEx, solve, solveEx } from "./solve.js";
export { linalgSvd as svd, svdvals } from "./svd.js";
export { tensorinv, tensorsolve } from "./tensors.js";
export { solveTriangular } from "./triangular.js";
export {
  linalgCross as cross,
  linalgDiagonal as diagonal,
  linalgVander as vander,
  vecdot,
} from "./vectors.js";
