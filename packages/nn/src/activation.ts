import type { Tensor } from "@kindling/autograd";
import { type InPlace, InPlaceActivation, inplaceOf } from "./activation-base.js";
import { binder, type Cut } from "./args.js";
import * as F from "./functional/activation.js";
import { Module } from "./module.js";
import { real, settings } from "./repr.js";

/*
 * Smooth activations: (*) → (*), element by element.
 */

/**
 * `x · sigmoid(x)`, also called swish.
 *
 * @example
 * new nn.SiLU().forward(tensor([0, 1])); // tensor([0.0000, 0.7311])
 */
export class SiLU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.silu(input, this.inplace);
  }
}

/**
 * `x · tanh(log(1 + eˣ))`.
 *
 * @example
 * new nn.Mish().forward(tensor([0, 1])); // tensor([0.0000, 0.8651])
 */
export class Mish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.mish(input, this.inplace);
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

const bindCelu = binder<[alpha: number, inplace: boolean]>("CELU(alpha=1, inplace=false)");

/**
 * `x` where positive, else `alpha · (e^(x/alpha) − 1)`, whose slope has no jump.
 *
 * @example
 * new nn.CELU().forward(tensor([-1, 2])); // tensor([-0.6321,  2.0000])
 */
export class CELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(...args: Cut<[alpha: number, inplace: boolean], { alpha?: number } & InPlace>) {
    const [alpha, inplace] = bindCelu(args);
    super();
    this.alpha = alpha;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.celu(input, this.alpha, this.inplace);
  }

  override extraRepr(): string {
    return settings({ alpha: real(this.alpha), ...inplaceOf(this) });
  }
}

/**
 * `1.0507 · elu(x, 1.6733)`, whose networks keep mean and variance of what passes through them.
 *
 * @example
 * new nn.SELU().forward(tensor([-1, 2])); // tensor([-1.1113,  2.1014])
 */
export class SELU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.selu(input, this.inplace);
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

/**
 * `x / (1 + |x|)`.
 *
 * @example
 * new nn.Softsign().forward(tensor([-1, 3])); // tensor([-0.5000,  0.7500])
 */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/**
 * `x − tanh(x)`.
 *
 * @example
 * new nn.Tanhshrink().forward(tensor([1])); // tensor([0.2384])
 */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}
