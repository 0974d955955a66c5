import { strip } from "./strips";
import { windowDots32, windowDots64, windowRow32, windowRow64, windowTile32, windowTile64 } from "./windows-tiles";

/*
 * Convolution of any kind, float32 and float64, without a matrix of windows. An image with its surrounding zeros is laid out as planes, one for
 * each remainder of row and column modulo the stride; in them, element k of window p is at `offsets[k] + p`, so that eight (float64: four)
 * neighbouring windows are read as two vectors wherever they lie. Windows are counted over whole rows of the planes: those between the
 * end of a row of results and that of the plane are computed and dropped.
 *
 * A unit is some rows of results of one sample. Filters lie in panels [row / 12][k][12].
 */

/** Windows that are computed together. */
// @ts-ignore: decorators are AssemblyScript's
@inline function lanes<T>(): i32 {
  return 32 / sizeof<T>();
}

/**
 * Filters to panels: `rows` rows of `k` elements for each group, the element of row r and place i of a group at `r · rowStep + places[i]` from where the group's
 * begin. A chunk is a panel.
 */
function filters<T>(
  out: usize,
  weight: usize,
  places: usize,
  k: i32,
  rows: i32,
  rowStep: i32,
  groupStep: i32,
  chunk: i32,
): void {
  const size = sizeof<T>();
  const panels = (rows + 11) / 12;
  const first = (chunk % panels) * 12;
  const from = weight + usize((chunk / panels) * groupStep + first * rowStep) * size;
  const many = min(12, rows - first);
  out += usize(chunk * k) * 12 * size;
  for (let i = 0; i < k; i++) {
    let at = from + usize(load<i32>(places + (usize(i) << 2))) * size;
    for (let r = 0; r < 12; r++) {
      store<T>(out, r < many ? load<T>(at) : 0);
      at += usize(rowStep) * size;
      out += size;
    }
  }
}

/**
 * Planes of the units from `first` on: of every channel of images (N, C, height, width), `phaseRows` × `phaseColumns` planes of `rows` × `columns`
 * elements, `plane` bytes each with zeros at the end. A chunk is a unit and one of `parts` parts of its channels.
 */
function planes<T>(
  out: usize,
  image: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  down: i32,
  right: i32,
  phaseRows: i32,
  phaseColumns: i32,
  rows: i32,
  columns: i32,
  plane: i32,
  unitRows: i32,
  unitsPerSample: i32,
  first: i32,
  parts: i32,
  chunk: i32,
): void {
  const unit = first + chunk / parts;
  const many = (channels + parts - 1) / parts;
  const from = (chunk % parts) * many;
  const y = (unit % unitsPerSample) * unitRows * down - top;
  const each = phaseRows * phaseColumns * plane;
  let to = out + usize((chunk / parts) * channels + from) * each;
  for (let c = from, end = min(channels, from + many); c < end; c++) {
    const source = image + usize(((unit / unitsPerSample) * channels + c) * height * width) * sizeof<T>();
    for (let p = 0; p < phaseRows; p++) {
      for (let q = 0; q < phaseColumns; q++) {
        strip<T>(to, source, height, width, y + p, q - left, down, right, rows, columns);
        for (let i = usize(rows * columns) * sizeof<T>(); i < usize(plane); i += sizeof<T>()) store<T>(to + i, 0);
        to += plane;
      }
    }
  }
}

/**
 * Results (N, groups · rows, height, width) of the units from `first` on: `gridRows` × `gridColumns` windows, which are the results from (y, x) on, `down` and `right` apart.
 * `columns` are those of the planes, `group` the bytes of a group's planes and `unit` those of a unit's. A chunk is `each` of `units` units, and in them either `some` groups, or (`some` = 1) one group
 * and `most` of its rows.
 */
