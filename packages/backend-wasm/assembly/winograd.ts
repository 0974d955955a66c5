import { strip } from "./strips";
import { tile6x8 } from "./tiles";
import { filterTiles, gradTiles, high, highs, inputTiles, low, lows, outputTile, weight3 } from "./winograd-tiles";

/*
 * 3×3 convolution at stride 1 by Winograd's F(4×4, 3×3), float32 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2015): tiles of 6×6 of the input and the filters become 36 numbers each, which are multiplied one by one and summed
 * over the channels, 36 matrix products; a third transform makes 4×4 of the output of each sum. The gradient of the filters is
 * F(3×3, 4×4) at the same points: there the sums go over tiles.
 *
 * A vector holds one number of four tiles (or of one tile in four channels). The transforms read and write the packed panels of
 * `tile6x8` themselves:
 *   left   [row / 12][36][k][12]   filters (row: output channel, k: input channel), output gradients (k: tile)
 *   right  [column / 8][36][k][8]  input tiles (column: tile, k: channel; or column: channel, k: tile)
 * Errors are at most 3e-5 of the largest result (for up to 512 channels of normally distributed numbers; a direct sum errs by 3e-6). A NaN or an
 * infinity spreads to all results of the tiles that see it, and results overflow from some 1e36 on.
 * From one of the 36 to the next there are 64 bytes more, so that they do not all fall on the same lines of the cache.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline const FREQUENCIES: i32 = 36;

/** Bytes from one of the 36 to the next in the left and the right panels, and from panel to panel. */
// @ts-ignore: decorator
@inline function leftStep(k: i32): usize {
  return usize(k) * 48 + 64;
}
// @ts-ignore: decorator
@inline function rightStep(k: i32): usize {
  return usize(k) * 32 + 64;
}

// ------------------------------------------------------------------------------------------------------------ the kernels

/**
 * Filters (O, C, 3, 3), or for the gradient of the input (C, O, 3, 3) turned, to left panels. `row` and `column` are the bytes from one
 * output and one input channel to the next. A chunk is a panel of 12 output channels, from `first` on.
 */
export function winogradFilters(
  out: usize,
  weight: usize,
  scratch: usize,
  outputs: i32,
  inputs: i32,
  row: i32,
  column: i32,
  turned: i32,
  first: i32,
  chunk: i32,
): void {
  const step = leftStep(inputs);
  const at = scratch + usize(chunk) * 640;
  out += usize(chunk) * FREQUENCIES * step;
  const most = outputs - 1;
  // some input channels at a time, so that what is written stays in the nearest cache
  for (let start = 0; start < inputs; start += 16) {
    const end = min(inputs, start + 16);
    for (let lane = 0; lane < 12; lane += 4) {
      const o = first + chunk * 12 + lane;
      const from = weight + usize(start) * column;
      let p = from + usize(min(most, o)) * row;
      let q = from + usize(min(most, o + 1)) * row;
      let r = from + usize(min(most, o + 2)) * row;
      let s = from + usize(min(most, o + 3)) * row;
      let to = out + usize(start) * 48 + (usize(lane) << 2);
      for (let c = start; c < end; c++) {
        filterTiles(at, to, step, p, q, r, s, turned);
        p += column;
        q += column;
        r += column;
        s += column;
        to += 48;
      }
    }
  }
}

/**
 * Images (N, C, H, W) to right panels of tiles: those of `rows` rows of tiles from row `first` (of all samples) on. A chunk is `some`
 * channels; `scratch` has for each chunk 640 bytes and the rows' strips.
 */
export function winogradInput(
  out: usize,
  image: usize,
  scratch: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  down: i32,
  across: i32,
  first: i32,
  rows: i32,
  some: i32,
  chunk: i32,
): void {
  const line = across * 4 + 4;
  const block = usize(6 * line) << 2;
  const at = scratch + usize(chunk) * (640 + block * rows);
  const strips = at + 640;
  const step = rightStep(channels);
  const tiles = rows * across;
  const row = usize(line) << 2;
  for (let c = chunk * some, end = min(channels, c + some); c < end; c++) {
    for (let i = 0; i < rows; i++) {
      const n = (first + i) / down;
      const y = ((first + i) % down) * 4 - top;
      strip<f32>(strips + block * i, image + (usize((n * channels + c) * height * width) << 2), height, width, y, -left, 1, 1, 6, line);
    }
    let x = 0;
    let here = strips;
    for (let t = 0; t < tiles; t += 4) {
      // the places of four tiles; beyond the last, the last again
      const p = here + (usize(x) << 4);
      if (++x === across && t + 1 < tiles) {
        x = 0;
        here += block;
      }
      const q = t + 1 < tiles ? here + (usize(x) << 4) : p;
      if (++x === across && t + 2 < tiles) {
        x = 0;
        here += block;
      }
      const r = t + 2 < tiles ? here + (usize(x) << 4) : p;
      if (++x === across && t + 3 < tiles) {
        x = 0;
        here += block;
      }
      const s = t + 3 < tiles ? here + (usize(x) << 4) : p;
      if (++x === across) {
        x = 0;
        here += block;
      }
      const to = out + usize(t >> 3) * FREQUENCIES * step + usize(c) * 32 + (usize(t & 4) << 2);
      inputTiles(at, to, step, p, q, r, s, row);
    }
  }
}

