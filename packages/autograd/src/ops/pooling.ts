import { numelOf, type Operand, type PoolLayout, storageFrom, type View } from "@kindling/storage";
import { expanded, fresh, rawBinary, rawFill, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import { type Tensor, wrap } from "../tensor.js";
import { gather } from "./indexing.js";
import { reshape } from "./views.js";
import {
  addWindows,
  asImage,
  blockOf,
  blocksOf,
  imageWindows,
  ofImages,
  planar,
  solid,
  type Windows,
  windowsOf,
} from "./windows.js";

/*
 * The largest and the mean of windows over the last dimensions of (N, C, …size).
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /**
     * `values` (N, C, H′, W′) = the largest element of each window of `input` (N, C, H, W), and `indices` (int32, absent if
     * `null`) where it is in its plane, `y · W + x`; of equal ones the first. What windows see beyond the image does not
     * count. One-dimensional pooling comes with a height of 1.
     */
    maxPool2d(values: View, indices: View | null, input: View, layout: PoolLayout): void;
    /** The gradient of the input, `out` (N, C, H, W): `grad` (N, C, H′, W′) added up where `indices` say. Every element is written. */
    maxPool2dInput(out: View, grad: View, indices: View): void;
    /** `out` (N, C, H′, W′) = the sum of each window of `input` (N, C, H, W), divided by `divisor` (N, C, H′, W′), element by element. */
    avgPool2d(out: View, input: View, divisor: Operand, layout: PoolLayout): void;
    /** The gradient of the input, `out` (N, C, H, W), from that of the result, `grad` (N, C, H′, W′). Every element is written. */
    avgPool2dInput(out: View, grad: View, divisor: Operand, layout: PoolLayout): void;
  }
}

const layoutOf = (w: Windows): PoolLayout => ({ kernel: planar(w.kernel, 1), ...imageWindows(w) });

// ---------------------------------------------------------------------------------------------------- the largest

const MAX_POOL = [1, 2, 3].map(
  (n): Derivative => ({
    name: `MaxPool${n}DWithIndicesBackward0`,
    backward: (node, g) => unpooled(g, node.saved(0), node.context as readonly number[]),
  }),
);

const planes = (shape: readonly number[]): number[] => [shape[0], shape[1], numelOf(shape.slice(2))];

const UNPOOLED: Derivative = {
  name: "MaxPoolBackwardBackward0",
  backward(node, g) {
    const indices = node.saved(0);
    return [reshape(gather(reshape(g, planes(g.shape)), 2, reshape(indices, planes(indices.shape))), indices.shape)];
  },
};

/** Zeros of `shape` (N, C, …size) with the elements of `x` (N, C, …count) added at `indices` in each plane. */
function unpooled(x: Tensor, indices: Tensor, shape: readonly number[]): Tensor {
  const { device, dtype } = x.storage;
  const out = fresh(device, dtype, shape, "maxPool");
  const fast = (): boolean =>
    shape.length < 5 && device.tryFast("maxPool2dInput", dtype, asImage(out), asImage(x), asImage(indices));
  if (out.numel() > 0 && !fast()) {
    rawFill(out, 0);
    const within = planes(indices.shape);
    device.kernels.scatter[dtype](solid(out, planes(shape)), solid(indices, within), solid(x, within), 2, "sum");
  }
  if (recording(x)) record(UNPOOLED, out, [x]).save(indices);
  return out;
}

/** Where the elements of windows are: for each dimension its `kernel × count` positions, window by window in the last index. */
export type Positions = readonly (readonly number[])[];

/** The positions that `w` means; a window's elements beyond the grid count as the nearest one inside. */
function positionsOf(w: Windows): Positions {
  return w.size.map((size, d) => {
    const [step, reach] = [w.dilation[d], w.kernel[d]];
    return Array.from({ length: reach * w.count[d] }, (_, i) => {
      const start = (i % w.count[d]) * w.stride[d] - w.padding[d];
      const first = Math.max(0, Math.ceil(-start / step));
      const last = Math.min(reach - 1, Math.floor((size - 1 - start) / step));
      return start + step * Math.min(Math.max(Math.floor(i / w.count[d]), first), last);
    });
  });
}

