import { numelOf, type Storage, type View } from "@kindling/storage";
import type { Addend } from "./addend.js";
import { matmulThin, THIN } from "./matmul-thin.js";
import { type Call, matmulTiled, type Problem, problemOf, turned } from "./matmul-tiled.js";
import { type Runtime, runtimeOf } from "./runtime.js";
import { addSummands } from "./summands.js";
import { type Choice, chooseForProduct } from "./tiles.js";

/** Workgroups along the batch: what every device takes. */
const MOST_BATCHES = 65535;

const plan = (gpu: Runtime, { rows, columns, depth, batches, left, right }: Problem): Choice =>
  chooseForProduct(rows, columns, depth, batches, left.step === 1 && right.step === 1, gpu.limits);

/** The same product, its summands contiguous in `parts`. */
const inParts = (problem: Problem, parts: Storage, splits: number): Problem => {
  const { batches, rows, columns, depth, left, right } = problem;
  const size = rows * columns;
  return {
    out: { storage: parts, shape: [batches * splits, rows, columns], strides: [size, columns, 1], offset: 0 },
    batches,
    rows,
    columns,
    depth,
    left,
    right,
    steps: [size, columns, 1],
    addend: "nothing",
  };
};

const run = (gpu: Runtime, { prepared, words, groups }: Call): void => gpu.run(prepared, words, groups);

/** Computes a product, in the tile of `choice` where it has more rows than a thin one. */
export function multiply(gpu: Runtime, problem: Problem, choice: Choice = plan(gpu, problem)): void {
  const { out, batches, rows, columns, steps, addend } = problem;
  if (rows <= THIN) {
    run(gpu, matmulThin(gpu, problem));
    return;
  }
  const { device, dtype } = out.storage;
  const { tile, splits } = choice;
  if (splits === 1 || dtype !== "float32") {
    run(gpu, matmulTiled(gpu, problem, tile, 1));
    return;
  }
  const parts = gpu.scratch(device, dtype, batches * splits * rows * columns);
  const { offset, storage } = out;
  run(gpu, matmulTiled(gpu, inParts(problem, parts, splits), tile, splits));
  addSummands(gpu, { storage, shape: [batches, rows, columns], strides: steps, offset }, parts, splits, addend);
  gpu.release(parts);
}

/** A product whose summands somebody else adds up. */
export interface Summands {
  /** (parts, M, N), contiguous. */
  readonly parts: View;
  /** Multiplies, with the left operand from element `offset` of its storage on. */
  multiply(offset: number): void;
}

/**
 * The float32 product `a (M, K) · b (K, N)` as summands of a contiguous result, for kernels that add them up as they read them, prepared
 * for many left operands of one storage: `a`, which is contiguous, and others that lie whole rows away. The caller releases the parts.
 */
export function matmulSummands(gpu: Runtime, a: View, b: View): Summands {
  const { device, dtype } = a.storage;
  const [rows, columns] = [a.shape[0], b.shape[1]];
  const one = ({ storage, shape, strides, offset }: View): View => ({
    storage,
    shape: [1, ...shape],
    strides: [0, ...strides],
    offset,
  });
  const like: View = { storage: a.storage, shape: [1, rows, columns], strides: [0, columns, 1], offset: 0 };
  const problem = problemOf(like, one(a), one(b), "nothing");
  const { tile, splits } = rows <= THIN ? { tile: null, splits: 1 } : plan(gpu, problem);
  const whole = inParts(problem, gpu.scratch(device, dtype, splits * rows * columns), splits);
  const call = tile === null ? matmulThin(gpu, whole) : matmulTiled(gpu, whole, tile, splits);
  return {
    parts: whole.out,
    multiply(offset) {
      call.words[call.left] = offset;
      run(gpu, call);
    },
  };
}

/** Some of the matrices of a batch. */
const some = (x: View, first: number, count: number): View => ({
  storage: x.storage,
  shape: [count, x.shape[1], x.shape[2]],
  strides: x.strides,
  offset: x.offset + first * x.strides[0],
});

function multiplyAll(out: View, a: View, b: View, addend: Addend): void {
  if (numelOf(out.shape) === 0) return;
  const gpu = runtimeOf(out);
  const batches = out.shape[0];
  for (let first = 0; first < batches; first += MOST_BATCHES) {
    const count = Math.min(MOST_BATCHES, batches - first);
    const problem = problemOf(some(out, first, count), some(a, first, count), some(b, first, count), addend);
    // tiles for few rows are wide: few columns are taken for rows
    const narrow = problem.columns <= 32 && problem.rows > problem.columns;
    multiply(gpu, narrow ? turned(problem) : problem);
  }
}

/** `out (B, M, N) = a (B, M, K) · b (B, K, N)`, plus what is in `out` where `accumulate`. */
export const matmul = (out: View, a: View, b: View, accumulate: boolean): void =>
  multiplyAll(out, a, b, accumulate ? "result" : "nothing");

/** `FastPaths.matmulBias`. */
export const matmulBias = {
  run: (out: View, a: View, b: View, bias: View): void =>
    multiplyAll(out, a, b, { view: bias, row: 0, column: bias.strides[0] }),
};
