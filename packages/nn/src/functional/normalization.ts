import {
  ArgumentError,
  channelNormalized,
  type DType,
  layerNormalized,
  noGrad,
  operator,
  ShapeError,
  type Tensor,
  type TensorOrScalar,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

type LayerNormOptions = { weight?: Tensor | null; bias?: Tensor | null; eps?: number };

/**
 * `(x − mean) / √(variance + eps) · weight + bias` over the last dimensions, whose sizes are `normalizedShape`; that is also
 * the shape of `weight` and `bias`.
 */
export const layerNorm = operator<
  (
    input: Tensor,
    normalizedShape: readonly number[],
    ...args: Cut<[weight: Tensor | null, bias: Tensor | null, eps: number], LayerNormOptions>
  ) => Tensor
>(
  "layerNorm(input, normalizedShape, weight=null, bias=null, eps=1e-5)",
  (input: Tensor, normalizedShape: readonly number[], weight: Tensor | null, bias: Tensor | null, eps: number) => {
    return layerNormalized(input, lastDims(input, normalizedShape).length, weight, bias, eps).out;
  },
);

type RmsNormOptions = { weight?: Tensor | null; eps?: number | null };

/** The distance from 1 to the next number, which `rmsNorm` adds where nothing is told. */
const EPSILON: Partial<Record<DType, number>> = { float16: 2 ** -10, bfloat16: 2 ** -7, float32: 2 ** -23 };

/**
 * `x / √(mean(x²) + eps) · weight` over the last dimensions, whose sizes are `normalizedShape`; that is also the shape of
 * `weight`. `eps` is the dtype's machine epsilon unless given.
 */
export const rmsNorm = operator<
  (
    input: Tensor,
    normalizedShape: readonly number[],
    ...args: Cut<[weight: Tensor | null, eps: number | null], RmsNormOptions>
  ) => Tensor
>(
  "rmsNorm(input, normalizedShape, weight=null, eps=null)",
  (input: Tensor, normalizedShape: readonly number[], weight: Tensor | null, eps: number | null) => {
    const dims = lastDims(input, normalizedShape);
    const power = input.mul(input).mean(dims, true);
    return scaled(input.mul(power.add(eps ?? EPSILON[input.dtype] ?? 2 ** -52).rsqrt()), weight, null);
  },
);

/** The last dimensions, which must have the sizes given. */
function lastDims(input: Tensor, normalizedShape: readonly number[]): number[] {
  const lead = input.ndim - normalizedShape.length;
  if (normalizedShape.length === 0 || lead < 0 || normalizedShape.some((n, i) => n !== input.shape[lead + i])) {
    throw new ShapeError(
      `Given normalizedShape=[${normalizedShape.join(", ")}], expected input with shape [*, ${normalizedShape.join(", ")}], but got input of size[${input.shape.join(", ")}]`,
      { normalizedShape, shape: input.shape },
    );
  }
  return normalizedShape.map((_, i) => lead + i);
}

function scaled(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const y = weight === null ? x : x.mul(weight);
  return bias === null ? y : y.add(bias);
}

type BatchNormOptions = LayerNormOptions & { training?: boolean; momentum?: number };

/**
 * Normalises each channel of (N, C, *) over all other dimensions: by the statistics of the batch in training (and then moves
 * the running ones towards them by `momentum`, in place), else by the running ones. `weight`, `bias` and the running
 * statistics are (C). The running variance is the unbiased one.
 * @throws ShapeError for a single value per channel in training
 */
export const batchNorm = operator<
  (
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    ...args: Cut<
      [weight: Tensor | null, bias: Tensor | null, training: boolean, momentum: TensorOrScalar, eps: number],
      BatchNormOptions
    >
  ) => Tensor
>(
  "batchNorm(input, runningMean, runningVar, weight=null, bias=null, training=false, momentum=0.1, eps=1e-5)",
  (
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null,
    bias: Tensor | null,
    training: boolean,
    momentum: number | Tensor,
    eps: number,
  ) => {
    const channel = Math.min(1, input.ndim - 1);
    for (const [name, t] of Object.entries({ runningMean, runningVar, weight, bias })) {
      if (t === null || t.numel() === input.shape[channel]) continue;
      throw new ShapeError(`${name} should contain ${input.shape[channel]} elements not ${t.numel()}`, {
        [name]: t.shape,
        shape: input.shape,
      });
    }
    const perChannel = input.shape.map((n, d) => (d === channel ? n : 1));
    const shaped = (t: Tensor | null): Tensor | null => (t === null ? null : t.reshape(perChannel));
    if (!training) {
      const [mean, variance] = [shaped(runningMean), shaped(runningVar)] as [Tensor, Tensor];
      return scaled(input.sub(mean).mul(variance.add(eps).rsqrt()), shaped(weight), shaped(bias));
    }
    const count = input.numel() / input.shape[channel];
    if (count <= 1) {
      throw new ShapeError(
        `Expected more than 1 value per channel when training, got input size [${input.shape.join(", ")}]`,
        { shape: input.shape },
      );
    }
    const { out, mean, variance } = channelNormalized(input, weight, bias, eps);
    noGrad(() => {
      moveTowards(runningMean, mean.reshape(-1), momentum);
      moveTowards(runningVar, variance.reshape(-1), momentum, count / (count - 1));
    });
    return out;
  },
);

/** `running += momentum · (factor · value − running)`. */
function moveTowards(running: Tensor | null, value: Tensor, momentum: number | Tensor, factor = 1): void {
  if (running === null) return;
  if (typeof momentum === "number") running.mul_(1 - momentum).add_(value, { alpha: momentum * factor });
  else running.mul_(momentum.neg().add(1)).add_(value.mul(momentum.mul(factor)));
}

type GroupNormOptions = LayerNormOptions;

/**
 * Normalises each of `numGroups` groups of channels of each sample of (N, C, *) by its own statistics; `weight` and `bias` (C).
 * @throws ShapeError where the groups do not divide the channels, or `weight` or `bias` has another size
 */
export const groupNorm = operator<
  (
    input: Tensor,
    numGroups: number,
    ...args: Cut<[weight: Tensor | null, bias: Tensor | null, eps: number], GroupNormOptions>
  ) => Tensor
>(
  "groupNorm(input, numGroups, weight=null, bias=null, eps=1e-5)",
  (input: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number) => {
    if (input.ndim < 2) {
      throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${input.ndim}`, {
        shape: input.shape,
      });
    }
    const [batch, channels, ...rest] = input.shape;
    const shape = `[${input.shape.join(", ")}]`;
    if (channels % numGroups !== 0) {
      throw new ShapeError(
        `Expected number of channels in input to be divisible by numGroups, but got input of shape ${shape} and numGroups=${numGroups}`,
        { shape: input.shape, numGroups },
      );
    }
    for (const [name, t] of [["weight", weight] as const, ["bias", bias] as const]) {
      if (t === null || (t.ndim === 1 && t.shape[0] === channels)) continue;
      throw new ShapeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape [${t.shape.join(", ")}] and input of shape ${shape}`,
        { shape: input.shape, [name]: t.shape },
      );
    }
    const groups = input.reshape(batch, numGroups, (channels / numGroups) * rest.reduce((n, size) => n * size, 1));
    const perChannel = (t: Tensor | null): Tensor | null => t?.reshape(channels, ...rest.map(() => 1)) ?? null;
    const normal = layerNormalized(groups, 1, null, null, eps).out;
    return scaled(normal.reshape(input.shape), perChannel(weight), perChannel(bias));
  },
);

