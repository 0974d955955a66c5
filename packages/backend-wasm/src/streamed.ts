import type { View } from "@kindling/storage";
import { begin, copyIn, copyOut, f32, f64, floats, take } from "./memory.js";

/** Bytes that are brought in of each operand at a time: all of them together stay in the nearest caches. */
const BLOCK = 8192;

/** Up to so many elements a loop copies faster than `set`, which wants a view of the part. */
const FEW = 24;

/** Copies as `copyIn`, for runs that may be short. */
export function bring(pointer: number, array: Float32Array | Float64Array, offset: number, length: number): void {
  if (length > FEW) {
    copyIn(pointer, array, offset, length);
    return;
  }
  const memory = array instanceof Float32Array ? f32 : f64;
  const first = pointer / array.BYTES_PER_ELEMENT;
  for (let i = 0; i < length; i++) memory[first + i] = array[offset + i];
}

/** Copies as `copyOut`, for runs that may be short. */
export function fetch(pointer: number, array: Float32Array | Float64Array, offset: number, length: number): void {
  if (length > FEW) {
    copyOut(array, offset, pointer, length);
    return;
  }
  const memory = array instanceof Float32Array ? f32 : f64;
  const first = pointer / array.BYTES_PER_ELEMENT;
  for (let i = 0; i < length; i++) array[offset + i] = memory[first + i];
}

/**
 * Calls `kernel(pointers, count)` on blocks of `n` elements of contiguous views of one dtype, which come in and go out as their
 * roles say. An absent view has the pointer 0.
 */
export function streamed(
  views: readonly (View | null)[],
  roles: readonly Role[],
  n: number,
  kernel: (pointers: readonly number[], count: number) => void,
): void {
  begin();
  const width = floats(views[0] as View).BYTES_PER_ELEMENT;
  const most = Math.min(n, BLOCK / width);
  const pointers = views.map((view) => (view === null ? 0 : take(most * width)));
  for (let from = 0; from < n; from += most) {
    const count = Math.min(most, n - from);
    for (let i = 0; i < views.length; i++) {
      const view = views[i];
      if (view !== null && roles[i] !== "out") bring(pointers[i], floats(view), view.offset + from, count);
    }
    kernel(pointers, count);
    for (let i = 0; i < views.length; i++) {
      const view = views[i];
      if (view !== null && roles[i] !== "in") fetch(pointers[i], floats(view), view.offset + from, count);
    }
  }
}

/** Whether a view is read, written, or both. */
export type Role = "in" | "out" | "both";
