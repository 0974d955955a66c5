import {
  ArgumentError,
  adaptiveMaxPool1d as adaptive1d,
  adaptiveMaxPool2d as adaptive2d,
  adaptiveMaxPool3d as adaptive3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type OutputSize,
  operator,
  ShapeError,
  type Tensor,
  zeros,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

type Sizes = number | readonly number[];

/** A pooling to a given size; with `returnIndices` it gives `[values, indices]`. */
interface AdaptiveMaxPool {
  (input: Tensor, outputSize: OutputSize, returnIndices: true | { returnIndices: true }): [Tensor, Tensor];
  (input: Tensor, outputSize: OutputSize, ...args: Cut<[returnIndices: boolean], { returnIndices?: boolean }>): Tensor;
}

const adaptive = (name: string, pool: (input: Tensor, outputSize: OutputSize) => [Tensor, Tensor]): AdaptiveMaxPool =>
  operator(
    `${name}(input, outputSize, returnIndices=false)`,
    (input: Tensor, outputSize: OutputSize, returnIndices: boolean) => {
      const results = pool(input, outputSize);
      return returnIndices ? results : results[0];
    },
  ) as AdaptiveMaxPool;

/**
 * The largest elements of sequences (N, C, L) or (C, L) in `outputSize` windows that cover them; with `returnIndices` also where
 * they are (int32).
 */
export const adaptiveMaxPool1d = adaptive("adaptiveMaxPool1d", adaptive1d);
/** The same of images (N, C, H, W) or (C, H, W): (N, C, …outputSize), where a number means both and `null` keeps a size. */
export const adaptiveMaxPool2d = adaptive("adaptiveMaxPool2d", adaptive2d);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const adaptiveMaxPool3d = adaptive("adaptiveMaxPool3d", adaptive3d);

type LPPoolOptions = { stride?: Sizes | null; ceilMode?: boolean };
type LPPool = (
  input: Tensor,
  normType: number,
  kernelSize: Sizes,
  ...args: Cut<[stride: Sizes | null, ceilMode: boolean], LPPoolOptions>
) => Tensor;

function lpPool(n: number, average: typeof avgPool1d): LPPool {
  return operator<LPPool>(
    `lpPool${n}d(input, normType, kernelSize, stride=null, ceilMode=false)`,
    (input: Tensor, normType: number, kernelSize: Sizes, stride: Sizes | null, ceilMode: boolean) => {
      const sizes = typeof kernelSize === "number" ? new Array<number>(n).fill(kernelSize) : kernelSize;
      const mean = average(input.pow(normType), kernelSize, { stride, ceilMode });
      const count = sizes.reduce((a, b) => a * b, 1);
      return mean
        .sign()
        .mul(mean.abs().relu())
        .mul(count)
        .pow(1 / normType);
    },
  );
}

/** The p-norm of each window of sequences (N, C, L): `(Σ xᵖ)^(1/p)` with p the `normType`; for odd p without the sign of sums. */
export const lpPool1d = lpPool(1, avgPool1d);
/** The same of images (N, C, H, W). */
export const lpPool2d = lpPool(2, avgPool2d);
/** The same of volumes (N, C, D, H, W). */
export const lpPool3d = lpPool(3, avgPool3d);

type UnpoolOptions = { stride?: Sizes | null; padding?: Sizes; outputSize?: readonly number[] | null };
type Unpool = (
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  ...args: Cut<[stride: Sizes | null, padding: Sizes, outputSize: readonly number[] | null], UnpoolOptions>
) => Tensor;

function maxUnpool(n: number): Unpool {
  const name = `maxUnpool${n}d`;
  const each = (value: Sizes): readonly number[] =>
    typeof value === "number" ? new Array<number>(n).fill(value) : value.length === 1 ? each(value[0]) : value;
  return operator<Unpool>(
    `${name}(input, indices, kernelSize, stride=null, padding=0, outputSize=null)`,
    (
      input: Tensor,
      indices: Tensor,
      kernelSize: Sizes,
      steps: Sizes | null,
      around: Sizes,
      outputSize: readonly number[] | null,
    ) => {
      if (input.ndim !== n + 1 && input.ndim !== n + 2) {
        throw new ShapeError(
          `Input to ${name} should be a ${n + 1}d or ${n + 2}d Tensor, but got a tensor with ${input.ndim} dimensions.`,
          { shape: input.shape },
        );
      }
      if (input.shape.join() !== indices.shape.join()) {
        throw new ShapeError(
          `Expected shape of indices to be same as that of the input tensor ([${input.shape.join(", ")}]) but got indices tensor with shape: [${indices.shape.join(", ")}]`,
          { input: input.shape, indices: indices.shape },
        );
      }
      const kernel = each(kernelSize);
      const stride = steps === null ? kernel : each(steps);
      const padding = each(around);
      const fitting = input.shape.slice(-n).map((m, d) => (m - 1) * stride[d] + kernel[d] - 2 * padding[d]);
      const size = outputSize === null ? fitting : sizeNear(fitting, stride, outputSize);
      const lead = input.shape.slice(0, -n);
      const target = zeros([...lead, size.reduce((a, b) => a * b, 1)], { dtype: input.dtype, device: input.device });
      return target.scatter(-1, indices.flatten(-n), input.flatten(-n)).reshape([...lead, ...size]);
    },
  );
}

/** The size asked for, which pooling by `stride` must be able to have come from. */
function sizeNear(
  fitting: readonly number[],
  stride: readonly number[],
  outputSize: readonly number[],
): readonly number[] {
  const n = fitting.length;
  const size = outputSize.length === n + 2 ? outputSize.slice(2) : outputSize;
  if (size.length !== n) {
    throw new ArgumentError(
      `outputSize should be a sequence containing ${n} or ${n + 2} elements, but it has a length of '${outputSize.length}'`,
      { outputSize },
    );
  }
  size.forEach((s, d) => {
    const [least, most] = [fitting[d] - stride[d], fitting[d] + stride[d]];
    if (s <= least || s >= most) {
      throw new ShapeError(
        `invalid outputSize "(${size.join(", ")})" (dim ${d} must be between ${least} and ${most})`,
        { outputSize, least, most },
      );
    }
  });
  return size;
}

/**
 * What `maxPool1d` took apart: (N, C, L′) or (C, L′) put at `indices` into zeros (N, C, L) with
 * `L = (L′ − 1)·stride + kernelSize − 2·padding`, or another size that pools to L′, the `outputSize`.
 * @throws ShapeError where `outputSize` cannot be
 */
export const maxUnpool1d = maxUnpool(1);
/** The same of images (N, C, H, W) or (C, H, W). */
export const maxUnpool2d = maxUnpool(2);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const maxUnpool3d = maxUnpool(3);
