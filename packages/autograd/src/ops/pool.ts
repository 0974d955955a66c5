import { ArgumentError, formatShape, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { mul } from "./pointwise.js";
import { averageOf, largestOf } from "./pooling.js";
import { expectTensor, unsupported } from "./table.js";
import { tensor } from "./values.js";
import { reshape, squeeze, unsqueeze } from "./views.js";
import { perDimension, type Windows } from "./windows.js";

/*
 * Pooling in one, two and three dimensions: arguments, checks and sizes.
 */

type Sizes = number | readonly number[];

interface PoolOptions {
  kernelSize?: Sizes;
  stride?: Sizes | null;
  padding?: Sizes;
  ceilMode?: boolean;
}
interface MaxPoolOptions extends PoolOptions {
  dilation?: Sizes;
  returnIndices?: boolean;
}
interface AvgPoolOptions extends PoolOptions {
  countIncludePad?: boolean;
  divisorOverride?: number | null;
}

/** A pooling of largest elements; with `returnIndices` it gives `[values, indices]`. */
export interface MaxPool {
  (input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { returnIndices: true }): [Tensor, Tensor];
  (
    input: Tensor,
    kernelSize: Sizes,
    stride: Sizes | null | undefined,
    padding: Sizes | undefined,
    dilation: Sizes | undefined,
    ceilMode: boolean | undefined,
    returnIndices: true,
  ): [Tensor, Tensor];
  (
    input: Tensor,
    kernelSize: Sizes | MaxPoolOptions,
    stride?: Sizes | null | MaxPoolOptions,
    padding?: Sizes | MaxPoolOptions,
    dilation?: Sizes | MaxPoolOptions,
    ceilMode?: boolean | MaxPoolOptions,
    returnIndices?: boolean | MaxPoolOptions,
  ): Tensor;
}

type AvgPool = (
  input: Tensor,
  kernelSize: Sizes | AvgPoolOptions,
  stride?: Sizes | null | AvgPoolOptions,
  padding?: Sizes | AvgPoolOptions,
  ceilMode?: boolean | AvgPoolOptions,
  countIncludePad?: boolean | AvgPoolOptions,
  divisorOverride?: number | null | AvgPoolOptions,
  options?: AvgPoolOptions,
) => Tensor;

const words = ["", "one int", "two ints", "three ints"];

function sizesOf(name: string, argument: string, value: Sizes, n: number): number[] {
  const sizes = perDimension(value, n);
  if (sizes?.every(Number.isInteger)) return sizes;
  throw new ArgumentError(`${name}: ${argument} must either be a single int, or a tuple of ${words[n]}`, {
    [argument]: value,
  });
}

/** The windows of a pooling, checked. */
function poolWindows(
  name: string,
  n: number,
  input: Tensor,
  kernelSize: Sizes,
  steps: Sizes | null,
  around: Sizes,
  spread: Sizes,
  ceilMode: boolean,
): Windows {
  expectTensor(input, name, "input");
  const kernel = sizesOf(name, "kernelSize", kernelSize, n);
  const none = steps === null || (Array.isArray(steps) && steps.length === 0);
  const stride = none ? kernel : sizesOf(name, "stride", steps as Sizes, n);
  const padding = sizesOf(name, "padding", around, n);
  const dilation = sizesOf(name, "dilation", spread, n);
  const refuse = (text: string): never => {
    throw new ArgumentError(text, { kernelSize: kernel, stride, padding, dilation });
  };
  if (stride.includes(0)) refuse("stride should not be zero");
  for (const [what, sizes] of Object.entries({ "kernel size": kernel, stride, dilation })) {
    if (sizes.some((x) => x < 1)) refuse(`${what} should be greater than zero, but got ${formatShape(sizes)}`);
  }
  padding.forEach((p, d) => {
    if (p < 0) refuse(`pad must be non-negative, but got pad: ${p}`);
    if (p > kernel[d] / 2) {
      refuse(`pad should be at most half of kernel size, but got pad=${p} and kernelSize=${kernel[d]}`);
    }
  });
  expectPlanes(name, n, input);
  const size = input.shape.slice(-n);
  const count = size.map((s, d) => {
    const room = s + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    const most = Math[ceilMode ? "ceil" : "floor"](room / stride[d]) + 1;
    // no window begins behind the image
    return ceilMode && (most - 1) * stride[d] >= s + padding[d] ? most - 1 : most;
  });
  if (count.some((m) => m < 1)) {
    const channels = input.shape[input.ndim - n - 1];
    const shown = (sizes: readonly number[]): string => [channels, ...(n === 1 ? [1] : []), ...sizes].join("x");
    throw new ShapeError(
      `Given input size: (${shown(size)}). Calculated output size: (${shown(count)}). Output size is too small`,
      { input: input.shape, output: count },
    );
  }
  return { size, kernel, count, stride, padding, dilation };
}

/** Expects (N, C, …) or (C, …) of `n` more dimensions, none but the batch empty. */
function expectPlanes(name: string, n: number, input: Tensor): void {
  const { ndim, shape } = input;
  const fits = ndim === n + 1 || ndim === n + 2;
  const empty = shape.indexOf(0, ndim === n + 2 ? 1 : 0);
  if (fits && empty < 0) return;
  const text =
    n === 3 && fits
      ? `${name}(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${formatShape(shape)} and non-batch dimension ${empty} has length zero!`
      : `${n === 1 ? `${name}: ` : ""}Expected ${n + 1}D or ${n + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${formatShape(shape)}`;
  throw new ShapeError(text, { shape });
}

function maxPool(n: number): MaxPool {
  const name = `maxPool${n}d`;
  return operator<MaxPool>(
    `${name}(input, kernelSize, stride=null, padding=0, dilation=1, ceilMode=false, returnIndices=false)`,
    (
      given: Tensor,
      kernelSize: Sizes,
      stride: Sizes | null,
      padding: Sizes,
      dilation: Sizes,
      ceilMode: boolean,
      returnIndices: boolean,
    ) => {
      const w = poolWindows(name, n, given, kernelSize, stride, padding, dilation, ceilMode);
      if (!isFloat(given.dtype)) throw unsupported(name, given.dtype);
      return batched(given, n, returnIndices, (input) => largestOf(input, w, returnIndices));
    },
  );
}

/** Runs a pooling on an input with a batch dimension; gives its values, or both results. */
export function batched(
  given: Tensor,
  n: number,
  both: boolean,
  run: (input: Tensor) => [Tensor, Tensor | null],
): Tensor | [Tensor, Tensor] {
  const alone = given.ndim === n + 1;
  const results = run(alone ? unsqueeze(given, 0) : given).map((t) => (alone && t ? squeeze(t, 0) : t));
  return both ? (results as [Tensor, Tensor]) : (results[0] as Tensor);
}

function avgPool(n: number): AvgPool {
  const name = `avgPool${n}d`;
  const last = n === 1 ? "" : ", divisorOverride=null";
  return operator<AvgPool>(
    `${name}(input, kernelSize, stride=null, padding=0, ceilMode=false, countIncludePad=true${last})`,
    (
      given: Tensor,
      kernelSize: Sizes,
      stride: Sizes | null,
      padding: Sizes,
      ceilMode: boolean,
      countIncludePad: boolean,
      divisorOverride: number | null = null,
    ) => {
      const w = poolWindows(name, n, given, kernelSize, stride, padding, 1, ceilMode);
      if (given.dtype === "bool") throw unsupported(name, "bool");
      if (divisorOverride === 0) throw new ArgumentError("divisor must be not zero", { divisorOverride });
      const divisor = divisorOverride ?? elementsOf(given, w, countIncludePad);
      return batched(given, n, false, (input) => [averageOf(input, { divisor, ...w }), null]);
    },
  );
}

/** How many elements windows count, one number if all are equal: those on the grid, those on the padding perhaps too. */
function elementsOf(input: Tensor, w: Windows, withPadding: boolean): number | Tensor {
  const { device, dtype } = input.storage;
  const counts = w.size.map((size, d) =>
    Array.from({ length: w.count[d] }, (_, p) => {
      const start = p * w.stride[d] - w.padding[d];
      const end = Math.min(start + w.kernel[d], size + w.padding[d]);
      return withPadding ? end - start : Math.min(end, size) - Math.max(start, 0);
    }),
  );
  if (counts.every((along) => along.every((x) => x === along[0]))) return counts.reduce((n, [x]) => n * x, 1);
  return counts
    .map((along, d) =>
      reshape(
        tensor(along, { dtype, device: device.name }),
        w.count.map((_, i) => (i === d ? -1 : 1)),
      ),
    )
    .reduce((a, b) => mul(a, b));
}

/**
 * The largest element of each window of sequences (N, C, L) or (C, L): (N, C, L′) with
 * `L′ = ⌊(L + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1`, rounded up with `ceilMode`. `stride` is `kernelSize`
 * unless given; the padding counts as −∞. With `returnIndices` also where it is in its sequence (int32), of equal ones the
 * first, which also gets the gradient.
 * @throws ShapeError where a window does not fit, ArgumentError for impossible settings
 */
export const maxPool1d = maxPool(1);
/** The same of images (N, C, H, W) or (C, H, W). Indices are those of the flattened image, `y · W + x`. */
export const maxPool2d = maxPool(2);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const maxPool3d = maxPool(3);

/**
 * The mean of each window of sequences (N, C, L) or (C, L): (N, C, L′) as `maxPool1d`. The padding counts as zeros, unless
 * `countIncludePad` is false: then the mean is that of the elements which are there.
 * @throws ShapeError where a window does not fit, ArgumentError for impossible settings
 */
export const avgPool1d = avgPool(1);
/** The same of images (N, C, H, W) or (C, H, W). `divisorOverride` divides the sums of windows instead of how many they add. */
export const avgPool2d = avgPool(2);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const avgPool3d = avgPool(3);
