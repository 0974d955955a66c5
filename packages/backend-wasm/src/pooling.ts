import { type KernelProvider, type PoolLayout as Layout, numelOf, type Operand, type View } from "@kindling/storage";
import { bringIn, solid } from "./bring.js";
import { limits } from "./limits.js";
import { available, begin, copyIn, copyOut, floats, give, i32, mark, take } from "./memory.js";
import { parallel } from "./threads.js";

/** Bytes of images that are brought in at a time. */
const BLOCK = 4 << 20;

const area = ({ shape }: View): number => shape[2] * shape[3];

/** Whether every window sees some of the image. */
function allSee(image: View, windows: View, { stride, padding, dilation, kernel }: Layout): boolean {
  for (let d = 0; d < 2; d++) {
    const [size, count] = [image.shape[2 + d], windows.shape[2 + d]];
    if ((count - 1) * stride[d] - padding[d] >= size) return false;
    for (let i = 0, start = -padding[d]; start < 0 && i < count; i++, start += stride[d]) {
      const first = Math.ceil(-start / dilation[d]);
      if (first >= kernel[d] || start + first * dilation[d] >= size) return false;
    }
  }
  return true;
}

/** Goes through the planes of `image` and `windows` in blocks: `run` gets the first plane of a block, and how many. */
function inBlocks(image: View, windows: View, run: (first: number, planes: number) => void): void {
  const planes = image.shape[0] * image.shape[1];
  const bytes = 16 * (area(image) + area(windows));
  const together = Math.max(1, Math.floor((2 * BLOCK) / bytes));
  for (let first = 0; first < planes; first += together) {
    const place = mark();
    run(first, Math.min(together, planes - first));
    give(place);
  }
}

/** Brings planes of `view` in; one that is not contiguous has been brought in as a whole, to `whole`. */
function bringPlanes(view: View, whole: number, first: number, planes: number): number {
  const array = floats(view);
  const n = area(view);
  if (whole !== 0) return whole + first * n * array.BYTES_PER_ELEMENT;
  const pointer = take(planes * n * array.BYTES_PER_ELEMENT);
  copyIn(pointer, array, view.offset + first * n, planes * n);
  return pointer;
}

/** How many planes are in a chunk: some 50,000 elements. */
const chunkOf = (image: View): number => Math.max(1, Math.floor(50000 / Math.max(1, area(image))));

const windowsOf = (image: View, windows: View, l: Layout): number[] => [
  ...image.shape.slice(2),
  ...windows.shape.slice(2),
  ...l.kernel,
  ...l.stride,
  ...l.padding,
  ...l.dilation,
];

const isDouble = (view: View): number => (view.storage.dtype === "float64" ? 1 : 0);

const maxPool2d = {
  accepts: (values: View, _indices: View | null, input: View, l: Layout): boolean =>
    numelOf(input.shape) >= limits.pooling && allSee(input, values, l) && available(),
  run(values: View, indices: View | null, input: View, l: Layout): void {
    begin();
    const whole = solid(input) ? 0 : bringIn(input);
    const numbers = windowsOf(input, values, l);
    const n = area(values);
    const [some, double] = [chunkOf(input), isDouble(values)];
    inBlocks(input, values, (first, planes) => {
      const from = bringPlanes(input, whole, first, planes);
      const to = take((4 << double) * planes * n);
      const at = indices === null ? 0 : take(4 * planes * n);
      parallel("maxPool", Math.ceil(planes / some), ...[double, to, at, from, ...numbers, planes, some]);
      copyOut(floats(values), values.offset + first * n, to, planes * n);
      if (indices === null) return;
      const places = indices.storage.handle as Int32Array;
      places.set(i32.subarray(at / 4, at / 4 + planes * n), indices.offset + first * n);
    });
  },
};

/** A gradient for every element, added where `indices` say; here copying in and out would take longer than the work. */
const maxPool2dInput = {
  accepts: (out: View, grad: View, indices: View): boolean =>
    numelOf(out.shape) >= limits.pooling && solid(grad) && solid(indices),
  run(out: View, grad: View, indices: View): void {
    const [to, from, places] = [floats(out), floats(grad), indices.storage.handle as Int32Array];
    const [all, n] = [numelOf(out.shape), area(out)];
    const many = area(grad);
    to.fill(0, out.offset, out.offset + all);
    let [i, j] = [grad.offset, indices.offset];
    for (let plane = out.offset, end = plane + all; plane < end; plane += n) {
      for (const stop = i + many; i < stop; i++, j++) to[plane + places[j]] += from[i];
    }
  },
};

/** Divisors that are one for each window of a plane, in scratch, or a number. */
function divisorOf(divisor: Operand): [pointer: number, value: number] {
  if (typeof divisor !== "object") return [0, Number(divisor)];
  const { storage, shape, strides, offset } = divisor;
  return [bringIn({ storage, offset, shape: shape.slice(2), strides: strides.slice(2) }), 0];
}

/** Whether the divisor is the same for all planes. */
const isPlanar = (divisor: Operand): boolean =>
  typeof divisor !== "object" ||
  ((divisor.shape[0] === 1 || divisor.strides[0] === 0) && (divisor.shape[1] === 1 || divisor.strides[1] === 0));

const avgPool2d = {
  accepts: (out: View, input: View, divisor: Operand, _l: Layout): boolean =>
    numelOf(input.shape) >= limits.pooling && numelOf(out.shape) > 0 && isPlanar(divisor) && available(),
  run(out: View, input: View, divisor: Operand, l: Layout): void {
    begin();
    const whole = solid(input) ? 0 : bringIn(input);
    const by = divisorOf(divisor);
    const n = area(out);
    const [some, double] = [chunkOf(input), isDouble(out)];
    const numbers = windowsOf(input, out, l);
    inBlocks(input, out, (first, planes) => {
      const from = bringPlanes(input, whole, first, planes);
      const to = take((4 << double) * planes * n);
      parallel("averagePool", Math.ceil(planes / some), ...[double, 0, to, from, ...by, ...numbers, planes, some]);
      copyOut(floats(out), out.offset + first * n, to, planes * n);
    });
  },
};

const avgPool2dInput = {
  accepts: (out: View, _grad: View, divisor: Operand, _l: Layout): boolean =>
    numelOf(out.shape) >= limits.pooling && isPlanar(divisor) && available(),
  run(out: View, grad: View, divisor: Operand, l: Layout): void {
    begin();
    const whole = solid(grad) ? 0 : bringIn(grad);
    const by = divisorOf(divisor);
    const n = area(out);
    const [some, double] = [chunkOf(out), isDouble(out)];
    const numbers = windowsOf(out, grad, l);
    inBlocks(out, grad, (first, planes) => {
      const from = bringPlanes(grad, whole, first, planes);
      const to = take((4 << double) * planes * n);
      parallel("averagePool", Math.ceil(planes / some), ...[double, 1, from, to, ...by, ...numbers, planes, some]);
      copyOut(floats(out), out.offset + first * n, to, planes * n);
    });
  },
};

const both = <E>(entry: E): { float32: E; float64: E } => ({ float32: entry, float64: entry });

/** The fast paths of pooling. */
export const pooling = {
  maxPool2d: both(maxPool2d),
  maxPool2dInput: both(maxPool2dInput),
  avgPool2d: both(avgPool2d),
  avgPool2dInput: both(avgPool2dInput),
} as KernelProvider["kernels"];
