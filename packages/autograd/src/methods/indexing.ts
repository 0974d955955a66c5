import * as arrange from "../ops/arrange.js";
import { at, indexPut, indexPut_, setAt } from "../ops/at.js";
import * as indexing from "../ops/indexing.js";
import * as parts from "../ops/parts.js";
import { indexAdd, indexCopy, indexFill, maskedScatter, put, scatter, scatterAdd } from "../ops/scatter.js";
import * as scatterReduce from "../ops/scatter-reduce.js";

const { gather, indexSelect, take, nonzero, argwhere, maskedSelect } = indexing;
const { selectScatter, sliceScatter, diagonalScatter } = parts;
const { takeAlongDim } = arrange;

/** Methods that pick elements by index, or put them there. */
export const indexingMethods = {
  ...scatterReduce,
  indexAdd,
  indexCopy,
  indexFill,
  maskedScatter,
  put,
  scatter,
  scatterAdd,
  argwhere,
  selectScatter,
  sliceScatter,
  diagonalScatter,
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
