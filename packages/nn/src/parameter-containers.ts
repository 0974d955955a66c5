import { ArgumentError, isTensor, type Tensor } from "@kindling/autograd";
import { NamedValues, tensorLines, wrapIndex } from "./containers.js";
import { Module, REGISTERED } from "./module.js";
import { isParameter, Parameter } from "./parameter.js";

function parameterOf(value: unknown): Parameter {
  if (isParameter(value)) return value;
  if (isTensor(value)) return new Parameter(value);
  throw new ArgumentError(`a parameter must be a Tensor, not ${typeof value}`);
}

/**
 * An array of parameters that a module finds, as it does not those in a plain array. Tensors become parameters.
 *
 * @example
 * class Net extends nn.Module {
 *   weights = new nn.ParameterList([randn(10, 10), randn(10, 10)]);
 *   forward(x) {
 *     for (const w of this.weights) x = x.matmul(w);
 *     return x;
 *   }
 * }
 */
export class ParameterList extends Module {
  [index: number]: Parameter;

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  get length(): number {
    return this[REGISTERED]().length;
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this[REGISTERED]()
      .map(([, value]) => value as Parameter)
      [Symbol.iterator]();
  }

  /** The parameter at `index`; negative ones count from the end. */
  at(index: number): Parameter {
    return this[wrapIndex(index, this.length)];
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this.registerParameter(String(this.length), parameterOf(value));
    return this;
  }

  /** Adds parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of [...values]) this.append(value);
    return this;
  }

  override extraRepr(): string {
    return tensorLines([...this].map((p, i) => [i, p] as const));
  }
}

/**
 * Parameters by name, used like a `Map`; a module finds them, as it does not those in a plain map. Tensors become parameters.
 *
 * @example
 * class Net extends nn.Module {
 *   sides = new nn.ParameterDict({ left: randn(5, 10), right: randn(5, 10) });
 *   forward(x, side) { return x.matmul(this.sides.get(side)); }
 * }
 */
export class ParameterDict extends NamedValues<Parameter, Tensor> {
  constructor(values: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super();
    this.update(values);
  }

  protected override accept(value: Tensor): Parameter {
    return parameterOf(value);
  }

  override extraRepr(): string {
    return tensorLines([...this]);
  }
}
