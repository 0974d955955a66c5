import type { ConvolutionLayout as Layout, View } from "@kindling/storage";
import { multiply } from "./matmul.js";
import { problemOf } from "./matmul-tiled.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { chooseForBatch } from "./tiles.js";
import {
  type Kernels,
  NUMBERS,
  resultOf,
  tilesOf,
  transformWeight,
  transformWindows,
  weightOf,
} from "./winograd-transforms.js";

/*
 * Convolutions of 3 × 3 with 36 multiplications where there are 144: operands are transformed, 36 matrix products take the place of the sums
 * over channels (of the weight's gradient: over tiles), and a last transform makes results of theirs. Errors are at most 4·10⁻⁶ of the
 * largest element in the tests; an infinite element makes NaN of what shares its tile.
 */

type Pair = readonly [number, number];

/** Channels on either side, and tiles, from which on it pays. Measured on an NVIDIA H200: benchmarks/gpu. */
const CHANNELS = 64;
const TILES = 64;
/** Multiplications that are left, at most, of those of a direct sum: tiles at the edges are computed whole. */
const LEFT = 0.6;
/** Bytes of a transformed operand. Where all tiles take more, they are computed in parts. */
const BYTES = 2 ** 27;

/** Tiles that fit into a transformed operand. */
const mostTiles = (gpu: Runtime, channels: number): number =>
  4 * Math.floor(Math.min(BYTES, gpu.largest) / (16 * NUMBERS * channels));

/** Whether a convolution that has `result` (N, ·, H, W), or a gradient of one that has, pays by Winograd's transforms; `weight` is (O, C/groups, ·, ·). */
export function paysByWinograd(weight: View, result: View, { groups, stride, dilation }: Layout): boolean {
  const [outputs, inputs, high, wide] = weight.shape;
  if (high !== 3 || wide !== 3 || groups !== 1) return false;
  if (stride[0] !== 1 || stride[1] !== 1 || dilation[0] !== 1 || dilation[1] !== 1) return false;
  const gpu = runtimeOf(weight);
  const most = Math.max(outputs, inputs);
  const { total, down, across } = tilesOf(result, Number.POSITIVE_INFINITY);
  return (
    Math.min(outputs, inputs) >= CHANNELS &&
    total >= TILES &&
    NUMBERS * down * across <= LEFT * 9 * result.shape[2] * result.shape[3] &&
    mostTiles(gpu, most) >= TILES &&
    4 * NUMBERS * outputs * inputs <= Math.min(BYTES, gpu.largest)
  );
}

/** `out = a · b`, plus what is in `out` where `accumulate`. */
function products(gpu: Runtime, out: View, a: View, b: View, accumulate: boolean): void {
  const problem = problemOf(out, a, b, accumulate ? "result" : "nothing");
  multiply(gpu, problem, chooseForBatch(problem.rows, problem.columns, problem.depth, problem.batches));
}

/** `out` (N, O, H′, W′), of any strides, from `image` (N, C, H, W) and C · O kernels, with stride and dilation 1, plus a bias. */
export function winograd(
  gpu: Runtime,
  out: View,
  image: View,
  weight: Kernels,
  bias: View | null,
  padding: Pair,
): void {
  const [outputs, inputs] = [out.shape[1], image.shape[1]];
  const { device } = out.storage;
  const tiles = tilesOf(out, mostTiles(gpu, Math.max(outputs, inputs)));
  const { part } = tiles;
  const left = transformWeight(gpu, weight, outputs, inputs);
  for (let first = 0; first < tiles.total; first += part) {
    const right = transformWindows(gpu, "image", image, "tiles", tiles, first, padding);
    const sums = gpu.scratch(device, "float32", NUMBERS * outputs * part);
    products(
      gpu,
      { storage: sums, shape: [NUMBERS, outputs, part], strides: [outputs * part, part, 1], offset: 0 },
      { storage: left, shape: [NUMBERS, outputs, inputs], strides: [outputs * inputs, 1, outputs], offset: 0 },
      { storage: right, shape: [NUMBERS, inputs, part], strides: [inputs * part, part, 1], offset: 0 },
      false,
    );
    gpu.release(right);
    resultOf(gpu, out, sums, bias, tiles, first);
    gpu.release(sums);
  }
  gpu.release(left);
}

/** The gradient of a contiguous weight, `out` (O, C, 3, 3), of one group, with stride and dilation 1. */
export function winogradWeight(gpu: Runtime, out: View, input: View, grad: View, padding: Pair): void {
  const [outputs, inputs] = out.shape;
  const tiles = tilesOf(grad, mostTiles(gpu, Math.max(outputs, inputs)));
  const { part } = tiles;
  const n = outputs * inputs;
  const sums = gpu.scratch(out.storage.device, "float32", NUMBERS * n);
  for (let first = 0; first < tiles.total; first += part) {
    const left = transformWindows(gpu, "grad", grad, "channels", tiles, first, [0, 0]);
    const right = transformWindows(gpu, "image", input, "channels", tiles, first, padding);
    products(
      gpu,
      { storage: sums, shape: [NUMBERS, outputs, inputs], strides: [n, inputs, 1], offset: 0 },
      { storage: left, shape: [NUMBERS, outputs, part], strides: [outputs * part, 1, outputs], offset: 0 },
      { storage: right, shape: [NUMBERS, part, inputs], strides: [inputs * part, inputs, 1], offset: 0 },
      first > 0,
    );
    gpu.release(left);
    gpu.release(right);
  }
  weightOf(gpu, out, sums);
  gpu.release(sums);
}
