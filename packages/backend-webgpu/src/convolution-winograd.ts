import type { ConvolutionLayout as Layout, View } from "@kindling/storage";
import { matmul } from "./matmul.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { type Kernels, resultOf, tilesOf, transformWeight, transformWindows, weightOf } from "./winograd-transforms.js";

/*
 * Convolutions of 3 × 3 with 16 multiplications where there are 36: operands are transformed, 16 matrix products take the place of the sums
 * over channels (of the weight's gradient: over tiles), and a last transform makes results of theirs. Errors are those of a direct
 * sum, at most 2·10⁻⁶ of the largest element in the tests; an infinite element makes NaN of what shares its tile.
 */

type Pair = readonly [number, number];

/** Channels on either side, and tiles, from which on it pays, by estimate (benchmarks/gpu): transforms and products move nine times the operands' bytes. */
const CHANNELS = 128;
const TILES = 256;
/** Bytes of a transformed operand. Where all tiles take more, they are computed in parts. */
const BYTES = 2 ** 26;

/** Tiles that fit into a transformed operand. */
const mostTiles = (gpu: Runtime, channels: number): number =>
  4 * Math.floor(Math.min(BYTES, gpu.largest) / (4 * 64 * channels));

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
    // tiles at the edges are computed whole
    result.shape[2] * result.shape[3] >= 3 * down * across &&
    mostTiles(gpu, most) >= TILES &&
    64 * outputs * inputs <= Math.min(BYTES, gpu.largest)
  );
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
    const products = gpu.scratch(device, "float32", 16 * outputs * part);
    matmul(
      { storage: products, shape: [16, outputs, part], strides: [outputs * part, part, 1], offset: 0 },
      { storage: left, shape: [16, outputs, inputs], strides: [outputs * inputs, 1, outputs], offset: 0 },
      { storage: right, shape: [16, inputs, part], strides: [inputs * part, part, 1], offset: 0 },
      false,
    );
    gpu.release(right);
    resultOf(gpu, out, products, bias, tiles, first);
    gpu.release(products);
  }
  gpu.release(left);
}

/** The gradient of a contiguous weight, `out` (O, C, 3, 3), of one group, with stride and dilation 1. */
export function winogradWeight(gpu: Runtime, out: View, input: View, grad: View, padding: Pair): void {
  const [outputs, inputs] = out.shape;
  const tiles = tilesOf(grad, mostTiles(gpu, Math.max(outputs, inputs)));
  const { part } = tiles;
  const n = outputs * inputs;
  const products = gpu.scratch(out.storage.device, "float32", 16 * n);
  for (let first = 0; first < tiles.total; first += part) {
    const left = transformWindows(gpu, "grad", grad, "channels", tiles, first, [0, 0]);
    const right = transformWindows(gpu, "image", input, "channels", tiles, first, padding);
    matmul(
      { storage: products, shape: [16, outputs, inputs], strides: [n, inputs, 1], offset: 0 },
      { storage: left, shape: [16, outputs, part], strides: [outputs * part, 1, outputs], offset: 0 },
      { storage: right, shape: [16, part, inputs], strides: [inputs * part, inputs, 1], offset: 0 },
      first > 0,
    );
    gpu.release(left);
    gpu.release(right);
  }
  weightOf(gpu, out, products);
  gpu.release(products);
}
