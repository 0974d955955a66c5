import type { View } from "@kindling/storage";
import { copyShared } from "#workers";
import { type Instance, instance, PAGE } from "./instance.js";

/*
 * WebAssembly memory is a workspace, not the home of tensors: operands are copied in, results out. Its layout, in order:
 * constants of the binary, the block through which threads talk, what stays (resident.ts), and the scratch of the call that runs.
 */

/** Where the threads' block lies. */
export const CONTROL = PAGE;
/** Where the part that stays begins, and its bytes. */
export const RESIDENT = 2 * PAGE;
export const RESIDENT_BYTES = 128 << 20;
const SCRATCH = RESIDENT + RESIDENT_BYTES;

/** Bytes of scratch that a call can have at most; what needs more must go in parts, or decline. */
export const MOST_SCRATCH = 768 << 20;

let it: Instance | undefined;
/** Counts the memories that there were: what stayed in one is not in the next. */
export let memories = 0;
/** The memory as numbers; anew whenever the memory has grown. */
export let f32: Float32Array;
export let f64: Float64Array;
export let i32: Int32Array;
export let u8: Uint8Array;
let top = SCRATCH;

function look(): void {
  const { buffer } = (it as Instance).memory;
  f32 = new Float32Array(buffer);
  f64 = new Float64Array(buffer);
  i32 = new Int32Array(buffer);
  u8 = new Uint8Array(buffer);
}

/** Whether there are kernels at all; after that the memory may be used. */
export function available(): boolean {
  const found = instance();
  if (found === undefined) return false;
  if (found !== it) {
    it = found;
    memories++;
    look();
  }
  return true;
}

/** Begins a call: all scratch is free. */
export function begin(): void {
  top = SCRATCH;
}

/** Takes `bytes` of scratch, until the next `begin`; the pointer is a multiple of 64. Its content is undefined. */
export function take(bytes: number): number {
  const pointer = top;
  top += (bytes + 63) & ~63;
  if (top > u8.length) {
    (it as Instance).memory.grow(Math.max(Math.ceil((top - u8.length) / PAGE), 256));
    look();
  }
  return pointer;
}

/** How much of the scratch is taken; `give` frees all that was taken since. */
export const mark = (): number => top;
export function give(mark: number): void {
  top = mark;
}

/** The memory as elements of an array's kind. */
const memoryLike = (array: Float32Array | Float64Array): Float32Array | Float64Array =>
  array instanceof Float32Array ? f32 : f64;

/** Up to so many elements a loop copies faster than `set`, which wants a view of the part. */
const FEW = 24;

/** A faster way to copy bytes between buffers of which one is shared. */
export type CopyShared = (
  to: ArrayBufferLike,
  toByte: number,
  from: ArrayBufferLike,
  fromByte: number,
  bytes: number,
) => void;

/** Bytes from which on it is the faster one. */
const MANY = 8192;

/** Copies by it, where that pays; whether it did. */
function moved(to: ArrayBufferLike, toByte: number, from: ArrayBufferLike, fromByte: number, bytes: number): boolean {
  if (bytes < MANY || copyShared === undefined || !(it as Instance).shared) return false;
  copyShared(to, toByte, from, fromByte, bytes);
  return true;
}

/** Copies `length` elements of a storage's handle, from `offset` on, to `pointer`. */
export function copyIn(pointer: number, array: Float32Array | Float64Array, offset: number, length: number): void {
  const memory = memoryLike(array);
  const { BYTES_PER_ELEMENT: width, buffer, byteOffset } = array;
  const first = pointer / width;
  if (length <= FEW) for (let i = 0; i < length; i++) memory[first + i] = array[offset + i];
  else if (!moved(memory.buffer, pointer, buffer, byteOffset + offset * width, length * width)) {
    memory.set(length === array.length ? array : array.subarray(offset, offset + length), first);
  }
}

/** Copies `length` elements at `pointer` to a storage's handle, from `offset` on. */
export function copyOut(array: Float32Array | Float64Array, offset: number, pointer: number, length: number): void {
  const memory = memoryLike(array);
  const { BYTES_PER_ELEMENT: width, buffer, byteOffset } = array;
  const first = pointer / width;
  if (length <= FEW) for (let i = 0; i < length; i++) array[offset + i] = memory[first + i];
  else if (!moved(buffer, byteOffset + offset * width, memory.buffer, pointer, length * width)) {
    array.set(memory.subarray(first, first + length), offset);
  }
}

/** The handle of a view of float32 or float64. */
export const floats = (view: View): Float32Array | Float64Array => view.storage.handle as Float32Array | Float64Array;
