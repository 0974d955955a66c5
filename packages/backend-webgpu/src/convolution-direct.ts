import type { Storage, View } from "@kindling/storage";
import type { Runtime } from "./runtime.js";
import { kernel } from "./wgsl.js";
import { keyOf, WINDOW_PARAMS, type Windows, type WindowsKind, windowElement, windowWords } from "./windows.js";

/* Convolutions whose groups have few channels, where tiles would be empty for the most part: an invocation a result. */

/** As `correlate`, for any sizes. */
export function correlateDirect(
  gpu: Runtime,
  out: View,
  windows: Windows,
  weight: { readonly storage: Storage; readonly offset: number },
  bias: View | null,
  kind: WindowsKind,
): void {
  const [samples, channels, height, width] = out.shape;
  const { image, groups } = windows;
  const inputs = [
    { name: "image", dtype: "float32" as const },
    { name: "weight", dtype: "float32" as const },
  ];
  if (bias !== null) inputs.push({ name: "bias", dtype: "float32" });
  const n = samples * channels * height * width;
  const [high, wide] = kind.kernel;
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype: "float32" }],
      inputs,
      params: [
        "n",
        ...WINDOW_PARAMS,
        "weightOffset",
        "outOffset",
        "outSample",
        "outChannel",
        "outRow",
        "outColumn",
        "channels",
        "rows",
        "depth",
        "biasOffset",
        "biasStep",
      ],
      declarations: windowElement(kind),
      body: `
  if (index >= P.n) { return; }
  let plane = P.countY * P.countX;
  let position = index % plane;
  let channel = index / plane % P.channels;
  let sample = index / plane / P.channels;
  let y = i32(position / P.countX) * ${kind.stride[0]} - i32(P.paddingY);
  let x = i32(position % P.countX) * ${kind.stride[1]} - i32(P.paddingX);
  var base = P.imageOffset + channel / P.rows * P.imageGroup + sample * P.imageSample;
  var at = P.weightOffset + channel * P.depth * ${high * wide}u;
  var sum = ${bias === null ? "0.0" : "bias[P.biasOffset + channel * P.biasStep]"};
  for (var c = 0u; c < P.depth; c++) {
    for (var i = 0; i < ${high}; i++) {
      for (var j = 0; j < ${wide}; j++) {
        sum += weight[at] * element(base, y + i * ${kind.dilation[0]}, x + j * ${kind.dilation[1]});
        at++;
      }
    }
    base += P.imageChannel;
  }
  o[P.outOffset + sample * P.outSample + channel * P.outChannel + position / P.countX * P.outRow + position % P.countX * P.outColumn] = sum;`,
    });
  const tail = [weight.offset, out.offset, ...out.strides, channels, channels / groups, image.shape[1] / groups];
  const words = [n, ...windowWords(windows), ...tail, bias?.offset ?? 0, bias?.strides[0] ?? 0];
  const storages = [out.storage, image.storage, weight.storage];
  if (bias !== null) storages.push(bias.storage);
  const key = `convolution direct ${keyOf(kind)} ${bias !== null}`;
  gpu.dispatch(key, source, storages, words, gpu.grid(n));
}

/** The gradient of the weight, `out` (O, C/groups · kernel), contiguous: a workgroup an element. */
export function correlateWeightDirect(gpu: Runtime, out: View, windows: Windows, grad: View, kind: WindowsKind): void {
  const { image, groups, count } = windows;
  const columns = (image.shape[1] / groups) * kind.kernel[0] * kind.kernel[1];
  const n = grad.shape[1] * columns;
  const [high, wide] = kind.kernel;
  const source = (): string =>
    kernel({
      outputs: [{ name: "o", dtype: "float32" }],
      inputs: [
        { name: "image", dtype: "float32" },
        { name: "grad", dtype: "float32" },
      ],
      params: [
        "n",
        ...WINDOW_PARAMS,
        ...["outOffset", "rows", "columns", "depth", "gradOffset", "gradSample", "gradChannel"],
      ],
      declarations: `${windowElement(kind)}
var<workgroup> parts: array<f32, 256>;`,
      body: `
  if (group >= P.n) { return; }
  let channel = group / P.columns;
  let place = group % P.columns;
  let plane = P.countY * P.countX;
  let base = P.imageOffset + channel / P.rows * P.imageGroup + place / ${high * wide}u * P.imageChannel;
  let dy = i32(place % ${high * wide}u / ${wide}u) * ${kind.dilation[0]} - i32(P.paddingY);
  let dx = i32(place % ${wide}u) * ${kind.dilation[1]} - i32(P.paddingX);
  var sum = 0.0;
  for (var i = lane; i < P.depth; i += 256u) {
    let sample = i / plane;
    let position = i % plane;
    let y = i32(position / P.countX) * ${kind.stride[0]} + dy;
    let x = i32(position % P.countX) * ${kind.stride[1]} + dx;
    let g = grad[P.gradOffset + sample * P.gradSample + channel * P.gradChannel + position];
    sum += g * element(base + sample * P.imageSample, y, x);
  }
  parts[lane] = sum;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) { parts[lane] += parts[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { o[P.outOffset + group] = parts[0]; }`,
    });
  const tail = [out.offset, grad.shape[1] / groups, columns, grad.shape[0] * count[0] * count[1]];
  const words = [n, ...windowWords(windows), ...tail, grad.offset, grad.strides[0], grad.strides[1]];
  const key = `convolution direct weight ${keyOf(kind)}`;
  gpu.dispatch(key, source, [out.storage, image.storage, grad.storage], words, gpu.grid(n * 256));
}
