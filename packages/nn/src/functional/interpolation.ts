import {
  ArgumentError,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  DTypeError,
  operator,
  ShapeError,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

/** How values between elements are found; which of the linear ones depends on the number of dimensions. */
export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

/** Along one dimension: the elements that each result is made of, and their weights. Both are tap by tap. */
interface Taps {
  readonly index: number[];
  readonly weight: number[];
}

/** Sizes of one dimension, the size of a step of the result in the input, and whether corners lie on corners. */
interface Axis {
  readonly size: number;
  readonly count: number;
  readonly step: number;
  readonly alignCorners: boolean;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const clip = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
/** Where result `i` lies in the input. */
const sourceOf = (i: number, { step, alignCorners }: Axis): number =>
  alignCorners ? i * step : (i + 0.5) * step - 0.5;

/** Taps from a rule for one result. */
function tapsOf(
  { count }: Axis,
  taps: number,
  rule: (i: number, tap: number) => [index: number, weight: number],
): Taps {
  const all = range(taps).flatMap((tap) => range(count).map((i) => rule(i, tap)));
  return { index: all.map(([index]) => index), weight: all.map(([, weight]) => weight) };
}

const linearTaps = (axis: Axis): Taps =>
  tapsOf(axis, 2, (i, tap) => {
    const source = Math.max(sourceOf(i, axis), 0);
    const first = clip(Math.floor(source), axis.size);
    const share = Math.min(source - first, 1);
    return tap === 0 ? [first, 1 - share] : [clip(first + 1, axis.size), share];
  });

/** Keys' cubic kernel with parameter `a`, at distance `t`. */
function cubic(t: number, a: number): number {
  const x = Math.abs(t);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

const cubicTaps = (axis: Axis): Taps =>
  tapsOf(axis, 4, (i, tap) => {
    const source = sourceOf(i, axis);
    const at = Math.floor(source) - 1 + tap;
    return [clip(at, axis.size), cubic(source - at, -0.75)];
  });

/** With antialiasing the kernel is as wide as a step of the result, so that every element counts. */
function antialiasedTaps(axis: Axis, reach: number, kernel: (t: number) => number): Taps {
  const { size, step } = axis;
  const scale = Math.max(step, 1);
  const support = reach * scale;
  const windows = range(axis.count).map((i) => {
    const center = (i + 0.5) * step;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const length = Math.min(Math.trunc(center + support + 0.5), size) - first;
    const weights = range(length).map((j) => kernel((j + first - center + 0.5) / scale));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / total) };
  });
  const most = windows.reduce((n, { weights }) => Math.max(n, weights.length), 1);
  return tapsOf(axis, most, (i, tap) => [clip(windows[i].first + tap, size), windows[i].weights[tap] ?? 0]);
}

/** The nearest elements, in float32 as PyTorch finds them. */
function nearest({ size, count, step }: Axis, exact: boolean): number[] {
  const f = Math.fround;
  return range(count).map((i) => clip(Math.floor(f(f(i + (exact ? 0.5 : 0)) * f(step))), size));
}

/** Every element along `dim` several times. */
function repeated(input: Tensor, dim: number, times: number): Tensor {
  const wide = input.unsqueeze(dim + 1);
  return wide.expand(wide.shape.map((n, d) => (d === dim + 1 ? times : n))).flatten(dim, dim + 1);
}

/** `input` with dimension `dim` made of taps. */
function resampled(input: Tensor, dim: number, { index, weight }: Taps, count: number): Tensor {
  const { device, dtype } = input;
  const shape = input.shape.map((_, d) => (d === dim ? count : 1));
  let out: Tensor | null = null;
  for (let first = 0; first < index.length; first += count) {
    const at = tensor(index.slice(first, first + count), { dtype: "int32", device });
    const share = tensor(weight.slice(first, first + count), { dtype, device }).reshape(shape);
    const part: Tensor = input.indexSelect(dim, at).mul(share);
    out = out === null ? part : out.add(part);
  }
  return out as Tensor;
}

const dimsOf: Readonly<Record<string, number>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 };
const free = ["nearest", "nearest-exact", "area"];

