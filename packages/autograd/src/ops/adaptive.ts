import { ArgumentError, formatShape, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { matmul } from "./matmul.js";
import { batched } from "./pool.js";
import { averageOf, largestOf } from "./pooling.js";
import { expectTensor, unsupported } from "./table.js";
import { tensor } from "./values.js";
import { movedim } from "./views.js";
import type { Windows } from "./windows.js";

/*
 * Pooling to a given size: window `i` of `O` over `S` elements is from `⌊i·S/O⌋` to `⌈(i + 1)·S/O⌉`.
 */

/** A size, or one for each dimension; `null` keeps that of the input. */
export type OutputSize = number | null | readonly (number | null)[];

const startOf = (i: number, size: number, count: number): number => Math.floor((i * size) / count);
const endOf = (i: number, size: number, count: number): number => Math.ceil(((i + 1) * size) / count);

/** The sizes of the result, checked. */
function sizesFor(name: string, n: number, input: Tensor, outputSize: OutputSize): number[] {
  expectTensor(input, name);
  const { shape, ndim } = input;
  if (ndim !== n + 1 && ndim !== n + 2) {
    throw new ShapeError(`${name}(): Expected ${n + 1}D or ${n + 2}D tensor, but got ${formatShape(shape)}`, { shape });
  }
  if (!isFloat(input.dtype)) throw unsupported(name, input.dtype);
  const empty = shape.indexOf(0, ndim === n + 2 ? 1 : 0);
  if (empty >= 0) {
    throw new ShapeError(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${formatShape(shape)} with dimension ${empty} being empty`,
      { shape },
    );
  }
  const wanted = Array.isArray(outputSize)
    ? (outputSize as readonly (number | null)[])
    : new Array<number | null>(n).fill(outputSize as number | null);
  if (wanted.length !== n) throw new ArgumentError(`${name}: outputSize must be ${n}`, { outputSize });
  const count = wanted.map((m, d) => m ?? shape[ndim - n + d]);
  if (!count.every((m) => Number.isInteger(m) && m >= 0)) {
    throw new ArgumentError(
      `${name}: elements of outputSize must be greater than or equal to 0 but received {${count.join(", ")}}`,
      { outputSize },
    );
  }
  return count;
}

/** The windows, where they are all alike and side by side; else their largest sizes. */
function windowsFor(input: Tensor, count: readonly number[]): { w: Windows; alike: boolean } {
  const n = count.length;
  const size = input.shape.slice(-n);
  const kernel = size.map((s, d) =>
    Array.from({ length: count[d] }, (_, i) => endOf(i, s, count[d]) - startOf(i, s, count[d])).reduce(
      (a, b) => Math.max(a, b),
      1,
    ),
  );
  return {
    w: { size, kernel, count, stride: kernel, padding: size.map(() => 0), dilation: size.map(() => 1) },
    alike: kernel.every((k, d) => k * count[d] === size[d]),
  };
}

type AdaptiveAvg = (input: Tensor, outputSize: OutputSize | { outputSize: OutputSize }) => Tensor;

function adaptiveAvgPool(n: number): AdaptiveAvg {
  const name = `adaptiveAvgPool${n}d`;
  return operator<AdaptiveAvg>(`${name}(self, outputSize)`, (given: Tensor, outputSize: OutputSize) => {
    const count = sizesFor(name, n, given, outputSize);
    const { w, alike } = windowsFor(given, count);
    if (alike) {
      const divisor = w.kernel.reduce((a, b) => a * b, 1);
      return batched(given, n, false, (input) => [averageOf(input, { divisor, ...w }), null]);
    }
    // a product along each dimension, with the matrix of the shares
    return count.reduce((x, m, d) => {
      const dim = x.ndim - n + d;
      const s = w.size[d];
      if (m === s) return x;
      const shares = Array.from({ length: s }, (_, k) =>
        Array.from({ length: m }, (_, i) => {
          const [start, end] = [startOf(i, s, m), endOf(i, s, m)];
          return k >= start && k < end ? 1 / (end - start) : 0;
        }),
      );
      const matrix = tensor(shares.flat(), { dtype: x.dtype, device: x.device }).reshape(s, m);
      return movedim(matmul(movedim(x, dim, -1), matrix), -1, dim);
    }, given);
  });
}

type AdaptiveMax = (
  input: Tensor,
  outputSize: OutputSize | { outputSize: OutputSize },
) => [values: Tensor, indices: Tensor];

function adaptiveMaxPool(n: number): AdaptiveMax {
  const name = `adaptiveMaxPool${n}d`;
  return operator<AdaptiveMax>(`${name}(self, outputSize)`, (given: Tensor, outputSize: OutputSize) => {
    const count = sizesFor(name, n, given, outputSize);
    const { w, alike } = windowsFor(given, count);
    // the last element of shorter windows stands for what they lack
    const positions = w.kernel.map((k, d) =>
      Array.from({ length: k * count[d] }, (_, i) => {
        const window = i % count[d];
        return Math.min(
          startOf(window, w.size[d], count[d]) + Math.floor(i / count[d]),
          endOf(window, w.size[d], count[d]) - 1,
        );
      }),
    );
    return batched(given, n, true, (input) => largestOf(input, w, true, alike ? null : positions));
  });
}

/**
 * Means of sequences (N, C, L) or (C, L) over `outputSize` windows that cover them: (N, C, outputSize).
 * @throws ShapeError for another number of dimensions
 */
export const adaptiveAvgPool1d = adaptiveAvgPool(1);
/** The same of images (N, C, H, W) or (C, H, W): (N, C, …outputSize), where a number means both and `null` keeps a size. */
export const adaptiveAvgPool2d = adaptiveAvgPool(2);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const adaptiveAvgPool3d = adaptiveAvgPool(3);

/**
 * `[values, indices]`: the largest elements of sequences (N, C, L) or (C, L) in `outputSize` windows that cover them, and
 * where they are (int32).
 * @throws ShapeError for another number of dimensions
 */
export const adaptiveMaxPool1d = adaptiveMaxPool(1);
/** The same of images (N, C, H, W) or (C, H, W); indices are those of the flattened image, `y · W + x`. */
export const adaptiveMaxPool2d = adaptiveMaxPool(2);
/** The same of volumes (N, C, D, H, W) or (C, D, H, W). */
export const adaptiveMaxPool3d = adaptiveMaxPool(3);