function correlate<T>(
  out: usize,
  from: usize,
  panels: usize,
  offsets: usize,
  scratch: usize,
  bias: usize,
  k: i32,
  groups: i32,
  rows: i32,
  group: i32,
  unit: i32,
  columns: i32,
  gridRows: i32,
  gridColumns: i32,
  height: i32,
  width: i32,
  y: i32,
  x: i32,
  down: i32,
  right: i32,
  unitRows: i32,
  unitsPerSample: i32,
  first: i32,
  units: i32,
  each: i32,
  some: i32,
  most: i32,
  chunk: i32,
): void {
  const size = sizeof<T>();
  const blocks = (rows + most - 1) / most;
  const parts = ((groups + some - 1) / some) * blocks;
  const part = (chunk % parts) / blocks;
  const start = (chunk % blocks) * most;
  const mine = min(most, rows - start);
  const m = scratch + usize(chunk * most) * usize((unitRows * columns + lanes<T>()) * size + 32);
  const panel = usize(k) * 12 * size;
  for (let here = (chunk / parts) * each, stop = min(units, here + each); here < stop; here++) {
  const sample = (first + here) / unitsPerSample;
  const line = ((first + here) % unitsPerSample) * unitRows;
  const lines = min(unitRows, gridRows - line);
  const count = ((lines - 1) * columns + gridColumns + lanes<T>() - 1) / lanes<T>();
  const row = usize(count) * 32;
  for (let g = part * some, end = min(groups, g + some); g < end; g++) {
    const base = from + usize(here) * unit + usize(g) * group;
    const a = panels + usize(g * ((rows + 11) / 12) + start / 12) * panel;
    for (let j = 0; j < count; j++) {
      const b = base + usize(j) * 32;
      const c = m + usize(j) * 32;
      let i = 0;
      for (; i + 2 < mine; i += 6) {
        const p = a + usize(i / 12) * panel + (i % 12 ? 6 * size : 0);
        if (size === 4) windowTile32(c + usize(i) * row, row, p, b, offsets, k);
        else windowTile64(c + usize(i) * row, row, p, b, offsets, k);
      }
      for (; i < mine; i++) {
        const p = a + usize(i / 12) * panel + usize(i % 12) * size;
        if (size === 4) windowRow32(c + usize(i) * row, p, b, offsets, k);
        else windowRow64(c + usize(i) * row, p, b, offsets, k);
      }
    }
    for (let i = 0; i < mine; i++) {
      const channel = g * rows + start + i;
      const shift = bias ? load<T>(bias + usize(channel) * size) : 0;
      const shifts = v128.splat<T>(shift);
      for (let l = 0; l < lines; l++) {
        let p = m + usize(i) * row + usize(l * columns) * size;
        const q = out + usize(((sample * groups * rows + channel) * height + y + (line + l) * down) * width + x) * size;
        const stop = p + usize(gridColumns) * size;
        let to = q;
        if (right === 1) {
          for (; p + 16 <= stop; p += 16) {
            v128.store(to, v128.add<T>(v128.load(p), shifts));
            to += 16;
          }
        }
        for (; p < stop; p += size) {
          store<T>(to, load<T>(p) + shift);
          to += usize(right) * size;
        }
      }
    }
  }  }
}

/**
 * Adds to (or, if `fresh`, sets) the gradient of filters (groups · rows, k) what `units` units give: products of the results' gradients, in planes
 * of `n` bytes with zeros where no window is, with what the windows see. A chunk is `some` rows (a multiple of 3) of a group with 33 of the places of the filter.
 */
