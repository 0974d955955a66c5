import {
  ArgumentError,
  cat,
  type DType,
  dropout,
  empty,
  ShapeError,
  stack,
  type Tensor,
  zeros,
} from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import {
  gru,
  type LayerResult,
  lstm,
  packedLayer,
  type Recurrence,
  type RecurrentWeights,
  recurrentLayer,
  rnnRelu,
  rnnTanh,
} from "./functional/recurrent.js";
import { uniform_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { real, tuple } from "./repr.js";
import { isPackedSequence, type PackedSequence } from "./utils/rnn.js";

/*
 * Recurrent layers over whole sequences. Shapes: L steps, N sequences, D directions (1 or 2), H = hiddenSize.
 */

/** Settings of recurrent layers. */
export interface RecurrentOptions extends FactoryOptions {
  /** Layers, each over the outputs of the one below (default 1). */
  numLayers?: number;
  /** Whether there are biases (default true). */
  bias?: boolean;
  /** Whether input and output are (N, L, …) instead of (L, N, …) (default false). */
  batchFirst?: boolean;
  /** Probability of dropout between layers (default 0). */
  dropout?: number;
  /** Whether a second direction runs from the end (default false). */
  bidirectional?: boolean;
}

type Settings = [numLayers: number, bias: boolean, batchFirst: boolean, dropout: number, bidirectional: boolean];
type RecurrentArgs<O extends RecurrentOptions = RecurrentOptions> = [
  inputSize: number,
  hiddenSize: number,
  ...Cut<Settings, O>,
];
type Bound = [number, number, ...Settings, device: string | null, dtype: DType | null];

const SIGNATURE =
  "inputSize, hiddenSize, numLayers=1, bias=true, batchFirst=false, dropout=0, bidirectional=false, *, device=null, dtype=null";
const bindRnn = binder<[...Bound, nonlinearity: "tanh" | "relu"]>(`RNN(${SIGNATURE}, nonlinearity="tanh")`);
const bindLstm = binder<Bound>(`LSTM(${SIGNATURE})`);
const bindGru = binder<Bound>(`GRU(${SIGNATURE})`);

/** Names of a layer's parameters in one direction, in PyTorch's spelling. */
const namesOf = (layer: number, direction: number): [string, string, string, string] => {
  const end = `l${layer}${direction === 1 ? "_reverse" : ""}`;
  return [`weight_ih_${end}`, `weight_hh_${end}`, `bias_ih_${end}`, `bias_hh_${end}`];
};

/** What RNN, LSTM and GRU share. */
abstract class RecurrentLayers extends Module {
  [parameter: `weight_${string}` | `bias_${string}`]: Parameter;

  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  private readonly _recurrence: Recurrence;

  constructor(recurrence: Recurrence, ...bound: Bound) {
    super();
    const [inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype] = bound;
    if (typeof dropout !== "number" || !(dropout >= 0 && dropout <= 1)) {
      throw new ArgumentError(
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
        { dropout },
      );
    }
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this._recurrence = recurrence;
    const directions = bidirectional ? 2 : 1;
    const rows = recurrence.gates * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : hiddenSize * directions;
      for (let direction = 0; direction < directions; direction++) {
        const shapes = [[rows, inputs], [rows, hiddenSize], ...(bias ? [[rows], [rows]] : [])];
        const names = namesOf(layer, direction);
        for (const [i, shape] of shapes.entries()) {
          this.registerParameter(names[i], new Parameter(empty(shape, { device, dtype })));
        }
      }
    }
    this.resetParameters();
  }

  /** Draws all parameters anew, uniform in ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  private _weights(layer: number, direction: number): RecurrentWeights {
    const own = this as unknown as Readonly<Record<string, Parameter | undefined>>;
    const [weightIh, weightHh, biasIh, biasHh] = namesOf(layer, direction).map((name) => own[name] ?? null);
    return { weightIh: weightIh as Parameter, weightHh: weightHh as Parameter, biasIh, biasHh };
  }

  /** All layers over a batch or a packed sequence; the state is given and returned as (D · layers, N, H) each. */
  protected run(
    input: Tensor | PackedSequence,
    given: readonly Tensor[] | null,
  ): [output: Tensor | PackedSequence, state: Tensor[]] {
    return isPackedSequence(input) ? this._runPacked(input, given) : this._runBatch(input, given);
  }

  private _runBatch(input: Tensor, given: readonly Tensor[] | null): [Tensor, Tensor[]] {
    const batched = input.ndim === 3;
    if (!batched && input.ndim !== 2) {
      const name = this.constructor.name;
      throw new ShapeError(`${name}: Expected input to be 2D or 3D, got ${input.ndim}D instead`, {
        shape: input.shape,
      });
    }
    this._checkRank(given, batched);
    const batchDim = this.batchFirst ? 0 : 1;
    const whole = batched ? input : input.unsqueeze(batchDim);
    this._checkFeatures(whole);
    const raised = batched ? given : (given?.map((t) => t.unsqueeze(1)) ?? null);
    const state = this._initial(whole, whole.shape[batchDim], raised);
    const timeDim = this.batchFirst ? 1 : 0;
    const [output, last] = this._layers(whole, state, (x, initial, weights, reverse) =>
      recurrentLayer(this._recurrence, x, initial, weights, timeDim, reverse),
    );
    return batched ? [output, last] : [output.squeeze(batchDim), last.map((t) => t.squeeze(1))];
  }

  private _runPacked(packed: PackedSequence, given: readonly Tensor[] | null): [PackedSequence, Tensor[]] {
    const { data, batchSizes, sortedIndices, unsortedIndices } = packed;
    if (data.ndim !== 2) throw new ShapeError(`input must have 2 dimensions, got ${data.ndim}`, { shape: data.shape });
    this._checkFeatures(data);
    const sizes = (batchSizes.tolist() as number[]).map(Number);
    const ordered = sortedIndices === null ? given : (given?.map((t) => t.indexSelect(1, sortedIndices)) ?? null);
    const state = this._initial(data, sizes[0], ordered);
    const [output, last] = this._layers(data, state, (x, initial, weights, reverse) =>
      packedLayer(this._recurrence, x, sizes, initial, weights, reverse),
    );
    const restored = unsortedIndices === null ? last : last.map((t) => t.indexSelect(1, unsortedIndices));
    return [packed.withData(output), restored];
  }

  /** The layers one above the other, with dropout between them. */
  private _layers(
    input: Tensor,
    state: readonly Tensor[],
    layer: (x: Tensor, initial: readonly Tensor[], weights: RecurrentWeights, reverse: boolean) => LayerResult,
  ): [output: Tensor, state: Tensor[]] {
    const directions = this.bidirectional ? 2 : 1;
    const initial = state.map((t) => t.unbind(0));
    const last: (readonly Tensor[])[] = [];
    let x = input;
    for (let l = 0; l < this.numLayers; l++) {
      const outputs: Tensor[] = [];
      for (let direction = 0; direction < directions; direction++) {
        const own = initial.map((parts) => parts[last.length]);
        const result = layer(x, own, this._weights(l, direction), direction === 1);
        outputs.push(result.output);
        last.push(result.state);
      }
      x = directions === 1 ? outputs[0] : cat(outputs, -1);
      if (this.dropout > 0 && this.training && l < this.numLayers - 1) x = this._dropped(x);
    }
    const together = (k: number): Tensor => stack(last.map((parts) => parts[k]));
    return [x, state.map((_, k) => together(k))];
  }

  /** Dropout whose numbers are drawn step by step, whatever the layout. */
  private _dropped(x: Tensor): Tensor {
    const turned = this.batchFirst && x.ndim === 3;
    return turned ? dropout(x.transpose(0, 1), this.dropout).transpose(0, 1) : dropout(x, this.dropout);
  }

  private _checkFeatures(input: Tensor): void {
    const got = input.shape[input.ndim - 1];
    if (got === this.inputSize) return;
    throw new ShapeError(`input.size(-1) must be equal to inputSize. Expected ${this.inputSize}, got ${got}`, {
      expected: this.inputSize,
      got,
    });
  }

  private _checkRank(given: readonly Tensor[] | null, batched: boolean): void {
    const expected = batched ? 3 : 2;
    if (given === null || given.every((t) => t.ndim === expected)) return;
    const kind = `${batched ? "batched" : "unbatched"} ${expected}-D input`;
    const ranks = given.map((t) => `${t.ndim}-D`);
    throw new ShapeError(
      given.length === 1
        ? `For ${kind}, hx should also be ${expected}-D but got ${ranks[0]} tensor`
        : `For ${kind}, hx and cx should also be ${expected}-D but got (${ranks.join(", ")}) tensors`,
      { shapes: given.map((t) => t.shape) },
    );
  }

  /** The state to start from: zeros unless given. */
  private _initial(input: Tensor, batch: number, given: readonly Tensor[] | null): readonly Tensor[] {
    const shape = [this.numLayers * (this.bidirectional ? 2 : 1), batch, this.hiddenSize];
    const { dtype, device } = input;
    if (given === null) return Array.from({ length: this._recurrence.states }, () => zeros(shape, { dtype, device }));
    for (const [i, t] of given.entries()) {
      if (t.shape.join() === shape.join()) continue;
      const which = given.length === 1 ? "" : `[${i}]`;
      throw new ShapeError(`Expected hidden${which} size ${tuple(shape)}, got [${t.shape.join(", ")}]`, {
        expected: shape,
        got: t.shape,
      });
    }
    return given;
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.numLayers !== 1) parts.push(`numLayers=${this.numLayers}`);
    if (!this.bias) parts.push("bias=false");
    if (this.batchFirst) parts.push("batchFirst=true");
    if (this.dropout !== 0) parts.push(`dropout=${real(this.dropout)}`);
    if (this.bidirectional) parts.push("bidirectional=true");
    return parts.join(", ");
  }
}

