import type { Storage, View } from "@kindling/storage";
import { gemm, type Side, type Tile, tileGrid } from "./gemm.js";
import type { Runtime } from "./runtime.js";
import {
  keyOf,
  WINDOW_PARAMS,
  type Windows,
  type WindowsKind,
  windowsAcross,
  windowsAlong,
  windowWords,
} from "./windows.js";

const SIZES = ["tilesDown", "tilesAcross", "depth", "share", "splits", "rows", "columns"];

const header = (params: readonly string[], buffers: readonly [string, string][]): string =>
  `struct Params { ${params.map((word) => `${word}: u32`).join(", ")} }
${buffers.map(([name, type], i) => `@group(0) @binding(${i}) var<storage, ${i === 0 ? "read_write" : "read"}> ${name}: array<${type}>;`).join("\n")}
@group(0) @binding(${buffers.length}) var<uniform> P: Params;`;

/** Weight rows (O/groups, depth), one after the other: a left operand. */
const weightSide = (vectors: boolean): Side => ({
  along: "depth",
  code: vectors
    ? `alias PlaceA = u32;
fn prepareA(batch: u32, line: u32) -> u32 { return (P.weightOffset + (batch * P.rows + min(line, P.rows - 1u)) * P.depth) / 4u; }
fn loadA(place: u32, depth: u32) -> vec4<f32> { if (depth >= P.depth) { return vec4<f32>(); } return weight[place + depth / 4u]; }`
    : `alias PlaceA = u32;
fn prepareA(batch: u32, line: u32) -> u32 { return P.weightOffset + (batch * P.rows + min(line, P.rows - 1u)) * P.depth; }
fn loadA(place: u32, depth: u32) -> vec4<f32> {
  if (depth >= P.depth) { return vec4<f32>(); }
  return vec4<f32>(weight[place + depth], ${[1, 2, 3].map((j) => `select(0.0, weight[place + depth + ${j}u], depth + ${j}u < P.depth)`).join(", ")});
}`,
});

/** `out` (N, O, H′, W′), of any strides, from windows and a contiguous weight (O, C/groups · kernel), plus a bias. */
export function correlate(
  gpu: Runtime,
  out: View,
  windows: Windows,
  weight: { readonly storage: Storage; readonly offset: number },
  bias: View | null,
  kind: WindowsKind,
  tile: Tile,
): void {
  const [samples, channels] = out.shape;
  const { groups, count, image } = windows;
  const rows = channels / groups;
  const plane = count[0] * count[1];
  const columns = samples * plane;
  const depth = (image.shape[1] / groups) * kind.kernel[0] * kind.kernel[1];
  const whole = depth % 4 === 0 && weight.offset % 4 === 0;
  const [sample, channel, row, column] = out.strides;
  const solid = (column === 1 || count[1] === 1) && (row === count[1] || count[0] === 1);
  const vectors = solid && kind.fours && [out.offset, sample, channel].every((n) => n % 4 === 0);
  const key = `convolution ${keyOf(kind)} ${Object.values(tile)} ${whole} ${solid} ${vectors} ${bias !== null}`;
  const source = (): string => {
    const ends = ["outOffset", "outSample", "outChannel", "outRow", "outColumn", "biasOffset", "biasStep"];
    const params = [...SIZES, ...WINDOW_PARAMS, "weightOffset", ...ends];
    const buffers: [string, string][] = [
      ["o", vectors ? "vec4<f32>" : "f32"],
      ["image", kind.plain ? "vec4<f32>" : "f32"],
      ["weight", whole ? "vec4<f32>" : "f32"],
    ];
    if (bias !== null) buffers.push(["bias", "f32"]);
    const type = vectors ? "vec4<f32>" : "f32";
    const store = `fn store(z: u32, row: u32, column: u32, value: ${type}) {
  if (row >= P.rows || column >= P.columns) { return; }
  let plane = P.countY * P.countX;
  let channel = z * P.rows + row;
  let position = column % plane;
  let at = P.outOffset + column / plane * P.outSample + channel * P.outChannel + ${
    solid ? "position" : "position / P.countX * P.outRow + position % P.countX * P.outColumn"
  };
  o[at${vectors ? " / 4u" : ""}] = value${bias === null ? "" : ` + ${type}(bias[P.biasOffset + channel * P.biasStep])`};
}`;
    return gemm({
      tile,
      element: "f32",
      left: weightSide(whole),
      right: windowsAcross(kind),
      params: header(params, buffers),
      store,
      vectors,
    });
  };
  const down = Math.ceil(rows / tile.rows);
  const across = Math.ceil(columns / tile.columns);
  const words = [
    ...[down, across, depth, Math.ceil(depth / tile.depth) * tile.depth, 1, rows, columns],
    ...windowWords(windows),
    ...[weight.offset, out.offset, ...out.strides, bias?.offset ?? 0, bias?.strides[0] ?? 0],
  ];
  const storages = [out.storage, image.storage, weight.storage];
  if (bias !== null) storages.push(bias.storage);
  gpu.dispatch(key, source, storages, words, tileGrid(gpu, across, down, groups));
}

