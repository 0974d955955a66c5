import { isContiguous, numelOf, type View } from "@kindling/storage";
import { copyIn, copyOut, f32, f64, floats, take } from "./memory.js";

/*
 * Operands of the kernels that work on whole tensors, in the workspace.
 */

/** Copies a view of any strides to scratch, contiguous; its pointer. */
export function bringIn(view: View): number {
  const array = floats(view);
  const n = numelOf(view.shape);
  const pointer = take(n * array.BYTES_PER_ELEMENT);
  const { shape, strides, offset } = view;
  // the last dimensions that lie together go over at once
  let dims = shape.length;
  let run = 1;
  while (dims > 0 && (strides[dims - 1] === run || shape[dims - 1] === 1)) run *= shape[--dims];
  if (dims === 0) {
    copyIn(pointer, array, offset, n);
    return pointer;
  }
  const to = array instanceof Float32Array ? f32 : f64;
  const start = pointer / array.BYTES_PER_ELEMENT;
  if (dims === shape.length) run = 1;
  // one dimension as the inner loop, the others counted
  const inner = run > 1 ? 1 : shape[dims - 1];
  const step = run > 1 ? 0 : strides[dims - 1];
  const outer = run > 1 ? dims : dims - 1;
  const at = new Array<number>(outer).fill(0);
  let from = offset;
  for (let i = start, end = start + n; i < end; ) {
    if (run > 1) {
      to.set(array.subarray(from, from + run), i);
      i += run;
    } else if (step === 0) {
      to.fill(array[from], i, i + inner);
      i += inner;
    } else {
      for (let k = 0, p = from; k < inner; k++, p += step) to[i++] = array[p];
    }
    for (let d = outer - 1; d >= 0; d--) {
      from += strides[d];
      if (++at[d] < shape[d]) break;
      from -= strides[d] * shape[d];
      at[d] = 0;
    }
  }
  return pointer;
}

/** Copies a result, contiguous in scratch, to its view, which is contiguous as well. */
export function bringOut(view: View, pointer: number): void {
  copyOut(floats(view), view.offset, pointer, numelOf(view.shape));
}

export const solid = (view: View): boolean => isContiguous(view.shape, view.strides);
