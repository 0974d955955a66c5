import { numelOf, type Storage, type View } from "@kindling/storage";
import { Params } from "./axes.js";
import { join, joinMemory } from "./join.js";
import { math } from "./math.js";
import { THREADS, up } from "./plan.js";
import { at } from "./rows.js";
import { runtimeOf } from "./runtime.js";
import { type Binding, elementOf, kernel } from "./wgsl.js";

/* The losses of classes: fast paths of autograd/src/ops/class-loss.ts. A class that does not exist has the loss NaN. */

interface Layout {
  readonly ignoreIndex: number;
  readonly reduction: string;
}

/** Targets of a thread before there is another workgroup; workgroups at most. */
const WORK = 16;
const MOST = 256;

/** WGSL of the class `t` of target `i`, and of its weight. */
const target = (weight: View | null): string => `
    let t = ${at("classes", "i")};
    let w = ${weight ? "weight[P.start_weight + u32(t) * P.step_weight]" : "1.0"};`;

const both: Readonly<{ along: boolean; lanes: number }> = { along: true, lanes: THREADS };
const values = { loss: "f32", weights: "f32" };

/** Adds up the threads' `loss` and `weights`; one thread writes the sums as `write` says. */
const summed = (write: string, subgroups: boolean): string => `
  let first = lane;
  ${join(both, values, "loss += other_loss; weights += other_weights;", subgroups)}
  if (lane == 0u) { ${write} }`;

const DECLARATIONS = `${math("nan")}
${joinMemory(values)}`;

function forward(
  out: View,
  total: View,
  input: View,
  classes: View,
  weight: View | null,
  { ignoreIndex, reduction }: Layout,
): void {
  const gpu = runtimeOf(out);
  const { subgroups } = gpu.features;
  const { dtype, device } = out.storage;
  const [, count, length] = input.shape;
  const n = numelOf(classes.shape);
  const each = reduction === "none";
  const groups = each ? up(n, THREADS) : Math.min(MOST, up(n, THREADS * WORK));
  const parts = each || groups === 1 ? [] : [gpu.scratch(device, dtype, groups), gpu.scratch(device, dtype, groups)];
  const ends = { start_out: out.offset, start_total: total.offset };
  const params = new Params()
    .add({ n, count, length, threads: groups * THREADS, ignore: ignoreIndex >>> 0 })
    .add(parts.length > 0 ? { start_out: 0, start_total: 0 } : ends)
    .add({ start_input: input.offset, start_classes: classes.offset })
    .add(weight ? { start_weight: weight.offset, step_weight: weight.strides[0] } : {});
  const { load, store } = elementOf(dtype);
  const result = (divides: boolean): string => store(divides ? "loss / weights" : "loss");
  const toTotal = `total[P.start_total] = ${store("weights")};`;
  const outputs: Binding[] = [
    { name: "out", dtype },
    { name: "total", dtype },
  ];
  const targets = parts.length > 0 ? parts : [out.storage, total.storage];
  const write =
    parts.length > 0
      ? `out[group] = ${store("loss")}; total[group] = ${store("weights")};`
      : `out[P.start_out] = ${result(reduction === "mean")}; ${toTotal}`;
  const storages: Storage[] = [...targets, input.storage, classes.storage];
  if (weight) storages.push(weight.storage);
  gpu.dispatch(
    `nllLoss.${reduction} ${dtype}${weight ? " weighted" : ""}${parts.length > 0 ? " parts" : ""}`,
    () =>
      kernel({
        outputs,
        inputs: [
          { name: "input", dtype },
          { name: "classes", dtype: "int32" },
          ...(weight ? [{ name: "weight", dtype }] : []),
        ],
        params: params.names,
        subgroups,
        declarations: DECLARATIONS,
        body: `
  var loss = 0.0;
  var weights = 0.0;
  for (var i = index; i < P.n; i += P.threads) {
    ${target(weight)}
    if (t != i32(P.ignore)) {
      let place = (i / P.length * P.count + u32(t)) * P.length + i % P.length;
      if (u32(t) < P.count) { loss -= w * ${load(at("input", "place"))}; } else { loss = nan(); }
      weights += w;
    }
  }
  ${each ? `if (index < P.n) { ${at("out", "index")} = ${store("loss")}; } if (index == 0u) { total[P.start_total] = ${store("0.0")}; }` : summed(write, subgroups)}`,
      }),
    storages,
    params.words,
    gpu.grid(groups, 1),
  );
  if (parts.length === 0) return;
  const last = new Params().add({ n: groups, ...ends });
  gpu.dispatch(
    `nllLoss.${reduction} ${dtype} last`,
    () =>
      kernel({
        outputs,
        inputs: [
          { name: "part_losses", dtype },
          { name: "part_weights", dtype },
        ],
        params: last.names,
        subgroups,
        declarations: DECLARATIONS,
        body: `
  var loss = 0.0;
  var weights = 0.0;
  if (lane < P.n) { loss = ${load("part_losses[lane]")}; weights = ${load("part_weights[lane]")}; }
  ${summed(`out[P.start_out] = ${result(reduction === "mean")}; ${toTotal}`, subgroups)}`,
      }),
    [out.storage, total.storage, ...parts],
    last.words,
    [1, 1, 1],
  );
  for (const storage of parts) gpu.release(storage);
}

function backward(
  out: View,
  grad: View,
  total: View,
  classes: View,
  weight: View | null,
  { ignoreIndex, reduction }: Layout,
): void {
  const gpu = runtimeOf(out);
  const { dtype } = out.storage;
  const [, count, length] = out.shape;
  const n = numelOf(out.shape);
  const params = new Params()
    .add({ n, count, length, ignore: ignoreIndex >>> 0, start_out: out.offset, start_grad: grad.offset })
    .add({ start_total: total.offset, start_classes: classes.offset })
    .add(weight ? { start_weight: weight.offset, step_weight: weight.strides[0] } : {});
  const mean = reduction === "mean";
  gpu.dispatch(
    `nllLossBackward.${reduction} ${dtype}${weight ? " weighted" : ""}`,
    () => {
      const { load, store } = elementOf(dtype);
      const arriving = load(at("grad", reduction === "none" ? "i" : "0u"));
      return kernel({
        outputs: [{ name: "out", dtype }],
        inputs: [
          { name: "grad", dtype },
          { name: "classes", dtype: "int32" },
          ...(mean ? [{ name: "total", dtype }] : []),
          ...(weight ? [{ name: "weight", dtype }] : []),
        ],
        params: params.names,
        body: `
  if (index >= P.n) { return; }
  let i = index / (P.count * P.length) * P.length + index % P.length;
  ${target(weight)}
  var slope = 0.0;
  if (t != i32(P.ignore) && u32(t) == index / P.length % P.count) { slope = -w * ${arriving}${mean ? ` / ${load("total[P.start_total]")}` : ""}; }
  ${at("out", "index")} = ${store("slope")};`,
      });
    },
    [out, grad, classes, ...(mean ? [total] : []), ...(weight ? [weight] : [])].map((view) => view.storage),
    params.words,
    gpu.grid(n),
  );
}

export const losses = { nllLoss: { float32: { run: forward } }, nllLossBackward: { float32: { run: backward } } };