/** Index in the plane of each element of each window: int32 (…kernel, …count). */
function placesOf(input: Tensor, w: Pick<Windows, "size" | "kernel" | "count">, positions: Positions): Tensor {
  const { device } = input.storage;
  const shape = [...w.kernel, ...w.count];
  const n = w.size.length;
  let step = 1;
  let places: Tensor | null = null;
  for (let d = n - 1; d >= 0; d--) {
    const values = Int32Array.from(positions[d], (x) => x * step);
    step *= w.size[d];
    const along = wrap(
      storageFrom(device, "int32", values),
      shape.map((size, i) => (i === d || i === n + d ? size : 1)),
    );
    places = places ? rawBinary("add", expanded(along, shape), expanded(places, shape), shape, "int32", device) : along;
  }
  return places as Tensor;
}

/** Writes the largest of each window of a view (N, C, …kernel, …count), and where it is, of which `places` tells. */
function pickLargest(windows: View, w: Windows, values: Tensor, indices: Tensor, places: Tensor): void {
  const { device, dtype } = values.storage;
  const [n, c] = values.shape;
  const [elements, all] = [numelOf(w.kernel), numelOf(w.count)];
  for (const block of blocksOf(n, c, w)) {
    const [planes, count] = [c * block.samples, (all / w.count[0]) * block.rows];
    const first = (all / w.count[0]) * block.row;
    const columns = solid(blockOf(windows, 2 + w.size.length, block), [planes, elements, count]);
    const best = fresh(device, "int32", [planes, 1, count], "maxPool");
    device.kernels.reduce[dtype]("argmax", best, columns, [1]);
    const part = (out: Tensor): View => windowOn(out, best.shape, [all, all, 1], block.sample * c * all + first);
    device.kernels.gather[dtype](part(values), columns, best, 1);
    device.kernels.gather.int32(part(indices), windowOn(places, columns.shape, [0, all, 1], first), best, 1);
  }
}

/** Windows (N, C, …kernel, …count) whose elements are at any positions. */
function windowsAt(input: Tensor, w: Windows, positions: Positions): View {
  const { device, dtype } = input.storage;
  let x: View = input;
  positions.forEach((at, d) => {
    const shape = x.shape.map((size, i) => (i === d + 2 ? at.length : size));
    const index = wrap(storageFrom(device, "int32", Int32Array.from(at)), [at.length]);
    const out = fresh(device, dtype, shape, "maxPool");
    const spread = windowOn(
      index,
      shape,
      shape.map((_, i) => (i === d + 2 ? 1 : 0)),
    );
    device.kernels.gather[dtype](out, x, spread, d + 2);
    x = out;
  });
  const steps = x.strides.slice(2);
  return windowOn(
    x,
    [...x.shape.slice(0, 2), ...w.kernel, ...w.count],
    [...x.strides.slice(0, 2), ...steps.map((s, d) => s * w.count[d]), ...steps],
  );
}

/**
 * `[values, indices]` of (N, C, …size), the latter where wanted or needed for the derivative. With `positions` windows may be
 * of any size.
 */
export function largestOf(
  input: Tensor,
  w: Windows,
  wanted: boolean,
  positions: Positions | null = null,
): [values: Tensor, indices: Tensor | null] {
  const { device, dtype } = input.storage;
  const [n, c] = input.shape;
  const values = fresh(device, dtype, [n, c, ...w.count], "maxPool");
  const indices = wanted || recording(input) ? fresh(device, "int32", values.shape, "maxPool") : null;
  const fast = (): boolean =>
    positions === null &&
    ofImages(w) &&
    device.tryFast("maxPool2d", dtype, asImage(values), indices && asImage(indices), asImage(input), layoutOf(w));
  if (values.numel() > 0 && !fast()) {
    const windows = positions ? windowsAt(input, w, positions) : windowsOf(input, w, Number.NEGATIVE_INFINITY);
    if (indices === null) reduceWindows("max", values, windows, w);
    else pickLargest(windows, w, values, indices, placesOf(input, w, positions ?? positionsOf(w)));
  }
  if (recording(input)) {
    const node = record(MAX_POOL[w.size.length - 1], values, [input]);
    node.context = input.shape;
    node.save(indices);
  }
  return [values, indices];
}

