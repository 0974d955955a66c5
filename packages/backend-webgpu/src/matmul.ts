import { numelOf, type View } from "@kindling/storage";
import { matmulThin, THIN } from "./matmul-thin.js";
import { matmulTiled, type Problem, problemOf } from "./matmul-tiled.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { addSummands } from "./summands.js";
import { choose } from "./tiles.js";

/** Workgroups along the batch: what every device takes. */
const MOST_BATCHES = 65535;

const turned = (p: Problem): Problem => ({
  out: p.out,
  batches: p.batches,
  rows: p.columns,
  columns: p.rows,
  depth: p.depth,
  left: p.right,
  right: p.left,
  steps: [p.steps[0], p.steps[2], p.steps[1]],
  accumulate: p.accumulate,
});

function multiply(gpu: Runtime, problem: Problem): void {
  const { out, batches, rows, columns, depth, steps, accumulate } = problem;
  if (rows <= THIN) {
    matmulThin(gpu, problem);
    return;
  }
  const { device, dtype } = out.storage;
  const { tile, splits } = choose(rows, columns, depth, batches, gpu.limits);
  if (splits === 1 || dtype !== "float32") {
    matmulTiled(gpu, problem, tile, 1);
    return;
  }
  const size = rows * columns;
  const parts = gpu.scratch(device, dtype, batches * splits * size);
  const { offset, storage } = out;
  const whole: Problem = {
    out: { storage: parts, shape: [], strides: [], offset: 0 },
    batches,
    rows,
    columns,
    depth,
    left: problem.left,
    right: problem.right,
    steps: [size, columns, 1],
    accumulate: false,
  };
  matmulTiled(gpu, whole, tile, splits);
  addSummands(gpu, { storage, shape: [batches, rows, columns], strides: steps, offset }, parts, splits, accumulate);
  gpu.release(parts);
}

/** Some of the matrices of a batch. */
const some = (x: View, first: number, count: number): View => ({
  storage: x.storage,
  shape: [count, x.shape[1], x.shape[2]],
  strides: x.strides,
  offset: x.offset + first * x.strides[0],
});

/** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus what is in `out` where `accumulate`. */
export function matmul(out: View, a: View, b: View, accumulate: boolean): void {
  if (numelOf(out.shape) === 0) return;
  const gpu = runtimeOf(out);
  const batches = out.shape[0];
  for (let first = 0; first < batches; first += MOST_BATCHES) {
    const count = Math.min(MOST_BATCHES, batches - first);
    const problem = problemOf(some(out, first, count), some(a, first, count), some(b, first, count), accumulate);
    // tiles for few rows are wide: few columns are taken for rows
    const narrow = problem.columns <= 32 && problem.rows > problem.columns;
    multiply(gpu, narrow ? turned(problem) : problem);
  }
}