/**
 * The gradient of the weight as `splits` summands for each group, one after the other in `out`: (groups, splits, O/groups, C/groups · kernel),
 * from windows and `grad` (N, O, H′, W′), whose planes are contiguous.
 */
export function correlateWeight(
  gpu: Runtime,
  out: { readonly storage: Storage; readonly offset: number },
  windows: Windows,
  grad: View,
  kind: WindowsKind,
  tile: Tile,
  splits: number,
): void {
  const { groups, count, image } = windows;
  const rows = grad.shape[1] / groups;
  const columns = (image.shape[1] / groups) * kind.kernel[0] * kind.kernel[1];
  const plane = count[0] * count[1];
  const depth = grad.shape[0] * plane;
  const [sample, channel] = grad.strides;
  const share = Math.ceil(depth / splits / tile.depth) * tile.depth;
  const whole = [plane, grad.offset, sample, channel].every((n) => n % 4 === 0);
  const key = `convolution weight ${keyOf(kind)} ${Object.values(tile)} ${whole}`;
  const source = (): string => {
    const params = [...SIZES, ...WINDOW_PARAMS, "gradOffset", "gradSample", "gradChannel", "outOffset"];
    const buffers: [string, string][] = [
      ["o", "f32"],
      ["image", kind.plain ? "vec4<f32>" : "f32"],
      ["grad", whole ? "vec4<f32>" : "f32"],
    ];
    const at = (j: number): string => `grad[place + (depth + ${j}u) / plane * P.gradSample + (depth + ${j}u) % plane]`;
    const left: Side = {
      along: "depth",
      code: `alias PlaceA = u32;
fn prepareA(batch: u32, line: u32) -> u32 { return P.gradOffset + (batch * P.rows + min(line, P.rows - 1u)) * P.gradChannel; }
fn loadA(place: u32, depth: u32) -> vec4<f32> {
  if (depth >= P.depth) { return vec4<f32>(); }
  let plane = P.countY * P.countX;
  return ${whole ? "grad[(place + depth / plane * P.gradSample + depth % plane) / 4u]" : `vec4<f32>(${at(0)}, ${[1, 2, 3].map((j) => `select(0.0, ${at(j)}, depth + ${j}u < P.depth)`).join(", ")})`};
}`,
    };
    const store = `fn store(z: u32, row: u32, column: u32, value: f32) {
  if (row < P.rows && column < P.columns) { o[P.outOffset + (z * P.rows + row) * P.columns + column] = value; }
}`;
    return gemm({
      tile,
      element: "f32",
      left,
      right: windowsAlong(kind),
      params: header(params, buffers),
      store,
      vectors: false,
    });
  };
  const down = Math.ceil(rows / tile.rows);
  const across = Math.ceil(columns / tile.columns);
  const words = [
    ...[down, across, depth, share, splits, rows, columns],
    ...windowWords(windows),
    ...[grad.offset, sample, channel, out.offset],
  ];
  const storages = [out.storage, image.storage, grad.storage];
  gpu.dispatch(key, source, storages, words, tileGrid(gpu, across, down, groups * splits));
}
