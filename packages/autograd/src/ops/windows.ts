import { contiguousStrides, type ImageWindows, isContiguous, numelOf, type Shape, type View } from "@kindling/storage";
import { fresh, rawCopy, rawFill, windowOn } from "../dispatch.js";

/*
 * What convolution and pooling have in common: windows that slide over the last dimensions of (N, C, …size). Below the graph.
 */

/** Windows over a grid; every list has a number for each dimension of the grid. */
export interface Windows {
  /** Sizes of the grid. */
  readonly size: readonly number[];
  /** Elements of a window. */
  readonly kernel: readonly number[];
  /** How many windows there are. */
  readonly count: readonly number[];
  /** From one window to the next. */
  readonly stride: readonly number[];
  /** How far the first window begins before the grid. */
  readonly padding: readonly number[];
  /** From one element of a window to the next. */
  readonly dilation: readonly number[];
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/**
 * A view (N, C, …kernel, …count) of every element of every window. Where windows reach beyond the grid it lies on a copy
 * that `value` surrounds.
 */
export function windowsOf(x: View, w: Windows, value: number | bigint = 0): View {
  const whole = padded(x, w, value);
  const rest = whole.strides.slice(2);
  return windowOn(
    whole,
    [...x.shape.slice(0, 2), ...w.kernel, ...w.count],
    [...whole.strides.slice(0, 2), ...rest.map((s, d) => s * w.dilation[d]), ...rest.map((s, d) => s * w.stride[d])],
  );
}

function padded(x: View, w: Windows, value: number | bigint): View {
  const after = w.size.map((n, d) =>
    Math.max(0, (w.count[d] - 1) * w.stride[d] + (w.kernel[d] - 1) * w.dilation[d] + 1 - n - w.padding[d]),
  );
  if (w.padding.every((p) => p === 0) && after.every((p) => p === 0)) return x;
  const { device, dtype } = x.storage;
  const shape = [...x.shape.slice(0, 2), ...w.size.map((n, d) => n + w.padding[d] + after[d])];
  const out = fresh(device, dtype, shape, "pad");
  rawFill(out, value);
  const start = w.padding.reduce((at, p, d) => at + p * out.strides[d + 2], 0);
  device.kernels.copy[dtype](windowOn(out, x.shape, out.strides, start), x);
  return out;
}

/** Adds windows (N, C, …kernel, …count) to the elements of `out` (N, C, …size) that they show; what lies outside is dropped. */
export function addWindows(out: View, windows: View, w: Windows): void {
  const n = w.size.length;
  const { device, dtype } = out.storage;
  const add = device.kernels.binary[dtype];
  const at = new Array<number>(n).fill(0);
  for (let left = numelOf(w.kernel); left > 0; left--) {
    const shape = [...out.shape.slice(0, 2)];
    let to = out.offset;
    let from = windows.offset;
    for (let d = 0; d < n; d++) {
      // window p has this element at start + p · stride
      const start = at[d] * w.dilation[d] - w.padding[d];
      const first = Math.max(0, Math.ceil(-start / w.stride[d]));
      const last = Math.min(w.count[d] - 1, Math.floor((w.size[d] - 1 - start) / w.stride[d]));
      shape.push(Math.max(0, last - first + 1));
      to += (start + first * w.stride[d]) * out.strides[d + 2];
      from += at[d] * windows.strides[d + 2] + first * windows.strides[d + 2 + n];
    }
    if (!shape.includes(0)) {
      const steps = [...out.strides.slice(0, 2), ...w.stride.map((s, d) => s * out.strides[d + 2])];
      const part = windowOn(out, shape, steps, to);
      const kept = [...windows.strides.slice(0, 2), ...windows.strides.slice(2 + n)];
      add("add", part, part, windowOn(windows, shape, kept, from));
    }
    for (let d = n - 1; d >= 0 && ++at[d] === w.kernel[d]; d--) at[d] = 0;
  }
}

/** Some of the samples, and of those some of the windows along the first dimension of the grid. */
export interface Block {
  readonly sample: number;
  readonly samples: number;
  readonly row: number;
  readonly rows: number;
}

/** Elements that windows are copied to at a time: 16 MB of float32. */
const COLUMNS = 2 ** 22;

/** All windows in blocks of bounded size; `channels` is how many elements share a place in a window. */
export function blocksOf(samples: number, channels: number, w: Windows): Block[] {
  const rows = w.count[0];
  const perRow = channels * numelOf(w.kernel) * numelOf(w.count.slice(1));
  const together = Math.max(1, Math.floor(COLUMNS / perRow / rows));
  const some = together > 1 ? rows : Math.min(rows, Math.max(1, Math.floor(COLUMNS / perRow)));
  const blocks: Block[] = [];
  for (let sample = 0; sample < samples; sample += together) {
    for (let row = 0; row < rows; row += some) {
      blocks.push({
        sample,
        samples: Math.min(together, samples - sample),
        row,
        rows: Math.min(some, rows - row),
      });
    }
  }
  return blocks;
}

/** The part of a view that belongs to a block: its samples are dimension 0, and its rows dimension `dim`. */
export function blockOf(x: View, dim: number, { sample, samples, row, rows }: Block): View {
  const shape = [...x.shape];
  shape[0] = samples;
  shape[dim] = rows;
  return windowOn(x, shape, x.strides, x.offset + sample * x.strides[0] + row * x.strides[dim]);
}

/** The windows of a block, as windows over the whole grid. */
export const windowsIn = (w: Windows, { row, rows }: Block): Windows => ({
  ...w,
  count: [rows, ...w.count.slice(1)],
  padding: [w.padding[0] - row * w.stride[0], ...w.padding.slice(1)],
});

/** `view` in contiguous memory, in another shape. */
export function solid(view: View, shape: Shape): View {
  const whole = isContiguous(view.shape, view.strides) ? view : rawCopy(view);
  return windowOn(whole, shape, contiguousStrides(shape));
}

/** A number for each of `n` dimensions, from one number or a list; `null` where it is neither. */
export function perDimension(value: number | readonly number[], n: number): number[] | null {
  if (typeof value === "number") return range(n).map(() => value);
  if (!Array.isArray(value)) return null;
  return value.length === n ? [...value] : value.length === 1 ? range(n).map(() => value[0]) : null;
}

/** Whether the fast paths, which are for images, are for these windows: one-dimensional ones are of height 1. */
export const ofImages = (w: Windows): boolean => w.size.length < 3;

/** A number for each of two dimensions, from one or two numbers. */
export const planar = (values: readonly number[], vertical: number): [number, number] =>
  values.length === 1 ? [vertical, values[0]] : [values[0], values[1]];

export const imageWindows = (w: Windows): ImageWindows => ({
  stride: planar(w.stride, 1),
  padding: planar(w.padding, 0),
  dilation: planar(w.dilation, 1),
});

/** (A, B, L) as (A, B, 1, L). */
export function asImage(x: View): View {
  if (x.shape.length !== 3) return x;
  const [a, b, c] = x.shape;
  const [sa, sb, sc] = x.strides;
  return windowOn(x, [a, b, 1, c], [sa, sb, c * sc, sc]);
}
