import * as arrange from "../ops/arrange.js";
import { at, indexPut, indexPut_, setAt } from "../ops/at.js";
import * as indexing from "../ops/indexing.js";
import * as scatter from "../ops/scatter.js";

const { gather, indexSelect, take, nonzero, maskedSelect } = indexing;
const { takeAlongDim } = arrange;

/** Methods that pick elements by index, or put them there. */
export const indexingMethods = {
  ...scatter,
  at,
  setAt,
  indexPut,
  indexPut_,
  gather,
  indexSelect,
  take,
  nonzero,
  maskedSelect,
  takeAlongDim,
};
