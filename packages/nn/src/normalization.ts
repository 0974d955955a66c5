import { ArgumentError, type DType, ones, type Tensor, zeros } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { groupNorm, layerNorm, rmsNorm } from "./functional/normalization.js";
import { ones_, zeros_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { real, settings, tuple } from "./repr.js";

type LayerNormSettings = [
  eps: number,
  elementwiseAffine: boolean,
  bias: boolean,
  device: string | null,
  dtype: DType | null,
];

interface LayerNormOptions extends FactoryOptions {
  eps?: number;
  elementwiseAffine?: boolean;
  bias?: boolean;
}

const bindLayerNorm = binder<[number | readonly number[], ...LayerNormSettings]>(
  "LayerNorm(normalizedShape, eps=1e-5, elementwiseAffine=true, bias=true, device=null, dtype=null)",
);

/**
 * `(x − mean) / √(variance + eps) · weight + bias` over the last dimensions, whose sizes are `normalizedShape` (a number means
 * one): (N, *, …normalizedShape) → the same. `weight` starts at 1 and `bias` at 0, in the normalized shape; without
 * `elementwiseAffine` there are none, without `bias` there is a weight alone.
 *
 * @example
 * const norm = new nn.LayerNorm(10);
 * norm.forward(randn(20, 5, 10)).shape; // [20, 5, 10]
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(...args: [normalizedShape: number | readonly number[], ...Cut<LayerNormSettings, LayerNormOptions>]) {
    const [shape, eps, elementwiseAffine, bias, device, dtype] = bindLayerNorm(args);
    super();
    this.normalizedShape = typeof shape === "number" ? [shape] : [...shape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { device, dtype })) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, { device, dtype })) : null;
  }

  /** Sets weight and bias back to 1 and 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const { eps, elementwiseAffine } = this;
    return `${tuple(this.normalizedShape)}, ${settings({ eps: real(eps), elementwiseAffine })}`;
  }
}

type GroupNormSettings = [eps: number, affine: boolean, device: string | null, dtype: DType | null];

interface GroupNormOptions extends FactoryOptions {
  eps?: number;
  affine?: boolean;
}

const bindGroupNorm = binder<[number, number, ...GroupNormSettings]>(
  "GroupNorm(numGroups, numChannels, eps=1e-5, affine=true, device=null, dtype=null)",
);

/**
 * Divides the channels of (N, C, *) into `numGroups` and normalises each group of each sample:
 * `(x − mean) / √(variance + eps) · weight + bias` (Wu and He 2018). `weight` and `bias` (C) start at 1 and 0.
 *
 * @example
 * const norm = new nn.GroupNorm(3, 6);
 * norm.forward(randn(20, 6, 10, 10)).shape; // [20, 6, 10, 10]
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  /** @throws ArgumentError unless the groups divide the channels */
  constructor(...args: [numGroups: number, numChannels: number, ...Cut<GroupNormSettings, GroupNormOptions>]) {
    const [numGroups, numChannels, eps, affine, device, dtype] = bindGroupNorm(args);
    super();
    if (numChannels % numGroups !== 0) {
      throw new ArgumentError("numChannels must be divisible by numGroups", { numChannels, numGroups });
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? new Parameter(ones(numChannels, { device, dtype })) : null;
    this.bias = affine ? new Parameter(zeros(numChannels, { device, dtype })) : null;
  }

  /** Sets weight and bias back to 1 and 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const { numGroups, numChannels, eps, affine } = this;
    return `${numGroups}, ${numChannels}, ${settings({ eps: real(eps), affine })}`;
  }
}

type RMSNormSettings = [eps: number | null, elementwiseAffine: boolean, device: string | null, dtype: DType | null];

interface RMSNormOptions extends FactoryOptions {
  eps?: number | null;
  elementwiseAffine?: boolean;
}

const bindRMSNorm = binder<[number | readonly number[], ...RMSNormSettings]>(
  "RMSNorm(normalizedShape, eps=null, elementwiseAffine=true, device=null, dtype=null)",
);

/**
 * `x / √(mean(x²) + eps) · weight` over the last dimensions, whose sizes are `normalizedShape` (Zhang and Sennrich 2019):
 * (N, *, …normalizedShape) → the same. `weight` starts at 1; `eps` is the dtype's machine epsilon unless given.
 *
 * @example
 * const norm = new nn.RMSNorm(10);
 * norm.forward(randn(20, 10)).shape; // [20, 10]
 */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;

  constructor(...args: [normalizedShape: number | readonly number[], ...Cut<RMSNormSettings, RMSNormOptions>]) {
    const [shape, eps, elementwiseAffine, device, dtype] = bindRMSNorm(args);
    super();
    this.normalizedShape = typeof shape === "number" ? [shape] : [...shape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { device, dtype })) : null;
  }

  /** Sets the weight back to 1. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    const { eps, elementwiseAffine } = this;
    return `${tuple(this.normalizedShape)}, ${settings({ eps: eps === null ? null : real(eps), elementwiseAffine })}`;
  }
}
