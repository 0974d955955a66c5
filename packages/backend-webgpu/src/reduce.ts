import { contiguousStrides, type DType, type ReduceName, type Storage, type View } from "@kindling/storage";
import { type Axes, axesOf, Params, walk, walkFunction } from "./axes.js";
import { join, joinMemory } from "./join.js";
import { eachOf, lanesText, type Plan, planOf, readsAlong, THREADS, up } from "./plan.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { stepMath, stepOf } from "./steps.js";
import { type Binding, elementOf, kernel } from "./wgsl.js";

/*
 * Reductions. A workgroup makes some outputs, with some lanes each, which meet in a tree. Where outputs are few and what is reduced is
 * long, workgroups take parts of it, and a second pass reduces what they found.
 */

interface Pass {
  readonly name: ReduceName;
  readonly dtype: DType;
  readonly plan: Plan;
  /** Whether the input holds what a first pass found, and whether this pass is a first one. */
  readonly second: boolean;
  readonly first: boolean;
}

const isArg = (name: ReduceName): boolean => name === "argmax" || name === "argmin";

/** What results of a first pass are kept as. */
const between = (dtype: DType): DType => (dtype === "float16" ? "float32" : dtype);

function textOf(
  { name, dtype, plan, second, first }: Pass,
  params: readonly string[],
  ranks: readonly number[],
  subgroups: boolean,
): string {
  const arg = isArg(name);
  const { value: type } = elementOf(dtype);
  const { identity, of } = stepOf(name, type);
  const { lanes } = plan;
  const width = THREADS / lanes;
  const from = second ? between(dtype) : dtype;
  const outputs: Binding[] = [{ name: "out", dtype: first ? between(dtype) : arg ? "int32" : dtype }];
  const inputs: Binding[] = [{ name: "a", dtype: from }];
  if (arg && first) outputs.push({ name: "out_places", dtype: "int32" });
  if (arg && second) inputs.push({ name: "found", dtype: "int32" });
  const take = arg
    ? (k: number) => `if (better(value, place, next${k}, other${k})) { value = next${k}; place = other${k}; }`
    : (k: number) => `value = ${of("value", `next${k}`)};`;
  const read = (i: string, k: number): string =>
    `let at${k} = at_a + reduced_at(${i}); let next${k} = ${elementOf(from).load(`a[at${k}]`)};${
      arg ? ` let other${k} = ${second ? `u32(found[at${k}])` : i};` : ""
    }`;
  const found: Record<string, string> = arg ? { value: type, place: "u32" } : { value: type };
  const meet = arg
    ? "if (better(value, place, other_value, other_place)) { value = other_value; place = other_place; }"
    : `value = ${of("value", "other_value")};`;
  const sign = name === "argmax" ? ">" : "<";
  return kernel({
    outputs,
    inputs,
    params,
    subgroups,
    declarations: `${stepMath()}${walkFunction("reduced", ranks[1], "a")}
${joinMemory(found)}
fn better(a: ${type}, i: u32, b: ${type}, j: u32) -> bool {
  ${type === "f32" ? "let x = is_nan(a); let y = is_nan(b); if (x || y) { return y && (!x || j < i); }" : ""}
  return b ${sign} a || (b == a && j < i);
}`,
    body: `
  let block = group % P.blocks;
  let part = group / P.blocks;
  if (part >= P.parts) { return; }
  ${lanesText(plan)}
  let output = block * ${width}u + mine;
  var at_out = P.start_out;
  var value: ${type} = ${identity};
  var place = 0xffffffffu;
  if (output < P.outputs) {
    var at_a = P.start_a;
    ${walk("output", "kept", ranks[0], ["out", "a"])}
    let end = min(P.count, (part + 1u) * P.part);
    ${eachOf("part * P.part + first", "end", lanes, read, take)}
  }
  ${join(plan, found, meet, subgroups)}
  if (output < P.outputs && first == 0u) {
    ${first ? "at_out = part * P.outputs + output;" : ""}
    ${arg && first ? "out_places[at_out] = i32(place);" : ""}
    out[at_out] = ${arg && !first ? "i32(place)" : first ? "value" : elementOf(dtype).store("value")};
  }`,
  });
}

/** One pass, from and to storages with these offsets. */
function run(
  gpu: Runtime,
  p: Pass,
  storages: readonly Storage[],
  [toOffset, fromOffset]: readonly [number, number],
  kept: Axes,
  reduced: Axes,
): void {
  const { plan } = p;
  const blocks = up(kept.count, THREADS / plan.lanes);
  const params = new Params()
    .add({ blocks, parts: plan.parts, part: plan.part, outputs: kept.count, count: reduced.count })
    .add({ start_out: toOffset, start_a: fromOffset })
    .axes("kept", kept, ["out", "a"])
    .axes("reduced", reduced, ["a"]);
  const ranks = [kept.sizes.length, reduced.sizes.length];
  const kind = `${plan.along ? "along" : "across"} ${plan.lanes}${p.first ? " first" : ""}${p.second ? " second" : ""}`;
  gpu.dispatch(
    `reduce.${p.name} ${p.dtype} ${kind} ${ranks}`,
    () => textOf(p, params.names, ranks, gpu.features.subgroups),
    storages,
    params.words,
    gpu.grid(blocks * plan.parts, 1),
  );
}

/** `Primitives.reduce`. */
export function reduce(name: ReduceName, out: View, a: View, dims: readonly number[]): void {
  const gpu = runtimeOf(out);
  const { dtype, device } = a.storage;
  const keptDims = a.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const kept = axesOf(a.shape, keptDims, out.strides, a.strides);
  const reduced = axesOf(a.shape, dims, a.strides);
  if (kept.count === 0) return;
  const plan = planOf(kept.count, reduced.count, readsAlong(kept, 1, reduced, 0));
  const whole = { name, dtype, plan, first: false, second: false };
  if (plan.parts === 1) {
    run(gpu, whole, [out.storage, a.storage], [out.offset, a.offset], kept, reduced);
    return;
  }
  const length = plan.parts * kept.count;
  const found = [gpu.scratch(device, between(dtype), length)];
  if (isArg(name)) found.push(gpu.scratch(device, "int32", length));
  run(gpu, { ...whole, first: true }, [...found, a.storage], [0, a.offset], kept, reduced);
  const shape = [plan.parts, ...keptDims.map((d) => a.shape[d])];
  const strides = contiguousStrides(shape);
  const others = shape.map((_, d) => d).slice(1);
  run(
    gpu,
    { ...whole, plan: planOf(kept.count, plan.parts, false, 1), second: true },
    [out.storage, ...found],
    [out.offset, 0],
    axesOf(shape, others, [0, ...keptDims.map((d) => out.strides[d])], strides),
    axesOf(shape, [0], strides),
  );
  for (const storage of found) gpu.release(storage);
}
