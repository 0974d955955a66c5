import type { ScanName, Storage, View } from "@kindling/storage";
import { axesOf, others, Params, walk } from "./axes.js";
import { BUSY, THREADS, up } from "./plan.js";
import { runtimeOf } from "./runtime.js";
import { type Step, stepMath, stepOf } from "./steps.js";
import { type Element, elementOf, kernel } from "./wgsl.js";

/*
 * Running reductions. Where there are many lanes, or they are short, a thread goes along each. Otherwise a workgroup takes a part of a lane, 1024 elements
 * at a time; parts are then scanned by their totals, and what comes before each is added to it.
 */

/** Consecutive elements of a thread. */
const RUN = 4;
const BLOCK = THREADS * RUN;

/** The walk of one thread through one lane. */
const alone = ({ value, load, store }: Element, { identity, of }: Step, walked: string): string => `
  if (index >= P.lanes) { return; }
  ${walked}
  var sum: ${value} = ${identity};
  for (var i = 0u; i < P.length; i++) {
    sum = ${of("sum", load("a[at_a]"))};
    out[at_out] = ${store("sum")};
    at_out += P.step_out;
    at_a += P.step_a;
  }`;

/** A workgroup's way through its part of a lane; `carry` is what the blocks before give. */
const together = ({ value, load, store }: Element, { identity, of }: Step, walked: string, totals: boolean): string => `
  let part = group % P.parts;
  if (group / P.parts >= P.lanes) { return; }
  ${walked}
  let end = min(P.length, (part + 1u) * P.part);
  var carry: ${value} = ${identity};
  for (var start = part * P.part; start < end; start += ${BLOCK}u) {
    let first = start + lane * ${RUN}u;
    var sums_here: array<${value}, ${RUN}>;
    var sum: ${value} = ${identity};
    for (var k = 0u; k < ${RUN}u; k++) {
      if (first + k < end) { sum = ${of("sum", load("a[at_a + (first + k) * P.step_a]"))}; }
      sums_here[k] = sum;
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var step = 1u; step < ${THREADS}u; step *= 2u) {
      var left: ${value} = ${identity};
      if (lane >= step) { left = sums[lane - step]; }
      workgroupBarrier();
      sums[lane] = ${of("left", "sums[lane]")};
      workgroupBarrier();
    }
    var before = carry;
    if (lane > 0u) { before = ${of("carry", "sums[lane - 1u]")}; }
    carry = ${of("carry", `sums[${THREADS - 1}]`)};
    for (var k = 0u; k < ${RUN}u; k++) {
      if (first + k < end) { out[at_out + (first + k) * P.step_out] = ${store(of("before", "sums_here[k]"))}; }
    }
    workgroupBarrier();
  }
  ${totals ? "if (lane == 0u) { totals[group] = carry; }" : ""}`;

/** Adds to every part what all parts before it give. */
const carried = ({ load, store }: Element, { of }: Step, walked: string): string => `
  let inner = index % P.length;
  if (index / P.length >= P.lanes) { return; }
  let part = inner / P.part;
  if (part == 0u) { return; }
  ${walked}
  at_out += inner * P.step_out;
  out[at_out] = ${store(of("totals[index / P.length * P.parts + part - 1u]", load("out[at_out]")))};`;

/** `Primitives.scan`. */
export function scan(name: ScanName, out: View, a: View, dim: number): void {
  const gpu = runtimeOf(out);
  const { dtype, device } = a.storage;
  const length = a.shape[dim];
  const lanes = axesOf(a.shape, others(a.shape, dim), out.strides, a.strides);
  if (lanes.count * length === 0) return;
  const rank = lanes.sizes.length;
  const single = length <= 64 || lanes.count >= 4096;
  // halves are rounded once: what comes before cannot be added to them later
  const cuts = !single && dtype !== "float16";
  const parts = cuts ? Math.max(1, Math.min(Math.floor(BUSY / lanes.count), up(length, 4 * BLOCK))) : 1;
  const params = new Params()
    .add({ lanes: lanes.count, length, parts, part: up(up(length, parts), BLOCK) * BLOCK })
    .add({ start_out: out.offset, start_a: a.offset, step_out: out.strides[dim], step_a: a.strides[dim] })
    .axes("lanes", lanes, ["out", "a"]);
  const element = elementOf(dtype);
  const step = stepOf(name, element.value);
  const run = (kind: string, storages: Readonly<Record<string, Storage>>, groups: number, body: () => string): void =>
    gpu.dispatch(
      `scan.${name} ${dtype} ${kind} ${rank}`,
      () => {
        const bindings = Object.keys(storages).map((n) => ({ name: n, dtype }));
        return kernel({
          outputs: bindings.filter((b) => b.name !== "a"),
          inputs: bindings.filter((b) => b.name === "a"),
          params: params.names,
          declarations: `${stepMath()}
var<workgroup> sums: array<${element.value}, ${THREADS}>;`,
          body: body(),
        });
      },
      Object.values(storages),
      params.words,
      gpu.grid(groups, 1),
    );
  const starts = "var at_out = P.start_out; var at_a = P.start_a;";
  const walked = (lane: string): string => `${starts}\n${walk(lane, "lanes", rank, ["out", "a"])}`;
  const both = { out: out.storage, a: a.storage };
  if (single) run("alone", both, up(lanes.count, THREADS), () => alone(element, step, walked("index")));
  else if (parts === 1) run("together", both, lanes.count, () => together(element, step, walked("group"), false));
  else {
    const count = lanes.count * parts;
    const [totals, before] = [gpu.scratch(device, dtype, count), gpu.scratch(device, dtype, count)];
    const view = (storage: Storage): View => ({ storage, shape: [lanes.count, parts], strides: [parts, 1], offset: 0 });
    const cut = { out: out.storage, totals, a: a.storage };
    run("parts", cut, count, () => together(element, step, walked("(group / P.parts)"), true));
    scan(name, view(before), view(totals), 1);
    run("carried", { out: out.storage, totals: before }, up(lanes.count * length, THREADS), () =>
      carried(element, step, walked("(index / P.length)")),
    );
    for (const storage of [totals, before]) gpu.release(storage);
  }
}
