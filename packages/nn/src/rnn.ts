import {
  ArgumentError,
  cat,
  type DType,
  DTypeError,
  dropout,
  empty,
  isTensor,
  type LayerResult,
  type Recurrence,
  type RecurrentWeights,
  recurrences,
  recurrentLayer,
  ShapeError,
  stack,
  type Tensor,
  zeros,
} from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
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
const bindLstm = binder<[...Bound, projSize: number]>(`LSTM(${SIGNATURE}, projSize=0)`);
const bindGru = binder<Bound>(`GRU(${SIGNATURE})`);

/** The end of the names of a layer's parameters in one direction, in PyTorch's spelling. */
const endOf = (layer: number, direction: number): string => `l${layer}${direction === 1 ? "_reverse" : ""}`;

/** The pair of states of an LSTM. @throws ArgumentError for anything else */
export function expectPair(name: string, hx: unknown): readonly [h: Tensor, c: Tensor] {
  if (Array.isArray(hx) && hx.length === 2 && hx.every(isTensor)) return hx as [Tensor, Tensor];
  throw new ArgumentError(`${name}: the state must be a pair [h, c] of tensors`);
}

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
  /** Size that the state h of an LSTM is projected to; 0 where it is not. */
  readonly projSize: number;

  constructor(gates: number, [inputSize, hiddenSize, ...settings]: Bound, projSize = 0) {
    super();
    const [numLayers, bias, batchFirst, dropout, bidirectional, device, dtype] = settings;
    if (typeof dropout !== "number" || !(dropout >= 0 && dropout <= 1)) {
      throw new ArgumentError(
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
        { dropout },
      );
    }
    expectPositive({ hiddenSize, numLayers });
    if (!(projSize >= 0)) {
      throw new ArgumentError("projSize should be a positive integer or zero to disable projections", { projSize });
    }
    if (projSize >= hiddenSize) throw new ArgumentError("projSize has to be smaller than hiddenSize", { projSize });
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    const directions = bidirectional ? 2 : 1;
    const rows = gates * hiddenSize;
    const outputs = projSize || hiddenSize;
    const parameter = (name: string, ...shape: number[]): void =>
      this.registerParameter(name, new Parameter(empty(shape, { device, dtype })));
    for (let layer = 0; layer < numLayers; layer++) {
      for (let direction = 0; direction < directions; direction++) {
        const end = endOf(layer, direction);
        parameter(`weight_ih_${end}`, rows, layer === 0 ? inputSize : outputs * directions);
        parameter(`weight_hh_${end}`, rows, outputs);
        if (bias) {
          parameter(`bias_ih_${end}`, rows);
          parameter(`bias_hh_${end}`, rows);
        }
        if (projSize > 0) parameter(`weight_hr_${end}`, projSize, hiddenSize);
      }
    }
    this.resetParameters();
  }

  /** Which recurrence the layers compute. */
  protected abstract get recurrence(): Recurrence;

  /** Draws all parameters anew, uniform in ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  private _weights(layer: number, direction: number): RecurrentWeights {
    const own = this as unknown as Readonly<Record<string, Parameter | undefined>>;
    const get = (name: string): Parameter | null => own[`${name}_${endOf(layer, direction)}`] ?? null;
    return {
      weightIh: get("weight_ih") as Parameter,
      weightHh: get("weight_hh") as Parameter,
      biasIh: get("bias_ih"),
      biasHh: get("bias_hh"),
      weightHr: get("weight_hr"),
    };
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
    this._checkInput(whole);
    if (whole.shape[1 - batchDim] === 0) {
      throw new ShapeError("Expected sequence length to be larger than 0 in RNN", { shape: input.shape });
    }
    const raised = batched ? given : (given?.map((t) => t.unsqueeze(1)) ?? null);
    const steps = this.batchFirst ? whole.transpose(0, 1) : whole;
    const [length, batch] = steps.shape;
    const state = this._initial(whole, batch, raised);
    const sizes = new Array<number>(length).fill(batch);
    const [rows, last] = this._layers(steps.reshape(length * batch, this.inputSize), sizes, state);
    const output = rows.reshape(length, batch, rows.shape[1]);
    const laid = this.batchFirst ? output.transpose(0, 1) : output;
    return batched ? [laid, last] : [laid.squeeze(batchDim), last.map((t) => t.squeeze(1))];
  }

  private _runPacked(packed: PackedSequence, given: readonly Tensor[] | null): [PackedSequence, Tensor[]] {
    const { data, batchSizes, sortedIndices, unsortedIndices } = packed;
    if (data.ndim !== 2) throw new ShapeError(`input must have 2 dimensions, got ${data.ndim}`, { shape: data.shape });
    this._checkInput(data);
    const sizes = (batchSizes.tolist() as number[]).map(Number);
    const ordered = sortedIndices === null ? given : (given?.map((t) => t.indexSelect(1, sortedIndices)) ?? null);
    const state = this._initial(data, sizes[0], ordered);
    const [output, last] = this._layers(data, sizes, state);
    const restored = unsortedIndices === null ? last : last.map((t) => t.indexSelect(1, unsortedIndices));
    return [packed.withData(output), restored];
  }

  /** The layers one above the other, with dropout between them; of `input`, `sizes[t]` rows belong to step t. */
  private _layers(
    input: Tensor,
    sizes: readonly number[],
    state: readonly Tensor[],
  ): [output: Tensor, state: Tensor[]] {
    const directions = this.bidirectional ? 2 : 1;
    const initial = state.map((t) => t.unbind(0));
    const last: (readonly Tensor[])[] = [];
    let x = input;
    for (let l = 0; l < this.numLayers; l++) {
      const outputs: Tensor[] = [];
      for (let direction = 0; direction < directions; direction++) {
        const own = initial.map((parts) => parts[last.length]);
        const weights = this._weights(l, direction);
        const result: LayerResult = recurrentLayer(this.recurrence, x, sizes, own, weights, direction === 1);
        outputs.push(result.output);
        last.push(result.state);
      }
      x = directions === 1 ? outputs[0] : cat(outputs, -1);
      if (this.dropout > 0 && this.training && l < this.numLayers - 1) x = dropout(x, this.dropout);
    }
    const together = (k: number): Tensor => stack(last.map((parts) => parts[k]));
    return [x, state.map((_, k) => together(k))];
  }

  private _checkInput(input: Tensor): void {
    const { dtype } = this.weight_ih_l0;
    if (input.dtype !== dtype) {
      throw new DTypeError(`input must have the type ${dtype}, got type ${input.dtype}`, { expected: dtype });
    }
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
    const { hiddenSize, projSize, numLayers, bidirectional, recurrence } = this;
    const shapes = Array.from({ length: recurrence.states }, (_, i) => [
      numLayers * (bidirectional ? 2 : 1),
      batch,
      i === 0 ? projSize || hiddenSize : hiddenSize,
    ]);
    const { dtype, device } = input;
    if (given === null) return shapes.map((shape) => zeros(shape, { dtype, device }));
    for (const [i, t] of given.entries()) {
      if (t.shape.join() === shapes[i].join()) continue;
      const which = given.length === 1 ? "" : `[${i}]`;
      throw new ShapeError(`Expected hidden${which} size ${tuple(shapes[i])}, got [${t.shape.join(", ")}]`, {
        expected: shapes[i],
        got: t.shape,
      });
    }
    return given;
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.projSize !== 0) parts.push(`projSize=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`numLayers=${this.numLayers}`);
    if (!this.bias) parts.push("bias=false");
    if (this.batchFirst) parts.push("batchFirst=true");
    if (this.dropout !== 0) parts.push(`dropout=${real(this.dropout)}`);
    if (this.bidirectional) parts.push("bidirectional=true");
    return parts.join(", ");
  }
}

function expectPositive(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size))
      throw new ArgumentError(`${name} should be an integer, got: ${size}`, { [name]: size });
    if (size <= 0) throw new ArgumentError(`${name} must be greater than zero`, { [name]: size });
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
      throw new ArgumentError(`Unknown nonlinearity '${nonlinearity}'. Select from 'tanh' or 'relu'.`, {
        nonlinearity,
      });
    }
    super(recurrences.rnnTanh.gates, bound as unknown as Bound);
    this.nonlinearity = nonlinearity;
  }

  protected override get recurrence(): Recurrence {
    return this.nonlinearity === "tanh" ? recurrences.rnnTanh : recurrences.rnnRelu;
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
 * `weight_ih_l0` (4H, inputSize), `weight_hh_l0` (4H, H), `bias_ih_l0`, `bias_hh_l0` (4H). With `projSize` P each `h'` is
 * multiplied by `weight_hr_l0` (P, H), and h and the outputs have size P: Sak et al., "Long Short-Term Memory Based Recurrent
 * Neural Network Architectures for Large Vocabulary Speech Recognition" (2014).
 *
 * @example
 * const lstm = new nn.LSTM(10, 20, { batchFirst: true });
 * const [output, [h, c]] = lstm.forward(randn(3, 5, 10)); // [3, 5, 20], [1, 3, 20] and [1, 3, 20]
 */
export class LSTM extends RecurrentLayers {
  constructor(...args: RecurrentArgs<RecurrentOptions & { projSize?: number }>) {
    const bound = bindLstm(args);
    const projSize = bound.pop() as number;
    super(recurrences.lstm.gates, bound as unknown as Bound, projSize);
  }

  protected override get recurrence(): Recurrence {
    return recurrences.lstm;
  }

  override forward(input: Tensor, hx?: Pair | null): [output: Tensor, state: [h: Tensor, c: Tensor]];
  override forward(input: PackedSequence, hx?: Pair | null): [output: PackedSequence, state: [h: Tensor, c: Tensor]];
  override forward(input: Tensor | PackedSequence, hx: Pair | null = null): unknown {
    return this.run(input, hx === null ? null : expectPair("LSTM", hx));
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
    super(recurrences.gru.gates, bindGru(args));
  }

  protected override get recurrence(): Recurrence {
    return recurrences.gru;
  }

  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): unknown {
    const [output, [hidden]] = this.run(input, hx === null ? null : [hx]);
    return [output, hidden];
  }
}
