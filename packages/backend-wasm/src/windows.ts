import { type DType, type ConvolutionLayout as Layout, numelOf, type View } from "@kindling/storage";
import { bringIn, bringOut } from "./bring.js";
import { evenly, up } from "./division.js";
import { begin, give, i32, mark, take } from "./memory.js";
import { parallel } from "./threads.js";

/*
 * Convolution of any kind and its gradients, float32 and float64: see assembly/windows.ts. Images are gone through in units, some
 * rows of results of one sample, and units in passes whose memory is bounded.
 */

/** Bytes of the planes of a pass, and of a unit where its rows can be divided. */
const MOST = 6 << 20;
const UNIT = 512 << 10;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Elements of a filter along one dimension: which of the planes each sees, and how far from the window's first. */
interface Taps {
  /** Place in the filter. */
  readonly index: readonly number[];
  readonly phase: readonly number[];
  readonly shift: readonly number[];
}

/** The windows along one dimension: `count` of them; the planes begin at `-before`, a step of `step` apart. */
interface Axis {
  readonly taps: Taps;
  readonly count: number;
  readonly before: number;
  readonly step: number;
  /** Where results go: to `start`, `every` apart. */
  readonly start: number;
  readonly every: number;
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

/** Windows of the convolution itself. */
function forward(kernel: number, stride: number, padding: number, dilation: number, count: number): Axis {
  const index = range(kernel);
  const phase = index.map((k) => (k * dilation) % stride);
  const shift = index.map((k) => Math.floor((k * dilation) / stride));
  return { taps: { index, phase, shift }, count, before: padding, step: stride, start: 0, every: 1 };
}

/** For each remainder of position plus padding modulo the stride, the windows that give the gradient of the `size` inputs there. */
function backward(kernel: number, stride: number, padding: number, dilation: number, size: number): Axis[] {
  return range(stride).flatMap((remainder) => {
    const index = range(kernel).filter((k) => (k * dilation) % stride === remainder);
    const reach = index.map((k) => (k * dilation - remainder) / stride);
    const far = most(reach);
    const first = Math.max(0, up(padding - remainder, stride));
    const start = first * stride + remainder - padding;
    if (start >= size) return [];
    const taps = { index, phase: index.map(() => 0), shift: reach.map((r) => far - r) };
    return [{ taps, count: up(size - start, stride), before: far - first, step: 1, start, every: stride }];
  });
}

/** How planes and units lie. */
interface Plan {
  readonly phases: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a plane, of a channel's, of a unit's. */
  readonly plane: number;
  readonly channel: number;
  readonly unit: number;
  readonly unitRows: number;
  readonly perSample: number;
  readonly units: number;
}

function planOf(samples: number, channels: number, [y, x]: readonly [Axis, Axis], size: number, results: number): Plan {
  const phases: [number, number] = [most(y.taps.phase) + 1, most(x.taps.phase) + 1];
  const reach = most(y.taps.shift);
  const columns = x.count + most(x.taps.shift);
  const slack = most(x.taps.shift) + 64 / size;
  const planeOf = (rows: number): number => ((rows + reach) * columns + slack) * size;
  const all = channels * phases[0] * phases[1];
  const fits = Math.floor(UNIT / (Math.max(all, results) * columns * size)) - reach;
  const unitRows = evenly(y.count, Math.max(fits, reach + 4));
  const plane = (planeOf(unitRows) + 15) & ~15;
  const perSample = up(y.count, unitRows);
  return {
    phases,
    rows: unitRows + reach,
    columns,
    plane,
    channel: phases[0] * phases[1] * plane,
    unit: all * plane,
    unitRows,
    perSample,
    units: samples * perSample,
  };
}

/** Copies integers to scratch. */
function table(values: readonly number[]): number {
  const pointer = take(4 * values.length);
  i32.set(values, pointer / 4);
  return pointer;
}

/** For every channel of a group and every element of the filter, where the windows see it in the planes. */
function offsets(channels: number, [y, x]: readonly [Axis, Axis], plan: Plan, size: number): number[] {
  const list: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < y.taps.index.length; i++) {
      for (let j = 0; j < x.taps.index.length; j++) {
        const plane = y.taps.phase[i] * plan.phases[1] + x.taps.phase[j];
        const at = y.taps.shift[i] * plan.columns + x.taps.shift[j];
        list.push(c * plan.channel + plane * plan.plane + at * size);
      }
    }
  }
  return list;
}

