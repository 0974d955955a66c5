import { type KernelProvider, type ConvolutionLayout as Layout, numelOf, type View } from "@kindling/storage";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { convolve, convolveInput, convolveWeight } from "./windows.js";
import { winograd, winogradWeight } from "./winograd.js";

/** Whether Winograd's transforms are for this convolution, and worth it. */
const transforms = ({ shape, storage }: View, l: Layout): boolean =>
  storage.dtype === "float32" &&
  l.groups === 1 &&
  shape[2] === 3 &&
  shape[3] === 3 &&
  l.stride[0] === 1 &&
  l.stride[1] === 1 &&
  l.dilation[0] === 1 &&
  l.dilation[1] === 1;

/** Bytes of images and results that are in the workspace at a time, where there is more than one sample, and at most. */
const TOGETHER = 64 << 20;
const MOST = 512 << 20;
/** Elements of a row, which is not divided. */
const LONGEST = 65536;

const bytesOf = (view: View): number => numelOf(view.shape) * (view.storage.dtype === "float64" ? 8 : 4);

/** Some of the samples of a view. */
const samplesOf = ({ storage, shape, strides, offset }: View, first: number, count: number): View => ({
  storage,
  shape: [count, ...shape.slice(1)],
  strides,
  offset: offset + first * strides[0],
});

/** Runs `part` on results and images of some samples at a time. */
function bySamples(out: View, image: View, part: (out: View, image: View) => void): void {
  const samples = out.shape[0];
  const some = Math.max(1, Math.floor((samples * TOGETHER) / (bytesOf(out) + bytesOf(image))));
  if (some >= samples) part(out, image);
  else {
    for (let first = 0; first < samples; first += some) {
      const count = Math.min(some, samples - first);
      part(samplesOf(out, first, count), samplesOf(image, first, count));
    }
  }
}

/** Whether a convolution with this result (N, O, H′, W′) and weight (O, C/groups, kH, kW) has enough multiplications. */
function large(result: View, { shape }: View): boolean {
  const count = numelOf(result.shape);
  const work = count * shape[1] * shape[2] * shape[3];
  return work >= limits.convolution && work > 0;
}

/** Whether the workspace has room for `image` and `result`, of which there may be parts. */
const fits = (image: View, result: View, parts: number): boolean =>
  (bytesOf(image) + bytesOf(result)) / parts <= MOST &&
  image.shape[3] <= LONGEST &&
  result.shape[3] <= LONGEST &&
  available();

const conv2d = {
  accepts: (out: View, input: View, weight: View, _bias: View | null, _l: Layout): boolean =>
    large(out, weight) && fits(input, out, out.shape[0]),
  run(out: View, input: View, weight: View, bias: View | null, l: Layout): void {
    bySamples(out, input, (to, from) => {
      if (transforms(weight, l)) winograd(to, from, weight, bias, l.padding, false);
      else convolve(to, from, weight, bias, l);
    });
  },
};

const conv2dInput = {
  accepts: (out: View, grad: View, weight: View, _bias: View | null, _l: Layout): boolean =>
    large(grad, weight) && fits(grad, out, out.shape[0]),
  run(out: View, grad: View, weight: View, bias: View | null, l: Layout): void {
    bySamples(out, grad, (to, from) => {
      if (transforms(weight, l)) winograd(to, from, weight, bias, [2 - l.padding[0], 2 - l.padding[1]], true);
      else convolveInput(to, from, weight, bias, l);
    });
  },
};

const conv2dWeight = {
  accepts: (out: View, input: View, grad: View, _l: Layout): boolean => large(grad, out) && fits(input, grad, 1),
  run(out: View, input: View, grad: View, l: Layout): void {
    if (transforms(out, l)) winogradWeight(out, input, grad, l.padding);
    else convolveWeight(out, input, grad, l);
  },
};

/** The convolutions' fast paths. */
export const convolution = {
  conv2d: { float32: conv2d, float64: conv2d },
  conv2dInput: { float32: conv2dInput, float64: conv2dInput },
  conv2dWeight: { float32: conv2dWeight, float64: conv2dWeight },
} as KernelProvider["kernels"];