type Sizes = number | readonly number[];
interface Options {
  size?: Sizes | null;
  scaleFactor?: Sizes | null;
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
  antialias?: boolean;
}

/**
 * (N, C, …) resized to `size`, or by `scaleFactor` (then `⌊size · scaleFactor⌋`): one, two or three dimensions, "bilinear" and
 * "bicubic" two. "area" is the mean of what a result covers. Where `alignCorners` is false, elements are squares whose sides
 * coincide at the image's border; where true, points of which the outermost coincide. The given factor says how far apart
 * results lie, unless `recomputeScaleFactor`: then the ratio of the sizes does. `antialias` widens "bilinear" and "bicubic" when
 * they make smaller. Cubic kernels are Keys', a = −0.75 (−0.5 with antialiasing).
 *
 * @throws ArgumentError for settings that do not go together, ShapeError for a number of dimensions that the mode is not for
 */
export const interpolate = operator<
  (
    input: Tensor,
    ...args: Cut<
      [
        size: Sizes | null,
        scaleFactor: Sizes | null,
        mode: InterpolationMode,
        alignCorners: boolean | null,
        recomputeScaleFactor: boolean | null,
        antialias: boolean,
      ],
      Options
    >
  ) => Tensor
>(
  'interpolate(input, size=null, scaleFactor=null, mode="nearest", alignCorners=null, recomputeScaleFactor=null, antialias=false)',
  (
    input: Tensor,
    size: Sizes | null,
    scaleFactor: Sizes | null,
    mode: InterpolationMode,
    corners: boolean | null,
    recompute: boolean | null,
    antialias: boolean,
  ) => {
    const refuse = (text: string): never => {
      throw new ArgumentError(text, { size, scaleFactor, mode });
    };
    if (free.includes(mode) && corners !== null) {
      refuse(
        "alignCorners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
      );
    }
    if (size !== null && scaleFactor !== null) refuse("only one of size or scaleFactor should be defined");
    if (size === null && scaleFactor === null) refuse("either size or scaleFactor should be defined");
    if (recompute && size !== null) refuse("recomputeScaleFactor is not meaningful with an explicit size.");
    if (antialias && !((mode === "bilinear" || mode === "bicubic") && input.ndim === 4)) {
      refuse("Anti-alias option is only supported for bilinear and bicubic modes");
    }
    checkDims(input, mode);
    const sizes = input.shape.slice(2);
    const factors = scaleFactor === null ? null : perDimension(input, scaleFactor, "scaleFactor", "s");
    const counts = factors
      ? sizes.map((s, d) => Math.floor(s * factors[d]))
      : perDimension(input, size as Sizes, "output size", "o");
    checkSizes(input, counts);
    if (mode === "area")
      return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][sizes.length - 1](input, counts);
    if (dimsOf[mode] !== undefined && !input.isFloatingPoint()) {
      throw new DTypeError(`interpolate(): mode "${mode}" is for floating point tensors, got ${input.dtype}`, {
        dtype: input.dtype,
      });
    }
    return sizes.reduce((x, size, d) => {
      const count = counts[d];
      const alignCorners = corners ?? false;
      const given = factors !== null && !recompute ? 1 / factors[d] : size / count;
      const step = alignCorners ? (count > 1 ? (size - 1) / (count - 1) : 0) : given;
      const axis = { size, count, step, alignCorners };
      // PyTorch leaves linear modes alone where the size stays, whatever the factor
      if (size === count && (step === 1 || (/linear/.test(mode) && !antialias))) return x;
      if (mode === "nearest" || mode === "nearest-exact") {
        if (count % size === 0 && step * count === size) return repeated(x, d + 2, count / size);
        const index = nearest(axis, mode === "nearest-exact");
        return x.indexSelect(d + 2, tensor(index, { dtype: "int32", device: x.device }));
      }
      const isCubic = mode === "bicubic";
      const taps = antialias
        ? antialiasedTaps(axis, isCubic ? 2 : 1, isCubic ? (t) => cubic(t, -0.5) : (t) => Math.max(1 - Math.abs(t), 0))
        : isCubic
          ? cubicTaps(axis)
          : linearTaps(axis);
      return resampled(x, d + 2, taps, count);
    }, input);
  },
);

