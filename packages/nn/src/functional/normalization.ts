import { type Dims, noGrad, operator, ShapeError, type Tensor, type TensorOrScalar } from "@kindling/autograd";
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
    const lead = input.ndim - normalizedShape.length;
    if (normalizedShape.length === 0 || lead < 0 || normalizedShape.some((n, i) => n !== input.shape[lead + i])) {
      throw new ShapeError(
        `Given normalizedShape=[${normalizedShape.join(", ")}], expected input with shape [*, ${normalizedShape.join(", ")}], but got input of size[${input.shape.join(", ")}]`,
        { normalizedShape, shape: input.shape },
      );
    }
    const { centered, variance } = moments(
      input,
      normalizedShape.map((_, i) => lead + i),
    );
    return scaled(centered.mul(variance.add(eps).rsqrt()), weight, bias);
  },
);

/** The distance from the mean, and the mean of its square, over `dims`. */
function moments(input: Tensor, dims: Dims): { mean: Tensor; centered: Tensor; variance: Tensor } {
  const mean = input.mean(dims, true);
  const centered = input.sub(mean);
  return { mean, centered, variance: centered.mul(centered).mean(dims, true) };
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
    const dims = input.shape.map((_, d) => d).filter((d) => d !== channel);
    const { mean, centered, variance } = moments(input, dims);
    noGrad(() => {
      moveTowards(runningMean, mean.reshape(-1), momentum);
      moveTowards(runningVar, variance.reshape(-1).mul(count / (count - 1)), momentum);
    });
    return scaled(centered.mul(variance.add(eps).rsqrt()), shaped(weight), shaped(bias));
  },
);

/** `running += momentum · (value − running)`. */
function moveTowards(running: Tensor | null, value: Tensor, momentum: number | Tensor): void {
  if (running === null) return;
  const kept = typeof momentum === "number" ? 1 - momentum : momentum.neg().add(1);
  running.mul_(kept).add_(value.mul(momentum));
}
