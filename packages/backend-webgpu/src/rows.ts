import type { DType, Storage, View } from "@kindling/storage";
import { axesOf, others, Params, walk } from "./axes.js";
import { join, joinMemory } from "./join.js";
import { eachOf, lanesFor, lanesText, THREADS, up } from "./plan.js";
import { runtimeOf } from "./runtime.js";
import { stepMath, stepOf } from "./steps.js";
import { type Binding, elementOf, kernel } from "./wgsl.js";

/*
 * Kernels that reduce a row, perhaps several times, and then make a row of it: softmax, layer norm, their gradients. A workgroup takes some rows, with
 * some lanes each, and reads them again for every step: they come from the cache then.
 */

/** A value of a whole row: `name` = the sum or the maximum of `of` over its elements, then, where there is one, changed to `becomes`. */
export interface Reduced {
  readonly name: string;
  readonly step: "sum" | "max";
  readonly of: string;
  readonly becomes?: string;
}

export interface RowKernel {
  /** Names the text of the kernel. */
  readonly name: string;
  readonly dtype: DType;
  /** Views of one shape whose rows lie along `dim`; `out` is written. In expressions each name is its element. */
  readonly views: Readonly<Record<string, View>> & { readonly out: View };
  readonly dim: number;
  /** Vectors with an element for each row, written (`NAME[row]` in `after`), and with one for each row or column, read. */
  readonly writes?: Readonly<Record<string, View>>;
  readonly reads?: Readonly<Record<string, View>>;
  /** Floats, read as `P.NAME`. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Statements before the reductions, which know `row`. */
  readonly before?: string;
  readonly reductions: readonly Reduced[];
  /** The element of `out`, of which `i` is the place in its row. */
  readonly result: string;
  /** Statements that one thread of each row runs at the end. */
  readonly after?: string;
}

/** The place of element `i` of a contiguous vector that a kernel reads or writes. */
export const at = (name: string, i: string): string => `${name}[P.start_${name} + ${i}]`;

function textOf(
  k: RowKernel,
  params: readonly string[],
  rank: number,
  along: boolean,
  lanes: number,
  subgroups: boolean,
): string {
  const { load, store } = elementOf(k.dtype);
  const names = Object.keys(k.views);
  const width = THREADS / lanes;
  const values = { value: "f32" };
  const binding = (name: string): Binding => ({ name: `${name}_all`, dtype: k.dtype });
  const vector = (name: string): Binding => ({ name, dtype: k.dtype });
  const inputs = names.filter((name) => name !== "out");
  const read = (i: string, n: number): string =>
    `let i${n} = ${i}; ${inputs.map((name) => `let ${name}${n} = ${load(`${name}_all[at_${name} + i${n} * P.step_${name}]`)};`).join(" ")}`;
  // expressions name elements, and `i`, without the number of the one in flight
  const eachElement = (statement: string): string =>
    eachOf("first", "length", lanes, read, (n) => {
      const named = inputs.map((name) => `let ${name} = ${name}${n};`).join(" ");
      return `{ let i = i${n}; ${named} ${statement} }`;
    });
  const reductions = k.reductions.map(({ name, step, of, becomes }) => {
    const { identity, of: combine } = stepOf(step, "f32");
    const meet = `value = ${combine("value", "other_value")};`;
    return `
  var ${name} = ${identity};
  ${eachElement(`${name} = ${combine(name, `(${of})`)};`)}
  value = ${name};
  ${join({ along, lanes }, values, meet, subgroups, true)}
  ${name} = value;
  ${becomes ? `${name} = ${becomes};` : ""}`;
  });
  return kernel({
    outputs: [binding("out"), ...Object.keys(k.writes ?? {}).map(vector)],
    inputs: [...inputs.map(binding), ...Object.keys(k.reads ?? {}).map(vector)],
    params,
    subgroups,
    declarations: `${stepMath()}
${joinMemory(values)}`,
    body: `
  var value: f32;
  ${lanesText({ along, lanes })}
  let row = group * ${width}u + mine;
  let length = select(0u, P.length, row < P.rows);
  ${names.map((name) => `var at_${name} = P.start_${name};`).join(" ")}
  ${walk("row", "rows", rank, names)}
  ${k.before ?? ""}
  ${reductions.join("")}
  ${eachElement(`out_all[at_out + i * P.step_out] = ${store(k.result)};`)}
  if (row < P.rows && first == 0u) { ${k.after ?? ""} }`,
  });
}

/** Runs the kernel on all rows. */
export function overRows(k: RowKernel): void {
  const { out } = k.views;
  const gpu = runtimeOf(out);
  const length = out.shape[k.dim];
  const all = Object.entries(k.views);
  const vectors = [...Object.entries(k.writes ?? {}), ...Object.entries(k.reads ?? {})];
  const rows = axesOf(out.shape, others(out.shape, k.dim), ...all.map(([, view]) => view.strides));
  if (rows.count * length === 0) return;
  const params = new Params().add({ rows: rows.count, length });
  for (const [name, view] of all) params.add({ [`start_${name}`]: view.offset, [`step_${name}`]: view.strides[k.dim] });
  for (const [name, view] of vectors) params.add({ [`start_${name}`]: view.offset });
  params.floats(k.numbers ?? {}).axes("rows", rows, Object.keys(k.views));
  const rank = rows.sizes.length;
  const along = rows.count === 1 || out.strides[k.dim] <= rows.strides[0][rank - 1];
  const lanes = lanesFor(rows.count, length, along);
  const storages: Storage[] = [
    out.storage,
    ...Object.values(k.writes ?? {}).map((view) => view.storage),
    ...all.slice(1).map(([, view]) => view.storage),
    ...Object.values(k.reads ?? {}).map((view) => view.storage),
  ];
  gpu.dispatch(
    `${k.name} ${k.dtype} ${along ? "along" : "across"} ${lanes} ${rank}`,
    () => textOf(k, params.names, rank, along, lanes, gpu.features.subgroups),
    storages,
    params.words,
    gpu.grid(up(rows.count, THREADS / lanes), 1),
  );
}