/** The 36 products of `panels` right panels with `rows` rows of left ones: sums [36][panel][row][8], `step` bytes apart. */
function products(m: usize, step: usize, left: usize, right: usize, k: i32, rows: i32, panels: i32): void {
  const leftNext = leftStep(k);
  const rightNext = rightStep(k);
  const row = (usize(rows) + 11) / 12 * 12 * 32;
  for (let f = 0; f < FREQUENCIES; f++) {
    for (let j = 0; j < panels; j++) {
      const b = right + usize(j * FREQUENCIES) * rightNext;
      const c = m + usize(j) * row;
      for (let i = 0; i < rows; i += 6) {
        const a = left + usize((i / 12) * FREQUENCIES) * leftNext + (i % 12 ? 24 : 0);
        tile6x8(c + usize(i) * 32, 32, a, b, k);
      }
    }
    m += step;
    left += leftNext;
    right += rightNext;
  }
}

/** Bytes between the 36 in the sums of a chunk. */
// @ts-ignore: decorator
@inline function sumStep(rows: i32, panels: i32): usize {
  return usize(rows * panels) * 32 + 64;
}

/**
 * Output channels (N, O, H, W), `height` × `width` each, of `rows` rows of tiles from row `first` on, from left panels of filters and right
 * panels of tiles. A chunk is a block of `someOutputs` channels (a multiple of 12) from `output` on by `somePanels` panels. `bias` may be 0.
 */
export function winogradOutput(
  out: usize,
  filters: usize,
  tiles: usize,
  scratch: usize,
  bias: usize,
  inputs: i32,
  outputs: i32,
  output: i32,
  until: i32,
  height: i32,
  width: i32,
  down: i32,
  across: i32,
  first: i32,
  rows: i32,
  someOutputs: i32,
  somePanels: i32,
  chunk: i32,
): void {
  const count = rows * across;
  const panels = (count + 7) >> 3;
  const blocks = (panels + somePanels - 1) / somePanels;
  const o = (chunk / blocks) * someOutputs;
  const j = (chunk % blocks) * somePanels;
  const mine = min(someOutputs, until - output - o);
  const wide = min(somePanels, panels - j);
  const step = sumStep(someOutputs, somePanels);
  const at = scratch + usize(chunk) * (640 + FREQUENCIES * step);
  const m = at + 640;
  const left = filters + usize((o / 12) * FREQUENCIES) * leftStep(inputs);
  products(m, step, left, tiles + usize(j * FREQUENCIES) * rightStep(inputs), inputs, mine, wide);
  const padded = usize((mine + 11) / 12 * 12);
  for (let i = 0; i < mine; i++) {
    const channel = output + o + i;
    const shift = f32x4.splat(bias ? load<f32>(bias + (usize(channel) << 2)) : 0);
    for (let t = j * 8, end = min(count, t + wide * 8); t < end; t += 4) {
      outputTile(at, m + usize((t >> 3) - j) * padded * 32 + usize(i) * 32 + (usize(t & 4) << 2), step);
      // transposed: row by row, tile by tile
      for (let y = at + 384, stop = y + 256; y < stop; y += 64) {
        const a = f32x4.add(v128.load(y), shift);
        const b = f32x4.add(v128.load(y, 16), shift);
        const c = f32x4.add(v128.load(y, 32), shift);
        const d = f32x4.add(v128.load(y, 48), shift);
        const ab = low(a, b);
        const cd = low(c, d);
        const ef = high(a, b);
        const gh = high(c, d);
        v128.store(y, lows(ab, cd));
        v128.store(y, highs(ab, cd), 16);
        v128.store(y, lows(ef, gh), 32);
        v128.store(y, highs(ef, gh), 48);
      }
      for (let u = 0, last = min(4, count - t); u < last; u++) {
        const strip = first + (t + u) / across;
        const x = ((t + u) % across) * 4;
        const y = (strip % down) * 4;
        let to = out + (usize((((strip / down) * outputs + channel) * height + y) * width + x) << 2);
        let from = at + 384 + (usize(u) << 4);
        const high = min(4, height - y);
        const long = min(4, width - x);
        for (let v = 0; v < high; v++) {
          if (long === 4) v128.store(to, v128.load(from));
          else for (let w = 0; w < long; w++) store<f32>(to + (usize(w) << 2), load<f32>(from + (usize(w) << 2)));
          to += usize(width) << 2;
          from += 64;
        }
      }
    }
  }
}

