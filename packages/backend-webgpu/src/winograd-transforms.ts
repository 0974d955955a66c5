import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";
import { range, sandwich, transposed, WINOGRAD } from "./winograd-matrices.js";

/* Winograd's transforms of images, gradients and kernels to k² matrices one behind the other, and back. */

type Pair = readonly [number, number];

const { m, k, a, b, g } = WINOGRAD;
/** Numbers of a transformed tile. */
export const NUMBERS = k * k;

/** Tiles of m × m that cover planes of these sizes, `total` of them in all samples, in parts of `part`. */
export interface Tiles {
  readonly down: number;
  readonly across: number;
  readonly total: number;
  /** A multiple of 4, so that products can read vectors. What it is larger than `total`, transforms fill with 0. */
  readonly part: number;
}

/** The tiles of `result` (N, ·, H, W), in as few and equal parts as stay below `most` tiles. */
export function tilesOf({ shape }: View, most: number): Tiles {
  const [samples, , height, width] = shape;
  const [down, across] = [Math.ceil(height / m), Math.ceil(width / m)];
  const total = samples * down * across;
  const parts = Math.ceil(total / most);
  return { down, across, total, part: 4 * Math.ceil(total / parts / 4) };
}

const TILE_PARAMS = ["n", "first", "part", "total", "down", "across"];
const tileWords = (n: number, first: number, { part, total, down, across }: Tiles): number[] => [
  ...[n, first, part, total, down, across],
];

/** Names of k² numbers, row by row. */
const named = (name: string): string[] => range(k).flatMap((i) => range(k).map((j) => `${name}${i}_${j}`));

/** WGSL that stores the numbers `y`, and that reads the numbers `x`. */
const STORE = named("y")
  .map((name, i) => `o[index + ${i}u * P.n] = ${name};`)
  .join("\n  ");
const READ = named("x")
  .map((name, i) => `let ${name} = numbers[index + ${i}u * P.n];`)
  .join("\n  ");

/** Which dimension of a transformed operand (k², C, tiles) lies closest together in memory: products are fastest where it is not the one that they sum over. */
export type Fastest = "tiles" | "channels";

/** WGSL that finds the `channel` and the `place` among the part's tiles of a thread, and that stores as `STORE` does. */
const ORDERS: Readonly<Record<Fastest, { find: string; store: string; declarations: string }>> = {
  tiles: {
    find: `
  if (index >= P.n) { return; }
  let channel = index / P.part;
  let place = index % P.part;`,
    store: STORE,
    declarations: "",
  },
  // blocks of 16 × 16, read along the tiles and written along the channels
  channels: {
    find: `
  let blocks = (P.part + 15u) / 16u;
  let channel = group / blocks * 16u + lane / 16u;
  let place = group % blocks * 16u + lane % 16u;`,
    store: `
  let to_channel = group / blocks * 16u + lane % 16u;
  let to_place = group % blocks * 16u + lane / 16u;
  let to = to_place * P.channels + to_channel;
  let whole = to_channel < P.channels && to_place < P.part;
  ${range((k * k) / 4)
    .map((i) => {
      const stores = range(4).map((j) => `o[to + ${4 * i + j}u * P.n] = f[${j}];`);
      return `workgroupBarrier();
  block[lane % 16u][lane / 16u] = vec4f(${named("y").slice(4 * i, 4 * i + 4)});
  workgroupBarrier();
  if (whole) { let f = block[lane / 16u][lane % 16u]; ${stores.join(" ")} }`;
    })
    .join("\n  ")}`,
    declarations: "var<workgroup> block: array<array<vec4f, 17>, 16>;",
  },
};

/** WGSL of the transform by `matrix` of windows, m apart. */
function ofWindows(order: Fastest, matrix: readonly (readonly number[])[]): string {
  const { find, store, declarations } = ORDERS[order];
  const size = range(matrix[0].length);
  return kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "image", dtype: "float32" }],
    params: [
      ...TILE_PARAMS,
      ...["channels", "height", "width", "offset", "sample", "channel", "row", "column"],
      ...["padding_y: i32", "padding_x: i32"],
    ],
    declarations: `${declarations}
fn at(start: u32, y: i32, x: i32) -> f32 {
  if (u32(y) >= P.height || u32(x) >= P.width) { return 0.0; }
  return image[start + u32(y) * P.row + u32(x) * P.column];
}`,
    body: `${find}
  let tile = P.first + place;
  let start = P.offset + tile / (P.down * P.across) * P.sample + channel * P.channel;
  // what is no tile lies above the image
  let y = select(-${k}, i32(tile / P.across % P.down * ${m}u) - P.padding_y, tile < P.total && channel < P.channels);
  let x = i32(tile % P.across * ${m}u) - P.padding_x;
  ${size.flatMap((i) => size.map((j) => `let x${i}_${j} = at(start, y + ${i}, x + ${j});`)).join("\n  ")}
  ${sandwich(matrix, "x", "y")}
  ${store}`,
  });
}

/** Of kernels, backwards where `turned`. */
const ofWeight = (turned: boolean): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "weight", dtype: "float32" }],
    params: ["n", "rows", "offset", "row", "step"],
    body: `
  if (index >= P.n) { return; }
  let at = P.offset + index % P.rows * P.row + index / P.rows * P.step;
  ${range(9)
    .map((i) => `let x${Math.floor(i / 3)}_${i % 3} = weight[at + ${turned ? 8 - i : i}u];`)
    .join("\n  ")}
  ${sandwich(g, "x", "y")}
  ${STORE}`,
  });

