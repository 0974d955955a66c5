import type { DType, Storage, View } from "@kindling/storage";
import { type Axes, axesOf, others, Params, walk } from "./axes.js";
import { THREADS, up } from "./plan.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { elementOf, kernel } from "./wgsl.js";

/*
 * A stable sort. Elements become pairs of a key, whose order as u32 is theirs, and where they come from: pairs are all different, so that any
 * sort of them is stable. A workgroup sorts a block bitonically; sorted runs are merged two by two, every element searching its
 * place in the other run.
 */

/** Elements that a workgroup sorts, at most. */
const BLOCK = 1024;

/** Elements of a block of lanes of this length: a power of two. */
const blockOf = (length: number): number => Math.min(BLOCK, Math.max(32, 2 ** Math.ceil(Math.log2(length))));

/** The key of a value: equal for 0 and −0 and for all NaN, which are largest. */
const keys: Readonly<Record<"f32" | "i32" | "u32", string>> = {
  f32: `let bits = bitcast<u32>(x);
let magnitude = bits & 0x7fffffffu;
if (magnitude > 0x7f800000u) { return 0xffffffffu; }
if (magnitude == 0u) { return 0x80000000u; }
return select(bits | 0x80000000u, ~bits, bits > 0x7fffffffu);`,
  i32: "return bitcast<u32>(x) ^ 0x80000000u;",
  u32: "return x;",
};

/** How the lanes of a sort lie: `views` are values, indices and a, where they are bound. */
interface Lanes {
  readonly dtype: DType;
  readonly axes: Axes;
  readonly length: number;
  readonly strides: readonly [values: number, indices: number, a: number];
  readonly offsets: readonly [values: number, indices: number, a: number];
}

const VIEWS = ["values", "indices", "a"];

const lanesParams = ({ axes, length, strides, offsets }: Lanes): Params => {
  const params = new Params().add({ lanes: axes.count, length });
  VIEWS.forEach((view, v) => {
    params.add({ [`start_${view}`]: offsets[v], [`step_${view}`]: strides[v] });
  });
  return params.axes("lanes", axes, VIEWS);
};

/** WGSL that sets the place of each view's first element in lane `which`. */
const lanesAt = (which: string, rank: number): string =>
  `${VIEWS.map((view) => `var at_${view} = P.start_${view};`).join(" ")}\n${walk(which, "lanes", rank, VIEWS)}`;

/** Sorts blocks; of a lane that is one block, into the results. */
function sortBlocks(gpu: Runtime, l: Lanes, descending: boolean, storages: readonly Storage[], last: boolean): void {
  const block = blockOf(l.length);
  const threads = Math.min(THREADS, block / 2);
  const blocks = up(l.length, block);
  const params = lanesParams(l).add({ blocks });
  const { dtype } = l;
  const rank = l.axes.sizes.length;
  const { value: type, load } = elementOf(dtype);
  gpu.dispatch(
    `sort.blocks ${dtype} ${rank} ${block} ${descending} ${last}`,
    () =>
      kernel({
        outputs: [
          { name: "values", dtype: last ? dtype : "int32", type: last ? undefined : "u32" },
          { name: "indices", dtype: "int32", type: "u32" },
        ],
        inputs: [{ name: "a", dtype }],
        params: params.names,
        workgroup: threads,
        declarations: `
var<workgroup> keys: array<u32, ${block}>;
var<workgroup> places: array<u32, ${block}>;
fn key(x: ${type}) -> u32 { ${keys[type]} }`,
        body: `
let block = group % P.blocks;
let which = group / P.blocks;
if (which >= P.lanes) { return; }
${lanesAt("which", rank)}
for (var i = lane; i < ${block}u; i += ${threads}u) {
let place = block * ${block}u + i;
places[i] = place;
keys[i] = 0xffffffffu;
if (place < P.length) { keys[i] = ${descending ? "~" : ""}key(${load("a[at_a + place * P.step_a]")}); }
}
for (var size = 2u; size <= ${block}u; size *= 2u) {
for (var step = size / 2u; step > 0u; step /= 2u) {
workgroupBarrier();
for (var n = lane; n < ${block / 2}u; n += ${threads}u) {
let i = n / step * step * 2u + n % step;
let j = i + step;
let swaps = keys[i] > keys[j] || (keys[i] == keys[j] && places[i] > places[j]);
if (swaps == ((i & size) == 0u)) {
let k = keys[i]; keys[i] = keys[j]; keys[j] = k;
let q = places[i]; places[i] = places[j]; places[j] = q;
}
}
}
}
workgroupBarrier();
for (var i = lane; i < ${block}u; i += ${threads}u) {
let place = block * ${block}u + i;
if (place < P.length) {
${
  last
    ? `values[at_values + i * P.step_values] = a[at_a + places[i] * P.step_a];
indices[at_indices + i * P.step_indices] = places[i];`
    : "values[which * P.length + place] = keys[i]; indices[which * P.length + place] = places[i];"
}
}
}`,
      }),
    storages,
    params.words,
    gpu.grid(blocks * l.axes.count, 1),
  );
}

