import {
  type RecurrentSequence,
  type SequenceBackward,
  type SequenceForward,
  type Shape,
  sameShape,
  state,
} from "@kindling/storage";
import { grad } from "../backward.js";
import { fresh, rawContiguous } from "../dispatch.js";
import { enableGrad } from "../grad-mode.js";
import type { Derivative, Grad, Node } from "../node.js";
import { recordingAny, recordMany } from "../record.js";
import { alias, type Tensor } from "../tensor.js";
import { linear, product } from "./matmul.js";
import { biased, type LayerResult, type Recurrence, type RecurrentWeights, type State, walk } from "./recurrence.js";
import { expand, t } from "./views.js";

/*
 * Recurrent layers. Where the device has a fast path for the walk through the steps, a layer is one node: inputs are projected,
 * and gradients of weights and inputs made, by one product over all steps each. Elsewhere it is made of operators, and so are
 * second derivatives: the node computes its steps again, in operators.
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /**
     * `output` (S, H) = the state h after each step, `last` (N, H) = the state after all. For the derivative, `previous`
     * (S, H) = the state h before each step, and `kept` (S, H) = the state c before each step, or of a GRU what is multiplied
     * by r; both `null` where there will be none, and `kept` for an RNN.
     */
    rnnSequence(...args: SequenceForward): void;
    lstmSequence(...args: SequenceForward): void;
    gruSequence(...args: SequenceForward): void;
    /**
     * From what the walk left, and the gradients of its results (`null`: zeros): `gradGates` (S, gates · H), the gradients
     * before the gates' functions; `gradHidden` (S, 3H) of a GRU, the same on the side of the state; the gradients of the initial
     * state (N, H), and of the biases, which are the sums of the rows of `gradGates` and of `gradHidden`. What is not wanted is
     * `null`; `gradBiasHh` is, unless the layer is a GRU.
     */
    rnnSequenceBackward(...args: SequenceBackward): void;
    lstmSequenceBackward(...args: SequenceBackward): void;
    gruSequenceBackward(...args: SequenceBackward): void;
  }
}

const families = { rnnTanh: "rnn", rnnRelu: "rnn", lstm: "lstm", gru: "gru" } as const;

/** What a node knows of its layer. */
interface Layer {
  readonly recurrence: Recurrence;
  readonly sizes: readonly number[];
  readonly reverse: boolean;
}

const fits = (part: Tensor, shape: Shape, like: Tensor): boolean =>
  sameShape(part.shape, shape) && part.dtype === like.dtype && part.storage.device === like.storage.device;

const sequence = (
  { recurrence, sizes, reverse }: Layer,
  gates: Tensor,
  weight: Tensor,
  [biasIh, biasHh]: readonly (Tensor | null)[],
  initial: State,
): RecurrentSequence => ({
  sizes,
  reverse,
  relu: recurrence.kind === "rnnRelu",
  gates,
  weight: rawContiguous(weight),
  biasIh: biasIh && rawContiguous(biasIh),
  biasHh: biasHh && rawContiguous(biasHh),
  initial: initial.map(rawContiguous),
});

/**
 * The layer as one node, from inputs that are `projected` already (and overwritten); `null` where there is no fast path, or
 * arguments do not fit together: then the operators say so.
 */
function fused(
  layer: Layer,
  projected: Tensor,
  input: Tensor,
  initial: State,
  { weightIh, weightHh, biasIh, biasHh }: RecurrentWeights,
): LayerResult | null {
  const { kind, gates } = layer.recurrence;
  const { device, dtype } = projected.storage;
  const [batch, hidden] = [layer.sizes[0], initial[0].shape[1]];
  const fit =
    projected.numel() > 0 &&
    fits(weightHh, [gates * hidden, hidden], projected) &&
    initial.every((part) => fits(part, [batch, hidden], projected)) &&
    [biasIh, biasHh].every((bias) => bias === null || fits(bias, [gates * hidden], projected));
  if (!fit) return null;
  const inputs = [input, weightIh, weightHh, biasIh, biasHh, ...initial];
  const recorded = recordingAny(inputs);
  const family = families[kind];
  const make = (rows: number): Tensor => fresh(device, dtype, [rows, hidden], family);
  const output = make(projected.shape[0]);
  const last = initial.map(() => make(batch));
  const previous = recorded ? make(projected.shape[0]) : null;
  const kept = recorded && family !== "rnn" ? make(projected.shape[0]) : null;
  const walked = sequence(layer, projected, weightHh, [biasIh, biasHh], initial);
  if (!device.tryFast(`${family}Sequence`, dtype, walked, output, last, previous, kept)) return null;
  if (recorded) {
    const node = recordMany(DERIVATIVES[kind], [output, ...last], inputs);
    node.context = layer;
    node.save(...inputs, alias(projected), previous, kept);
  }
  return { output, state: last };
}

const derivative = (name: string): Derivative => ({
  name,
  backward: (node, _, grads) => (!state.gradEnabled && fusedBackward(node, grads)) || computedAgain(node, grads),
});
const DERIVATIVES: Readonly<Record<Recurrence["kind"], Derivative>> = {
  rnnTanh: derivative("RnnTanhBackward0"),
  rnnRelu: derivative("RnnReluBackward0"),
  lstm: derivative("LstmBackward0"),
  gru: derivative("GruBackward0"),
};

/** The saved tensors of a node: its inputs, of which those of the state come last, then gates, previous and kept. */
const [INPUT, WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH, STATE] = [0, 1, 2, 3, 4, 5];

