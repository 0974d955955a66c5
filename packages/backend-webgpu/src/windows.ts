import type { View } from "@kindling/storage";
import type { Side } from "./gemm.js";

/*
 * The windows of an image as an operand of a product, read where they lie. A position of the result and a place in the
 * kernel meet the image at `position · stride − padding + place · dilation`, divided by `apart`: the image is taken to have
 * `apart − 1` zeros between its elements, as the gradient of a strided convolution sees it.
 */

/** What the text depends on. */
export interface WindowsKind {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly apart: readonly [number, number];
  /** Whether four positions that start at a multiple of 4 are in one row. */
  readonly fours: boolean;
  /** Whether each window is one element and every element a window, and positions lie in vectors of four: `image` holds those. */
  readonly plain: boolean;
}

/** The image (N, C, H, W), and how many positions there are. */
export interface Windows {
  readonly image: View;
  readonly groups: number;
  readonly padding: readonly [number, number];
  readonly count: readonly [number, number];
}

type Pair = readonly [number, number];

/** What of `windows` the text depends on. */
export function kindOf(
  { image, groups, padding, count }: Windows,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
  apart: Pair,
): WindowsKind {
  const [sample, channel, row, column] = image.strides;
  const [height, width] = [image.shape[2], image.shape[3]];
  const single = [...kernel, ...stride, ...apart].every((n) => n === 1) && padding[0] === 0 && padding[1] === 0;
  const solid = (column === 1 || width === 1) && (row === width || height === 1);
  const even = [image.offset, sample, channel, (image.shape[1] / groups) * channel, height * width].every(
    (n) => n % 4 === 0,
  );
  const plain = single && solid && even && count[0] === height && count[1] === width;
  return { kernel, stride, dilation, apart, fours: plain || count[1] % 4 === 0, plain };
}

/** Names the specialisation. */
export const keyOf = (k: WindowsKind): string =>
  `${k.kernel}/${k.stride}/${k.dilation}/${k.apart}/${k.plain ? "plain" : k.fours ? "fours" : "scalars"}`;

/** The same where elements are read one by one. */
export const notPlain = ({ kernel, stride, dilation, apart, fours }: WindowsKind): WindowsKind => ({
  kernel,
  stride,
  dilation,
  apart,
  fours,
  plain: false,
});

/** Names of the parameters, in the order of `windowWords`. */
export const WINDOW_PARAMS = [
  ...["imageOffset", "imageGroup", "imageSample", "imageChannel", "imageRow", "imageColumn"],
  ...["height", "width", "paddingY", "paddingX", "countY", "countX"],
];

export function windowWords({ image, groups, padding, count }: Windows): number[] {
  const { offset, shape, strides } = image;
  const [sample, channel, row, column] = strides;
  return [
    ...[offset, (shape[1] / groups) * channel, sample, channel, row, column],
    ...[shape[2], shape[3], padding[0] >>> 0, padding[1] >>> 0, count[0], count[1]],
  ];
}

/** WGSL of one element: `base` is where its channel of its sample starts, `y`, `x` are where the window meets the image. */
export const windowElement = ({ apart }: WindowsKind): string => {
  const far = apart[0] !== 1 || apart[1] !== 1;
  const [y, x] = far ? [`(y / ${apart[0]})`, `(x / ${apart[1]})`] : ["y", "x"];
  const fits = far ? ` && y % ${apart[0]} == 0 && x % ${apart[1]} == 0 && y >= 0 && x >= 0` : "";
  return `fn element(base: u32, y: i32, x: i32) -> f32 {
  if (u32(${y}) < P.height && u32(${x}) < P.width${fits}) { return image[base + u32(${y}) * P.imageRow + u32(${x}) * P.imageColumn]; }
  return 0.0;
}`;
};

const PLACE = (k: WindowsKind): string => `
fn placeY(depth: u32) -> i32 { return i32(depth % ${k.kernel[0] * k.kernel[1]}u / ${k.kernel[1]}u) * ${k.dilation[0]}; }
fn placeX(depth: u32) -> i32 { return i32(depth % ${k.kernel[1]}u) * ${k.dilation[1]}; }
fn channelOf(depth: u32) -> u32 { return depth / ${k.kernel[0] * k.kernel[1]}u; }
${windowElement(k)}`;

