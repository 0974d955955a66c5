import { ArgumentError, DTypeError, dtypeInfo, formatShape, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { convolve, convolveInput } from "./convolution.js";
import { expectTensor, unsupported } from "./table.js";
import { squeeze, unsqueeze } from "./views.js";
import { perDimension } from "./windows.js";

/*
 * Convolutions and transposed convolutions of one, two and three dimensions: their arguments, checks and sizes.
 */

type Sizes = number | readonly number[];
/** "same" keeps the size of the input (for a stride of 1), "valid" is no padding. */
type Padding = Sizes | "same" | "valid";

interface ConvolutionOptions {
  bias?: Tensor | null;
  stride?: Sizes;
  padding?: Padding;
  dilation?: Sizes;
  groups?: number;
}
type Convolution = (
  input: Tensor,
  weight: Tensor,
  bias?: Tensor | null | ConvolutionOptions,
  stride?: Sizes | ConvolutionOptions,
  padding?: Padding | ConvolutionOptions,
  dilation?: Sizes | ConvolutionOptions,
  groups?: number | ConvolutionOptions,
  options?: ConvolutionOptions,
) => Tensor;

interface TransposedOptions extends Omit<ConvolutionOptions, "padding"> {
  padding?: Sizes;
  outputPadding?: Sizes;
}
type Transposed = (
  input: Tensor,
  weight: Tensor,
  bias?: Tensor | null | TransposedOptions,
  stride?: Sizes | TransposedOptions,
  padding?: Sizes | TransposedOptions,
  outputPadding?: Sizes | TransposedOptions,
  groups?: number | TransposedOptions,
  dilation?: Sizes | TransposedOptions,
  options?: TransposedOptions,
) => Tensor;

/** PyTorch's name of a dtype in these errors. */
const typeName = ({ dtype }: Tensor): string =>
  dtype === "int64" ? "long int" : dtypeInfo[dtype].scalarName.toLowerCase();

/** A number for each dimension, none below `least`. */
function sizesOf(name: string, value: Sizes, n: number, least: number, complaint: string): number[] {
  const sizes = perDimension(value, n);
  if (sizes === null || !sizes.every(Number.isInteger)) {
    const got = Array.isArray(value) ? formatShape(value) : String(value);
    throw new ShapeError(
      `expected ${name} to be a single integer value or a list of ${n} values to match the convolution dimensions, but got ${name}=${got}`,
      { [name]: value },
    );
  }
  if (sizes.some((x) => x < least))
    throw new ArgumentError(complaint.replace("%", formatShape(sizes)), { [name]: sizes });
  return sizes;
}

const strideOf = (value: Sizes, n: number): number[] =>
  sizesOf("stride", value, n, 1, "non-positive stride is not supported");
const dilationOf = (value: Sizes, n: number): number[] =>
  sizesOf("dilation", value, n, 1, "dilation should be greater than zero, but got %");

/** Checks what both directions need of their operands, and returns the input with a batch dimension. */
function checked(name: string, n: number, input: Tensor, weight: Tensor, bias: Tensor | null, groups: number): Tensor {
  expectTensor(input, name, "input");
  expectTensor(weight, name, "weight");
  if (input.ndim !== n + 1 && input.ndim !== n + 2) {
    throw new ShapeError(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${name}, but got input of size: ${formatShape(input.shape)}`,
      { input: input.shape },
    );
  }
  if (weight.ndim !== n + 2) {
    throw new ShapeError(`Expected ${n + 2}D weight to ${name}, but got weight of size: ${formatShape(weight.shape)}`, {
      weight: weight.shape,
    });
  }
  if (input.dtype === "bool") throw unsupported(name, "bool");
  for (const [role, other] of [["weight", weight] as const, ["bias", bias] as const]) {
    if (other === null || other.dtype === input.dtype) continue;
    throw new DTypeError(`Input type (${typeName(input)}) and ${role} type (${typeName(other)}) should be the same`, {
      input: input.dtype,
      [role]: other.dtype,
    });
  }
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError("non-positive groups is not supported", { groups });
  const [out] = weight.shape;
  const shown = formatShape(weight.shape);
  if (out < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${shown} instead`,
      { weight: weight.shape, groups },
    );
  }
  if (out % groups !== 0) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${shown}] instead`,
      { weight: weight.shape, groups },
    );
  }
  if (weight.shape.slice(2).includes(0)) {
    throw new ShapeError(`kernel size should be greater than zero, but got ${formatShape(weight.shape.slice(2))}`, {
      weight: weight.shape,
    });
  }
  return input.ndim === n + 1 ? unsqueeze(input, 0) : input;
}

function checkChannels(input: Tensor, weight: Tensor, given: string, channels: number): void {
  if (input.shape[1] === channels) return;
  throw new ShapeError(
    `Given ${given}, weight of size ${formatShape(weight.shape)}, expected input${formatShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    { input: input.shape, weight: weight.shape },
  );
}

function checkBias(bias: Tensor | null, weight: Tensor, given: string, channels: number): void {
  if (bias === null || (bias.ndim === 1 && bias.shape[0] === channels)) return;
  throw new ShapeError(
    `Given ${given}weight of size ${formatShape(weight.shape)}, expected bias to be 1-dimensional with ${channels} elements, but got bias of size ${formatShape(bias.shape)} instead`,
    { bias: bias.shape, weight: weight.shape },
  );
}