/**
 * Elman's network: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`, or ReLU for tanh.
 *
 * Input (L, N, inputSize), (N, L, inputSize) with `batchFirst`, (L, inputSize) for one sequence, or packed; the initial state
 * (D · layers, N, H), zeros where absent. Output (L, N, D · H) and the last state. Parameters `weight_ih_l0` (H, inputSize),
 * `weight_hh_l0` (H, H), `bias_ih_l0`, `bias_hh_l0` (H), for each layer, with `_reverse` behind for the second direction; all
 * start uniform in ±1/√H.
 *
 * @example
 * const rnn = new nn.RNN(10, 20, { numLayers: 2 });
 * const [output, h] = rnn.forward(randn(5, 3, 10)); // [5, 3, 20] and [2, 3, 20]
 */
export class RNN extends RecurrentLayers {
  readonly nonlinearity: "tanh" | "relu";

  constructor(...args: RecurrentArgs<RecurrentOptions & { nonlinearity?: "tanh" | "relu" }>) {
    const bound = bindRnn(args);
    const nonlinearity = bound.pop() as "tanh" | "relu";
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new ArgumentError(`Unknown nonlinearity '${nonlinearity}'`, { nonlinearity });
    }
    super(nonlinearity === "tanh" ? rnnTanh : rnnRelu, ...(bound as unknown as Bound));
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): unknown {
    const [output, [hidden]] = this.run(input, hx === null ? null : [hx]);
    return [output, hidden];
  }
}

