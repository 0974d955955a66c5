import type { ConvolutionLayout, View } from "@kindling/storage";
import { commonDevice, fresh, rawContiguous, rawFill, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { sum } from "./reduction.js";
import {
  addWindows,
  asImage,
  type Block,
  blockOf,
  blocksOf,
  imageWindows,
  ofImages,
  solid,
  type Windows,
  windowsIn,
  windowsOf,
} from "./windows.js";

/*
 * Convolution is a product of three: an input (N, C, …size), a weight (O, C/groups, …kernel), and what comes out,
 * (N, O, …count). Given two of them, there is one operator for the third: `convolve` (the convolution itself),
 * `convolveInput` (its gradient for the input, which is the transposed convolution) and `convolveWeight` (its gradient for
 * the weight). The derivative of each is the other two, so that they can be differentiated any number of times.
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /**
     * `out` (N, O, H′, W′) = the convolution of `input` (N, C, H, W) with `weight` (O, C/groups, kH, kW), plus `bias` (O).
     * `out` says how many windows there are; what they see beyond the image is 0. One-dimensional convolutions come with a
     * height of 1.
     */
    conv2d(out: View, input: View, weight: View, bias: View | null, layout: ConvolutionLayout): void;
    /**
     * `out` (N, C, H, W) = the gradient of the input from that of the result, `grad` (N, O, H′, W′), plus `bias` (C):
     * the transposed convolution. Every element of `out` is written, those that no window reaches too.
     */
    conv2dInput(out: View, grad: View, weight: View, bias: View | null, layout: ConvolutionLayout): void;
    /** `out` (O, C/groups, kH, kW) = the gradient of the weight from that of the result, `grad` (N, O, H′, W′). */
    conv2dWeight(out: View, input: View, grad: View, layout: ConvolutionLayout): void;
  }
}

/** The windows of a convolution, and how many groups its channels are in. */
export interface Layout extends Windows {
  readonly groups: number;
}

const layoutOf = (l: Layout): ConvolutionLayout => ({ groups: l.groups, ...imageWindows(l) });

// ------------------------------------------------------------------------------------- products over the groups

/** Dimension 1, of channels, divided by groups. */
function grouped(x: View, groups: number): View {
  const [n, c, ...rest] = x.shape;
  const [sn, sc, ...steps] = x.strides;
  return windowOn(x, [n, groups, c / groups, ...rest], [sn, (c / groups) * sc, sc, ...steps]);
}

/** `out[i][j] (+)= a[i][j] · b[i][j]` for matrices in two leading dimensions: a batched product for each index of the shorter. */
function products(out: View, a: View, b: View, accumulate: boolean): void {
  const along = out.shape[0] < out.shape[1] ? 0 : 1;
  const slice = (x: View, i: number): View => {
    const rest = (sizes: readonly number[]): number[] => sizes.filter((_, d) => d !== along);
    return windowOn(x, rest(x.shape), rest(x.strides), x.offset + i * x.strides[along]);
  };
  const { device, dtype } = out.storage;
  for (let i = 0; i < out.shape[along]; i++) {
    device.kernels.matmul[dtype](slice(out, i), slice(a, i), slice(b, i), accumulate);
  }
}

/** A weight (O, C/groups, …kernel) as matrices (1, groups, O/groups, C/groups · kernel), shown `samples` times. */
function matrices(weight: Tensor, groups: number, samples = 1): View {
  const flat = rawContiguous(weight);
  const rows = flat.shape[0] / groups;
  const columns = flat.shape.slice(1).reduce((a, b) => a * b, 1);
  return windowOn(flat, [samples, groups, rows, columns], [0, rows * columns, columns, 1]);
}

