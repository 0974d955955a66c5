import type { View } from "@kindling/storage";
import { instance, type Kernel } from "./instance.js";
import { begin, copyIn, copyOut, floats, take } from "./memory.js";
import { finish, MOST_CHUNKS, post, threads } from "./threads.js";

/*
 * Kernels on rows. Rows come in in blocks, or, where there is enough to do for several threads, in long runs that the threads share by
 * the same blocks: results do not depend on how it went.
 */

/**
 * An operand of a kernel on rows, contiguous, with `width` elements a row. `shared` ones have `width` elements in all. Of a `sum`, each block
 * of rows makes one row of `width` elements; these add up. What is absent has the pointer 0.
 */
export interface RowOperand {
  readonly view: View | null;
  readonly role: "in" | "out" | "both" | "shared" | "sum";
  readonly width: number;
  /** Where a row does not lie together. */
  readonly runs?: Runs | undefined;
}

/** A row is `count` runs of `length` elements, `stride` elements apart; the next row's runs follow on these. */
export interface Runs {
  readonly count: number;
  readonly stride: number;
  readonly length: number;
}

/** Calls `copy(pointer, offset, length)` for all that lies together of `count` rows from `row` on. */
function parts(
  { view, width, runs }: RowOperand,
  pointer: number,
  bytes: number,
  row: number,
  count: number,
  copy: typeof copyIn,
): void {
  const { offset } = view as View;
  const array = floats(view as View);
  if (runs === undefined) {
    copy(pointer, array, offset + row * width, count * width);
    return;
  }
  const { length, stride } = runs;
  for (let r = 0; r < count; r++) {
    for (let k = 0; k < runs.count; k++) {
      copy(pointer + (r * runs.count + k) * length * bytes, array, offset + k * stride + (row + r) * length, length);
    }
  }
}

/** Elements of a block of rows: what all operands have of it lies in the nearest caches. */
const BLOCK = 2048;
/** Elements of a run that threads share: while they compute one, the caller copies the one before out and the next one in. */
const RUN = 1 << 16;
/** From how much work on several threads are faster, in elements that need an `exp`. */
const SPLIT = 1 << 17;

/** Elements of a block where a row is one: copies are fewer then, and all still lies in the second-level cache. */
const LONG_BLOCK = 16384;

/** Rows in a block. */
const blockOf = (n: number, sums: boolean): number =>
  n === 1 && !sums ? LONG_BLOCK : Math.max(sums ? 8 : 1, Math.floor(BLOCK / Math.max(1, n)));

/**
 * Calls `kernel(...pointers, rows, n, ...settings, step, chunk)` for rows of `n` elements; `work` is what an element costs, compared with an
 * `exp`.
 */
export function overRows(
  name: string,
  rows: number,
  n: number,
  operands: readonly RowOperand[],
  settings: readonly number[],
  work: number,
): void {
  const { kernels } = instance() as { kernels: Record<string, Kernel> };
  const first = operands.find(({ view }) => view !== null)?.view as View;
  const bytes = floats(first).BYTES_PER_ELEMENT;
  const kernel = `${name}${8 * bytes}`;
  const step = blockOf(
    n,
    operands.some(({ role, view }) => role === "sum" && view !== null),
  );
  const blocks = Math.ceil(rows / step);
  const shared = blocks > 1 && rows * n * work >= SPLIT && threads() > 1;
  const together = shared ? Math.min(blocks, MOST_CHUNKS, Math.max(1, Math.floor(RUN / (step * Math.max(1, n))))) : 1;
  const held = Math.min(rows, together * step);

  begin();
  const place = ({ view, role, width }: RowOperand): number => {
    if (view === null) return 0;
    const count = role === "shared" ? 1 : role === "sum" ? blocks : held;
    const pointer = take(bytes * width * count + 32); // whole vectors may be read and written at the end
    if (role === "shared") copyIn(pointer, floats(view), view.offset, width);
    return pointer;
  };
  const pointers = operands.map(place);
  const argumentsOf = (places: number[]): number[] => [...places, 0, n, ...settings, step];
  const countOf = (row: number): number => Math.min(held, rows - row);
  /** Copies a run of rows from `row` on in. */
  const enter = (args: number[], row: number): void => {
    const count = countOf(row);
    args[pointers.length] = count;
    for (let i = 0; i < pointers.length; i++) {
      const operand = operands[i];
      if (operand.view === null) continue;
      if (operand.role === "in" || operand.role === "both") parts(operand, args[i], bytes, row, count, copyIn);
      else if (operand.role === "sum") args[i] = pointers[i] + bytes * operand.width * (row / step);
    }
  };
  /** Copies its results out. */
  const leave = (args: number[], row: number): void => {
    for (let i = 0; i < pointers.length; i++) {
      const operand = operands[i];
      if (operand.view === null || (operand.role !== "out" && operand.role !== "both")) continue;
      parts(operand, args[i], bytes, row, countOf(row), (from, array, at, length) => copyOut(array, at, from, length));
    }
  };

  let args = argumentsOf(pointers);
  if (shared) {
    const once = (operand: RowOperand): boolean => operand.role === "shared" || operand.role === "sum";
    let others = argumentsOf(operands.map((operand, i) => (once(operand) ? pointers[i] : place(operand))));
    enter(args, 0);
    for (let row = 0; row < rows; row += held) {
      const chunks = Math.ceil(countOf(row) / step);
      post(kernel, chunks, args);
      if (row > 0) leave(others, row - held);
      if (row + held < rows) enter(others, row + held);
      finish(kernel, chunks, args);
      [args, others] = [others, args];
    }
    leave(others, Math.floor((rows - 1) / held) * held);
  } else {
    const run = kernels[kernel];
    for (let row = 0; row < rows; row += held) {
      enter(args, row);
      run(...args, 0);
      leave(args, row);
    }
  }
  operands.forEach(({ view, role, width }, i) => {
    if (view === null || role !== "sum") return;
    kernels[`addRows${8 * bytes}`](pointers[i], blocks, width);
    copyOut(floats(view), view.offset, pointers[i], width);
  });
}
