import { manualSeed, slice } from "@kindling/autograd";
import { call, list, type Table } from "./case.js";
import { index, mask, Values } from "./values.js";

const v = new Values();
const matrix = () => [call(v.any(2, 3)), call(v.gapped(3, 2))];

export const shapes: Table = {
  view: [call(v.any(2, 3), 3, 2), call(v.any(2, 3), [-1])],
  viewAs: [call(v.any(2, 3), v.any(6).detach())],
  reshape: [call(v.any(2, 3), 3, 2), call(v.gapped(2, 3), [-1]), call(v.any(1), [])],
  reshapeAs: [call(v.gapped(2, 3), v.any(6).detach())],
  ravel: matrix(),
  flatten: [...matrix(), call(v.any(2, 2, 2), 1), call(v.any())],
  unflatten: [call(v.any(2, 4), 1, [2, -1])],
  squeeze: [call(v.any(1, 3, 1)), call(v.any(1, 3), 0), call(v.any(2, 3), 0)],
  unsqueeze: [call(v.any(3), 0), call(v.gapped(2, 2), -1)],
  transpose: [call(v.any(2, 3), 0, 1), call(v.any(2, 1, 3), -1, 0)],
  t: [...matrix(), call(v.any(3))],
  swapaxes: [call(v.any(2, 3), 0, 1)],
  swapdims: [call(v.any(2, 1, 3), -1, 0)],
  moveaxis: [call(v.any(2, 1, 3), 0, 2)],
  diagEmbed: [call(v.any(2)), call(v.any(2, 2))],
  diag: [call(v.any(3)), call(v.any(2, 3), 1)],
  atleast1d: [call(v.any()), call(v.any(2))],
  atleast2d: [call(v.any(2))],
  atleast3d: [call(v.any(2, 2))],
  meshgrid: [list([v.any(2), v.any(3)])],
  permute: [call(v.any(2, 1, 3), 2, 0, 1), call(v.gapped(2, 3), [1, 0])],
  movedim: [call(v.any(2, 1, 3), 0, 2), call(v.any(2, 1, 3), [0, 1], [1, 2])],
  expand: [call(v.any(3), 2, 3), call(v.any(2, 1), [2, 3]), call(v.any(), 2)],
  expandAs: [call(v.any(1, 3), v.any(2, 3).detach())],
  broadcastTo: [call(v.any(2, 1), [2, 2])],
  select: [call(v.any(2, 3), 1, -1), call(v.gapped(2, 3), 0, 1)],
  narrow: [call(v.any(2, 3), 1, 1, 2), call(v.gapped(3, 2), 0, 0, 2), call(v.any(3), 0, 1, 0)],
  diagonal: [call(v.any(3, 3)), call(v.any(2, 3), 1), call(v.any(2, 2, 3), -1, 0, 2)],
  unfold: [call(v.any(5), 0, 2, 1), call(v.any(2, 4), 1, 3, 1), call(v.gapped(2, 4), 1, 2, 2)],
  asStrided: [call(v.any(6), [2, 2], [1, 2]), call(v.any(2, 3), [3, 2], [1, 2], 1), call(v.any(3), [2, 3], [0, 1])],
  split: [call(v.any(5), 2), call(v.gapped(2, 3), [1, 2], 1)],
  chunk: [call(v.any(5), 2), call(v.gapped(2, 4), 3, { dim: 1 })],
  unbind: [call(v.any(2, 3)), call(v.gapped(2, 3), 1)],

  clone: matrix(),
  contiguous: matrix(),
  to: [call(v.any(2), "float64"), call(v.any(2), { dtype: "float64", copy: true })],
  typeAs: [call(v.any(2), v.any(1).detach())],
  double: [call(v.any(2))],
  // float32 between float64: steps must be coarse
  float: [{ args: [v.any(2)], options: { eps: 0.5, atol: 1e-3 } }],
  half: [{ args: [v.any(2)], options: { eps: 0.5, atol: 1e-2 } }],
  bfloat16: [{ args: [v.any(2)], options: { eps: 0.5, atol: 1e-1 } }],
  cat: [
    list([v.any(2, 3), v.any(1, 3)]),
    list([v.any(2, 1), v.gapped(2, 2), v.any(2, 1)], 1),
    list([v.any(0), v.any(2)]),
  ],
  stack: [list([v.any(3), v.any(3)]), list([v.any(2, 2), v.gapped(2, 2)], 2), list([v.any(), v.any()])],
  vstack: [list([v.any(3), v.any(2, 3)])],
  hstack: [list([v.any(2), v.any(1)]), list([v.any(2, 1), v.any(2, 2)])],
  dstack: [list([v.any(2), v.any(2)])],
  columnStack: [list([v.any(2), v.any(2, 2)])],
  fliplr: [call(v.any(2, 3))],
  flipud: [call(v.any(2, 3))],
  rot90: [call(v.any(2, 3)), call(v.any(2, 2), 2)],
  takeAlongDim: [call(v.any(2, 3), index([[0], [2]]), 1)],
  repeat: [call(v.any(2), 2, 2), call(v.gapped(2, 2), [1, 2])],
  tile: [call(v.any(2, 2), 2), call(v.any(2), [2, 1])],
  repeatInterleave: [call(v.any(2, 2), 2), call(v.any(2, 2), 2, 1)],
  flip: [call(v.any(2, 3), 0), call(v.any(2, 3), [0, 1])],
  roll: [call(v.any(4), 1), call(v.any(2, 3), [1, -1], [0, 1]), call(v.any(2, 3), 2)],
  tril: [call(v.any(3, 3)), call(v.any(2, 3), -1)],
  triu: [call(v.any(3, 3)), call(v.any(2, 3), { diagonal: 1 })],
  broadcastTensors: [call(v.any(2, 1), v.any(3))],
  T: [call(v.any(2, 3))],
  mT: [call(v.any(2, 2, 3))],

  at: [
    call(v.any(3), 0),
    call(v.any(2, 3), "0:1", null, "...", -1),
    call(v.any(5), slice(1, null, 2)),
    call(v.any(4), [0, 2, 2]),
    call(v.any(2, 3), ":", [1, 0]),
    call(v.any(3, 3), [0, 1, 1], [2, 0, 0]),
    call(v.any(2, 3, 2), [0, 1], ":", [1, 0]),
    call(
      v.any(3),
      index([
        [0, 1],
        [2, 0],
      ]),
    ),
    call(
      v.any(2, 2),
      mask([
        [true, false],
        [true, true],
      ]),
    ),
  ],
  gather: [
    call(
      v.any(2, 3),
      1,
      index([
        [0, 0],
        [2, 1],
      ]),
    ),
    call(v.gapped(3, 2), 0, index([[0, 2]])),
    call(v.any(), 0, index([0])),
  ],
  scatter: [
    call(
      v.any(2, 3),
      1,
      index([
        [0, 2],
        [1, 0],
      ]),
      v.any(2, 2),
    ),
    call(
      v.any(2, 3),
      1,
      index([
        [0, 2],
        [1, 0],
      ]),
      v.any(2, 3),
    ),
    call(v.any(3), 0, index([1]), 0.5),
  ],
  scatterAdd: [
    call(
      v.any(2, 3),
      1,
      index([
        [0, 0],
        [1, 0],
      ]),
      v.any(2, 2),
    ),
    call(v.any(3), 0, index([1, 1, 1]), v.any(3)),
  ],
  indexSelect: [
    call(v.any(2, 3), 1, index([2, 0, 0])),
    call(v.gapped(3, 2), 0, index([1])),
    call(v.any(), 0, index([0])),
  ],
  indexAdd: [
    call(v.any(2, 3), 1, index([0, 0]), v.any(2, 2)),
    call(v.any(3), 0, index([2]), v.any(1), { alpha: -0.5 }),
  ],
  indexCopy: [call(v.any(2, 3), 1, index([2, 0]), v.any(2, 2))],
  indexFill: [call(v.any(2, 3), 1, index([2, 0]), 0.5)],
  indexPut: [
    { args: [v.any(3), v.any(2)], call: (op, [x, y]) => op(x, [[0, 2]], y) },
    { args: [v.any(3), v.any(3)], call: (op, [x, y]) => op(x, [[0, 0, 2]], y, { accumulate: true }) },
  ],
  take: [call(v.any(2, 3), index([0, 5, 5])), call(v.any(4), index([[1], [-1]]))],
  maskedSelect: [call(v.any(3), mask([true, false, true])), call(v.any(2, 1), mask([true, false, true]))],

  dropout: [
    {
      args: [v.any(6)],
      call: (op, [x]) => {
        manualSeed(1);
        return op(x, 0.5);
      },
    },
    { args: [v.any(2)], call: (op, [x]) => op(x, { p: 0.5, training: false }) },
    call(v.any(2), 1),
  ],
};

