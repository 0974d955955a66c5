import type { KernelProvider, View } from "@kindling/storage";
import { sizeOf } from "./bring.js";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { winograd, winogradWeight } from "./winograd.js";

/** As the fast paths get it: see convolution.ts in autograd. */
interface Layout {
  readonly stride: readonly [vertical: number, horizontal: number];
  readonly padding: readonly [vertical: number, horizontal: number];
  readonly dilation: readonly [vertical: number, horizontal: number];
  readonly groups: number;
}

const plain = (weight: View, l: Layout): boolean =>
  l.groups === 1 &&
  weight.shape[2] === 3 &&
  weight.shape[3] === 3 &&
  l.stride[0] === 1 &&
  l.stride[1] === 1 &&
  l.dilation[0] === 1 &&
  l.dilation[1] === 1;

/** Multiplications of a convolution, from its result (N, O, H′, W′) and weight (O, C/groups, kH, kW). */
const work = (result: View, weight: View): number =>
  (sizeOf(result.shape) * sizeOf(weight.shape)) / Math.max(1, weight.shape[0]);

/** The convolutions' fast paths. */
export const convolution = {
  conv2d: {
    float32: {
      accepts: (out: View, _input: View, weight: View, _bias: View | null, l: Layout): boolean =>
        work(out, weight) >= limits.convolution && plain(weight, l) && available(),
      run(out: View, input: View, weight: View, bias: View | null, l: Layout): void {
        winograd(out, input, weight, bias, l.padding, false);
      },
    },
  },
  conv2dInput: {
    float32: {
      accepts: (_out: View, grad: View, weight: View, _bias: View | null, l: Layout): boolean =>
        work(grad, weight) >= limits.convolution && plain(weight, l) && available(),
      run(out: View, grad: View, weight: View, bias: View | null, l: Layout): void {
        winograd(out, grad, weight, bias, [2 - l.padding[0], 2 - l.padding[1]], true);
      },
    },
  },
  conv2dWeight: {
    float32: {
      accepts: (out: View, _input: View, grad: View, l: Layout): boolean =>
        work(grad, out) >= limits.convolution && plain(out, l) && available(),
      run(out: View, input: View, grad: View, l: Layout): void {
        winogradWeight(out, input, grad, l.padding);
      },
    },
  },
} as KernelProvider["kernels"];
