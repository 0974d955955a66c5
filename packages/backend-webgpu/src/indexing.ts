import { type DType, numelOf, type Operand, type ScatterReduction, type View } from "@kindling/storage";
import { addressing } from "./layout.js";
import { runtimeOf } from "./runtime.js";
import { stepMath, stepOf } from "./steps.js";
import { type Binding, elementOf, f32, kernel, wordOf } from "./wgsl.js";

/*
 * What is read and written at indices. Moves are of bits, whatever their dtype. Where scattered elements meet, they are combined
 * by atomic operations.
 */

/** The type that elements are moved as: one text for all dtypes of a width. */
const bitsOf = (dtype: DType): string => (dtype === "float16" ? "f16" : "u32");

/** `view`, seen in the shape of an index: at its first place along `dim`. */
const above = (view: View, dim: number, shape: View["shape"]): View => ({
  storage: view.storage,
  shape,
  strides: view.strides.map((s, d) => (d === dim ? 0 : s)),
  offset: view.offset,
});

/** `Primitives.gather`. Elements of indices out of range are NaN, or 0 of integers. */
export function gather(out: View, a: View, index: View, dim: number): void {
  const n = numelOf(out.shape);
  if (n === 0) return;
  const gpu = runtimeOf(out);
  const { dtype } = a.storage;
  const where = addressing(["out", "a", "places"], [out, above(a, dim, out.shape), index]);
  const type = bitsOf(dtype);
  const none = elementOf(dtype).value === "f32" ? f32(Number.NaN) : 0;
  gpu.dispatch(
    `gather ${type} ${where.key}`,
    () =>
      kernel({
        outputs: [{ name: "out", dtype, type }],
        inputs: [
          { name: "a", dtype, type },
          { name: "places", dtype: "int32" },
        ],
        params: ["n", "size", "step", "none", ...where.params],
        body: `
  if (index >= P.n) { return; }
${where.code()}
  let place = u32(places[at_places]);
  if (place < P.size) { out[at_out] = a[at_a + place * P.step]; }
  else { out[at_out] = ${type === "f16" ? "f16(bitcast<f32>(P.none))" : "P.none"}; }`,
      }),
    [out.storage, a.storage, index.storage],
    [n, a.shape[dim], a.strides[dim], none, ...where.words],
    gpu.grid(n),
  );
}

/** The type to bind `out` as, and WGSL of `combine(place, value)`, which changes an element of it as one step that nothing comes between. */
export function combining(
  dtype: DType,
  reduction: Exclude<ScatterReduction, "none">,
): { readonly type: string; readonly declarations: string } {
  const { value: type } = elementOf(dtype);
  const wraps = dtype === "uint8" && (reduction === "sum" || reduction === "prod");
  const atomic = { sum: "atomicAdd", max: "atomicMax", min: "atomicMin", prod: undefined }[reduction];
  if (type !== "f32" && !wraps && atomic !== undefined) {
    return {
      type: `atomic<${type}>`,
      declarations: `fn combine(place: u32, value: ${type}) { _ = ${atomic}(&out[place], value); }`,
    };
  }
  const half = dtype === "float16";
  const word = half ? "place / 2u" : "place";
  const old = half ? "unpack2x16float(old)[place % 2u]" : type === "f32" ? "bitcast<f32>(old)" : `${type}(old)`;
  const value = stepOf(reduction, type).of(old, "value");
  const next = half
    ? `var pair = unpack2x16float(old); pair[place % 2u] = ${value}; let next = pack2x16float(pair);`
    : `let next = ${type === "f32" ? `bitcast<u32>(${value})` : wraps ? `${value} & 255u` : `u32(${value})`};`;
  return {
    type: "atomic<u32>",
    declarations: `${stepMath()}
fn combine(place: u32, value: ${type}) {
  var old = atomicLoad(&out[${word}]);
  loop {
    ${next}
    let result = atomicCompareExchangeWeak(&out[${word}], old, next);
    if (result.exchanged) { break; }
    old = result.old_value;
  }
}`,
  };
}

/** `Primitives.scatter`. Elements of indices out of range are dropped. */
export function scatter(out: View, index: View, src: Operand, dim: number, reduction: ScatterReduction): void {
  const n = numelOf(index.shape);
  if (n === 0) return;
  const gpu = runtimeOf(out);
  const { dtype } = out.storage;
  const { value } = elementOf(dtype);
  const from = typeof src === "object" ? src : null;
  const names = ["out", "places", "src"].slice(0, from ? 3 : 2);
  const target = above(out, dim, index.shape);
  const where = addressing(names, from ? [target, index, from] : [target, index]);
  const moves = reduction === "none";
  const bits = bitsOf(dtype);
  const type = moves ? (bits === "f16" ? "f32" : bits) : value;
  gpu.dispatch(
    `scatter.${reduction} ${moves ? bits : dtype}${from ? "" : " number"} ${where.key}`,
    () => {
      const combined = moves ? { type: bits, declarations: "" } : combining(dtype, reduction);
      const inputs: Binding[] = [{ name: "places", dtype: "int32" }];
      if (from) inputs.push({ name: "src", dtype, type: moves ? bits : undefined });
      const arriving = from ? "src[at_src]" : `bitcast<${type}>(P.number)`;
      return kernel({
        outputs: [{ name: "out", dtype, type: combined.type }],
        inputs,
        params: ["n", "size", "step", "number", ...where.params],
        declarations: combined.declarations,
        body: `
  if (index >= P.n) { return; }
${where.code()}
  let place = u32(places[at_places]);
  if (place >= P.size) { return; }
  let to = at_out + place * P.step;
  ${moves ? `out[to] = ${bits}(${arriving});` : `combine(to, ${value}(${arriving}));`}`,
      });
    },
    [out.storage, index.storage, ...(from ? [from.storage] : [])],
    [n, out.shape[dim], out.strides[dim], from ? 0 : wordOf(src as number, dtype), ...where.words],
    gpu.grid(n),
  );
}