/** Writes of other kinds than the in-place form of an operator; each works on a copy of its first argument. */
export const writes: Table = {
  copy_: [call(v.any(2, 3), v.any(2, 3)), call(v.any(2, 3), v.any(3)), call(v.any(2), v.any())],
  fill_: [call(v.any(2, 3), 0.5), call(v.any(2), v.any())],
  zero_: [call(v.any(2, 3))],
  setAt: [
    { args: [v.any(3), v.any()], call: (op, [x, y]) => op(x, [0], y) },
    { args: [v.any(2, 3), v.any(2, 2)], call: (op, [x, y]) => op(x, [":", "1:"], y) },
    { args: [v.any(2, 3), v.any(2)], call: (op, [x, y]) => op(x, [":", [2, 0]], y) },
    { args: [v.any(3), v.any()], call: (op, [x, y]) => op(x, mask([true, false, true]), y) },
    { args: [v.any(3), v.any(2)], call: (op, [x, y]) => op(x, mask([true, false, true]), y) },
    { args: [v.any(3), v.any(3)], call: (op, [x, y]) => op(x, [[0, 0, 2]], y, { accumulate: true }) },
    { args: [v.any(3)], call: (op, [x]) => op(x, ["::2"], 0.5) },
  ],
  polygamma_: [call(v.any(2, 3), 1)],
  eq_: [call(v.any(3), v.any(3))],
  ne_: [call(v.any(3), 0)],
  lt_: [call(v.any(3), v.any(3))],
  le_: [call(v.any(3), 0)],
  gt_: [call(v.any(3), v.any(3))],
  ge_: [call(v.any(3), 0)],
  logicalNot_: [call(v.any(3))],
  logicalAnd_: [call(v.any(3), v.any(3))],
  logicalOr_: [call(v.any(3), v.any(3))],
  logicalXor_: [call(v.any(3), v.any(3))],
  heaviside_: [call(v.any(3), v.any(3).detach())],
  uniform_: [call(v.any(2))],
  normal_: [call(v.any(2))],
  exponential_: [call(v.any(2))],
  bernoulli_: [call(v.any(2))],
  random_: [call(v.any(2))],
  cauchy_: [call(v.any(2))],
  logNormal_: [call(v.any(2))],
  geometric_: [call(v.any(2), 0.5)],
};