/** The m × m results of each channel and tile, plus the channel's bias; `whole`: rows of a tile lie in vectors of four. */
const toResult = (whole: boolean, biased: boolean): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32", type: whole ? "vec4f" : "f32" }],
    inputs: [{ name: "numbers", dtype: "float32" }, ...(biased ? [{ name: "bias", dtype: "float32" as const }] : [])],
    params: [
      ...TILE_PARAMS,
      ...["height", "width", "offset", "sample", "channel", "row", "column", "biasOffset", "biasStep"],
    ],
    declarations: `
fn put(start: u32, y: u32, x: u32, values: vec4f) {
  if (y >= P.height) { return; }
  let to = start + y * P.row + x * P.column;
  ${
    whole
      ? "o[to / 4u] = values;"
      : range(m)
          .map((j) => `if (x + ${j}u < P.width) { o[to + ${j}u * P.column] = values[${j}]; }`)
          .join("\n  ")
  }
}`,
    body: `
  if (index >= P.n) { return; }
  let tile = P.first + index % P.part;
  if (tile >= P.total) { return; }
  let channel = index / P.part;
  let start = P.offset + tile / (P.down * P.across) * P.sample + channel * P.channel;
  let y = tile / P.across % P.down * ${m}u;
  let x = tile % P.across * ${m}u;
  let b = ${biased ? "bias[P.biasOffset + channel * P.biasStep]" : "0.0"};
  ${READ}
  ${sandwich(a, "x", "y")}
  ${range(m)
    .map((i) => `put(start, y + ${i}u, x, vec4f(${range(m).map((j) => `y${i}_${j}`)}) + b);`)
    .join("\n  ")}`,
  });

/** The 3 × 3 numbers of each pair of channels. */
const toWeight = (): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "numbers", dtype: "float32" }],
    params: ["n", "offset"],
    body: `
  if (index >= P.n) { return; }
  ${READ}
  ${sandwich(transposed(g), "x", "y")}
  let to = P.offset + index * 9u;
  ${range(9)
    .map((i) => `o[to + ${i}u] = y${Math.floor(i / 3)}_${i % 3};`)
    .join("\n  ")}`,
  });

/** A part of the tiles of `of` (N, C, H, W), from tile `first` on: (k², C, part) or, with channels fastest, (k², part, C). */
export function transformWindows(
  gpu: Runtime,
  kind: "image" | "grad",
  of: View,
  order: Fastest,
  tiles: Tiles,
  first: number,
  padding: Pair,
): Storage {
  const [, channels, height, width] = of.shape;
  const { part } = tiles;
  const n = channels * part;
  const out = gpu.scratch(of.storage.device, "float32", NUMBERS * n);
  const words = [...tileWords(n, first, tiles), channels, height, width, of.offset, ...of.strides, ...padding];
  const source = (): string => ofWindows(order, kind === "image" ? b : transposed(a));
  const threads = order === "tiles" ? n : 256 * Math.ceil(part / 16) * Math.ceil(channels / 16);
  gpu.dispatch(`convolution winograd ${kind} ${order}`, source, [out, of.storage], words, gpu.grid(threads));
  return out;
}

/** A 3 × 3 kernel for each row and step of a product: `row` and `step` are the distances of kernels, `turned` takes them backwards. */
export interface Kernels {
  readonly storage: Storage;
  readonly offset: number;
  readonly row: number;
  readonly step: number;
  readonly turned: boolean;
}

/** (k², depth, rows) */
export function transformWeight(gpu: Runtime, weight: Kernels, rows: number, depth: number): Storage {
  const n = rows * depth;
  const { storage, offset, row, step, turned } = weight;
  const out = gpu.scratch(storage.device, "float32", NUMBERS * n);
  const key = `convolution winograd kernels ${turned}`;
  gpu.dispatch(key, () => ofWeight(turned), [out, storage], [n, rows, offset, row, step], gpu.grid(n));
  return out;
}

/** Writes a part of `out` (N, O, H, W), of any strides, from the products (k², O, part). */
export function resultOf(
  gpu: Runtime,
  out: View,
  products: Storage,
  bias: View | null,
  tiles: Tiles,
  first: number,
): void {
  const [, channels, height, width] = out.shape;
  const n = channels * tiles.part;
  const biased = bias !== null;
  const words = [...tileWords(n, first, tiles), height, width, out.offset, ...out.strides];
  words.push(bias?.offset ?? 0, bias?.strides[0] ?? 0);
  const storages = biased ? [out.storage, products, bias.storage] : [out.storage, products];
  const [sample, channel, row, column] = out.strides;
  const whole = column === 1 && [width, out.offset, sample, channel, row].every((steps) => steps % 4 === 0);
  const key = `convolution winograd result ${whole} ${biased}`;
  gpu.dispatch(key, () => toResult(whole, biased), storages, words, gpu.grid(n));
}

/** Writes a contiguous weight (O, C, 3, 3) from the products (k², O, C). */
export function weightOf(gpu: Runtime, out: View, products: Storage): void {
  const n = out.shape[0] * out.shape[1];
  gpu.dispatch("convolution winograd weight", toWeight, [out.storage, products], [n, out.offset], gpu.grid(n));
}