/** Reduces each window of a view (N, C, …kernel, …count) into `out` (N, C, …count). */
function reduceWindows(name: "max" | "sum", out: Tensor, windows: View, w: Windows): void {
  const { device, dtype } = out.storage;
  const n = w.size.length;
  const shape = windows.shape.map((size, d) => (d >= 2 && d < 2 + n ? 1 : size));
  const strides = [...out.strides.slice(0, 2), ...w.kernel.map(() => 0), ...out.strides.slice(2)];
  device.kernels.reduce[dtype](
    name,
    windowOn(out, shape, strides),
    windows,
    w.kernel.map((_, d) => d + 2),
  );
}

// -------------------------------------------------------------------------------------------------------- the mean

export interface Averaging extends Windows {
  /** What sums are divided by: a number, or one for each window (…count). */
  readonly divisor: number | Tensor;
}

const AVERAGE: Derivative = {
  name: "AvgPoolBackward0",
  backward: (node, g) => spreadOut(g, node.context as Averaging),
};
const SPREAD: Derivative = {
  name: "AvgPoolBackwardBackward0",
  backward: (node, g) => averageOf(g, node.context as Averaging),
};

const divisorFor = ({ divisor }: Averaging, like: Tensor): Operand => {
  if (typeof divisor !== "number") return expanded(divisor, like.shape);
  return like.dtype === "int64" ? BigInt(divisor) : divisor;
};

/** The sum of each window of (N, C, …size), divided: (N, C, …count). */
export function averageOf(input: Tensor, w: Averaging): Tensor {
  const { device, dtype } = input.storage;
  const [n, c] = input.shape;
  const out = fresh(device, dtype, [n, c, ...w.count], "avgPool");
  const divisor = divisorFor(w, out);
  const fast = (): boolean =>
    ofImages(w) && device.tryFast("avgPool2d", dtype, asImage(out), asImage(input), operandImage(divisor), layoutOf(w));
  if (out.numel() > 0 && !fast()) {
    reduceWindows("sum", out, windowsOf(input, w), w);
    device.kernels.binary[dtype]("div", out, out, divisor);
  }
  if (recording(input)) record(AVERAGE, out, [input]).context = w;
  return out;
}

/** The gradient (N, C, …size) of averages: each is divided and added to all elements of its window. */
function spreadOut(grad: Tensor, w: Averaging): Tensor {
  const { device, dtype } = grad.storage;
  const [n, c] = grad.shape;
  const out = fresh(device, dtype, [n, c, ...w.size], "avgPool");
  const divisor = divisorFor(w, grad);
  const fast = (): boolean =>
    ofImages(w) &&
    device.tryFast("avgPool2dInput", dtype, asImage(out), asImage(grad), operandImage(divisor), layoutOf(w));
  if (out.numel() > 0 && !fast()) {
    rawFill(out, 0);
    const shares = rawBinary("div", grad, divisor, grad.shape, dtype, device, "avgPool");
    const shape = [n, c, ...w.kernel, ...w.count];
    addWindows(
      out,
      windowOn(shares, shape, [...shares.strides.slice(0, 2), ...w.kernel.map(() => 0), ...shares.strides.slice(2)]),
      w,
    );
  }
  if (recording(grad)) record(SPREAD, out, [grad]).context = w;
  return out;
}

const operandImage = (x: Operand): Operand => (typeof x === "object" ? asImage(x) : x);
