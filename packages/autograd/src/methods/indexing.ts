import * as arrange from "../ops/arrange.js";
import { at, indexPut, indexPut_, setAt } from "../ops/at.js";
import * as indexing from "../ops/indexing.js";

const { gather, scatter, scatterAdd, indexSelect, indexAdd, indexCopy, indexFill, take, nonzero, maskedSelect } =
  indexing;
const { takeAlongDim } = arrange;

/** Methods that pick elements by index, or put them there. */
export const indexingMethods = {
  at,
  setAt,
  indexPut,
  indexPut_,
  gather,
  scatter,
  scatterAdd,
  indexSelect,
  indexAdd,
  indexCopy,
  indexFill,
  take,
  nonzero,
  maskedSelect,
  takeAlongDim,
};
