import { operator } from "../args.js";
import { hardshrink, prelu } from "../ops/activation.js";
import * as aliases from "../ops/aliases.js";
import { i0 } from "../ops/bessel.js";
import * as compare from "../ops/compare.js";
import { conj, conjPhysical, isComplex, isreal, resolveConj, resolveNeg } from "../ops/complex.js";
import { erfc, erfinv } from "../ops/erf.js";
import * as functions from "../ops/functions.js";
import { digamma, lgamma, mvlgamma, polygammaOf } from "../ops/gamma.js";
import * as pairs from "../ops/pairs.js";
import * as pointwise from "../ops/pointwise.js";
import { floorDivide, fmod, gcd, lcm, remainder } from "../ops/quotients.js";
import type { TensorOrScalar } from "../ops/table.js";
import * as ternary from "../ops/ternary.js";
import * as where from "../ops/where.js";
import { gammainc as igamma, gammaincc as igammac } from "../special/gamma.js";
import type { Tensor } from "../tensor.js";

const {
  add,
  sub,
  rsub,
  mul,
  div,
  trueDivide,
  pow,
  sqrt,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  atan2,
  sigmoid,
  erf,
  neg,
  abs,
  sign,
  floor,
  ceil,
  round,
  trunc,
  maximum,
  minimum,
  bitwiseNot,
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseRightShift,
  bitwiseOr,
  bitwiseXor,
} = pointwise;
const { maskedFill, clamp, clampMin, clampMax, relu } = where;

/** Methods that work element by element. */
export const pointwiseMethods = {
  ...functions,
  ...pairs,
  ...ternary,
  ...compare,
  igamma,
  igammac,
  ...aliases,
  conj,
  conjPhysical,
  isComplex,
  isreal,
  resolveConj,
  resolveNeg,
  floorDivide,
  remainder,
  fmod,
  gcd,
  lcm,
  erfc,
  erfinv,
  lgamma,
  i0,
  digamma,
  mvlgamma,
  hardshrink,
  prelu,
  polygamma: polygammaOf,
  add,
  sub,
  rsub,
  mul,
  div,
  trueDivide,
  pow,
  sqrt,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  atan2,
  sigmoid,
  erf,
  neg,
  abs,
  sign,
  floor,
  ceil,
  round,
  trunc,
  maximum,
  minimum,
  bitwiseNot,
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseRightShift,
  bitwiseOr,
  bitwiseXor,
  maskedFill,
  clamp,
  clampMin,
  clampMax,
  relu,
  where: operator<(self: Tensor, condition: Tensor, other: TensorOrScalar) => Tensor>(
    "where(self, condition, other)",
    (self: Tensor, condition: Tensor, other: TensorOrScalar) => where.where(condition, self, other),
  ),
};
