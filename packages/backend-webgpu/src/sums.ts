import type { View } from "@kindling/storage";
import { axesOf, Params, walk, walkFunction } from "./axes.js";
import { join, joinMemory } from "./join.js";
import { eachOf, lanesText, planOf, readsAlong, THREADS, up } from "./plan.js";
import { reduce } from "./reduce.js";
import { runtimeOf } from "./runtime.js";
import { elementOf, kernel } from "./wgsl.js";

/* Sums of something that is computed of elements, one or several in one pass. */

export interface Sums {
  /** Names the text of the kernel. */
  readonly name: string;
  /** Contiguous views of one shape; in expressions each name is its element. */
  readonly views: Readonly<Record<string, View>>;
  /** The dimensions that are summed over. */
  readonly dims: readonly number[];
  /** Contiguous vectors, which expressions reach by `at` with the number `o` of the output or `r` of the element. */
  readonly reads?: Readonly<Record<string, View>>;
  readonly numbers?: Readonly<Record<string, number>>;
  /** What is summed, and the contiguous vector that gets it. */
  readonly sums: readonly (readonly [out: View, expression: string])[];
  /** Sums are multiplied by it. */
  readonly factor: number;
}

/** Computes the sums. Where outputs are few, parts are summed on their own first. */
export function sumUp({ name, views, dims, reads = {}, numbers = {}, sums, factor }: Sums): void {
  const all = Object.entries(views);
  const [, { shape, strides, storage }] = all[0];
  const { dtype, device } = storage;
  const gpu = runtimeOf(all[0][1]);
  const keptDims = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const [kept, reduced] = [axesOf(shape, keptDims, strides), axesOf(shape, dims, strides)];
  const along = readsAlong(kept, 0, reduced, 0);
  const plan = planOf(kept.count, reduced.count, along);
  const { parts, part, lanes } = plan;
  const outputs = kept.count;
  const width = THREADS / lanes;
  const blocks = up(outputs, width);
  const targets = sums.map(([out]) =>
    parts === 1
      ? out
      : {
          storage: gpu.scratch(device, dtype, parts * outputs),
          shape: [parts, outputs],
          strides: [outputs, 1],
          offset: 0,
        },
  );
  const params = new Params().add({ blocks, parts, part, outputs, count: reduced.count });
  for (const [key, view] of [...all, ...Object.entries(reads)]) params.add({ [`start_${key}`]: view.offset });
  targets.forEach((target, k) => {
    params.add({ [`start_out${k}`]: target.offset });
  });
  params
    .floats({ ...numbers, factor })
    .axes("kept", kept, ["all"])
    .axes("reduced", reduced, ["all"]);
  const ranks = [kept.sizes.length, reduced.sizes.length];
  gpu.dispatch(
    `${name} ${dtype} ${along ? "along" : "across"} ${lanes} ${ranks}`,
    () => {
      const { load, store } = elementOf(dtype);
      const read = (i: string, k: number): string =>
        `let r${k} = ${i}; let at${k} = at_all + reduced_at(r${k}); ${all
          .map(([key]) => `let ${key}${k} = ${load(`${key}_all[P.start_${key} + at${k}]`)};`)
          .join(" ")}`;
      // expressions name elements, and `r`, without the number of the one in flight
      const add = (k: number): string =>
        `{ let r = r${k}; ${all.map(([key]) => `let ${key} = ${key}${k};`).join(" ")} ${sums
          .map(([, expression], n) => `sum${n} += ${expression};`)
          .join(" ")} }`;
      const values = Object.fromEntries(sums.map((_, k) => [`sum${k}`, "f32"]));
      const { subgroups } = gpu.features;
      return kernel({
        outputs: sums.map((_, k) => ({ name: `out${k}`, dtype })),
        inputs: [
          ...all.map(([key]) => ({ name: `${key}_all`, dtype })),
          ...Object.keys(reads).map((key) => ({ name: key, dtype })),
        ],
        params: params.names,
        subgroups,
        declarations: `${joinMemory(values)}${walkFunction("reduced", ranks[1], "all")}`,
        body: `
  let block = group % P.blocks;
  let part = group / P.blocks;
  if (part >= P.parts) { return; }
  ${lanesText(plan)}
  let o = block * ${width}u + mine;
  ${sums.map((_, k) => `var sum${k} = 0.0;`).join(" ")}
  if (o < P.outputs) {
    var at_all = 0u;
    ${walk("o", "kept", ranks[0], ["all"])}
    let end = min(P.count, (part + 1u) * P.part);
    ${eachOf("part * P.part + first", "end", lanes, read, add)}
  }
  ${join(plan, values, sums.map((_, k) => `sum${k} += other_sum${k};`).join(" "), subgroups)}
  if (o < P.outputs && first == 0u) {
    let to = part * P.outputs + o;
    ${sums.map((_, k) => `out${k}[P.start_out${k} + to] = ${store(`sum${k} * P.factor`)};`).join("\n    ")}
  }`,
      });
    },
    [...targets, ...all.map(([, view]) => view), ...Object.values(reads)].map((view) => view.storage),
    params.words,
    gpu.grid(blocks * parts, 1),
  );
  if (parts === 1) return;
  targets.forEach((target, k) => {
    const [out] = sums[k];
    reduce(
      "sum",
      { storage: out.storage, shape: [1, outputs], strides: [outputs, 1], offset: out.offset },
      target,
      [0],
    );
    gpu.release(target.storage);
  });
}