/** Lays out the planes of `count` units from `first` on. */
function layOut(
  to: number,
  image: number,
  [channels, height, width]: readonly number[],
  [y, x]: readonly [Axis, Axis],
  plan: Plan,
  size: number,
  first: number,
  count: number,
): void {
  const parts = count >= 16 ? 1 : Math.min(channels, 16);
  parallel(
    "windowPlanes",
    count * parts,
    ...[size === 8 ? 1 : 0, to, image, channels, height, width, y.before, x.before, y.step, x.step, ...plan.phases],
    ...[plan.rows, plan.columns, plan.plane, plan.unitRows, plan.perSample, first, parts],
  );
}

/** Filters as the product of one group needs them. */
interface Filters {
  readonly pointer: number;
  /** Rows of a group, and elements from one to the next, and from group to group. */
  readonly rows: number;
  readonly rowStep: number;
  readonly groupStep: number;
  /** Where in a row the element `[channel][row of the filter][column]` is. */
  readonly place: (channel: number, y: number, x: number) => number;
}

/** `out` at `to` (N, groups · rows, H, W) = windows over `image` (N, C, …) with filters. */
function correlate(
  to: number,
  out: View,
  image: number,
  imageShape: readonly number[],
  filters: Filters,
  bias: number,
  groups: number,
  axes: readonly [Axis, Axis],
  size: number,
): void {
  const [samples, all, ...area] = imageShape;
  const channels = all / groups;
  const [y, x] = axes;
  if (samples === 0 || y.count === 0 || x.count === 0) return;
  const place = mark();
  const double = size === 8 ? 1 : 0;
  const { rows } = filters;
  const someRows = rows > 6 ? 12 * evenly(up(rows, 12), 4) : 6;
  const plan = planOf(samples, all, axes, size, someRows);
  const at = table(offsets(channels, axes, plan, size));
  const places = range(channels).flatMap((c) =>
    y.taps.index.flatMap((i) => x.taps.index.map((j) => filters.place(c, i, j))),
  );
  const k = places.length;
  const panels = groups * up(rows, 12);
  const left = take(panels * k * 12 * size);
  parallel(
    "windowFilters",
    panels,
    ...[double, left, filters.pointer, table(places), k, rows, filters.rowStep, filters.groupStep],
  );

  const someGroups = rows > someRows ? 1 : up(groups, 16);
  const parts = rows > someRows ? groups * up(rows, someRows) : up(groups, someGroups);
  const scratch = someRows * ((plan.unitRows * plan.columns + 32 / size) * size + 32);
  // some units one after the other in one scratch, as long as there are chunks enough
  const together = Math.min(plan.units, Math.max(1, Math.floor(MOST / plan.unit)));
  const each = Math.min(together, Math.max(1, Math.floor((together * parts) / 16)));
  const planes = take(together * plan.unit);
  const room = take(up(together, each) * parts * scratch);
  for (let first = 0; first < plan.units; first += together) {
    const count = Math.min(together, plan.units - first);
    layOut(planes, image, [all, ...area], axes, plan, size, first, count);
    parallel(
      "windowProducts",
      up(count, each) * parts,
      ...[double, to, planes, left, at, room, bias, k, groups, rows, channels * plan.channel, plan.unit, plan.columns],
      ...[y.count, x.count, out.shape[2], out.shape[3], y.start, x.start, y.every, x.every],
      ...[plan.unitRows, plan.perSample, first, count, each, someGroups, someRows],
    );
  }
  give(place);
}

const sizeFor = (dtype: DType): number => (dtype === "float64" ? 8 : 4);