/** Operands whose windows are single elements. */
const PLAIN_ACROSS: Side = {
  along: "across",
  code: `alias PlaceB = u32;
fn prepareB(batch: u32, line: vec4<u32>) -> u32 {
  let column = min(line.x, P.columns - 4u);
  let plane = P.countY * P.countX;
  return (P.imageOffset + batch * P.imageGroup + column / plane * P.imageSample + column % plane) / 4u;
}
fn loadB(place: u32, depth: u32) -> vec4<f32> {
  if (depth >= P.depth) { return vec4<f32>(); }
  return image[place + depth * P.imageChannel / 4u];
}`,
};
const PLAIN_ALONG: Side = {
  along: "depth",
  code: `alias PlaceB = u32;
fn prepareB(batch: u32, line: u32) -> u32 {
  return P.imageOffset + batch * P.imageGroup + min(line, P.columns - 1u) * P.imageChannel;
}
fn loadB(place: u32, depth: u32) -> vec4<f32> {
  if (depth >= P.depth) { return vec4<f32>(); }
  let plane = P.countY * P.countX;
  return image[(place + depth / plane * P.imageSample + depth % plane) / 4u];
}`,
};

/** Right operand: (channels · kernel) by (samples · positions). */
export function windowsAcross(k: WindowsKind): Side {
  if (k.plain) return PLAIN_ACROSS;
  const load = (at: (lane: string) => string): string => `
  let channel = channelOf(depth) * P.imageChannel;
  let dy = placeY(depth);
  let dx = placeX(depth);
  return vec4<f32>(${["x", "y", "z", "w"].map(at).join(", ")});`;
  const guard = "if (depth >= P.depth) { return vec4<f32>(); }";
  if (k.fours) {
    const at = (lane: string): string =>
      `element(place.base + channel, place.y + dy, place.x + dx + ${"xyzw".indexOf(lane) * k.stride[1]})`;
    return {
      along: "across",
      code: `${PLACE(k)}
struct PlaceB { base: u32, y: i32, x: i32 }
fn prepareB(batch: u32, line: vec4<u32>) -> PlaceB {
  let column = min(line.x, P.columns - 4u);
  let plane = P.countY * P.countX;
  let position = column % plane;
  return PlaceB(P.imageOffset + batch * P.imageGroup + column / plane * P.imageSample,
    i32(position / P.countX) * ${k.stride[0]} - i32(P.paddingY), i32(position % P.countX) * ${k.stride[1]} - i32(P.paddingX));
}
fn loadB(place: PlaceB, depth: u32) -> vec4<f32> { ${guard} ${load(at)} }`,
    };
  }
  const at = (lane: string): string =>
    `element(place.base.${lane} + channel, place.y.${lane} + dy, place.x.${lane} + dx)`;
  return {
    along: "across",
    spread: true,
    code: `${PLACE(k)}
struct PlaceB { base: vec4<u32>, y: vec4<i32>, x: vec4<i32> }
fn prepareB(batch: u32, line: vec4<u32>) -> PlaceB {
  let column = min(line, vec4<u32>(P.columns - 1u));
  let plane = P.countY * P.countX;
  let position = column % plane;
  return PlaceB(P.imageOffset + batch * P.imageGroup + column / plane * P.imageSample,
    vec4<i32>(position / P.countX) * ${k.stride[0]} - i32(P.paddingY), vec4<i32>(position % P.countX) * ${k.stride[1]} - i32(P.paddingX));
}
fn loadB(place: PlaceB, depth: u32) -> vec4<f32> { ${guard} ${load(at)} }`,
  };
}

/** Right operand: (samples · positions) by (channels · kernel). */
export function windowsAlong(k: WindowsKind): Side {
  if (k.plain) return PLAIN_ALONG;
  const one = (j: number): string => {
    const position = k.fours ? "position" : `((depth + ${j}u) % plane)`;
    const sample = k.fours ? "sample" : `((depth + ${j}u) / plane * P.imageSample)`;
    const x = k.fours ? `x + ${j * k.stride[1]}` : `i32(${position} % P.countX) * ${k.stride[1]} + place.x`;
    const y = k.fours ? "y" : `i32(${position} / P.countX) * ${k.stride[0]} + place.y`;
    const value = `element(place.base + ${sample}, ${y}, ${x})`;
    return k.fours || j === 0 ? value : `select(0.0, ${value}, depth + ${j}u < P.depth)`;
  };
  const shared = `let position = depth % plane;
  let sample = depth / plane * P.imageSample;
  let y = i32(position / P.countX) * ${k.stride[0]} + place.y;
  let x = i32(position % P.countX) * ${k.stride[1]} + place.x;`;
  return {
    along: "depth",
    code: `${PLACE(k)}
struct PlaceB { base: u32, y: i32, x: i32 }
fn prepareB(batch: u32, line: u32) -> PlaceB {
  let column = min(line, P.columns - 1u);
  return PlaceB(P.imageOffset + batch * P.imageGroup + channelOf(column) * P.imageChannel,
    placeY(column) - i32(P.paddingY), placeX(column) - i32(P.paddingX));
}
fn loadB(place: PlaceB, depth: u32) -> vec4<f32> {
  if (depth >= P.depth) { return vec4<f32>(); }
  let plane = P.countY * P.countX;
  ${k.fours ? shared : ""}
  return vec4<f32>(${[0, 1, 2, 3].map(one).join(", ")});
}`,
  };
}