/** Merges runs of `width` pairs, two by two; at the end into the results. */
function merge(gpu: Runtime, l: Lanes, width: number, storages: readonly Storage[], last: boolean): void {
  const params = lanesParams(l).add({ width, count: l.axes.count * l.length });
  const { dtype } = l;
  const rank = l.axes.sizes.length;
  const bits = dtype === "float16" ? "f16" : "u32";
  gpu.dispatch(
    `sort.merge ${last ? `${bits} ` : ""}${rank}`,
    () =>
      kernel({
        outputs: [
          { name: "values", dtype, type: last ? bits : "u32" },
          { name: "indices", dtype: "int32", type: "u32" },
        ],
        inputs: [
          { name: "keys", dtype: "int32", type: "u32" },
          { name: "places", dtype: "int32", type: "u32" },
          ...(last ? [{ name: "a", dtype, type: bits }] : []),
        ],
        params: params.names,
        body: `
if (index >= P.count) { return; }
let which = index / P.length;
let i = index % P.length;
let start = which * P.length;
let pair = i / (2u * P.width) * (2u * P.width);
let left = i < pair + P.width;
let other = select(pair, pair + P.width, left);
let key = keys[index];
let place = places[index];
var low = min(other, P.length);
var high = min(other + P.width, P.length);
let begin = low;
while (low < high) {
let middle = (low + high) / 2u;
let k = keys[start + middle];
if (k < key || (k == key && places[start + middle] < place)) { low = middle + 1u; } else { high = middle; }
}
let to = pair + (i - select(pair + P.width, pair, left)) + (low - begin);
${
  last
    ? `${lanesAt("which", rank)}
values[at_values + to * P.step_values] = a[at_a + place * P.step_a];
indices[at_indices + to * P.step_indices] = place;`
    : "values[start + to] = key; indices[start + to] = place;"
}`,
      }),
    storages,
    params.words,
    gpu.grid(l.axes.count * l.length),
  );
}

/** `Primitives.sort`. */
export function sort(values: View, indices: View, a: View, dim: number, descending: boolean): void {
  const gpu = runtimeOf(values);
  const { dtype, device } = a.storage;
  const length = a.shape[dim];
  const lanes: Lanes = {
    dtype,
    axes: axesOf(a.shape, others(a.shape, dim), values.strides, indices.strides, a.strides),
    length,
    strides: [values.strides[dim], indices.strides[dim], a.strides[dim]],
    offsets: [values.offset, indices.offset, a.offset],
  };
  const count = lanes.axes.count * length;
  if (count === 0) return;
  if (length <= BLOCK) {
    sortBlocks(gpu, lanes, descending, [values.storage, indices.storage, a.storage], true);
    return;
  }
  const pairs = (): Storage[] => [gpu.scratch(device, "int32", count), gpu.scratch(device, "int32", count)];
  let [from, to] = [pairs(), pairs()];
  sortBlocks(gpu, lanes, descending, [...from, a.storage], false);
  let width = BLOCK;
  for (; 2 * width < length; width *= 2) {
    merge(gpu, lanes, width, [...to, ...from], false);
    [from, to] = [to, from];
  }
  merge(gpu, lanes, width, [values.storage, indices.storage, ...from, a.storage], true);
  for (const storage of [...from, ...to]) gpu.release(storage);
}
