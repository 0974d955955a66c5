import { type DType, noGrad, ones, ShapeError, type Tensor, tensor, zeros } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { batchNorm, layerNorm } from "./functional/normalization.js";
import { ones_, zeros_ } from "./init.js";
import { Module } from "./module.js";
import { Buffer, Parameter } from "./parameter.js";
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

type BatchNormSettings = [
  eps: number,
  momentum: number | null,
  affine: boolean,
  trackRunningStats: boolean,
  device: string | null,
  dtype: DType | null,
];

interface BatchNormOptions extends FactoryOptions {
  eps?: number;
  momentum?: number | null;
  affine?: boolean;
  trackRunningStats?: boolean;
}

type BatchNormArgs = [numFeatures: number, ...Cut<BatchNormSettings, BatchNormOptions>];

const bindBatchNorm = binder<[number, ...BatchNormSettings]>(
  "BatchNorm(numFeatures, eps=1e-5, momentum=0.1, affine=true, trackRunningStats=true, device=null, dtype=null)",
);

/** What batch normalisations of all dimensions share. */
abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  running_mean: Buffer | null;
  running_var: Buffer | null;
  /** How many batches went through in training: a 0-dimensional int64 tensor. */
  num_batches_tracked: Buffer | null;

  constructor(...args: BatchNormArgs) {
    const [numFeatures, eps, momentum, affine, trackRunningStats, device, dtype] = bindBatchNorm(args);
    super();
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? new Parameter(ones(numFeatures, { dtype })) : null;
    this.bias = affine ? new Parameter(zeros(numFeatures, { dtype })) : null;
    this.running_mean = trackRunningStats ? new Buffer(zeros(numFeatures, { dtype })) : null;
    this.running_var = trackRunningStats ? new Buffer(ones(numFeatures, { dtype })) : null;
    this.num_batches_tracked = trackRunningStats ? new Buffer(tensor(0, { dtype: "int64" })) : null;
    if (device !== null) this.to({ device });
  }

  /** Forgets the statistics seen so far. */
  resetRunningStats(): void {
    if (this.running_mean !== null) zeros_(this.running_mean);
    if (this.running_var !== null) ones_(this.running_var);
    if (this.num_batches_tracked !== null) zeros_(this.num_batches_tracked);
  }

  /** Sets weight, bias and statistics back to where they started. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** Throws where the input has a wrong number of dimensions. */
  protected abstract checkInput(input: Tensor): void;

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    const { running_mean, running_var, num_batches_tracked: batches } = this;
    const counts = this.training && batches !== null;
    if (counts) noGrad(() => batches.add_(1));
    // without a momentum the running statistics are the plain mean of all batches
    const momentum = this.momentum ?? (counts ? batches.to(input.dtype).reciprocal() : 0);
    const ownStatistics = this.training || running_mean === null || running_var === null;
    const updated = !this.training || this.trackRunningStats;
    return batchNorm(
      input,
      updated ? running_mean : null,
      updated ? running_var : null,
      this.weight,
      this.bias,
      ownStatistics,
      momentum,
      this.eps,
    );
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    const shown = momentum === null ? null : real(momentum);
    return `${numFeatures}, ${settings({ eps: real(eps), momentum: shown, affine, trackRunningStats })}`;
  }
}

function expectDims(input: Tensor, ...allowed: number[]): void {
  if (allowed.includes(input.ndim)) return;
  throw new ShapeError(`expected ${allowed.map((n) => `${n}D`).join(" or ")} input (got ${input.ndim}D input)`, {
    shape: input.shape,
  });
}

/**
 * Normalises each of the C = `numFeatures` channels of (N, C) or (N, C, L): `(x − mean) / √(variance + eps) · weight + bias`.
 * In training by the statistics of the batch, which also move the running ones by `momentum` (`null`: the plain mean of all
 * batches); in evaluation by the running ones. `weight` and `bias` (C) start at 1 and 0.
 *
 * @example
 * const norm = new nn.BatchNorm1d(100);
 * norm.forward(randn(20, 100)).shape; // [20, 100]
 */
export class BatchNorm1d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    expectDims(input, 2, 3);
  }
}

/** The same for images: (N, C, H, W). */
export class BatchNorm2d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    expectDims(input, 4);
  }
}

/** The same for volumes: (N, C, D, H, W). */
export class BatchNorm3d extends BatchNorm {
  protected override checkInput(input: Tensor): void {
    expectDims(input, 5);
  }
}
