import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";
import { WINDOW_PARAMS, type Windows, type WindowsKind, windowWords } from "./windows.js";

/*
 * Convolutions with up to four channels in the result, as a gradient of pictures has, where tiles would be empty for the most part. A thread makes
 * `HIGH` results below one another, all channels of them, and reads each column of the image that they meet once. Four threads share a
 * column: each takes a quarter of the channels and columns of the kernel.
 */

const MOST = 4;
const HIGH = 4;
const PARTS = 4;
const ACROSS = 256 / PARTS;
/** Places of kernels, one for all channels of the result, in 16 kB of workgroup memory. */
const ROOM = 1024;
/** Rows of a kernel whose text still compiles quickly. */
const TALL = 16;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Whether `correlateFew` takes a convolution with so many channels in the result, and pays. */
export function isFew(rows: number, { groups, count }: Windows, kind: WindowsKind): boolean {
  const [high, wide] = kind.kernel;
  const dense = [...kind.stride, ...kind.dilation, ...kind.apart].every((n) => n === 1);
  const fits = rows <= MOST && high <= TALL && high * wide <= ROOM;
  return fits && groups === 1 && dense && high * wide > 1 && count[0] >= HIGH;
}

/** `out` (N, O, H′, W′), O ≤ 4, of any strides, from windows of stride 1 and a contiguous weight (O, C · kernel), plus a bias. */
export function correlateFew(
  gpu: Runtime,
  out: View,
  windows: Windows,
  weight: { readonly storage: Storage; readonly offset: number },
  bias: View | null,
  [high, wide]: readonly [number, number],
): void {
  const [samples, channels, height, width] = out.shape;
  const depth = windows.image.shape[1];
  const area = high * wide;
  const inputs = ["image", "weight", ...(bias === null ? [] : ["bias"])];
  const source = (): string => {
    const type = channels === 1 ? "f32" : `vec${channels}f`;
    const step = Math.floor(ROOM / area);
    const each = (text: (row: number) => string): string => range(channels).map(text).join(", ");
    const one = (value: string, row: number): string => (channels === 1 ? value : `${value}[${row}]`);
    return kernel({
      outputs: [{ name: "o", dtype: "float32" }],
      inputs: inputs.map((name) => ({ name, dtype: "float32" })),
      params: [
        ...["n", "strips", "depth", ...WINDOW_PARAMS, "weightOffset"],
        ...["outOffset", "outSample", "outChannel", "outRow", "outColumn", "biasOffset", "biasStep"],
      ],
      declarations: `
var<workgroup> held: array<${type}, ${ROOM}>; // kernels, and in the end the parts of the sums
fn element(inside: bool, at: u32) -> f32 {
  if (inside) { return image[at]; }
  return 0.0;
}`,
      body: `
  let item = group * ${ACROSS}u + lane % ${ACROSS}u;
  let part = lane / ${ACROSS}u;
  let column = item % P.countX;
  let top = item / P.countX % P.strips * ${HIGH}u;
  let sample = item / (P.countX * P.strips);
  let x = column - P.paddingX;
  let y = top - P.paddingY;
  let base = P.imageOffset + sample * P.imageSample;
  ${range(HIGH + high - 1)
    .map((j) => `let in${j} = item < P.n && y + ${j}u < P.height; let row${j} = base + (y + ${j}u) * P.imageRow;`)
    .join("\n  ")}
  ${range(HIGH)
    .map((i) => `var sum${i} = ${type}();`)
    .join(" ")}
  for (var first = 0u; first < P.depth; first += ${step}u) {
    let count = min(${step}u, P.depth - first);
    workgroupBarrier();
    for (var i = lane; i < count * ${area}u; i += 256u) {
      let at = P.weightOffset + first * ${area}u + i;
      held[i] = ${type}(${each((row) => `weight[at + ${row}u * P.depth * ${area}u]`)});
    }
    workgroupBarrier();
    for (var i = part; i < count * ${wide}u; i += ${PARTS}u) {
      let seen = x + i % ${wide}u;
      let inside = seen < P.width;
      let origin = (first + i / ${wide}u) * P.imageChannel + seen * P.imageColumn;
      let place = i / ${wide}u * ${area}u + i % ${wide}u;
      ${range(HIGH + high - 1)
        .map((j) => `let d${j} = ${type}(element(inside && in${j}, row${j} + origin));`)
        .join("\n      ")}
      ${range(high)
        .map(
          (k) =>
            `{ let w = held[place + ${k * wide}u]; ${range(HIGH)
              .map((i) => `sum${i} = fma(w, d${i + k}, sum${i});`)
              .join(" ")} }`,
        )
        .join("\n      ")}
    }
  }
  workgroupBarrier();
  ${range(HIGH)
    .map((i) => `held[${i * 256}u + lane] = sum${i};`)
    .join(" ")}
  workgroupBarrier();
  // each of the four adds up one of the results
  let mine = part * 256u + lane % ${ACROSS}u;
  let sum = ${range(PARTS)
    .map((q) => `held[mine + ${q * ACROSS}u]`)
    .join(" + ")};
  if (item >= P.n || top + part >= P.countY) { return; }
  let at = P.outOffset + sample * P.outSample + (top + part) * P.outRow + column * P.outColumn;
  ${range(channels)
    .map(
      (row) =>
        `o[at + ${row}u * P.outChannel] = ${one("sum", row)}${bias === null ? "" : ` + bias[P.biasOffset + ${row}u * P.biasStep]`};`,
    )
    .join("\n  ")}`,
    });
  };
  const strips = Math.ceil(height / HIGH);
  const n = samples * strips * width;
  const words = [n, strips, depth, ...windowWords(windows), weight.offset, out.offset, ...out.strides];
  words.push(bias?.offset ?? 0, bias?.strides[0] ?? 0);
  const storages = [out.storage, windows.image.storage, weight.storage];
  if (bias !== null) storages.push(bias.storage);
  const key = `convolution few ${channels} ${high} ${wide} ${bias !== null}`;
  gpu.dispatch(key, source, storages, words, gpu.grid(n, ACROSS));
}