/** Memory of the last derivative, which nobody but it has seen. */
const spare: (Tensor | undefined)[] = [];
/** Bytes of memory that is kept. */
const MOST_SPARE = 1 << 24;

/** A tensor like `t` until the derivative is done, in the memory of one before. */
function temporary(which: number, t: Tensor): Tensor {
  const { device, dtype } = t.storage;
  // a scope's end takes what was made in it
  if (state.scope !== null) return fresh(device, dtype, t.shape, "recurrent");
  const before = spare[which];
  const fitting = before !== undefined && sameShape(before.shape, t.shape) && before.dtype === dtype;
  const out = fitting && before.storage.device === device ? before : fresh(device, dtype, t.shape, "recurrent");
  out.storage.touch();
  spare[which] = out.nbytes <= MOST_SPARE ? out : undefined;
  return out;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The gradients of a node's inputs by the fast path; `null` where there is none any more. */
function fusedBackward(node: Node, [gradOutput, ...gradLast]: readonly Grad[]): readonly Grad[] | null {
  const layer = node.context as Layer;
  const { kind, states } = layer.recurrence;
  const family = families[kind];
  const initial = range(STATE, STATE + states).map((i) => node.saved(i));
  const behind = STATE + states;
  const [gates, previous, kept] = [node.saved(behind), node.saved(behind + 1), node.savedOrNull(behind + 2)];
  const { device, dtype } = gates.storage;
  const like = ({ shape }: Tensor): Tensor => fresh(device, dtype, shape, family);
  const gradGates = temporary(0, gates);
  const gradHidden = family === "gru" ? temporary(1, gates) : null;
  const wanted = (from: number, to = from): boolean => range(from, to + 1).some((i) => node.needs(i));
  const weightHh = node.saved(WEIGHT_HH);
  const gradInitial = initial.map((part) => (wanted(STATE, STATE + states - 1) ? like(part) : null));
  const makeBias = (): Tensor => fresh(device, dtype, [weightHh.shape[0]], family);
  const gradBiasIh = wanted(BIAS_IH) || (wanted(BIAS_HH) && gradHidden === null) ? makeBias() : null;
  const gradBiasHh = wanted(BIAS_HH) && gradHidden !== null ? makeBias() : null;
  const solid = (g: Grad | undefined): Grad => (g ? rawContiguous(g) : null);
  const done = device.tryFast(
    `${family}SequenceBackward`,
    dtype,
    sequence(layer, gates, weightHh, [null, null], initial),
    previous,
    kept,
    solid(gradOutput),
    initial.map((_, i) => solid(gradLast[i])),
    gradGates,
    gradHidden,
    gradInitial,
    gradBiasIh,
    gradBiasHh,
  );
  if (!done) return null;
  return [
    wanted(INPUT) ? product(gradGates, node.saved(WEIGHT_IH)) : null,
    wanted(WEIGHT_IH) ? product(t(gradGates), node.saved(INPUT)) : null,
    wanted(WEIGHT_HH) ? product(t(gradHidden ?? gradGates), previous) : null,
    gradBiasIh,
    gradHidden === null ? gradBiasIh : gradBiasHh,
    ...gradInitial,
  ];
}

/** The same in operators, which can be differentiated again: the steps are computed anew from aliases of the inputs. */
function computedAgain(node: Node, grads: readonly Grad[]): readonly Grad[] {
  const { recurrence, sizes, reverse } = node.context as Layer;
  const createGraph = state.gradEnabled;
  const asked = range(0, STATE + recurrence.states).map((i) => node.needs(i));
  return enableGrad(() => {
    const inputs = asked.map((wanted, i) => {
      const input = node.savedOrNull(i);
      return wanted ? expand(input as Tensor, (input as Tensor).shape) : input;
    });
    const [input, weightIh, weightHh, biasIh, biasHh, ...initial] = inputs as [Tensor, ...Tensor[]];
    const weights = { weightIh, weightHh, biasIh, biasHh };
    const projected = biased(recurrence, linear(input, weightIh), weights);
    const result = walk(recurrence, projected, sizes, initial, weights, reverse);
    const arrived = [result.output, ...result.state].filter((_, i) => grads[i]);
    const found = grad(arrived, inputs.filter((_, i) => asked[i]) as Tensor[], {
      gradOutputs: grads.filter((g) => g),
      createGraph,
      allowUnused: true,
    });
    return asked.map((wanted) => (wanted ? (found.shift() as Grad) : null));
  });
}

/**
 * A layer in one direction over steps one behind the other: input (S, I), of which `sizes[t]` rows belong to step t. `sizes`
 * does not grow, so that the sequences still running are always the first rows of the state, (N, H) for `sizes[0]` = N.
 */
export function recurrentLayer(
  recurrence: Recurrence,
  input: Tensor,
  sizes: readonly number[],
  initial: State,
  weights: RecurrentWeights,
  reverse: boolean,
): LayerResult {
  const projected = linear(input, weights.weightIh);
  const whole = weights.weightHr ? null : fused({ recurrence, sizes, reverse }, projected, input, initial, weights);
  return whole ?? walk(recurrence, biased(recurrence, projected, weights), sizes, initial, weights, reverse);
}

/** One step of a recurrence: the state (N, H) after input (N, I). */
export function recurrentStep(recurrence: Recurrence, input: Tensor, before: State, weights: RecurrentWeights): State {
  const projected = linear(input, weights.weightIh);
  const layer = { recurrence, sizes: [input.shape[0]], reverse: false };
  return (
    fused(layer, projected, input, before, weights)?.state ??
    recurrence.step(biased(recurrence, projected, weights), before, weights, t(weights.weightHh))
  );
}
