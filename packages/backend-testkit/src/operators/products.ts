import { type Recurrence, type RecurrentWeights, recurrences, type Tensor } from "@kindling/autograd";
import { after, type Case, call, type Table } from "./case.js";
import { Values } from "./values.js";

const v = new Values();

/** A layer of two units and two inputs, and what makes its arguments of tensors. */
const recurrent = (
  recurrence: Recurrence,
  rows: number,
  batch: number,
  call: (weights: RecurrentWeights, x: Tensor, state: Tensor[]) => readonly unknown[],
  results: (result: unknown) => unknown = (result) => result,
): Case => ({
  args: [
    ...[v.any(rows, 2), v.any(2 * recurrence.gates, 2), v.any(2 * recurrence.gates, 2)],
    ...[v.any(2 * recurrence.gates), v.any(2 * recurrence.gates)],
    ...Array.from({ length: recurrence.states }, () => v.any(batch, 2)),
  ],
  call: (op, args) => {
    const [x, weightIh, weightHh, biasIh, biasHh, ...state] = args as Tensor[];
    return results(op(recurrence, ...call({ weightIh, weightHh, biasIh, biasHh }, x, state)));
  },
});

export const products: Table = {
  mm: [call(v.any(2, 3), v.any(3, 2)), call(v.gapped(2, 3), v.gapped(3, 1))],
  bmm: [call(v.any(2, 1, 3), v.any(2, 3, 2)), call(v.gapped(2, 2, 1), v.gapped(2, 1, 2))],
  mv: [call(v.any(2, 3), v.any(3)), call(v.gapped(2, 3), v.any(3))],
  dot: [call(v.any(3), v.any(3))],
  outer: [call(v.any(2), v.any(3))],
  matmul: [
    call(v.any(2, 3), v.any(3, 2)),
    call(v.any(3), v.any(3)),
    call(v.any(2, 3), v.any(3)),
    call(v.any(3), v.any(3, 2)),
    call(v.any(2, 2, 3), v.any(3, 1)),
    call(v.any(2, 1, 3), v.any(2, 3, 2)),
    call(v.any(2, 1, 1, 2), v.any(2, 2, 1)),
    call(v.any(3), v.any(2, 3, 1)),
    call(v.any(2, 2, 3), v.any(3)),
    call(v.gapped(2, 3), v.gapped(2, 3, 2)),
  ],
  addmm: [
    call(v.any(2, 2), v.any(2, 3), v.any(3, 2)),
    call(v.any(2), v.any(2, 3), v.any(3, 2), { beta: 0.5, alpha: -2 }),
  ],
  baddbmm: [
    call(v.any(2, 1, 2), v.any(2, 1, 3), v.any(2, 3, 2)),
    call(v.any(2), v.any(2, 1, 3), v.any(2, 3, 2), { beta: 2, alpha: 0.5 }),
  ],
  addbmm: [
    call(v.any(1, 2), v.any(2, 1, 3), v.any(2, 3, 2)),
    call(v.any(2), v.any(2, 1, 3), v.any(2, 3, 2), { beta: 2, alpha: 0.5 }),
  ],
  addmv: [call(v.any(2), v.any(2, 3), v.any(3)), call(v.any(2), v.any(2, 3), v.any(3), { beta: 2, alpha: 0.5 })],
  addr: [call(v.any(2, 3), v.any(2), v.any(3)), call(v.any(2, 3), v.any(2), v.any(3), { beta: 2, alpha: 0.5 })],
  inner: [call(v.any(3), v.any(3)), call(v.any(2, 3), v.any(1, 3)), call(v.any(), v.any(2))],
  vdot: [call(v.any(3), v.any(3))],
  tensordot: [
    call(v.any(2, 3), v.any(3, 2), 1),
    call(v.any(2, 3), v.any(2, 3), [
      [0, 1],
      [0, 1],
    ]),
  ],
  linear: [
    call(v.any(2, 3), v.any(2, 3), v.any(2)),
    call(v.any(2, 3), v.any(2, 3)),
    call(v.any(2, 1, 3), v.any(2, 3), v.any(2)),
    call(v.any(3), v.any(2, 3), v.any(2)),
    call(v.gapped(2, 3), v.gapped(1, 3), v.any(1)),
  ],
  einsum: [
    after("ij,jk->ik", v.any(2, 3), v.any(3, 2)),
    after("ii->i", v.any(3, 3)),
    after("...i,i->...", v.any(2, 3), v.any(3)),
    after("ij,kj,i->k", v.any(2, 2), v.any(3, 2), v.any(2)),
  ],
  recurrentLayer: Object.values(recurrences).map((recurrence, i) =>
    recurrent(
      recurrence,
      3,
      2,
      (weights, x, state) => [x, [2, 1], state, weights, i % 2 === 1],
      (result) => [(result as { output: Tensor }).output, ...(result as { state: Tensor[] }).state],
    ),
  ),
  recurrentStep: Object.values(recurrences).map((recurrence) =>
    recurrent(recurrence, 2, 2, (weights, x, state) => [x, state, weights]),
  ),
};
