import type { Tensor } from "../tensor.js";
import { addmm } from "./addmm.js";
import { linear } from "./matmul.js";
import { narrow } from "./parts.js";
import { add, mul, sigmoid, sub, tanh } from "./pointwise.js";
import { cat } from "./shape.js";
import { chunk, split } from "./split.js";
import { t } from "./views.js";
import { relu } from "./where.js";

/*
 * Recurrences in differentiable operators. A layer first projects the inputs of all steps in one product, then walks the steps;
 * the state is one tensor (N, H), or two for an LSTM, the first of which is the step's output.
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

export type State = readonly Tensor[];

/** What makes one kind of recurrent layer different from another. */
export interface Recurrence {
  readonly kind: "rnnTanh" | "rnnRelu" | "lstm" | "gru";
  /** How many matrices are stacked in the weights. */
  readonly gates: number;
  /** How many tensors make the state. */
  readonly states: number;
  /** Whether both biases only ever occur as their sum, so that it can be added to the projected inputs. */
  readonly addsBiases: boolean;
  /** The next state from the projected input (N, gates · H); `turned` is `weightHh` transposed. */
  step(projected: Tensor, state: State, weights: RecurrentWeights, turned: Tensor): State;
}

const elman = (kind: "rnnTanh" | "rnnRelu", activate: (x: Tensor) => Tensor): Recurrence => ({
  kind,
  gates: 1,
  states: 1,
  addsBiases: true,
  step: (projected, [h], _weights, turned) => [activate(addmm(projected, h, turned))],
});

/** The recurrences there are. */
export const recurrences = {
  /** `h' = tanh(W x + b + U h)`. */
  rnnTanh: elman("rnnTanh", tanh),
  /** `h' = max(W x + b + U h, 0)`. */
  rnnRelu: elman("rnnRelu", relu),
  /** Gates i, f, g, o: `c' = σ(f) · c + σ(i) · tanh(g)`, `h' = σ(o) · tanh(c')`, times `weightHr` where there is one. */
  lstm: {
    kind: "lstm",
    gates: 4,
    states: 2,
    addsBiases: true,
    step(projected, [h, c], { weightHr = null }, turned) {
      const [i, f, g, o] = chunk(addmm(projected, h, turned), 4, 1);
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      const out = mul(sigmoid(o), tanh(cell));
      return [weightHr === null ? out : linear(out, weightHr), cell];
    },
  },
  /** Gates r, z, n: `n = tanh(W x + b + σ(r) · (U h + b'))`, `h' = n + σ(z) · (h − n)`. */
  gru: {
    kind: "gru",
    gates: 3,
    states: 1,
    addsBiases: false,
    step(projected, [h], weights) {
      const [xr, xz, xn] = chunk(projected, 3, 1);
      const [hr, hz, hn] = chunk(linear(h, weights.weightHh, weights.biasHh), 3, 1);
      const fresh = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
      return [add(fresh, mul(sigmoid(add(xz, hz)), sub(h, fresh)))];
    },
  },
} as const satisfies Readonly<Record<string, Recurrence>>;

/** Projected inputs (S, gates · H) with the biases that can be added for all steps at once. */
export function biased({ addsBiases }: Recurrence, projected: Tensor, { biasIh, biasHh }: RecurrentWeights): Tensor {
  const bias = addsBiases && biasIh !== null && biasHh !== null ? add(biasIh, biasHh) : biasIh;
  return bias === null ? projected : add(projected, bias);
}

/** The results of a layer in one direction. */
export interface LayerResult {
  /** (S, H): the state h after each step. */
  readonly output: Tensor;
  readonly state: State;
}

/**
 * Walks the projected inputs (S, gates · H), of which `sizes[t]` rows belong to step t. `sizes` does not grow, so that the
 * sequences still running are always the first rows of the state.
 */
export const walk = (
  recurrence: Recurrence,
  projected: Tensor,
  sizes: readonly number[],
  initial: State,
  weights: RecurrentWeights,
  reverse: boolean,
): LayerResult => {
  const steps = sizes.length === 1 ? [projected] : split(projected, sizes, 0);
  const turned = t(weights.weightHh);
  const step = (x: Tensor, state: State): State => recurrence.step(x, state, weights, turned);
  return reverse ? fromTheEnd(steps, sizes, initial, step) : fromTheStart(steps, sizes, initial, step);
};

type Step = (x: Tensor, state: State) => State;

const rows = (state: State, start: number, count: number): State =>
  count === state[0].shape[0] ? state : state.map((part) => narrow(part, 0, start, count));

/** From the first step on sequences end: their rows leave the state. */
function fromTheStart(steps: readonly Tensor[], sizes: readonly number[], initial: State, step: Step): LayerResult {
  let state = initial;
  const ended: State[] = [];
  const outputs = steps.map((x, i) => {
    const running = state[0].shape[0];
    if (sizes[i] < running) {
      ended.unshift(rows(state, sizes[i], running - sizes[i]));
      state = rows(state, 0, sizes[i]);
    }
    state = step(x, state);
    return state[0];
  });
  const output = cat(outputs, 0);
  if (ended.length === 0) return { output, state };
  const whole = (k: number): Tensor => cat([state, ...ended].map((part) => part[k]));
  return { output, state: initial.map((_, k) => whole(k)) };
}

/** From the last step back sequences begin: their rows of the initial state join. */
function fromTheEnd(steps: readonly Tensor[], sizes: readonly number[], initial: State, step: Step): LayerResult {
  let state = rows(initial, 0, sizes[sizes.length - 1]);
  const outputs = new Array<Tensor>(steps.length);
  for (let i = steps.length - 1; i >= 0; i--) {
    const running = state[0].shape[0];
    if (sizes[i] > running) {
      const joining = rows(initial, running, sizes[i] - running);
      state = state.map((part, k) => cat([part, joining[k]], 0));
    }
    state = step(steps[i], state);
    outputs[i] = state[0];
  }
  return { output: cat(outputs, 0), state };
}