/**
 * For the gradient of the filters: images (N, C, H, W) to panels in which tiles follow each other: right ones (`lanes` 8, tiles of 6×6) of
 * inputs, or left ones (`lanes` 12, tiles of 4×4) of output gradients. A chunk is a panel; `scratch` as above, for `lanes` channels.
 */
export function winogradChannels(
  out: usize,
  image: usize,
  scratch: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  down: i32,
  across: i32,
  first: i32,
  rows: i32,
  lanes: i32,
  chunk: i32,
): void {
  const size = lanes === 8 ? 6 : 4;
  const line = across * 4 + 4;
  const block = usize(size * line) << 2;
  const at = scratch + usize(chunk) * (640 + block * 4);
  const strips = at + 640;
  const step = lanes === 8 ? rightStep(rows * across) : leftStep(rows * across);
  const row = usize(line) << 2;
  out += usize(chunk * FREQUENCIES) * step;
  for (let lane = 0; lane < lanes; lane += 4) {
    let to = out + (usize(lane) << 2);
    for (let i = 0; i < rows; i++) {
      const n = (first + i) / down;
      const y = ((first + i) % down) * 4 - top;
      for (let l = 0; l < 4; l++) {
        const c = min(channels - 1, chunk * lanes + lane + l);
        const plane = image + (usize((n * channels + c) * height * width) << 2);
        strip<f32>(strips + block * l, plane, height, width, y, -left, 1, 1, size, line);
      }
      let p = strips;
      for (let x = 0; x < across; x++) {
        if (lanes === 8) inputTiles(at, to, step, p, p + block, p + 2 * block, p + 3 * block, row);
        else gradTiles(at, to, step, p, p + block, p + 2 * block, p + 3 * block, row);
        p += 16;
        to += usize(lanes) << 2;
      }
    }
  }
}

/**
 * Adds to (or, if `fresh`, sets) the gradient of filters (O, C, 3, 3) what `tiles` tiles give, from left panels of output gradients and right
 * panels of inputs. A chunk is `someOutputs` (a multiple of 12) by `somePanels` panels of input channels.
 */
export function winogradWeight(
  out: usize,
  grads: usize,
  inputs: usize,
  scratch: usize,
  outputs: i32,
  channels: i32,
  tiles: i32,
  fresh: i32,
  someOutputs: i32,
  somePanels: i32,
  chunk: i32,
): void {
  const panels = (channels + 7) >> 3;
  const blocks = (panels + somePanels - 1) / somePanels;
  const o = (chunk / blocks) * someOutputs;
  const j = (chunk % blocks) * somePanels;
  const mine = min(someOutputs, outputs - o);
  const wide = min(somePanels, panels - j);
  const step = sumStep(someOutputs, somePanels);
  const at = scratch + usize(chunk) * (640 + FREQUENCIES * step);
  const m = at + 640;
  const left = grads + usize((o / 12) * FREQUENCIES) * leftStep(tiles);
  products(m, step, left, inputs + usize(j * FREQUENCIES) * rightStep(tiles), tiles, mine, wide);
  const padded = usize((mine + 11) / 12 * 12);
  for (let i = 0; i < mine; i++) {
    for (let c = j * 8, end = min(channels, c + wide * 8); c < end; c += 4) {
      let from = m + usize((c >> 3) - j) * padded * 32 + usize(i) * 32 + (usize(c & 4) << 2);
      for (let x = at, stop = at + 96; x < stop; x += 16) {
        weight3(from, 6 * step, x, 96);
        from += step;
      }
      let to = at + 288;
      for (let y = at; y < at + 288; y += 96) {
        weight3(y, 16, to, 16);
        to += 48;
      }
      for (let l = 0, last = min(4, end - c); l < last; l++) {
        let p = out + usize((o + i) * channels + c + l) * 36;
        let q = at + 288 + (usize(l) << 2);
        for (let k = 0; k < 9; k++) {
          store<f32>(p, fresh ? load<f32>(q) : load<f32>(p) + load<f32>(q));
          p += 4;
          q += 16;
        }
      }
    }
  }
}
