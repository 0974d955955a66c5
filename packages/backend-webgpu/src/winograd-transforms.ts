import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";

/*
 * Winograd's transforms for tiles of 2 × 2 results of a 3 × 3 kernel (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks",
 * 2015, F(2 × 2, 3 × 3)): everything becomes 16 numbers, kept as 16 matrices one behind the other. All factors are 0, ±1 and ½.
 */

type Pair = readonly [number, number];

/** Tiles of 2 × 2 that cover planes of these sizes, `total` of them in all samples, in parts of `part`. */
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
  const [down, across] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const total = samples * down * across;
  const parts = Math.ceil(total / most);
  return { down, across, total, part: 4 * Math.ceil(total / parts / 4) };
}

const four = [0, 1, 2, 3] as const;
const TILE_PARAMS = ["n", "first", "part", "total", "down", "across"];
const tileWords = (n: number, first: number, { part, total, down, across }: Tiles): number[] => [
  ...[n, first, part, total, down, across],
];

/** WGSL that stores rows `e0` to `e3`, each made four numbers by `four`. */
const STORE = four
  .map((i) => `{ let f = four(e${i}); ${four.map((j) => `o[index + ${4 * i + j}u * P.n] = f[${j}];`).join(" ")} }`)
  .join("\n  ");

/** Which dimension of a transformed operand (16, C, tiles) lies closest together in memory: products are fastest where it is not the one that they sum over. */
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
  ${four
    .map(
      (i) => `workgroupBarrier();
  block[lane % 16u][lane / 16u] = four(e${i});
  workgroupBarrier();
  if (whole) { let f = block[lane / 16u][lane % 16u]; ${four.map((j) => `o[to + ${4 * i + j}u * P.n] = f[${j}];`).join(" ")} }`,
    )
    .join("\n  ")}`,
    declarations: "var<workgroup> block: array<array<vec4f, 17>, 16>;",
  },
};

/** WGSL of the transform of windows of `size` × `size` elements, 2 apart: `rows` makes four rows of `type`, `numbers` four numbers of a row `e`. */
function ofWindows(order: Fastest, size: number, type: string, rows: string, numbers: string): string {
  const { find, store, declarations } = ORDERS[order];
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
}
fn line(start: u32, y: i32, x: i32) -> ${type} {
  return ${type}(${Array.from({ length: size }, (_, i) => `at(start, y, x + ${i})`).join(", ")});
}
fn four(e: ${type}) -> vec4f { return ${numbers}; }`,
    body: `${find}
  ${four.map((i) => `var e${i} = ${type}();`).join(" ")}
  let tile = P.first + place;
  if (tile < P.total && channel < P.channels) {
    let start = P.offset + tile / (P.down * P.across) * P.sample + channel * P.channel;
    let y = i32(tile / P.across % P.down * 2u) - P.padding_y;
    let x = i32(tile % P.across * 2u) - P.padding_x;
    ${Array.from({ length: size }, (_, i) => `let d${i} = line(start, y + ${i}, x);`).join(" ")}
    ${rows}
  }
  ${store}`,
  });
}

/** Of the 4 × 4 elements `d` that a tile's windows cover: Bᵀ d B. */
const ofImage = (order: Fastest): string =>
  ofWindows(
    order,
    4,
    "vec4f",
    "e0 = d0 - d2; e1 = d1 + d2; e2 = d2 - d1; e3 = d1 - d3;",
    "vec4f(e.x - e.z, e.y + e.z, e.z - e.y, e.y - e.w)",
  );

/** Of the 2 × 2 elements `g` of a gradient: A g Aᵀ. */
const ofGrad = (order: Fastest): string =>
  ofWindows(
    order,
    2,
    "vec2f",
    "e0 = d0; e1 = d0 + d1; e2 = d0 - d1; e3 = -d1;",
    "vec4f(e.x, e.x + e.y, e.x - e.y, -e.y)",
  );

/** Of kernels `g`: G g Gᵀ, backwards where `turned`. */
const ofWeight = (turned: boolean): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "weight", dtype: "float32" }],
    params: ["n", "rows", "offset", "row", "step"],
    declarations: `
fn line(at: u32, i: u32) -> vec3f { return vec3f(${[0, 1, 2].map((j) => `weight[at + ${turned ? `8u - 3u * i - ${j}u` : `3u * i + ${j}u`}]`).join(", ")}); }
fn four(e: vec3f) -> vec4f { let s = 0.5 * (e.x + e.z); let h = 0.5 * e.y; return vec4f(e.x, s + h, s - h, e.z); }`,
    body: `
  if (index >= P.n) { return; }
  let at = P.offset + index % P.rows * P.row + index / P.rows * P.step;
  let e0 = line(at, 0u);
  let e3 = line(at, 2u);
  let s = 0.5 * (e0 + e3);
  let h = 0.5 * line(at, 1u);
  let e1 = s + h;
  let e2 = s - h;
  ${STORE}`,
  });

