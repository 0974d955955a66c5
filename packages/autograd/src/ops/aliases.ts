/*
 * PyTorch's further names of the same operators.
 */

export { ge as greaterEqual, gt as greater, le as lessEqual, lt as less, ne as notEqual } from "./compare.js";
export {
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atanh as arctanh,
} from "./functions.js";
export {
  abs as absolute,
  atan2 as arctan2,
  div as divide,
  mul as multiply,
  neg as negative,
  sub as subtract,
  trunc as fix,
} from "./pointwise.js";
export { clamp as clip } from "./where.js";