function checkDims(input: Tensor, mode: InterpolationMode): void {
  const { ndim, shape } = input;
  const needs = dimsOf[mode];
  if (ndim < 3 || ndim > 5 || (needs === undefined && !free.includes(mode))) {
    throw new ShapeError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${mode})`,
      { shape, mode },
    );
  }
  if (needs !== undefined && needs !== ndim - 2) {
    throw new ShapeError(`Got ${ndim}D input, but ${mode} mode needs ${needs + 2}D input`, { shape, mode });
  }
}

/** One value for each dimension after the first two. */
function perDimension(input: Tensor, value: Sizes, name: string, letter: string): readonly number[] {
  const n = input.ndim - 2;
  if (typeof value === "number") return new Array<number>(n).fill(value);
  if (value.length === n) return value;
  throw new ArgumentError(
    `Input and ${name} must have the same number of spatial dimensions, but got input with spatial dimensions of [${input.shape.slice(2).join(", ")}] and ${name} of (${value.join(", ")}). Please provide input tensor in (N, C, d1, d2, ...,dK) format and ${name} in (${letter}1, ${letter}2, ...,${letter}K) format.`,
    { shape: input.shape, [name]: value },
  );
}

function checkSizes(input: Tensor, counts: readonly number[]): void {
  const sizes = input.shape.slice(2);
  if ([...sizes, ...counts].some((n) => !(n >= 1))) {
    const shown = (values: readonly number[]): string =>
      `(${values.map((n, d) => `${"DHW"[3 - values.length + d]}: ${n}`).join(", ")})`;
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input ${shown(sizes)} output ${shown(counts)}`,
      { input: sizes, output: counts },
    );
  }
  if (input.shape[1] === 0) {
    throw new ShapeError(
      `Non-empty ${input.ndim}D data tensor expected but got a tensor with sizes [${input.shape.join(", ")}]`,
      { shape: input.shape },
    );
  }
}

/** The older name of `interpolate`. */
export const upsample = operator<
  (
    input: Tensor,
    ...args: Cut<
      [size: Sizes | null, scaleFactor: Sizes | null, mode: InterpolationMode, alignCorners: boolean | null],
      Pick<Options, "size" | "scaleFactor" | "mode" | "alignCorners">
    >
  ) => Tensor
>(
  'upsample(input, size=null, scaleFactor=null, mode="nearest", alignCorners=null)',
  (
    input: Tensor,
    size: Sizes | null,
    scaleFactor: Sizes | null,
    mode: InterpolationMode,
    alignCorners: boolean | null,
  ) => interpolate(input, size, scaleFactor, mode, alignCorners),
);

type Upsample = (
  input: Tensor,
  ...args: Cut<[size: Sizes | null, scaleFactor: Sizes | null], Pick<Options, "size" | "scaleFactor">>
) => Tensor;

/** `interpolate` to the nearest elements. */
export const upsampleNearest = operator<Upsample>(
  "upsampleNearest(input, size=null, scaleFactor=null)",
  (input: Tensor, size: Sizes | null, scaleFactor: Sizes | null) => interpolate(input, size, scaleFactor, "nearest"),
);
/** `interpolate` of images, bilinear, corners on corners. */
export const upsampleBilinear = operator<Upsample>(
  "upsampleBilinear(input, size=null, scaleFactor=null)",
  (input: Tensor, size: Sizes | null, scaleFactor: Sizes | null) =>
    interpolate(input, size, scaleFactor, "bilinear", true),
);