/** Windows or results (N, C, …, …count) as matrices (1, groups, C/groups · …, N · count): the samples side by side. */
function sideBySide(x: View, groups: number, dims: number): View {
  const turned = (sizes: readonly number[]): number[] => [...sizes.slice(1, -dims), sizes[0], ...sizes.slice(-dims)];
  const shape = turned(x.shape);
  const rows = shape.slice(0, -dims - 1).reduce((a, b) => a * b, 1);
  const columns = shape.slice(-dims - 1).reduce((a, b) => a * b, 1);
  return solid(windowOn(x, shape, turned(x.strides)), [1, groups, rows / groups, columns]);
}

const transposed = (x: View): View =>
  windowOn(x, [...x.shape.slice(0, 2), x.shape[3], x.shape[2]], [...x.strides.slice(0, 2), x.strides[3], x.strides[2]]);

/** A contiguous result (N, O, …count) as matrices (N, groups, O/groups, windows) of a block. */
function resultIn(out: View, groups: number, block: Block): View {
  const { shape, strides, offset } = grouped(blockOf(out, 2, block), groups);
  const windows = shape.slice(3).reduce((a, b) => a * b, 1);
  return windowOn(out, [...shape.slice(0, 3), windows], [...strides.slice(0, 3), 1], offset);
}

/** Whether every window is one element, and every element a window. */
const isPointwise = (l: Layout): boolean =>
  l.kernel.every((k) => k === 1) && l.stride.every((s) => s === 1) && l.padding.every((p) => p === 0);

const blocks = (samples: number, channels: number, l: Layout): readonly Block[] =>
  isPointwise(l) ? [{ sample: 0, samples, row: 0, rows: l.count[0] }] : blocksOf(samples, channels, l);

// ------------------------------------------------------------------------------------------------ the three nodes

const channelSums = (g: Tensor): Tensor => sum(g, [0, ...g.shape.slice(2).map((_, d) => d + 2)], { dtype: g.dtype });

const CONVOLUTION: Derivative = {
  name: "ConvolutionBackward0",
  backward(node, g) {
    const layout = node.context as Layout;
    const [input, weight] = [node.savedOrNull(0) as Tensor, node.savedOrNull(1) as Tensor];
    return [
      node.needs(0) ? convolveInput(g, weight, null, layout) : null,
      node.needs(1) ? convolveWeight(input, g, layout) : null,
      node.needs(2) ? channelSums(g) : null,
    ];
  },
};

const CONVOLUTION_INPUT: Derivative = {
  name: "ConvolutionBackward0",
  backward(node, g) {
    const layout = node.context as Layout;
    const [grad, weight] = [node.savedOrNull(0) as Tensor, node.savedOrNull(1) as Tensor];
    return [
      node.needs(0) ? convolve(g, weight, null, layout) : null,
      node.needs(1) ? convolveWeight(g, grad, layout) : null,
      node.needs(2) ? channelSums(g) : null,
    ];
  },
};

const CONVOLUTION_WEIGHT: Derivative = {
  name: "ConvolutionBackwardBackward0",
  backward(node, g) {
    const layout = node.context as Layout;
    const [input, grad] = [node.savedOrNull(0) as Tensor, node.savedOrNull(1) as Tensor];
    return [
      node.needs(0) ? convolveInput(grad, g, null, layout) : null,
      node.needs(1) ? convolve(input, g, null, layout) : null,
    ];
  },
};

function recorded(
  derivative: Derivative,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  bias: Tensor | null,
  layout: Layout,
): Tensor {
  if (recording(a, b, bias)) {
    const node = record(derivative, out, [a, b, bias]);
    node.context = layout;
    node.save(node.inputs[1] === null ? null : a, node.inputs[0] === null ? null : b);
  }
  return out;
}

/** Fills `out` (N, C, …) with a bias (C), or with 0. */
function fillWithBias(out: Tensor, bias: Tensor | null): void {
  if (bias === null) {
    rawFill(out, 0);
    return;
  }
  const { device, dtype } = out.storage;
  const column = windowOn(
    bias,
    out.shape,
    out.shape.map((_, d) => (d === 1 ? bias.strides[0] : 0)),
  );
  device.kernels.copy[dtype](out, column);
}

