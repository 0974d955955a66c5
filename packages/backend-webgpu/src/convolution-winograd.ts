import type { Storage, View } from "@kindling/storage";
import { matmul } from "./matmul.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { kernel } from "./wgsl.js";

/*
 * The gradient of a 3 × 3 weight with 16 multiplications where there are 36: Winograd's F(2 × 2, 3 × 3), transposed. Tiles of 2 × 2 elements of the
 * result's gradient, `g`, and the 4 × 4 of the input that they meet, `d`, are transformed to 16 numbers each; 16 matrix products
 * add up over all tiles, and a last transform makes 3 × 3 of their 16 results: Gᵀ [Σ (A g Aᵀ) ⊙ (Bᵀ d B)] G.
 * All factors are 0, ±1 and ½: errors are those of a direct sum, at most 2·10⁻⁶ of the largest element in the tests.
 */

type Pair = readonly [number, number];

/** Channels on either side, and tiles, from which on it pays, by estimate (benchmarks/gpu): transforms and products move nine times the operands' bytes. */
const CHANNELS = 128;
const TILES = 256;
/** Bytes of the transformed operands beyond which the direct way goes easier on memory. */
const BYTES = 2 ** 27;

const tilesOf = ({ shape }: View): number => shape[0] * Math.ceil(shape[2] / 2) * Math.ceil(shape[3] / 2);

/** Whether the gradient of this weight, of one group and stride 1, pays by `winogradWeight`. */
export function paysByWinograd(out: View, grad: View): boolean {
  const [outputs, inputs, height, width] = out.shape;
  const tiles = tilesOf(grad);
  return (
    height === 3 &&
    width === 3 &&
    Math.min(outputs, inputs) >= CHANNELS &&
    tiles >= TILES &&
    64 * tiles * Math.max(outputs, inputs) <= Math.min(BYTES, runtimeOf(out).largest)
  );
}

/** WGSL of 16 numbers for each channel and tile, one kind behind the other: `rows` makes four rows `e0` to `e3` of `type`, `four` four numbers of a row `e`. */
const transform = (name: string, size: number, type: string, rows: string, four: string): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "image", dtype: "float32" }],
    params: [
      ...["n", "tiles", "down", "across", "height", "width", "offset", "sample", "channel", "row", "column"],
      ...["padding_y: i32", "padding_x: i32"],
    ],
    declarations: `
fn at(start: u32, y: i32, x: i32) -> f32 { // ${name}
  if (u32(y) >= P.height || u32(x) >= P.width) { return 0.0; }
  return image[start + u32(y) * P.row + u32(x) * P.column];
}
fn line(start: u32, y: i32, x: i32) -> ${type} {
  return ${type}(${Array.from({ length: size }, (_, i) => `at(start, y, x + ${i})`).join(", ")});
}
fn four(e: ${type}) -> vec4f { return ${four}; }`,
    body: `
  if (index >= P.n) { return; }
  let tile = index % P.tiles;
  let start = P.offset + tile / (P.down * P.across) * P.sample + index / P.tiles * P.channel;
  let y = i32(tile / P.across % P.down * 2u) - P.padding_y;
  let x = i32(tile % P.across * 2u) - P.padding_x;
  ${Array.from({ length: size }, (_, i) => `let d${i} = line(start, y + ${i}, x);`).join(" ")}
  ${rows}
  ${[0, 1, 2, 3]
    .map(
      (i) =>
        `{ let f = four(e${i}); ${[0, 1, 2, 3].map((j) => `o[index + ${4 * i + j}u * P.n] = f[${j}];`).join(" ")} }`,
    )
    .join("\n  ")}`,
  });

const ofInput = (): string =>
  transform(
    "input",
    4,
    "vec4f",
    "let e0 = d0 - d2; let e1 = d1 + d2; let e2 = d2 - d1; let e3 = d1 - d3;",
    "vec4f(e.x - e.z, e.y + e.z, e.z - e.y, e.y - e.w)",
  );

const ofGrad = (): string =>
  transform(
    "grad",
    2,
    "vec2f",
    "let e0 = d0; let e1 = d0 + d1; let e2 = d0 - d1; let e3 = -d1;",
    "vec4f(e.x, e.x + e.y, e.x - e.y, -e.y)",
  );

/** The 3 × 3 numbers of each pair of channels, from 16. */
const ofProducts = (): string =>
  kernel({
    outputs: [{ name: "o", dtype: "float32" }],
    inputs: [{ name: "m", dtype: "float32" }],
    params: ["n", "offset"],
    declarations: `
fn row(at: u32) -> vec4f { return vec4f(${[0, 1, 2, 3].map((j) => `m[at + ${j}u * P.n]`).join(", ")}); }
fn three(e: vec4f) -> vec3f { let s = 0.5 * (e.y + e.z); return vec3f(e.x + s, 0.5 * (e.y - e.z), s + e.w); }`,
    body: `
  if (index >= P.n) { return; }
  let d0 = row(index); let d1 = row(index + 4u * P.n); let d2 = row(index + 8u * P.n); let d3 = row(index + 12u * P.n);
  let s = 0.5 * (d1 + d2);
  let to = P.offset + index * 9u;
  ${["d0 + s", "0.5 * (d1 - d2)", "s + d3"]
    .map((e, i) => `{ let f = three(${e}); ${[0, 1, 2].map((j) => `o[to + ${3 * i + j}u] = f[${j}];`).join(" ")} }`)
    .join("\n  ")}`,
  });

function transformed(gpu: Runtime, key: string, source: () => string, of: View, grad: View, padding: Pair): Storage {
  const [, channels, height, width] = of.shape;
  const tiles = tilesOf(grad);
  const n = channels * tiles;
  const out = gpu.scratch(of.storage.device, "float32", 16 * n);
  const words = [n, tiles, Math.ceil(grad.shape[2] / 2), Math.ceil(grad.shape[3] / 2), height, width, of.offset];
  gpu.dispatch(
    `convolution winograd ${key}`,
    source,
    [out, of.storage],
    [...words, ...of.strides, ...padding],
    gpu.grid(n),
  );
  return out;
}

/** The gradient of a contiguous weight (O, C, 3, 3) of one group, with stride and dilation 1. */
export function winogradWeight(gpu: Runtime, out: View, input: View, grad: View, padding: Pair): void {
  const [outputs, inputs] = out.shape;
  const tiles = tilesOf(grad);
  const { device } = out.storage;
  const left = transformed(gpu, "grad", ofGrad, grad, grad, [0, 0]);
  const right = transformed(gpu, "input", ofInput, input, grad, padding);
  const n = outputs * inputs;
  const products = gpu.scratch(device, "float32", 16 * n);
  matmul(
    { storage: products, shape: [16, outputs, inputs], strides: [n, inputs, 1], offset: 0 },
    { storage: left, shape: [16, outputs, tiles], strides: [outputs * tiles, tiles, 1], offset: 0 },
    { storage: right, shape: [16, tiles, inputs], strides: [inputs * tiles, 1, tiles], offset: 0 },
    false,
  );
  gpu.release(left);
  gpu.release(right);
  gpu.dispatch("convolution winograd weight", ofProducts, [out.storage, products], [n, out.offset], gpu.grid(n));
  gpu.release(products);
}