function convolution(n: number): Convolution {
  const name = `conv${n}d`;
  return operator<Convolution>(
    `${name}(input, weight, bias=null, stride=1, padding=0, dilation=1, groups=1)`,
    (
      given: Tensor,
      weight: Tensor,
      bias: Tensor | null,
      steps: Sizes,
      around: Padding,
      spread: Sizes,
      groups: number,
    ) => {
      const input = checked(name, n, given, weight, bias, groups);
      const stride = strideOf(steps, n);
      const dilation = dilationOf(spread, n);
      checkChannels(input, weight, `groups=${groups}`, weight.shape[1] * groups);
      checkBias(bias, weight, "", weight.shape[0]);
      const size = input.shape.slice(2);
      const kernel = weight.shape.slice(2);
      const reach = kernel.map((k, d) => dilation[d] * (k - 1));
      const { padding, total } = paddingOf(around, n, reach, stride);
      const room = size.map((s, d) => s + total[d]);
      if (room.some((s, d) => s < reach[d] + 1)) {
        throw new ShapeError(
          `Calculated padded input size per channel: (${room.join(" x ")}). Kernel size: (${reach.map((r) => r + 1).join(" x ")}). Kernel size can't be greater than actual input size`,
          { input: input.shape, weight: weight.shape },
        );
      }
      const count = room.map((s, d) => Math.floor((s - reach[d] - 1) / stride[d]) + 1);
      const out = convolve(input, weight, bias, { size, kernel, count, stride, padding, dilation, groups });
      return given === input ? out : squeeze(out, 0);
    },
  );
}

/** The padding before each dimension, and that on both sides together. */
function paddingOf(
  value: Padding,
  n: number,
  reach: readonly number[],
  stride: readonly number[],
): { padding: number[]; total: readonly number[] } {
  if (value === "same") {
    if (stride.some((s) => s !== 1))
      throw new ArgumentError("padding='same' is not supported for strided convolutions");
    return { padding: reach.map((r) => Math.floor(r / 2)), total: reach };
  }
  if (typeof value === "string" && value !== "valid") {
    throw new ArgumentError(`Invalid padding string: '${value}'`, { padding: value });
  }
  const padding = sizesOf("padding", value === "valid" ? 0 : value, n, 0, "negative padding is not supported");
  return { padding, total: padding.map((p) => 2 * p) };
}

function transposedConvolution(n: number): Transposed {
  const name = `convTranspose${n}d`;
  return operator<Transposed>(
    `${name}(input, weight, bias=null, stride=1, padding=0, outputPadding=0, groups=1, dilation=1)`,
    (
      given: Tensor,
      weight: Tensor,
      bias: Tensor | null,
      steps: Sizes,
      around: Sizes,
      more: Sizes,
      groups: number,
      spread: Sizes,
    ) => {
      const input = checked(name, n, given, weight, bias, groups);
      const stride = strideOf(steps, n);
      const padding = sizesOf("padding", around, n, 0, "negative padding is not supported");
      const extra = sizesOf("outputPadding", more, n, 0, "negative outputPadding is not supported");
      const dilation = dilationOf(spread, n);
      checkChannels(input, weight, "transposed=1", weight.shape[0]);
      checkBias(bias, weight, "transposed=1, ", weight.shape[1] * groups);
      if (extra.some((x, d) => x >= stride[d] && x >= dilation[d])) {
        throw new ArgumentError(
          `output padding must be smaller than either stride or dilation, but got outputPadding: ${formatShape(extra)} stride: ${formatShape(stride)} dilation: ${formatShape(dilation)}`,
          { outputPadding: extra, stride, dilation },
        );
      }
      const count = input.shape.slice(2);
      const kernel = weight.shape.slice(2);
      const size = count.map(
        (m, d) => (m - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + 1 + extra[d],
      );
      if (size.some((s) => s < 1)) {
        throw new ShapeError(
          `Given input size per channel: (${count.join(" x ")}). Calculated output size per channel: (${size.join(" x ")}). Output size is too small`,
          { input: input.shape, weight: weight.shape },
        );
      }
      const out = convolveInput(input, weight, bias, { size, kernel, count, stride, padding, dilation, groups });
      return given === input ? out : squeeze(out, 0);
    },
  );
}

/**
 * Convolution (in fact cross-correlation) of sequences: input (N, C, L) or (C, L), weight (O, C/groups, k), bias (O) or `null`.
 * The result is (N, O, L′) with `L′ = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1`.
 *
 * A device may have faster kernels, `conv2d`, `conv2dInput` and `conv2dWeight` (see `FastPaths`); without them it is a matrix
 * product with the columns of all windows.
 * @throws ShapeError where shapes do not fit, DTypeError where dtypes differ
 */
export const conv1d = convolution(1);
/** The same of images: input (N, C, H, W) or (C, H, W), weight (O, C/groups, kH, kW). Settings are a number or one per dimension. */
export const conv2d = convolution(2);
/** The same of volumes: input (N, C, D, H, W) or (C, D, H, W), weight (O, C/groups, kD, kH, kW). */
export const conv3d = convolution(3);

/**
 * The transposed convolution of sequences, which is the gradient of `conv1d` for its input: input (N, C, L) or (C, L), weight
 * (C, O/groups, k), bias (O) or `null`. The result is (N, O, L′) with
 * `L′ = (L − 1)·stride − 2·padding + dilation·(k − 1) + outputPadding + 1`.
 * @throws ShapeError where shapes do not fit, DTypeError where dtypes differ
 */
export const convTranspose1d = transposedConvolution(1);
/** The same of images: input (N, C, H, W) or (C, H, W), weight (C, O/groups, kH, kW). */
export const convTranspose2d = transposedConvolution(2);
/** The same of volumes: input (N, C, D, H, W) or (C, D, H, W), weight (C, O/groups, kD, kH, kW). */
export const convTranspose3d = transposedConvolution(3);