type Pair = readonly [h: Tensor, c: Tensor];

/**
 * Long short-term memory, with gates i, f, g, o, each `W_ih x + b_ih + W_hh h + b_hh`:
 * `c' = σ(f) · c + σ(i) · tanh(g)`, `h' = σ(o) · tanh(c')`.
 *
 * Input and output as those of `RNN`; the state is a pair [h, c] of (D · layers, N, H). The gates are stacked in the weights:
 * `weight_ih_l0` (4H, inputSize), `weight_hh_l0` (4H, H), `bias_ih_l0`, `bias_hh_l0` (4H).
 *
 * @example
 * const lstm = new nn.LSTM(10, 20, { batchFirst: true });
 * const [output, [h, c]] = lstm.forward(randn(3, 5, 10)); // [3, 5, 20], [1, 3, 20] and [1, 3, 20]
 */
export class LSTM extends RecurrentLayers {
  constructor(...args: RecurrentArgs) {
    super(lstm, ...bindLstm(args));
  }

  override forward(input: Tensor, hx?: Pair | null): [output: Tensor, state: [h: Tensor, c: Tensor]];
  override forward(input: PackedSequence, hx?: Pair | null): [output: PackedSequence, state: [h: Tensor, c: Tensor]];
  override forward(input: Tensor | PackedSequence, hx: Pair | null = null): unknown {
    return this.run(input, hx);
  }
}

/**
 * Gated recurrent units, with gates r, z, n: `n = tanh(W_in x + b_in + σ(r) · (W_hn h + b_hn))`,
 * `h' = (1 − σ(z)) · n + σ(z) · h`, where r and z are `W_ih x + b_ih + W_hh h + b_hh`.
 *
 * Input, state and output as those of `RNN`. The gates are stacked in the weights: `weight_ih_l0` (3H, inputSize),
 * `weight_hh_l0` (3H, H), `bias_ih_l0`, `bias_hh_l0` (3H).
 *
 * @example
 * const gru = new nn.GRU(10, 20, { bidirectional: true });
 * const [output, h] = gru.forward(randn(5, 3, 10)); // [5, 3, 40] and [2, 3, 20]
 */
export class GRU extends RecurrentLayers {
  constructor(...args: RecurrentArgs) {
    super(gru, ...bindGru(args));
  }

  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): unknown {
    const [output, [hidden]] = this.run(input, hx === null ? null : [hx]);
    return [output, hidden];
  }
}
