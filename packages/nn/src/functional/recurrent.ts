import { addmm, cat, linear, stack, type Tensor } from "@kindling/autograd";

/*
 * Recurrences. A layer first projects the inputs of all steps in one product, then walks the steps; the state is one tensor
 * (N, H), or two for an LSTM, the first of which is the step's output.
 */

/** Weights of one layer in one direction; gates are stacked along the first dimension. */
export interface RecurrentWeights {
  /** (gates · H, inputs). */
  readonly weightIh: Tensor;
  /** (gates · H, H). */
  readonly weightHh: Tensor;
  /** (gates · H), or `null` without biases. */
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** (P, H) of an LSTM whose state h is projected; its `weightHh` is (4H, P). */
  readonly weightHr?: Tensor | null;
}

type State = readonly Tensor[];

/** What makes one kind of recurrent layer different from another. */
export interface Recurrence {
  /** How many matrices are stacked in the weights. */
  readonly gates: number;
  /** How many tensors make the state. */
  readonly states: number;
  /** Whether both biases only ever occur as their sum, so that it can go into the projection of the inputs. */
  readonly addsBiases: boolean;
  /** The next state from the projected input (N, gates · H); `turned` is `weightHh` transposed. */
  step(projected: Tensor, state: State, weights: RecurrentWeights, turned: Tensor): State;
}

const elman = (activate: (x: Tensor) => Tensor): Recurrence => ({
  gates: 1,
  states: 1,
  addsBiases: true,
  step: (projected, [h], _weights, turned) => [activate(addmm(projected, h, turned))],
});

/** `h' = tanh(W x + b + U h)`. */
export const rnnTanh = elman((x) => x.tanh());
/** `h' = max(W x + b + U h, 0)`. */
export const rnnRelu = elman((x) => x.relu());

/** Gates i, f, g, o: `c' = σ(f) · c + σ(i) · tanh(g)`, `h' = σ(o) · tanh(c')`, times `weightHr` where there is one. */
export const lstm: Recurrence = {
  gates: 4,
  states: 2,
  addsBiases: true,
  step(projected, [h, c], { weightHr = null }, turned) {
    const [i, f, g, o] = addmm(projected, h, turned).chunk(4, 1);
    const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    const out = o.sigmoid().mul(cell.tanh());
    return [weightHr === null ? out : linear(out, weightHr), cell];
  },
};

/** Gates r, z, n: `n = tanh(W x + b + σ(r) · (U h + b'))`, `h' = n + σ(z) · (h − n)`. */
export const gru: Recurrence = {
  gates: 3,
  states: 1,
  addsBiases: false,
  step(projected, [h], weights) {
    const [xr, xz, xn] = projected.chunk(3, 1);
    const [hr, hz, hn] = linear(h, weights.weightHh, weights.biasHh).chunk(3, 1);
    const fresh = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
    return [fresh.add(xz.add(hz).sigmoid().mul(h.sub(fresh)))];
  },
};

/** Inputs (N, I) of any number of steps as the recurrence takes them: (N, gates · H). */
function project(recurrence: Recurrence, input: Tensor, { weightIh, biasIh, biasHh }: RecurrentWeights): Tensor {
  const bias = recurrence.addsBiases && biasIh !== null && biasHh !== null ? biasIh.add(biasHh) : biasIh;
  return linear(input, weightIh, bias);
}

/** One step of a cell: input (N, I). */
export const cellStep = (recurrence: Recurrence, input: Tensor, state: State, weights: RecurrentWeights): State =>
  recurrence.step(project(recurrence, input, weights), state, weights, weights.weightHh.t());

/** The results of a layer in one direction. */
export interface LayerResult {
  readonly output: Tensor;
  readonly state: State;
}

/** A layer over steps of equal size: input (T, N, I), or (N, T, I) where `timeDim` is 1. */
export function recurrentLayer(
  recurrence: Recurrence,
  input: Tensor,
  initial: State,
  weights: RecurrentWeights,
  timeDim: 0 | 1,
  reverse: boolean,
): LayerResult {
  const [a, b, features] = input.shape;
  const projected = project(recurrence, input.reshape(a * b, features), weights);
  const steps = projected.reshape(a, b, weights.weightHh.shape[0]).unbind(timeDim);
  if (reverse) steps.reverse();
  const turned = weights.weightHh.t();
  let state = initial;
  const outputs = steps.map((x) => {
    state = recurrence.step(x, state, weights, turned);
    return state[0];
  });
  if (reverse) outputs.reverse();
  return { output: stack(outputs, timeDim), state };
}

/**
 * A layer over packed steps: input (sum of `sizes`, I), of which `sizes[t]` rows belong to step t. `sizes` does not grow, so
 * that the sequences still running are always the first rows of the state.
 */
export function packedLayer(
  recurrence: Recurrence,
  input: Tensor,
  sizes: readonly number[],
  initial: State,
  weights: RecurrentWeights,
  reverse: boolean,
): LayerResult {
  const steps = project(recurrence, input, weights).split(sizes, 0);
  const turned = weights.weightHh.t();
  return reverse
    ? packedBackward(recurrence, steps, sizes, initial, weights, turned)
    : packedForward(recurrence, steps, sizes, initial, weights, turned);
}

const rows = (state: State, start: number, count: number): State =>
  count === state[0].shape[0] ? state : state.map((t) => t.narrow(0, start, count));

/** From the first step on sequences end: their rows leave the state. */
function packedForward(
  recurrence: Recurrence,
  steps: readonly Tensor[],
  sizes: readonly number[],
  initial: State,
  weights: RecurrentWeights,
  turned: Tensor,
): LayerResult {
  let state = initial;
  const ended: State[] = [];
  const outputs = steps.map((x, t) => {
    const running = state[0].shape[0];
    if (sizes[t] < running) {
      ended.unshift(rows(state, sizes[t], running - sizes[t]));
      state = rows(state, 0, sizes[t]);
    }
    state = recurrence.step(x, state, weights, turned);
    return state[0];
  });
  const output = cat(outputs, 0);
  if (ended.length === 0) return { output, state };
  const whole = (k: number): Tensor => cat([state, ...ended].map((part) => part[k]));
  return { output, state: initial.map((_, k) => whole(k)) };
}

/** From the last step back sequences begin: their rows of the initial state join. */
function packedBackward(
  recurrence: Recurrence,
  steps: readonly Tensor[],
  sizes: readonly number[],
  initial: State,
  weights: RecurrentWeights,
  turned: Tensor,
): LayerResult {
  let state = rows(initial, 0, sizes[sizes.length - 1]);
  const outputs = new Array<Tensor>(steps.length);
  for (let t = steps.length - 1; t >= 0; t--) {
    const running = state[0].shape[0];
    if (sizes[t] > running) {
      const joining = rows(initial, running, sizes[t] - running);
      state = state.map((part, k) => cat([part, joining[k]], 0));
    }
    state = recurrence.step(steps[t], state, weights, turned);
    outputs[t] = state[0];
  }
  return { output: cat(outputs, 0), state };
}
