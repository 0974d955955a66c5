import type { KernelProvider, View } from "@kindling/storage";
import { sizeOf } from "./bring.js";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { convolve, convolveInput, convolveWeight, type Layout } from "./windows.js";
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

/** Whether a convolution with this result (N, O, H′, W′) and weight (O, C/groups, kH, kW) has enough multiplications. */
function large(result: View, { shape }: View): boolean {
  if (sizeOf(result.shape) * shape[1] * shape[2] * shape[3] < limits.convolution) return false;
  return sizeOf(result.shape) > 0 && shape[1] * shape[2] * shape[3] > 0 && available();
}

const conv2d = {
  accepts: (out: View, _input: View, weight: View, _bias: View | null, _l: Layout): boolean => large(out, weight),
  run(out: View, input: View, weight: View, bias: View | null, l: Layout): void {
    if (transforms(weight, l)) winograd(out, input, weight, bias, l.padding, false);
    else convolve(out, input, weight, bias, l);
  },
};

const conv2dInput = {
  accepts: (_out: View, grad: View, weight: View, _bias: View | null, _l: Layout): boolean => large(grad, weight),
  run(out: View, grad: View, weight: View, bias: View | null, l: Layout): void {
    if (transforms(weight, l)) winograd(out, grad, weight, bias, [2 - l.padding[0], 2 - l.padding[1]], true);
    else convolveInput(out, grad, weight, bias, l);
  },
};

const conv2dWeight = {
  accepts: (out: View, _input: View, grad: View, _l: Layout): boolean => large(grad, out),
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
