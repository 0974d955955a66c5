import { type DType, empty, linear, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { bilinear } from "./functional/linear.js";
import { kaimingUniform_, uniform_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { settings } from "./repr.js";

type Factory = [bias: boolean, device: string | null, dtype: DType | null];
type BiasOptions = FactoryOptions & { bias?: boolean };

const bindLinear = binder<[number, number, ...Factory]>(
  "Linear(inFeatures, outFeatures, bias=true, device=null, dtype=null)",
);
const bindBilinear = binder<[number, number, number, ...Factory]>(
  "Bilinear(in1Features, in2Features, outFeatures, bias=true, device=null, dtype=null)",
);

/** Passes its input on. Takes any arguments, and ignores them. */
export class Identity extends Module {
  constructor(..._ignored: unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}

/**
 * `y = x · Wᵀ + b`: input (*, inFeatures), output (*, outFeatures), `weight` (outFeatures, inFeatures), `bias` (outFeatures) or
 * `null`. Both start uniform in ±1/√inFeatures.
 *
 * @example
 * const layer = new nn.Linear(20, 30);
 * layer.forward(randn(128, 20)).shape; // [128, 30]
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(...args: [inFeatures: number, outFeatures: number, ...Cut<Factory, BiasOptions>]) {
    const [inFeatures, outFeatures, bias, device, dtype] = bindLinear(args);
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures } = this;
    return settings({ inFeatures, outFeatures, bias: this.bias !== null });
  }
}

/**
 * `y_o = x₁ᵀ · W_o · x₂ + b_o`: inputs (*, in1Features) and (*, in2Features), output (*, outFeatures), `weight` (outFeatures,
 * in1Features, in2Features), `bias` (outFeatures) or `null`. Both start uniform in ±1/√in1Features.
 *
 * @example
 * const layer = new nn.Bilinear(20, 30, 40);
 * layer.forward(randn(128, 20), randn(128, 30)).shape; // [128, 40]
 */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(...args: [in1Features: number, in2Features: number, outFeatures: number, ...Cut<Factory, BiasOptions>]) {
    const [in1Features, in2Features, outFeatures, bias, device, dtype] = bindBilinear(args);
    super();
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures } = this;
    return settings({ in1Features, in2Features, outFeatures, bias: this.bias !== null });
  }
}
