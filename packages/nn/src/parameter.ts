import { ArgumentError, isTensor, Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";

// Marks that are the same in every copy of this package.
const PARAMETER: unique symbol = Symbol.for("kindling.nn.Parameter") as never;
const BUFFER: unique symbol = Symbol.for("kindling.nn.Buffer") as never;

const bindParameter = binder<[data: Tensor, requiresGrad: boolean]>("Parameter(data, requiresGrad=true)");
const bindBuffer = binder<[data: Tensor, persistent: boolean]>("Buffer(data, *, persistent=true)");

function dataOf(data: unknown, className: string): Tensor {
  if (isTensor(data)) return data;
  throw new ArgumentError(
    `${className}(): argument 'data' must be Tensor, not ${data === null ? "null" : typeof data}`,
  );
}

/**
 * A tensor that a module learns: a leaf that requires grad, over the memory of `data`. Held in a module's own field it is
 * among its `parameters()`.
 *
 * @example
 * class Scale extends nn.Module {
 *   factor = new nn.Parameter(ones(3));
 *   forward(x) { return x.mul(this.factor); }
 * }
 */
export class Parameter extends Tensor {
  /** @throws DTypeError where `requiresGrad` is asked of integers or bool. */
  constructor(...args: [data: Tensor, ...Cut<[requiresGrad: boolean], { requiresGrad?: boolean }>]) {
    const [given, requiresGrad] = bindParameter(args);
    const data = dataOf(given, "Parameter");
    super(data.storage, data.shape, data.strides, data.offset);
    this.counter = data.counter;
    this.inference = data.inference;
    this.requiresGrad_(requiresGrad);
  }

  get [PARAMETER](): true {
    return true;
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/**
 * A tensor that belongs to a module's state but is not learned, such as a running mean: it moves with `to()` and, if
 * `persistent`, is part of the state dict. Shares the memory of `data`. Change it in place: a plain tensor put in its place
 * is no buffer any more.
 *
 * @example
 * class Counter extends nn.Module {
 *   steps = new nn.Buffer(zeros([]));
 *   forward(x) { this.steps.add_(1); return x; }
 * }
 */
export class Buffer extends Tensor {
  static override readonly name: string = "Buffer"; // esbuild knows a Buffer of Node's and would call this one Buffer2
  /** Whether the buffer is part of the state dict. */
  readonly persistent: boolean;

  constructor(data: Tensor, options?: { persistent?: boolean }) {
    const [given, persistent] = bindBuffer(options === undefined ? [data] : [data, options]);
    const source = dataOf(given, "Buffer");
    super(source.storage, source.shape, source.strides, source.offset);
    this.counter = source.counter;
    this.inference = source.inference;
    this.persistent = persistent;
  }

  get [BUFFER](): true {
    return true;
  }
}

/** Whether a value is a parameter, of this or of another copy of the package. */
export const isParameter = (value: unknown): value is Parameter =>
  typeof value === "object" && value !== null && (value as Parameter)[PARAMETER] === true;

/** Whether a value is a buffer, of this or of another copy of the package. */
export const isBuffer = (value: unknown): value is Buffer =>
  typeof value === "object" && value !== null && (value as Buffer)[BUFFER] === true;
