import type { View } from "@kindling/storage";
import { bringIn, bringOut, solid } from "./bring.js";
import { evenly, up } from "./division.js";
import { begin, give, mark, take } from "./memory.js";
import { resident } from "./resident.js";
import { parallel } from "./threads.js";

/*
 * 3×3 convolution at stride 1 and its gradients by Winograd's F(4, 3), float32: see assembly/winograd.ts. Rows of tiles are gone
 * through in blocks whose intermediate results are bounded.
 */

/** Bytes that transformed tiles, their products, or transformed filters may take at a time. */
const MOST = 6 << 20;

/** Bytes of the 36 panels of 12 rows and of 8 columns, with `k` to sum over. */
const leftPanel = (k: number): number => 36 * (48 * k + 64);
const rightPanel = (k: number): number => 36 * (32 * k + 64);
const sums = (rows: number, panels: number): number => 640 + 36 * (32 * rows * panels + 64);

/** Bytes of the strips of `rows` rows of `across` tiles. */
const strips = (rows: number, across: number): number => 640 + rows * 24 * (4 * across + 4);

/** Tells the transformed filters of a weight from others made of it. */
const kindOf = (inputs: number, turned: boolean): number => (2 << 20) | (turned ? 1 << 19 : 0) | (inputs & 0x7ffff);

/** Transforms the filters of output channels from `first` until `until` to `out`. */
type Filters = (out: number, first: number, until: number) => void;

/**
 * `out` (N, O, H′, W′) = `image` (N, C, H, W) with a weight (O, C, 3, 3), or, `turned`, (C, O, 3, 3) whose filters are turned by 180°:
 * the gradient of the input.
 */
export function winograd(
  out: View,
  image: View,
  weight: View,
  bias: View | null,
  padding: readonly [number, number],
  turned: boolean,
): void {
  begin();
  const [samples, outputs, height, width] = out.shape;
  const [, inputs, high, wide] = image.shape;
  const [down, across] = [up(height, 4), up(width, 4)];
  const source = bringIn(image);
  const result = take(4 * samples * outputs * height * width);
  const shift = bias === null ? 0 : bringIn(bias);

  const panel = leftPanel(inputs);
  const all = up(outputs, 12) * panel;
  const kept = solid(weight) ? resident(weight.storage, kindOf(inputs, turned), weight.offset, all) : 0;
  const missing = kept < 0;
  const weights = kept <= 0 ? bringIn(weight) : 0;
  const [row, column] = turned ? [36, 36 * outputs] : [36 * inputs, 36];
  const transform: Filters = (to, first, until) => {
    const panels = up(until - first, 12);
    const place = mark();
    const scratch = take(640 * panels);
    parallel("winogradFilters", panels, ...[to, weights, scratch, outputs, inputs, row, column, turned ? 1 : 0, first]);
    give(place);
  };
  // filters that do not stay and are large are transformed in parts, as they are needed
  const part = kept !== 0 || all <= MOST ? outputs : 12 * Math.max(1, Math.floor(MOST / panel));
  const filters = kept > 0 ? kept : missing ? ~kept : take(up(Math.min(part, outputs), 12) * panel);
  if (part >= outputs && kept <= 0) transform(filters, 0, outputs);

  const some = Math.min(samples * down, Math.max(1, Math.floor(MOST / (144 * (inputs + outputs) * across))));
  const tiles = take(up(some * across, 8) * rightPanel(inputs));
  const place = mark();
  for (let first = 0; first < samples * down; first += some) {
    const rows = Math.min(some, samples * down - first);
    give(place);
    const channels = up(inputs, 16);
    const chunks = up(inputs, channels);
    parallel(
      "winogradInput",
      chunks,
      ...[tiles, source, take(chunks * strips(rows, across)), inputs, high, wide, padding[0], padding[1]],
      ...[down, across, first, rows, channels],
    );
    for (let from = 0; from < outputs; from += part) {
      const until = Math.min(outputs, from + part);
      if (part < outputs) transform(filters, from, until);
      const panels = up(rows * across, 8);
      const [someOutputs, somePanels] = [12 * evenly(up(until - from, 12), 4), evenly(panels, 8)];
      give(place);
      const blocks = up(until - from, someOutputs) * up(panels, somePanels);
      parallel(
        "winogradOutput",
        blocks,
        ...[result, filters, tiles, take(blocks * sums(someOutputs, somePanels)), shift, inputs, outputs, from, until],
        ...[height, width, down, across, first, rows, someOutputs, somePanels],
      );
    }
  }
  bringOut(out, result);
}

/** `out` (O, C, 3, 3) = the gradient of the weight from `image` (N, C, H, W) and `grad` (N, O, H′, W′). */
export function winogradWeight(out: View, image: View, grad: View, padding: readonly [number, number]): void {
  begin();
  const [samples, outputs, height, width] = grad.shape;
  const [, inputs, high, wide] = image.shape;
  const [down, across] = [up(height, 4), up(width, 4)];
  const source = bringIn(image);
  const grads = bringIn(grad);
  const result = take(36 * outputs * inputs);
  const [left, right] = [up(outputs, 12), up(inputs, 8)];

  const some = Math.min(samples * down, Math.max(1, Math.floor(MOST / (144 * (inputs + outputs) * across))));
  const [a, b] = [take(left * leftPanel(some * across)), take(right * rightPanel(some * across))];
  const place = mark();
  for (let first = 0; first < samples * down; first += some) {
    const rows = Math.min(some, samples * down - first);
    give(place);
    parallel(
      "winogradChannels",
      left,
      ...[a, grads, take(left * strips(4, across)), outputs, height, width, 0, 0, down, across, first, rows, 12],
    );
    give(place);
    parallel(
      "winogradChannels",
      right,
      ...[b, source, take(right * strips(4, across)), inputs, high, wide, padding[0], padding[1]],
      ...[down, across, first, rows, 8],
    );
    const [someOutputs, somePanels] = [12 * evenly(left, 4), evenly(right, 8)];
    const blocks = up(outputs, someOutputs) * up(right, somePanels);
    give(place);
    parallel(
      "winogradWeight",
      blocks,
      ...[result, a, b, take(blocks * sums(someOutputs, somePanels)), outputs, inputs, rows * across],
      ...[first === 0 ? 1 : 0, someOutputs, somePanels],
    );
  }
  bringOut(out, result);
}