/** The result (N, O, …count): columns of windows, multiplied by the weight. */
export function convolve(input: Tensor, weight: Tensor, bias: Tensor | null, l: Layout): Tensor {
  const device = commonDevice("convolution", [input, weight, bias]);
  const { dtype } = input;
  const [n, c] = input.shape;
  const out = fresh(device, dtype, [n, weight.shape[0], ...l.count], "convolution");
  if (
    out.numel() > 0 &&
    !(ofImages(l) && device.tryFast("conv2d", dtype, asImage(out), asImage(input), asImage(weight), bias, layoutOf(l)))
  ) {
    if (bias !== null) fillWithBias(out, bias);
    const windows = windowsOf(input, l);
    for (const block of blocks(n, c, l)) {
      const factors = matrices(weight, l.groups, block.samples);
      const into = resultIn(out, l.groups, block);
      const columns = solid(blockOf(windows, 2 + l.size.length, block), [
        block.samples,
        l.groups,
        factors.shape[3],
        into.shape[3],
      ]);
      products(into, factors, columns, bias !== null);
    }
  }
  return recorded(CONVOLUTION, out, input, weight, bias, l);
}

/** The input (N, C, …size) from the result: the weight makes columns of it, which are added up where their windows lie. */
export function convolveInput(grad: Tensor, weight: Tensor, bias: Tensor | null, l: Layout): Tensor {
  const device = commonDevice("convolution", [grad, weight, bias]);
  const { dtype } = grad;
  const [n] = grad.shape;
  const channels = weight.shape[1] * l.groups;
  const out = fresh(device, dtype, [n, channels, ...l.size], "convolution");
  if (
    out.numel() > 0 &&
    !(
      ofImages(l) &&
      device.tryFast("conv2dInput", dtype, asImage(out), asImage(grad), asImage(weight), bias, layoutOf(l))
    )
  ) {
    const pointwise = isPointwise(l) && l.size.every((size, d) => size === l.count[d]);
    if (!pointwise || bias !== null) fillWithBias(out, bias);
    const from = rawContiguous(grad);
    for (const block of blocks(n, channels, l)) {
      const values = resultIn(from, l.groups, block);
      const factors = transposed(matrices(weight, l.groups, block.samples));
      if (pointwise) {
        products(resultIn(out, l.groups, block), factors, values, bias !== null);
        continue;
      }
      const rows = factors.shape[2];
      const columns = fresh(device, dtype, [block.samples, l.groups, rows, values.shape[3]], "convolution");
      products(columns, factors, values, false);
      const part = windowsIn(l, block);
      const shape = [block.samples, channels, ...part.kernel, ...part.count];
      const to = windowOn(out, [block.samples, channels, ...l.size], out.strides, block.sample * out.strides[0]);
      addWindows(to, solid(columns, shape), part);
    }
  }
  return recorded(CONVOLUTION_INPUT, out, grad, weight, bias, l);
}

/** The weight (O, C/groups, …kernel) from input and result: a product over all windows of all samples. */
function convolveWeight(input: Tensor, grad: Tensor, l: Layout): Tensor {
  const device = commonDevice("convolution", [input, grad]);
  const { dtype } = input;
  const [n, c] = input.shape;
  const o = grad.shape[1];
  const out = fresh(device, dtype, [o, c / l.groups, ...l.kernel], "convolution");
  if (grad.numel() === 0) rawFill(out, 0);
  else if (
    out.numel() > 0 &&
    !(ofImages(l) && device.tryFast("conv2dWeight", dtype, asImage(out), asImage(input), asImage(grad), layoutOf(l)))
  ) {
    const windows = windowsOf(input, l);
    const dims = l.size.length;
    blocks(n, c, l).forEach((block, i) => {
      const columns = sideBySide(blockOf(windows, 2 + dims, block), l.groups, dims);
      const values = sideBySide(blockOf(grad, 2, block), l.groups, dims);
      products(matrices(out, l.groups), values, transposed(columns), i > 0);
    });
  }
  return recorded(CONVOLUTION_WEIGHT, out, input, grad, null, l);
}
