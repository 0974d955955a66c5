/*
 * Special functions, under SciPy's names.
 */

export { erfc, erfinv } from "../ops/erf.js";
export { exp2, logit, sinc } from "../ops/functions.js";
export { digamma, digamma as psi, lgamma as gammaln, mvlgamma as multigammaln, polygamma } from "../ops/gamma.js";
export { xlogy } from "../ops/pairs.js";
export { erf, expm1, log1p, round, sigmoid as expit } from "../ops/pointwise.js";
export { logsumexp } from "../ops/reduction.js";
export { logSoftmax, softmax } from "../ops/softmax.js";
export * from "./bessel.js";
export { entr, gammainc, gammaincc, xlog1py, zeta } from "./gamma.js";
export * from "./normal.js";
