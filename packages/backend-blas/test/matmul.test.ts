import type { View } from "@kindling/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBlas } from "#library";
import type { Memory } from "../src/blas.js";
import { matmul } from "../src/matmul.js";
import { blasOrSkip } from "./blas.js";

const blas = blasOrSkip(openBlas());

/** How a batch of matrices lies in memory. */
interface Layout {
  /** Dimensions from the outermost to the innermost. */
  readonly order: readonly number[];
  /** Elements between neighbours of the innermost dimension, and left over at the end of the others. */
  readonly gap: number;
  readonly rest: number;
  readonly offset: number;
  /** Dimensions with a stride of 0. */
  readonly repeated: readonly number[];
}

const rowMajor: Layout = { order: [0, 1, 2], gap: 1, rest: 0, offset: 0, repeated: [] };
const columnMajor: Layout = { ...rowMajor, order: [0, 2, 1] };

const anyLayout = (repeats: boolean): fc.Arbitrary<Layout> =>
  fc.oneof(
    fc.constantFrom(rowMajor, columnMajor),
    fc.record({
      order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      gap: fc.integer({ min: 1, max: 2 }),
      rest: fc.integer({ min: 0, max: 2 }),
      offset: fc.integer({ min: 0, max: 5 }),
      repeated: repeats ? fc.subarray([0, 1, 2]) : fc.constant([]),
    }),
  );

const OUTSIDE = 77;

function view(dtype: "float32" | "float64", shape: readonly number[], layout: Layout): View & { memory: Memory } {
  const strides = [0, 0, 0];
  let step = layout.gap;
  for (const d of [...layout.order].reverse()) {
    if (layout.repeated.includes(d)) continue;
    strides[d] = step;
    step *= shape[d] + layout.rest;
  }
  const memory = new (dtype === "float32" ? Float32Array : Float64Array)(layout.offset + step + 3).fill(OUTSIDE);
  return { storage: { dtype, handle: memory }, shape, strides, offset: layout.offset, memory } as never;
}

function* places({ shape, strides, offset }: View): Iterable<[place: number, batch: number, i: number, j: number]> {
  for (let p = 0; p < shape[0]; p++) {
    for (let i = 0; i < shape[1]; i++) {
      for (let j = 0; j < shape[2]; j++) {
        yield [offset + p * strides[0] + i * strides[1] + j * strides[2], p, i, j];
      }
    }
  }
}

function filled(x: ReturnType<typeof view>, seed: number): typeof x {
  for (const [place, p, i, j] of places(x)) x.memory[place] = ((p * 7 + i * 5 + j * 3 + seed) % 11) - 5;
  return x;
}

/** What a plain product gives; small integers, so that any order of summing is exact. */
function expected(out: View & { memory: Memory }, a: typeof out, b: typeof out, accumulate: boolean): Memory {
  const result = out.memory.slice();
  const element = (x: typeof out, p: number, i: number, j: number): number =>
    x.memory[x.offset + p * x.strides[0] + i * x.strides[1] + j * x.strides[2]];
  for (const [place, p, i, j] of places(out)) {
    let sum = accumulate ? result[place] : 0;
    for (let k = 0; k < a.shape[2]; k++) sum += element(a, p, i, k) * element(b, p, k, j);
    result[place] = sum;
  }
  return result;
}

describe.skipIf(blas === null).each(["float32", "float64"] as const)("products of %s", (dtype) => {
  const routines = () => (blas as NonNullable<typeof blas>)[dtype];

  it("of every layout, thin or wide, in batches, are those of a plain loop", () => {
    const size = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 40 }));
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, size),
        anyLayout(false),
        anyLayout(true),
        anyLayout(true),
        fc.boolean(),
        ([count, m, k, n], layoutOfOut, layoutOfA, layoutOfB, accumulate) => {
          const a = filled(view(dtype, [count, m, k], layoutOfA), 1);
          const b = filled(view(dtype, [count, k, n], layoutOfB), 2);
          const out = filled(view(dtype, [count, m, n], layoutOfOut), 3);
          const result = expected(out, a, b, accumulate);
          if (!accumulate) for (const [place] of places(out)) out.memory[place] = Number.NaN;
          const [beforeA, beforeB] = [a.memory.slice(), b.memory.slice()];
          matmul(routines(), out, a, b, accumulate);
          expect(out.memory).toEqual(result);
          expect([a.memory, b.memory]).toEqual([beforeA, beforeB]);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("with one matrix for the whole batch, on either side", () => {
    for (const [m, k, n] of [
      [3, 4, 5],
      [1, 4, 5],
      [3, 4, 1],
    ]) {
      for (const order of [
        rowMajor,
        columnMajor,
        { ...rowMajor, order: [1, 0, 2] },
        { ...rowMajor, order: [2, 0, 1] },
      ]) {
        for (const [layoutOfA, layoutOfB] of [
          [order, { ...order, repeated: [0] }],
          [{ ...order, repeated: [0] }, order],
        ]) {
          const a = filled(view(dtype, [4, m, k], layoutOfA), 1);
          const b = filled(view(dtype, [4, k, n], layoutOfB), 2);
          const out = filled(view(dtype, [4, m, n], order), 3);
          const result = expected(out, a, b, true);
          matmul(routines(), out, a, b, true);
          expect(out.memory).toEqual(result);
        }
      }
    }
  });

  it("carry NaN and infinities of the operands, also where they meet a 0", () => {
    for (const [m, n] of [
      [2, 3],
      [1, 3],
      [2, 1],
    ]) {
      const a = filled(view(dtype, [1, m, 3], rowMajor), 1);
      const b = filled(view(dtype, [1, 3, n], rowMajor), 2);
      a.memory.set([0, 1, 2]);
      b.memory[0] = Number.POSITIVE_INFINITY;
      b.memory[n] = 2;
      const out = view(dtype, [1, m, n], rowMajor);
      const result = expected(out, a, b, false);
      expect(result[0]).toBeNaN(); // 0 · ∞
      matmul(routines(), out, a, b, false);
      expect(out.memory).toEqual(result);
    }
  });
});