type InstanceNormOptions = LayerNormOptions & {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  useInputStats?: boolean;
  momentum?: number;
};

/**
 * Normalises each channel of each sample of (N, C, *) by its own statistics, whose mean over the batch moves the running ones
 * by `momentum`, in place; without `useInputStats` by the running ones. `weight`, `bias` and running statistics are (C).
 * @throws ShapeError for a single value per channel
 */
export const instanceNorm = operator<
  (
    input: Tensor,
    ...args: Cut<
      [
        runningMean: Tensor | null,
        runningVar: Tensor | null,
        weight: Tensor | null,
        bias: Tensor | null,
        useInputStats: boolean,
        momentum: number,
        eps: number,
      ],
      InstanceNormOptions
    >
  ) => Tensor
>(
  "instanceNorm(input, runningMean=null, runningVar=null, weight=null, bias=null, useInputStats=true, momentum=0.1, eps=1e-5)",
  (
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null,
    bias: Tensor | null,
    useInputStats: boolean,
    momentum: number,
    eps: number,
  ) => {
    if (!useInputStats) {
      if (runningMean === null || runningVar === null) {
        throw new ArgumentError("Expected runningMean and runningVar to be defined when useInputStats is false");
      }
      return batchNorm(input, runningMean, runningVar, weight, bias, false, momentum, eps);
    }
    const count = input.shape.slice(2).reduce((n, size) => n * size, 1);
    if (count === 1) {
      throw new ShapeError(
        `Expected more than 1 spatial element when training, got input size [${input.shape.join(", ")}]`,
        { shape: input.shape },
      );
    }
    const { out, mean, variance } = layerNormalized(input, input.ndim - 2, null, null, eps);
    noGrad(() => {
      const ofBatch = (t: Tensor): Tensor => t.mean(0).reshape(-1);
      moveTowards(runningMean, ofBatch(mean), momentum);
      moveTowards(runningVar, ofBatch(variance), momentum, count / (count - 1));
    });
    const perChannel = (t: Tensor | null): Tensor | null =>
      t?.reshape(t.shape[0], ...input.shape.slice(2).map(() => 1)) ?? null;
    return scaled(out, perChannel(weight), perChannel(bias));
  },
);
