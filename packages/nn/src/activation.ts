import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import * as F from "./functional/activation.js";
import { Module } from "./module.js";
import { real, settings } from "./repr.js";

/*
 * Activations: (*) → (*), element by element, but for the softmax family. `inplace` overwrites the input.
 */

type InPlace = { inplace?: boolean };
type InPlaceArgs = Cut<[inplace: boolean], InPlace>;

const bindInPlace = binder<[inplace: boolean]>("activation(inplace=false)");

/** Activations whose only setting is `inplace`. */
abstract class Simple extends Module {
  readonly inplace: boolean;

  constructor(...args: InPlaceArgs) {
    const [inplace] = bindInPlace(args);
    super();
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=true" : "";
  }
}

const inplaceOf = (module: { inplace: boolean }): { inplace?: boolean } => (module.inplace ? { inplace: true } : {});

/**
 * `max(x, 0)`. The gradient at 0 is 0.
 *
 * @example
 * new nn.ReLU().forward(tensor([-1, 2])); // tensor([0., 2.])
 */
export class ReLU extends Simple {
  override forward(input: Tensor): Tensor {
    return F.relu(input, this.inplace);
  }
}

/**
 * `x · sigmoid(x)`, also called swish.
 *
 * @example
 * new nn.SiLU().forward(tensor([0, 1])); // tensor([0.0000, 0.7311])
 */
export class SiLU extends Simple {
  override forward(input: Tensor): Tensor {
    return F.silu(input, this.inplace);
  }
}

const bindLeaky = binder<[negativeSlope: number, inplace: boolean]>("LeakyReLU(negativeSlope=0.01, inplace=false)");

/**
 * `x` where positive, else `negativeSlope · x`.
 *
 * @example
 * new nn.LeakyReLU(0.1).forward(tensor([-1, 2])); // tensor([-0.1000,  2.0000])
 */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(...args: Cut<[negativeSlope: number, inplace: boolean], { negativeSlope?: number } & InPlace>) {
    const [negativeSlope, inplace] = bindLeaky(args);
    super();
    this.negativeSlope = negativeSlope;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, this.negativeSlope, this.inplace);
  }

  override extraRepr(): string {
    return settings({ negativeSlope: real(this.negativeSlope), ...inplaceOf(this) });
  }
}

const bindElu = binder<[alpha: number, inplace: boolean]>("ELU(alpha=1, inplace=false)");

/**
 * `x` where positive, else `alpha · (eˣ − 1)`.
 *
 * @example
 * new nn.ELU().forward(tensor([-1, 2])); // tensor([-0.6321,  2.0000])
 */
export class ELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(...args: Cut<[alpha: number, inplace: boolean], { alpha?: number } & InPlace>) {
    const [alpha, inplace] = bindElu(args);
    super();
    this.alpha = alpha;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.elu(input, this.alpha, this.inplace);
  }

  override extraRepr(): string {
    return settings({ alpha: real(this.alpha), ...inplaceOf(this) });
  }
}

const bindGelu = binder<[approximate: "none" | "tanh"]>('GELU(approximate="none")');

/**
 * `x · Φ(x)`, Φ the distribution function of the normal distribution; `approximate: "tanh"` computes
 * `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))` instead.
 *
 * @example
 * new nn.GELU().forward(tensor([0, 1])); // tensor([0.0000, 0.8413])
 */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor(...args: Cut<[approximate: "none" | "tanh"], { approximate?: "none" | "tanh" }>) {
    const [approximate] = bindGelu(args);
    super();
    this.approximate = approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

const bindSoftplus = binder<[beta: number, threshold: number]>("Softplus(beta=1, threshold=20)");

/**
 * `log(1 + e^(beta · x)) / beta`; where `beta · x` exceeds `threshold`, `x` itself.
 *
 * @example
 * new nn.Softplus().forward(tensor([0])); // tensor([0.6931])
 */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor(...args: Cut<[beta: number, threshold: number], { beta?: number; threshold?: number }>) {
    const [beta, threshold] = bindSoftplus(args);
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return settings({ beta: this.beta, threshold: this.threshold });
  }
}

/**
 * `1 / (1 + e⁻ˣ)`.
 *
 * @example
 * new nn.Sigmoid().forward(tensor([0])); // tensor([0.5000])
 */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.sigmoid(input);
  }
}

/**
 * Hyperbolic tangent.
 *
 * @example
 * new nn.Tanh().forward(tensor([1])); // tensor([0.7616])
 */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanh(input);
  }
}

/**
 * `log(sigmoid(x))`, without overflow.
 *
 * @example
 * new nn.LogSigmoid().forward(tensor([0])); // tensor([-0.6931])
 */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

type HardtanhOptions = { minVal?: number; maxVal?: number } & InPlace;

const bindHardtanh = binder<[minVal: number, maxVal: number, inplace: boolean]>(
  "Hardtanh(minVal=-1, maxVal=1, inplace=false)",
);

/**
 * `x` limited to [minVal, maxVal]; at the bounds the gradient is 0.
 *
 * @example
 * new nn.Hardtanh(-2, 2).forward(tensor([-3, 1])); // tensor([-2.,  1.])
 */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor(...args: Cut<[minVal: number, maxVal: number, inplace: boolean], HardtanhOptions>) {
    const [minVal, maxVal, inplace] = bindHardtanh(args);
    super();
    this.minVal = minVal;
    this.maxVal = maxVal;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, this.minVal, this.maxVal, this.inplace);
  }

  override extraRepr(): string {
    return settings({ minVal: real(this.minVal), maxVal: real(this.maxVal), ...inplaceOf(this) });
  }
}

const bindDim = binder<[dim: number | null]>("softmax(dim=null)");

/** Activations along one dimension. */
abstract class Along extends Module {
  readonly dim: number | null;

  constructor(...args: Cut<[dim: number | null], { dim?: number | null }>) {
    const [dim] = bindDim(args);
    super();
    this.dim = dim;
  }

  override extraRepr(): string {
    return settings({ dim: this.dim });
  }
}

/**
 * `eˣ / Σ eˣ` along `dim`: positive numbers of sum 1.
 *
 * @example
 * new nn.Softmax(1).forward(tensor([[0, 0]])); // tensor([[0.5000, 0.5000]])
 */
export class Softmax extends Along {
  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dim);
  }
}

/**
 * `log(softmax(x))` along `dim`, without overflow.
 *
 * @example
 * new nn.LogSoftmax(1).forward(tensor([[0, 0]])); // tensor([[-0.6931, -0.6931]])
 */
export class LogSoftmax extends Along {
  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dim);
  }
}

/**
 * `softmax(−x)` along `dim`.
 *
 * @example
 * new nn.Softmin(1).forward(tensor([[0, 1]])); // tensor([[0.7311, 0.2689]])
 */
export class Softmin extends Along {
  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dim);
  }
}