const LINES = `fn line(at: u32) -> vec4f { return vec4f(${four.map((j) => `m[at + ${j}u * P.n]`).join(", ")}); }`;
const READ = four.map((i) => `let d${i} = line(index + ${4 * i}u * P.n);`).join(" ");

/** The 2 × 2 results of each channel and tile, from 16 numbers `m`: Aᵀ m A, plus the channel's bias. */
const toResult = (biased: boolean): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "m", dtype: "float32" }, ...(biased ? [{ name: "bias", dtype: "float32" as const }] : [])],
    params: [
      ...TILE_PARAMS,
      ...["height", "width", "offset", "sample", "channel", "row", "column", "biasOffset", "biasStep"],
    ],
    declarations: `${LINES}
fn two(e: vec4f) -> vec2f { return vec2f(e.x + e.y + e.z, e.y - e.z - e.w); }
fn put(start: u32, y: u32, x: u32, value: f32) {
  if (y < P.height && x < P.width) { o[start + y * P.row + x * P.column] = value; }
}`,
    body: `
  if (index >= P.n) { return; }
  let tile = P.first + index % P.part;
  if (tile >= P.total) { return; }
  let channel = index / P.part;
  let start = P.offset + tile / (P.down * P.across) * P.sample + channel * P.channel;
  let y = tile / P.across % P.down * 2u;
  let x = tile % P.across * 2u;
  let b = ${biased ? "bias[P.biasOffset + channel * P.biasStep]" : "0.0"};
  ${READ}
  let e0 = two(d0 + d1 + d2) + b;
  let e1 = two(d1 - d2 - d3) + b;
  put(start, y, x, e0.x);
  put(start, y, x + 1u, e0.y);
  put(start, y + 1u, x, e1.x);
  put(start, y + 1u, x + 1u, e1.y);`,
  });

/** The 3 × 3 numbers of each pair of channels, from 16 numbers `m`: Gᵀ m G. */
const toWeight = (): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "m", dtype: "float32" }],
    params: ["n", "offset"],
    declarations: `${LINES}
fn three(e: vec4f) -> vec3f { let s = 0.5 * (e.y + e.z); return vec3f(e.x + s, 0.5 * (e.y - e.z), s + e.w); }`,
    body: `
  if (index >= P.n) { return; }
  ${READ}
  let s = 0.5 * (d1 + d2);
  let to = P.offset + index * 9u;
  ${["d0 + s", "0.5 * (d1 - d2)", "s + d3"]
    .map((e, i) => `{ let f = three(${e}); ${[0, 1, 2].map((j) => `o[to + ${3 * i + j}u] = f[${j}];`).join(" ")} }`)
    .join("\n  ")}`,
  });

/** A part of the tiles of `of` (N, C, H, W), from tile `first` on: (16, C, part) or, with channels fastest, (16, part, C). */
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
  const out = gpu.scratch(of.storage.device, "float32", 16 * n);
  const words = [...tileWords(n, first, tiles), channels, height, width, of.offset, ...of.strides, ...padding];
  const source = (): string => (kind === "image" ? ofImage : ofGrad)(order);
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

/** (16, depth, rows) */
export function transformWeight(gpu: Runtime, weight: Kernels, rows: number, depth: number): Storage {
  const n = rows * depth;
  const { storage, offset, row, step, turned } = weight;
  const out = gpu.scratch(storage.device, "float32", 16 * n);
  const key = `convolution winograd kernels ${turned}`;
  gpu.dispatch(key, () => ofWeight(turned), [out, storage], [n, rows, offset, row, step], gpu.grid(n));
  return out;
}

/** Writes a part of `out` (N, O, H, W), of any strides, from the products (16, O, part). */
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
  gpu.dispatch(`convolution winograd result ${biased}`, () => toResult(biased), storages, words, gpu.grid(n));
}

/** Writes a contiguous weight (O, C, 3, 3) from the products (16, O, C). */
export function weightOf(gpu: Runtime, out: View, products: Storage): void {
  const n = out.shape[0] * out.shape[1];
  gpu.dispatch("convolution winograd weight", toWeight, [out.storage, products], [n, out.offset], gpu.grid(n));
}