function weights<T>(
  out: usize,
  from: usize,
  grads: usize,
  offsets: usize,
  scratch: usize,
  k: i32,
  groups: i32,
  rows: i32,
  group: i32,
  unit: i32,
  n: i32,
  units: i32,
  fresh: i32,
  some: i32,
  chunk: i32,
): void {
  const size = sizeof<T>();
  const sets = (rows + some - 1) / some;
  const blocks = (k + 32) / 33;
  const g = chunk / (sets * blocks);
  const start = ((chunk / blocks) % sets) * some;
  const first = (chunk % blocks) * 33;
  const last = min(k, first + 33);
  const at = scratch + usize(chunk) * 128;
  // as many units at a time as stay in the nearest cache
  const together = max(1, 4096 / n);
  const stepA = usize(groups * rows * n - n);
  for (let u = 0; u < units; u += together) {
    const count = min(together, units - u);
    const base = from + usize(u) * unit + usize(g) * group;
    for (let r = start, end = min(rows, start + some); r < end; r += 3) {
      const many = min(3, rows - r);
      const a = grads + usize((u * groups + g) * rows + r) * n;
      const a1 = many > 1 ? a + n : a;
      const a2 = many > 2 ? a1 + n : a;
      for (let i = first; i < last; i += 3) {
        const wide = min(3, last - i);
        const place = offsets + (usize(i) << 2);
        const b0 = base + load<u32>(place);
        const b1 = wide > 1 ? base + load<u32>(place, 4) : b0;
        const b2 = wide > 2 ? base + load<u32>(place, 8) : b0;
        if (size === 4) windowDots32(at, a, a1, a2, b0, b1, b2, n, count, stepA, unit - n);
        else windowDots64(at, a, a1, a2, b0, b1, b2, n, count, stepA, unit - n);
        for (let v = 0; v < many; v++) {
          for (let w = 0; w < wide; w++) {
            const to = out + usize((g * rows + r + v) * k + i + w) * size;
            const value = load<T>(at + usize(v * 3 + w) * size);
            store<T>(to, u === 0 && fresh ? value : load<T>(to) + value);
          }
        }
      }
    }
  }
}

/** `filters` of float64 if `double`, else float32. */
export function windowFilters(
  double: i32,
  out: usize,
  weight: usize,
  places: usize,
  k: i32,
  rows: i32,
  rowStep: i32,
  groupStep: i32,
  chunk: i32,
): void {
  if (double) filters<f64>(out, weight, places, k, rows, rowStep, groupStep, chunk);
  else filters<f32>(out, weight, places, k, rows, rowStep, groupStep, chunk);
}

/** `planes` of float64 if `double`, else float32. */
export function windowPlanes(
  double: i32,
  out: usize,
  image: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  down: i32,
  right: i32,
  phaseRows: i32,
  phaseColumns: i32,
  rows: i32,
  columns: i32,
  plane: i32,
  unitRows: i32,
  unitsPerSample: i32,
  first: i32,
  parts: i32,
  chunk: i32,
): void {
  if (double) planes<f64>(out, image, channels, height, width, top, left, down, right, phaseRows, phaseColumns, rows, columns, plane, unitRows, unitsPerSample, first, parts, chunk);
  else planes<f32>(out, image, channels, height, width, top, left, down, right, phaseRows, phaseColumns, rows, columns, plane, unitRows, unitsPerSample, first, parts, chunk);
}

/** `correlate` of float64 if `double`, else float32. */
export function windowProducts(
  double: i32,
  out: usize,
  from: usize,
  panels: usize,
  offsets: usize,
  scratch: usize,
  bias: usize,
  k: i32,
  groups: i32,
  rows: i32,
  group: i32,
  unit: i32,
  columns: i32,
  gridRows: i32,
  gridColumns: i32,
  height: i32,
  width: i32,
  y: i32,
  x: i32,
  down: i32,
  right: i32,
  unitRows: i32,
  unitsPerSample: i32,
  first: i32,
  units: i32,
  each: i32,
  some: i32,
  most: i32,
  chunk: i32,
): void {
  if (double) correlate<f64>(out, from, panels, offsets, scratch, bias, k, groups, rows, group, unit, columns, gridRows, gridColumns, height, width, y, x, down, right, unitRows, unitsPerSample, first, units, each, some, most, chunk);
  else correlate<f32>(out, from, panels, offsets, scratch, bias, k, groups, rows, group, unit, columns, gridRows, gridColumns, height, width, y, x, down, right, unitRows, unitsPerSample, first, units, each, some, most, chunk);
}

/** `weights` of float64 if `double`, else float32. */
export function windowWeights(
  double: i32,
  out: usize,
  from: usize,
  grads: usize,
  offsets: usize,
  scratch: usize,
  k: i32,
  groups: i32,
  rows: i32,
  group: i32,
  unit: i32,
  n: i32,
  units: i32,
  fresh: i32,
  some: i32,
  chunk: i32,
): void {
  if (double) weights<f64>(out, from, grads, offsets, scratch, k, groups, rows, group, unit, n, units, fresh, some, chunk);
  else weights<f32>(out, from, grads, offsets, scratch, k, groups, rows, group, unit, n, units, fresh, some, chunk);
}
