import { full, type Tensor } from "@kindling/autograd";
import { type InPlace, InPlaceActivation, inplaceOf } from "./activation-base.js";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import * as F from "./functional/activation.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { real, settings } from "./repr.js";

/*
 * Activations of straight pieces: (*) → (*), element by element.
 */

/**
 * `max(x, 0)`. The gradient at 0 is 0.
 *
 * @example
 * new nn.ReLU().forward(tensor([-1, 2])); // tensor([0., 2.])
 */
export class ReLU extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.relu(input, this.inplace);
  }
}

/**
 * `x` limited to [0, 6].
 *
 * @example
 * new nn.ReLU6().forward(tensor([-1, 8])); // tensor([0., 6.])
 */
export class ReLU6 extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.relu6(input, this.inplace);
  }
}

/**
 * `x` limited to [−3, 3], as a number in [0, 1].
 *
 * @example
 * new nn.Hardsigmoid().forward(tensor([-4, 0, 1.5])); // tensor([0.0000, 0.5000, 0.7500])
 */
export class Hardsigmoid extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.hardsigmoid(input, this.inplace);
  }

  override extraRepr(): string {
    return "";
  }
}

/**
 * `x · hardsigmoid(x)`.
 *
 * @example
 * new nn.Hardswish().forward(tensor([-4, 1.5])); // tensor([-0.0000,  1.1250])
 */
export class Hardswish extends InPlaceActivation {
  override forward(input: Tensor): Tensor {
    return F.hardswish(input, this.inplace);
  }

  override extraRepr(): string {
    return "";
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

const bindPRelu = binder<[numParameters: number, init: number, device: string | null, dtype: Tensor["dtype"] | null]>(
  "PReLU(numParameters=1, init=0.25, device=null, dtype=null)",
);

/**
 * `x` where positive, else `weight · x`, with a learned weight: one for all, or one for each of `numParameters` channels of
 * (N, C, *).
 *
 * @example
 * new nn.PReLU().forward(tensor([-1, 2])); // tensor([-0.2500,  2.0000], gradFn=<PreluBackward0>)
 */
export class PReLU extends Module {
  readonly numParameters: number;
  readonly init: number;
  weight: Parameter;

  constructor(
    ...args: Cut<[numParameters: number, init: number], { numParameters?: number; init?: number } & FactoryOptions>
  ) {
    const [numParameters, init, device, dtype] = bindPRelu(args);
    super();
    this.numParameters = numParameters;
    this.init = init;
    this.weight = new Parameter(full([numParameters], init, { device, dtype: dtype ?? "float32" }));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return settings({ numParameters: this.numParameters });
  }
}

const bindRRelu = binder<[lower: number, upper: number, inplace: boolean]>(
  "RReLU(lower=0.125, upper=0.3333333333333333, inplace=false)",
);

/**
 * `x` where positive, else `slope · x`: in training a slope for each element, uniform in [lower, upper), in evaluation their mean.
 *
 * @example
 * new nn.RReLU(0.1, 0.3).eval().forward(tensor([-1, 2])); // tensor([-0.2000,  2.0000])
 */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;

  constructor(
    ...args: Cut<[lower: number, upper: number, inplace: boolean], { lower?: number; upper?: number } & InPlace>
  ) {
    const [lower, upper, inplace] = bindRRelu(args);
    super();
    this.lower = lower;
    this.upper = upper;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }

  override extraRepr(): string {
    return settings({ lower: real(this.lower), upper: real(this.upper), ...inplaceOf(this) });
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

const bindThreshold = binder<[threshold: number, value: number, inplace: boolean]>(
  "Threshold(threshold, value, inplace=false)",
);

/**
 * `x` where it exceeds `threshold`, else `value`.
 *
 * @example
 * new nn.Threshold(0.1, 20).forward(tensor([0, 2])); // tensor([20.,  2.])
 */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(threshold: number, value: number, options?: boolean | InPlace) {
    const [limit, otherwise, inplace] = bindThreshold([threshold, value, options]);
    super();
    this.threshold = limit;
    this.value = otherwise;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, this.inplace);
  }

  override extraRepr(): string {
    return settings({ threshold: this.threshold, value: this.value, ...inplaceOf(this) });
  }
}

const bindLambd = binder<[lambd: number]>("shrink(lambd=0.5)");

/** Activations that are 0 around 0. */
abstract class Shrinking extends Module {
  readonly lambd: number;

  constructor(...args: Cut<[lambd: number], { lambd?: number }>) {
    const [lambd] = bindLambd(args);
    super();
    this.lambd = lambd;
  }

  override extraRepr(): string {
    return real(this.lambd);
  }
}

/**
 * `x`, but 0 in [−lambd, lambd].
 *
 * @example
 * new nn.Hardshrink().forward(tensor([-1, 0.3])); // tensor([-1.,  0.])
 */
export class Hardshrink extends Shrinking {
  override forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }
}

/**
 * `x` moved towards 0 by `lambd`, at most to 0.
 *
 * @example
 * new nn.Softshrink().forward(tensor([-1, 0.3])); // tensor([-0.5000,  0.0000])
 */
export class Softshrink extends Shrinking {
  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
}
