import { type DType, noGrad, ones, ShapeError, type Tensor, tensor, zeros } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { batchNorm, instanceNorm } from "./functional/normalization.js";
import { ones_, zeros_ } from "./init.js";
import { Module } from "./module.js";
import { Buffer, Parameter } from "./parameter.js";
import { real, settings } from "./repr.js";

/*
 * Normalisations of channels that may keep running statistics.
 */

type ChannelNormSettings = [
  eps: number,
  momentum: number | null,
  affine: boolean,
  trackRunningStats: boolean,
  device: string | null,
  dtype: DType | null,
];

interface ChannelNormOptions extends FactoryOptions {
  eps?: number;
  momentum?: number | null;
  affine?: boolean;
  trackRunningStats?: boolean;
}

type ChannelNormArgs = [numFeatures: number, ...Cut<ChannelNormSettings, ChannelNormOptions>];

type Bound = [numFeatures: number, ...ChannelNormSettings];

const bindBatchNorm = binder<Bound>(
  "BatchNorm(numFeatures, eps=1e-5, momentum=0.1, affine=true, trackRunningStats=true, device=null, dtype=null)",
);
const bindInstanceNorm = binder<Bound>(
  "InstanceNorm(numFeatures, eps=1e-5, momentum=0.1, affine=false, trackRunningStats=false, device=null, dtype=null)",
);

/** What normalisations of channels share: weights and statistics, some of them absent. */
abstract class ChannelNorm extends Module {
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

  constructor(...bound: Bound) {
    const [numFeatures, eps, momentum, affine, trackRunningStats, device, dtype] = bound;
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

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    const shown = momentum === null ? null : real(momentum);
    return `${numFeatures}, ${settings({ eps: real(eps), momentum: shown, affine, trackRunningStats })}`;
  }
}

/** What batch normalisations of all dimensions share. */
abstract class BatchNorm extends ChannelNorm {
  constructor(...args: ChannelNormArgs) {
    super(...bindBatchNorm(args));
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

/** What instance normalisations of all dimensions share. */
abstract class InstanceNorm extends ChannelNorm {
  constructor(...args: ChannelNormArgs) {
    super(...bindInstanceNorm(args));
  }

  /** Dimensions of a batch; one less is a single sample. */
  protected abstract get rank(): number;

  override forward(input: Tensor): Tensor {
    expectDims(input, this.rank - 1, this.rank);
    const single = input.ndim < this.rank;
    const output = instanceNorm(
      single ? input.unsqueeze(0) : input,
      this.running_mean,
      this.running_var,
      this.weight,
      this.bias,
      this.training || !this.trackRunningStats,
      this.momentum ?? 0,
      this.eps,
    );
    return single ? output.squeeze(0) : output;
  }
}

/**
 * Normalises each of the C = `numFeatures` channels of each sample of (N, C, L) or (C, L) by its own statistics:
 * `(x − mean) / √(variance + eps) · weight + bias` (Ulyanov et al. 2016). There are weights with `affine` only; with
 * `trackRunningStats` evaluation uses the statistics gathered in training.
 *
 * @example
 * const norm = new nn.InstanceNorm1d(100);
 * norm.forward(randn(20, 100, 40)).shape; // [20, 100, 40]
 */
export class InstanceNorm1d extends InstanceNorm {
  protected override get rank(): number {
    return 3;
  }
}

/** The same for images: (N, C, H, W) or (C, H, W). */
export class InstanceNorm2d extends InstanceNorm {
  protected override get rank(): number {
    return 4;
  }
}

/** The same for volumes: (N, C, D, H, W) or (C, D, H, W). */
export class InstanceNorm3d extends InstanceNorm {
  protected override get rank(): number {
    return 5;
  }
}
