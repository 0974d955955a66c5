import { numelOf, type View } from "@kindling/storage";
import { combining, gather } from "./indexing.js";
import { up } from "./plan.js";
import { fill } from "./pointwise.js";
import { at } from "./rows.js";
import { runtimeOf } from "./runtime.js";
import { sort } from "./sort.js";
import { elementOf, kernel } from "./wgsl.js";

/*
 * Rows of a table by their numbers, and back: fast paths of autograd/src/ops/lookup.ts. For the gradient the numbers are sorted, and a thread adds up
 * a run of rows before it adds the sum to the table: a row that is used a thousand times is then no queue of a thousand.
 */

/** Rows that a thread adds up. */
const RUN = 32;

const forward = {
  run(out: View, table: View, index: View): void {
    gather(out, table, { storage: index.storage, shape: out.shape, strides: [1, 0], offset: index.offset }, 0);
  },
};

const backward = {
  run(out: View, grad: View, index: View, factor: View | null): void {
    fill(out, 0);
    const [n, width] = grad.shape;
    if (numelOf(grad.shape) === 0) return;
    const gpu = runtimeOf(out);
    const { dtype, device } = out.storage;
    const [numbers, places] = [gpu.scratch(device, "int32", n), gpu.scratch(device, "int32", n)];
    const vector = { shape: [n], strides: [1], offset: 0 };
    const given = { storage: index.storage, shape: [n], strides: [1], offset: index.offset };
    sort({ storage: numbers, ...vector }, { storage: places, ...vector }, given, 0, false);
    const { load } = elementOf(dtype);
    const threads = up(n, RUN) * width;
    gpu.dispatch(
      `embeddingBackward ${dtype}${factor ? " scaled" : ""}`,
      () => {
        const { type, declarations } = combining(dtype, "sum");
        return kernel({
          outputs: [{ name: "out", dtype, type }],
          inputs: [
            { name: "grad", dtype },
            { name: "numbers", dtype: "int32" },
            { name: "places", dtype: "int32" },
            ...(factor ? [{ name: "factor", dtype }] : []),
          ],
          params: ["threads", "n", "width", "rows", "start_out", "start_grad", "start_factor"],
          declarations: `${declarations}
fn add(row: i32, column: u32, value: f32) {
  if (u32(row) < P.rows) { combine(P.start_out + u32(row) * P.width + column, value); }
}`,
          body: `
  if (index >= P.threads) { return; }
  let column = index % P.width;
  let start = index / P.width * ${RUN}u;
  var row = numbers[start];
  var sum = 0.0;
  for (var i = start; i < min(start + ${RUN}u, P.n); i++) {
    if (numbers[i] != row) {
      add(row, column, sum);
      row = numbers[i];
      sum = 0.0;
    }
    let place = u32(places[i]);
    sum += ${factor ? `${load(at("factor", "place"))} * ` : ""}${load(at("grad", "place * P.width + column"))};
  }
  add(row, column, sum);`,
        });
      },
      [out.storage, grad.storage, numbers, places, ...(factor ? [factor.storage] : [])],
      [threads, n, width, out.shape[0], out.offset, grad.offset, factor?.offset ?? 0],
      gpu.grid(threads),
    );
    for (const storage of [numbers, places]) gpu.release(storage);
  },
};

export const embeddings = { embedding: { float32: forward }, embeddingBackward: { float32: backward } };
