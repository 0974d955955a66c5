import {
  ArgumentError,
  type DType,
  empty,
  type Recurrence,
  recurrences,
  recurrentStep,
  ShapeError,
  type Tensor,
  zeros,
} from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { uniform_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { expectPair } from "./rnn.js";

/*
 * Recurrent cells: one step at a time, input (N, inputSize) or (inputSize), state (N, hiddenSize) or (hiddenSize).
 */

type Bound = [inputSize: number, hiddenSize: number, bias: boolean, device: string | null, dtype: DType | null];
type CellOptions = FactoryOptions & { bias?: boolean };
type CellArgs = [inputSize: number, hiddenSize: number, ...Cut<[bias: boolean], CellOptions>];

const SIGNATURE = "inputSize, hiddenSize, bias=true, *, device=null, dtype=null";
const bindLstm = binder<Bound>(`LSTMCell(${SIGNATURE})`);
const bindGru = binder<Bound>(`GRUCell(${SIGNATURE})`);

/** What the cells share. */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  weight_ih: Parameter;
  weight_hh: Parameter;
  bias_ih: Parameter | null;
  bias_hh: Parameter | null;
  constructor(gates: number, ...[inputSize, hiddenSize, bias, device, dtype]: Bound) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const rows = gates * hiddenSize;
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(shape, { device, dtype }));
    this.weight_ih = parameter(rows, inputSize);
    this.weight_hh = parameter(rows, hiddenSize);
    this.bias_ih = bias ? parameter(rows) : null;
    this.bias_hh = bias ? parameter(rows) : null;
    this.resetParameters();
  }

  /** Which recurrence the cell computes. */
  protected abstract get recurrence(): Recurrence;

  /** Draws all parameters anew, uniform in ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** One step; without a batch dimension, one is added and taken away. */
  protected step(input: Tensor, given: readonly Tensor[] | null): readonly Tensor[] {
    const name = this.constructor.name;
    expectRank(`${name}: Expected input`, input);
    given?.forEach((t, i) => {
      expectRank(`${name}: Expected ${given.length === 1 ? "hidden" : `hx[${i}]`}`, t);
    });
    const batched = input.ndim === 2;
    const x = batched ? input : input.unsqueeze(0);
    const { shape, dtype, device } = x;
    const state =
      given === null
        ? Array.from({ length: this.recurrence.states }, () => zeros(shape[0], this.hiddenSize, { dtype, device }))
        : batched
          ? given
          : given.map((t) => t.unsqueeze(0));
    checkCell(this, x, state);
    const weights = {
      weightIh: this.weight_ih,
      weightHh: this.weight_hh,
      biasIh: this.bias_ih,
      biasHh: this.bias_hh,
    };
    const next = recurrentStep(this.recurrence, x, state, weights);
    return batched ? next : next.map((t) => t.squeeze(0));
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : ", bias=false"}`;
  }
}

function expectRank(what: string, { ndim, shape }: Tensor): void {
  if (ndim !== 1 && ndim !== 2) throw new ShapeError(`${what} to be 1D or 2D, got ${ndim}D instead`, { shape });
}

function checkCell({ inputSize, hiddenSize }: Cell, input: Tensor, state: readonly Tensor[]): void {
  const [batch, features] = input.shape;
  if (features !== inputSize) {
    throw new ShapeError(`input has inconsistent inputSize: got ${features} expected ${inputSize}`, {
      shape: input.shape,
    });
  }
  for (const [i, { shape }] of state.entries()) {
    if (shape[0] !== batch) {
      throw new ShapeError(`Input batch size ${batch} doesn't match hidden${i} batch size ${shape[0]}`, { shape });
    }
    if (shape[1] !== hiddenSize) {
      throw new ShapeError(`hidden${i} has inconsistent hiddenSize: got ${shape[1]}, expected ${hiddenSize}`, {
        shape,
      });
    }
  }
}

type Nonlinearity = "tanh" | "relu";
type RnnArgs = [
  inputSize: number,
  hiddenSize: number,
  ...Cut<[bias: boolean, nonlinearity: Nonlinearity], CellOptions & { nonlinearity?: Nonlinearity }>,
];

const bindRnn = binder<[number, number, boolean, Nonlinearity, string | null, DType | null]>(
  'RNNCell(inputSize, hiddenSize, bias=true, nonlinearity="tanh", *, device=null, dtype=null)',
);

/**
 * One step of Elman's network: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`, or ReLU for tanh. `weight_ih` (H, inputSize),
 * `weight_hh` (H, H), `bias_ih`, `bias_hh` (H) start uniform in ±1/√H.
 *
 * @example
 * const cell = new nn.RNNCell(10, 20);
 * let h = cell.forward(randn(3, 10)); // [3, 20]
 * h = cell.forward(randn(3, 10), h);
 */
export class RNNCell extends Cell {
  readonly nonlinearity: Nonlinearity;

  constructor(...args: RnnArgs) {
    const [inputSize, hiddenSize, bias, nonlinearity, device, dtype] = bindRnn(args);
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new ArgumentError(`Unknown nonlinearity: ${nonlinearity}`, { nonlinearity });
    }
    super(1, inputSize, hiddenSize, bias, device, dtype);
    this.nonlinearity = nonlinearity;
  }

  protected override get recurrence(): Recurrence {
    return this.nonlinearity === "tanh" ? recurrences.rnnTanh : recurrences.rnnRelu;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    return this.step(input, hx === null ? null : [hx])[0];
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`);
  }
}

/**
 * One step of long short-term memory, with gates i, f, g, o: `c' = σ(f) · c + σ(i) · tanh(g)`, `h' = σ(o) · tanh(c')`. The
 * state is a pair [h, c]. `weight_ih` (4H, inputSize), `weight_hh` (4H, H), `bias_ih`, `bias_hh` (4H).
 *
 * @example
 * const cell = new nn.LSTMCell(10, 20);
 * const [h, c] = cell.forward(randn(3, 10)); // [3, 20] and [3, 20]
 */
export class LSTMCell extends Cell {
  constructor(...args: CellArgs) {
    super(recurrences.lstm.gates, ...bindLstm(args));
  }

  protected override get recurrence(): Recurrence {
    return recurrences.lstm;
  }

  override forward(input: Tensor, hx: readonly [h: Tensor, c: Tensor] | null = null): [h: Tensor, c: Tensor] {
    return this.step(input, hx === null ? null : expectPair("LSTMCell", hx)) as [Tensor, Tensor];
  }
}

/**
 * One step of gated recurrent units, with gates r, z, n: `n = tanh(W_in x + b_in + σ(r) · (W_hn h + b_hn))`,
 * `h' = (1 − σ(z)) · n + σ(z) · h`. `weight_ih` (3H, inputSize), `weight_hh` (3H, H), `bias_ih`, `bias_hh` (3H).
 *
 * @example
 * const cell = new nn.GRUCell(10, 20);
 * const h = cell.forward(randn(3, 10)); // [3, 20]
 */
export class GRUCell extends Cell {
  constructor(...args: CellArgs) {
    super(recurrences.gru.gates, ...bindGru(args));
  }

  protected override get recurrence(): Recurrence {
    return recurrences.gru;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    return this.step(input, hx === null ? null : [hx])[0];
  }
}