/** The convolution. */
export function convolve(out: View, input: View, weight: View, bias: View | null, l: Layout): void {
  begin();
  const size = sizeFor(out.storage.dtype);
  const to = take(size * numelOf(out.shape));
  const [o, c, kh, kw] = weight.shape;
  const axes = [0, 1].map((d) =>
    forward(weight.shape[2 + d], l.stride[d], l.padding[d], l.dilation[d], out.shape[2 + d]),
  ) as [Axis, Axis];
  const rows = o / l.groups;
  const filters = {
    pointer: bringIn(weight),
    rows,
    rowStep: c * kh * kw,
    groupStep: rows * c * kh * kw,
    place: (channel: number, y: number, x: number) => (channel * kh + y) * kw + x,
  };
  const shift = bias === null ? 0 : bringIn(bias);
  correlate(to, out, bringIn(input), input.shape, filters, shift, l.groups, axes, size);
  bringOut(out, to);
}

/** The gradient of its input. */
export function convolveInput(out: View, grad: View, weight: View, bias: View | null, l: Layout): void {
  begin();
  const size = sizeFor(out.storage.dtype);
  const to = take(size * numelOf(out.shape));
  const [o, c, kh, kw] = weight.shape;
  const filters = {
    pointer: bringIn(weight),
    rows: c,
    rowStep: kh * kw,
    groupStep: (o / l.groups) * c * kh * kw,
    place: (channel: number, y: number, x: number) => (channel * c * kh + y) * kw + x,
  };
  const shift = bias === null ? 0 : bringIn(bias);
  const image = bringIn(grad);
  const along = (d: number): Axis[] =>
    backward(weight.shape[2 + d], l.stride[d], l.padding[d], l.dilation[d], out.shape[2 + d]);
  for (const y of along(0)) {
    for (const x of along(1)) correlate(to, out, image, grad.shape, filters, shift, l.groups, [y, x], size);
  }
  bringOut(out, to);
}

/** The gradient of its weight. */
export function convolveWeight(out: View, input: View, grad: View, l: Layout): void {
  begin();
  const size = sizeFor(out.storage.dtype);
  const double = size === 8 ? 1 : 0;
  const to = take(size * numelOf(out.shape));
  const image = bringIn(input);
  const result = bringIn(grad);
  const [samples, all, ...area] = input.shape;
  const [, outputs, height, width] = grad.shape;
  const axes = [0, 1].map((d) =>
    forward(out.shape[2 + d], l.stride[d], l.padding[d], l.dilation[d], grad.shape[2 + d]),
  ) as [Axis, Axis];
  const channels = all / l.groups;
  const plan = planOf(samples, all, axes, size, outputs);
  const at = table(offsets(channels, axes, plan, size));
  const k = numelOf(out.shape) / outputs;
  const rows = outputs / l.groups;
  // the gradients in planes of the same rows, zeros after each row and at the end
  const n = (plan.unitRows * plan.columns * size + 15) & ~15;
  const grads: Plan = { ...plan, phases: [1, 1], rows: plan.unitRows, plane: n, channel: n, unit: outputs * n };
  const plain = (count: number): Axis => forward(1, 1, 0, 1, count);

  const together = Math.min(plan.units, Math.max(1, Math.floor(MOST / (plan.unit + grads.unit))));
  const some = 3 * up(l.groups * up(rows, 3) * up(k, 33), 8192);
  const chunks = l.groups * up(rows, some) * up(k, 33);
  const scratch = take(chunks * 128);
  const [planes, values] = [take(together * plan.unit), take(together * grads.unit)];
  for (let first = 0; first < plan.units; first += together) {
    const count = Math.min(together, plan.units - first);
    layOut(planes, image, [all, ...area], axes, plan, size, first, count);
    layOut(values, result, [outputs, height, width], [plain(height), plain(width)], grads, size, first, count);
    parallel(
      "windowWeights",
      chunks,
      ...[double, to, planes, values, at, scratch, k, l.groups, rows, channels * plan.channel, plan.unit, n],
      ...[count, first === 0 ? 1 : 0, some],
    );
  }
  bringOut(out, to);
}
