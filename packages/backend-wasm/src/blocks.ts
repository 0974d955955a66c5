import type { View } from "@kindling/storage";
import { blocks } from "#kernels";
import { type Instance, instantiate, type Kernel, PAGE } from "./instance.js";

/*
 * A second memory, for kernels that work on blocks of their operands: of one thread, since copies to and from shared memory take
 * twice the time. It is small, and never grows: areas for blocks, and a span for operands that must be there as a whole.
 */

/** Bytes of a block; all areas together stay in the second cache. */
export const BLOCK = 65536;
/** Bytes of an area: kernels may pass the end of a block by a vector. */
const AREA = BLOCK + 256;
/** Where area `i` begins: three of operands, three to lay them out, one of results. */
export const area = (i: number): number => PAGE + i * AREA;
const AREAS = 7;
/** The area of results: what operands left in theirs may serve the next block. */
export const OUT = area(AREAS - 1);
/** Where the span begins, and its bytes: pages that nobody writes to cost no memory. */
export const SPAN = PAGE * (1 + Math.ceil((AREAS * AREA) / PAGE));
export const SPAN_BYTES = 8 << 20;

export type Floats = Float32Array | Float64Array;

let it: Instance | undefined;
let refused = false;
/** The memory as numbers. */
export let f32: Float32Array;
export let f64: Float64Array;
export let i32: Int32Array;
export let u8: Uint8Array;

/** Whether there are kernels at all; after that the memory may be used. */
export function available(): boolean {
  if (it !== undefined) return true;
  if (refused) return false;
  try {
    it = instantiate(blocks, (SPAN + SPAN_BYTES) / PAGE, false);
  } catch {
    refused = true; // `backendInfo` says why: the workspace's kernels are refused for the same reason
    return false;
  }
  const { buffer } = it.memory;
  f32 = new Float32Array(buffer);
  f64 = new Float64Array(buffer);
  i32 = new Int32Array(buffer);
  u8 = new Uint8Array(buffer);
  return true;
}

/** A kernel by name. */
export const kernel = (name: string): Kernel => (it as Instance).kernels[name];

export const floats = (view: View): Floats => view.storage.handle as Floats;

/** The memory as elements of an array's kind. */
export const memoryLike = (array: Floats): Floats => (array.BYTES_PER_ELEMENT === 4 ? f32 : f64);

/** Up to so many elements a loop copies faster than `set`. */
const FEW = 16;

/** Copies `length` elements of `array`, from `offset` on, to `pointer`. */
export function bring(pointer: number, array: Floats, offset: number, length: number): void {
  const memory = memoryLike(array);
  const first = pointer / array.BYTES_PER_ELEMENT;
  if (length <= FEW) for (let i = 0; i < length; i++) memory[first + i] = array[offset + i];
  else memory.set(length === array.length ? array : array.subarray(offset, offset + length), first);
}

// The last result's window is kept: most calls are of the sizes of the one before.
let window32: Float32Array = new Float32Array(0);
let window64: Float64Array = new Float64Array(0);

/** Copies `length` results to `array`, from `offset` on. */
export function fetch(array: Floats, offset: number, length: number): void {
  if (array.BYTES_PER_ELEMENT === 4) {
    if (window32.length !== length) window32 = f32.subarray(OUT / 4, OUT / 4 + length);
    array.set(window32, offset);
  } else {
    if (window64.length !== length) window64 = f64.subarray(OUT / 8, OUT / 8 + length);
    array.set(window64, offset);
  }
}
