import type { ConvolutionLayout as Layout, Storage, View } from "@kindling/storage";
import { correlate, correlateWeight } from "./convolution.js";
import { correlateDirect, correlateWeightDirect } from "./convolution-direct.js";
import { correlateFew, isFew } from "./convolution-few.js";
import { paysByWinograd, winograd, winogradWeight } from "./convolution-winograd.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { addSummands } from "./summands.js";
import { choose, chooseForWeight } from "./tiles.js";
import { fillWithBias, phasesOf } from "./transposed.js";
import { type Places, turnWeight } from "./turn.js";
import { kindOf, notPlain, type Windows, type WindowsKind } from "./windows.js";

type Pair = readonly [number, number];

/** Channels of a group's result from which on tiles pay. */
const FEW = 8;
const ONE: Pair = [1, 1];

const contiguous = ({ shape, strides }: View, from = 0): boolean => {
  let step = 1;
  for (let d = shape.length - 1; d >= from; d--) {
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d];
  }
  return true;
};

interface Weight {
  readonly storage: Storage;
  readonly offset: number;
}

function forward(
  gpu: Runtime,
  out: View,
  windows: Windows,
  weight: Weight,
  bias: View | null,
  kind: WindowsKind,
): void {
  const { groups, count, image } = windows;
  const rows = out.shape[1] / groups;
  if (rows < FEW && groups > 1) {
    correlateDirect(gpu, out, windows, weight, bias, notPlain(kind));
    return;
  }
  if (isFew(rows, windows, kind)) {
    correlateFew(gpu, out, windows, weight, bias, kind.kernel);
    return;
  }
  const depth = (image.shape[1] / groups) * kind.kernel[0] * kind.kernel[1];
  const columns = out.shape[0] * count[0] * count[1];
  const { tile } = choose(rows, columns, depth, groups, gpu.limits);
  correlate(gpu, out, windows, weight, bias, kind, tile);
}

/** Sizes of a window, which the weight, or its gradient, has. */
const kernelOf = ({ shape }: View): Pair => [shape[2], shape[3]];
const pair = (of: (d: 0 | 1) => number): Pair => [of(0), of(1)];

const conv2d = {
  accepts: (_out: View, _input: View, weight: View, _bias: View | null, _l: Layout): boolean => contiguous(weight),
  run(out: View, input: View, weight: View, bias: View | null, l: Layout): void {
    const gpu = runtimeOf(out);
    if (paysByWinograd(weight, out, l)) {
      const { storage, offset, strides } = weight;
      const kernels = { storage, offset, row: strides[0], step: strides[1], turned: false };
      winograd(gpu, out, input, kernels, bias, l.padding);
      return;
    }
    const windows = {
      image: input,
      groups: l.groups,
      padding: l.padding,
      count: [out.shape[2], out.shape[3]] as const,
    };
    forward(gpu, out, windows, weight, bias, kindOf(windows, kernelOf(weight), l.stride, l.dilation, ONE));
  },
};

/** The gradient of the input: convolutions of the result's gradient with the weight backwards. */
const conv2dInput = {
  accepts: (_out: View, _grad: View, weight: View, _bias: View | null, _l: Layout): boolean => contiguous(weight),
  run(out: View, grad: View, weight: View, bias: View | null, l: Layout): void {
    const gpu = runtimeOf(out);
    const [channels, columns] = weight.shape;
    const { groups, dilation, stride } = l;
    const kernel = kernelOf(weight);
    if (paysByWinograd(weight, out, l)) {
      const { storage, offset, strides } = weight;
      const kernels = { storage, offset, row: strides[1], step: strides[0], turned: true };
      winograd(gpu, out, grad, kernels, bias, [2 - l.padding[0], 2 - l.padding[1]]);
      return;
    }
    const part = (to: View, places: Places, padding: Pair, count: Pair, apart: Pair): void => {
      const turned = gpu.scratch(out.storage.device, "float32", channels * columns * places.count[0] * places.count[1]);
      turnWeight(gpu, turned, weight, groups, channels / groups, columns, places);
      const windows = { image: grad, groups, padding, count };
      const kind = kindOf(windows, places.count, ONE, dilation, apart);
      forward(gpu, to, windows, { storage: turned, offset: 0 }, bias, kind);
      gpu.release(turned);
    };
    const dense = stride[0] === 1 && stride[1] === 1;
    if (dense || dilation[0] !== 1 || dilation[1] !== 1) {
      const padding = pair((d) => dilation[d] * (kernel[d] - 1) - l.padding[d]);
      const all = { kernel, start: [0, 0], step: ONE, count: kernel } as const;
      part(out, all, padding, [out.shape[2], out.shape[3]], stride);
      return;
    }
    for (const phase of phasesOf(out, { kernel, stride, padding: l.padding })) {
      const { count } = phase.places;
      if (count[0] === 0 || count[1] === 0) fillWithBias(phase.out, bias);
      else part(phase.out, phase.places, phase.padding, phase.count, ONE);
    }
  },
};

const conv2dWeight = {
  accepts: (_out: View, _input: View, grad: View, _l: Layout): boolean => contiguous(grad, 2),
  run(out: View, input: View, grad: View, l: Layout): void {
    const gpu = runtimeOf(out);
    if (paysByWinograd(out, grad, l)) {
      winogradWeight(gpu, out, input, grad, l.padding);
      return;
    }
    const count = [grad.shape[2], grad.shape[3]] as const;
    const windows = { image: input, groups: l.groups, padding: l.padding, count };
    const kernel = kernelOf(out);
    const kind = kindOf(windows, kernel, l.stride, l.dilation, ONE);
    const rows = out.shape[0] / l.groups;
    if (rows < FEW && l.groups > 1) {
      correlateWeightDirect(gpu, out, windows, grad, notPlain(kind));
      return;
    }
    const columns = out.shape[1] * kernel[0] * kernel[1];
    const depth = grad.shape[0] * count[0] * count[1];
    const { tile, splits } = chooseForWeight(rows, columns, depth, l.groups, gpu.limits);
    if (splits === 1) {
      correlateWeight(gpu, out, windows, grad, kind, tile, 1);
      return;
    }
    const parts = gpu.scratch(out.storage.device, "float32", l.groups * splits * rows * columns);
    correlateWeight(gpu, { storage: parts, offset: 0 }, windows, grad, kind, tile, splits);
    const size = rows * columns;
    const { storage, offset } = out;
    const whole = { storage, shape: [l.groups, rows, columns], strides: [size, columns, 1], offset };
    addSummands(gpu, whole, parts, splits, "nothing");
    gpu.release(parts);
  },
};

/** Convolution and its gradients, float32. */
export const convolution = {
  conv2d: { float32: conv2d },
  conv2dInput: { float32: conv2dInput },
  conv2dWeight: { float32: conv2dWeight },
};
