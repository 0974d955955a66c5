import * as cumulative from "../ops/cumulative.js";
import { diff } from "../ops/differences.js";
import * as extremes from "../ops/extremes.js";
import * as histograms from "../ops/histogram.js";
import * as order from "../ops/order.js";
import * as statistics from "../ops/order-statistics.js";
import * as reduction from "../ops/reduction.js";
import { renorm } from "../ops/renorm.js";
import * as sets from "../ops/sets.js";
import { logSoftmax, softmax } from "../ops/softmax.js";

const { sum, mean, prod, std, logsumexp, sumToSize, nansum, nanmean, countNonzero } = reduction;
const { sort, argsort, msort, topk } = order;
const { all, amax, amin, aminmax, any, argmax, argmin, max, min } = extremes;

/** Methods that reduce, scan or order along dimensions. */
export const reductionMethods = {
  all,
  amax,
  amin,
  aminmax,
  any,
  argmax,
  argmin,
  max,
  min,
  ...cumulative,
  ...histograms,
  ...sets,
  diff,
  renorm,
  ...statistics,
  sum,
  mean,
  prod,
  std,
  logsumexp,
  sumToSize,
  nansum,
  nanmean,
  countNonzero,
  sort,
  argsort,
  msort,
  topk,
  softmax,
  logSoftmax,
  var: reduction.variance,
};
