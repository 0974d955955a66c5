import { call, type Table } from "./case.js";
import { index, mask, Values } from "./values.js";

const v = new Values();

/** Copies of the first argument in which something else stands in places. */
export const scatters: Table = {
  scatterReduce: ["sum", "prod", "mean", "amax", "amin"].flatMap((reduce) => [
    call(
      v.any(2, 3),
      1,
      index([
        [0, 0, 2],
        [1, 1, 1],
      ]),
      v.any(2, 3),
      reduce,
    ),
    call(v.any(3), 0, index([0, 2, 2, 2]), v.any(4), reduce, { includeSelf: false }),
    call(v.any(3, 2), 0, index([[2, 0]]), v.any(2, 2), { reduce }),
    call(v.any(), 0, index([0, 0]), v.any(2), reduce),
  ]),
  indexReduce: ["prod", "mean", "amax", "amin"].flatMap((reduce) => [
    call(v.any(3, 2), 0, index([2, 0, 2]), v.any(3, 2), reduce),
    call(v.any(2, 3), 1, index([1, 1]), v.any(2, 2), reduce, { includeSelf: false }),
    call(v.any(), 0, index([0]), v.any(1), reduce),
  ]),
  put: [
    call(v.any(2, 3), index([0, -1]), v.any(2)),
    call(v.any(2, 3), index([[5, 1, 5]]), v.any(3), true),
    call(v.gapped(2, 2), index([1]), v.any()),
  ],
  maskedScatter: [
    call(v.any(4), mask([true, false, true, false]), v.any(3)),
    call(v.any(2, 2), mask([false, true]), v.any(2, 2)),
    call(v.any(2), mask([false, false]), v.any(1)),
  ],
  selectScatter: [call(v.any(2, 3), v.any(2), 1, -1), call(v.gapped(2, 3), v.any(3), 0, 0)],
  sliceScatter: [call(v.any(2, 3), v.any(2, 2), 1, 0, 3, 2), call(v.any(5), v.any(2), { start: 1, end: 3 })],
  diagonalScatter: [
    call(v.any(3, 3), v.any(3)),
    call(v.any(2, 3), v.any(2), 1),
    call(v.any(2, 2, 3), v.any(2, 1), -1, 0, 2),
  ],
};
