import * as extremes from "../ops/extremes.js";
import * as order from "../ops/order.js";
import * as reduction from "../ops/reduction.js";
import { logSoftmax, softmax } from "../ops/softmax.js";

const { sum, mean, prod, std, logsumexp, norm, sumToSize, nansum, nanmean, countNonzero } = reduction;
const { cumsum, cumprod, sort, argsort, msort, topk } = order;

/** Methods that reduce, scan or order along dimensions. */
export const reductionMethods = {
  ...extremes,
  sum,
  mean,
  prod,
  std,
  logsumexp,
  norm,
  sumToSize,
  nansum,
  nanmean,
  countNonzero,
  cumsum,
  cumprod,
  sort,
  argsort,
  msort,
  topk,
  softmax,
  logSoftmax,
  var: reduction.variance,
};
