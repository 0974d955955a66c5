import { isContiguous, type Operand, type Shape, type View } from "@kindling/storage";
import { area, BLOCK, bring, type Floats, floats, kernel, memoryLike, SPAN, SPAN_BYTES, u8 } from "./blocks.js";

/*
 * Operands of pointwise kernels, block by block. A block is some rows of the last two dimensions (or a part of one row), laid out
 * in an area as the contiguous result is; how an operand gets there depends on its strides.
 */

/** How an operand lies in the last two dimensions. */
enum Way {
  /** As the result. */
  Flat,
  /** One number. */
  Scalar,
  /** One row for all rows. */
  Row,
  /** One number a row. */
  Column,
  /** Rows with gaps. */
  Rows,
  /** The other way around: down columns. */
  Cross,
}

/** Shortest rows with gaps that are copied one by one. */
const SHORT = 32;
/** Least elements of the last two dimensions: each pair of them costs a few calls. */
const PLANE = 512;

// The plan of the current call. Dimensions that lie together in all operands are one; `accepts` makes the plan, `run` follows.
let rank = 0;
const size: number[] = [];
const index: number[] = [];
const MOST = 3;
const steps: number[][] = [[], [], []];
const ways: Way[] = [];
const views: (View | null)[] = [];
const numbers: number[] = [];
/** Where each operand is in the dimensions before the last two. */
const at: number[] = [];
/** What the area of an operand holds already: the place of its row and how often, or of its plane. */
const held: number[] = [];
const times: number[] = [];
let operands = 0;

const flat = (view: View): boolean => isContiguous(view.shape, view.strides);

/** Plans for operands of the shape of `out`, which is contiguous; `false` where the plain kernels are faster. */
export function plan(shape: Shape, a: Operand, b?: Operand, c?: Operand): boolean {
  operands = 0;
  let allFlat = admit(a);
  if (b !== undefined) allFlat = admit(b) && allFlat;
  if (c !== undefined) allFlat = admit(c) && allFlat;
  if (allFlat) {
    rank = 1;
    let n = 1;
    for (let d = 0; d < shape.length; d++) n *= shape[d];
    size[0] = n;
    for (let k = 0; k < operands; k++) ways[k] = views[k] === null ? Way.Scalar : Way.Flat;
    return true;
  }
  merge(shape);
  if (rank > 1) {
    const plane = size[rank - 1] * size[rank - 2];
    if (rank > 2 && plane < PLANE) return false;
    let span = 0;
    for (let k = 0; k < operands; k++) {
      const way = wayOf(k);
      if (way === null) return false;
      ways[k] = way;
      if (way === Way.Cross) span += spanBytes(k);
    }
    return span <= SPAN_BYTES;
  }
  for (let k = 0; k < operands; k++) {
    const s = steps[k][0];
    if (s > 1) return false;
    ways[k] = s === 1 ? Way.Flat : Way.Scalar;
  }
  return true;
}

/** Takes an operand in; whether it lies flat, or is a number. */
function admit(operand: Operand): boolean {
  const k = operands++;
  held[k] = times[k] = -1;
  if (typeof operand !== "object") {
    views[k] = null;
    numbers[k] = Number(operand);
    at[k] = 0;
    return true;
  }
  views[k] = operand;
  at[k] = operand.offset;
  return flat(operand);
}

function merge(shape: Shape): void {
  let last = -1;
  for (let d = 0; d < shape.length; d++) {
    const n = shape[d];
    if (n === 1) continue;
    let merges = last >= 0;
    for (let k = 0; k < operands && merges; k++) merges = steps[k][last] === strideOf(k, d) * n;
    if (merges) size[last] *= n;
    else size[++last] = n;
    for (let k = 0; k < operands; k++) steps[k][last] = strideOf(k, d);
  }
  if (last < 0) {
    size[++last] = 1;
    for (let k = 0; k < operands; k++) steps[k][0] = 0;
  }
  rank = last + 1;
  for (let d = 0; d < rank; d++) index[d] = 0;
}

const strideOf = (k: number, d: number): number => (views[k] === null ? 0 : (views[k] as View).strides[d]);

/** How operand `k` lies; `null` where it is not worth laying out. */
function wayOf(k: number): Way | null {
  const across = steps[k][rank - 1];
  const down = steps[k][rank - 2];
  const n = size[rank - 1];
  if (across === 0) return down === 0 ? Way.Scalar : Way.Column;
  if (across === 1) {
    if (down === n) return Way.Flat;
    if (down === 0) return Way.Row;
    return n >= SHORT ? Way.Rows : null;
  }
  // bytes of a condition are not transposed
  if (down !== 1 || isBytes(k)) return null;
  return spanOf(k) <= 2 * n * size[rank - 2] ? Way.Cross : null;
}

const isBytes = (k: number): boolean => (views[k] as View).storage.dtype === "bool";

/** Elements from the first to the last of a plane of operand `k`. */
const spanOf = (k: number): number => (size[rank - 1] - 1) * steps[k][rank - 1] + size[rank - 2];

/**
 * Lays out block after block: operand `k` in area `k`. For each calls `each` with the place of the block in the result, its
 * elements, and the step in which operands go: 64 bytes, or 0 for a number, which is there sixteen times.
 */
export function eachBlock(width: number, each: (from: number, count: number) => void): void {
  const most = BLOCK / width;
  if (rank === 1) {
    const n = size[0];
    for (let from = 0; from < n; from += most) {
      const count = n - from < most ? n - from : most;
      for (let k = 0; k < operands; k++) {
        if (ways[k] === Way.Flat) bringPart(k, from, count);
        else if (from === 0) placeScalar(k);
      }
      each(from, count);
    }
    return;
  }
  const n = size[rank - 1];
  const rows = size[rank - 2];
  let from = 0;
  do {
    for (let k = 0; k < operands; k++) beginPlane(k);
    if (n > most) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < n; c += most) {
          const count = n - c < most ? n - c : most;
          for (let k = 0; k < operands; k++) lay(k, width, r, 1, c, count);
          each(from + c, count);
        }
        from += n;
      }
    } else {
      const several = Math.floor(most / n);
      for (let r = 0; r < rows; r += several) {
        const more = rows - r < several ? rows - r : several;
        for (let k = 0; k < operands; k++) lay(k, width, r, more, 0, n);
        each(from, more * n);
        from += more * n;
      }
    }
  } while (advance());
}

/** Whether the pointer of operand `k` stays where it is from vector to vector; else it moves on by 64 bytes. */
export const stepOf = (k: number): number => (ways[k] === Way.Scalar ? 0 : 64);

/** The next pair of last dimensions. */
function advance(): boolean {
  for (let d = rank - 3; d >= 0; d--) {
    for (let k = 0; k < operands; k++) at[k] += steps[k][d];
    if (++index[d] < size[d]) return true;
    for (let k = 0; k < operands; k++) at[k] -= steps[k][d] * size[d];
    index[d] = 0;
  }
  return false;
}

/** Whether the only operand lies the other way around. */
export const isCrossed = (): boolean => rank > 1 && ways[0] === Way.Cross;

function bringPart(k: number, from: number, count: number): void {
  const view = views[k] as View;
  if (isBytes(k)) {
    const array = view.storage.handle as Uint8Array;
    const start = view.offset + from;
    u8.set(array.length === count ? array : array.subarray(start, start + count), area(k));
  } else bring(area(k), floats(view), view.offset + from, count);
}

function placeScalar(k: number): void {
  const view = views[k];
  if (view !== null && isBytes(k)) {
    u8.fill((view.storage.handle as Uint8Array)[at[k]], area(k), area(k) + BLOCK); // a condition has no step
    return;
  }
  const array = widthArray();
  const value = view === null ? numbers[k] : floats(view)[at[k]];
  const memory = memoryLike(array);
  const first = area(k) / array.BYTES_PER_ELEMENT;
  for (let i = 64 / array.BYTES_PER_ELEMENT - 1; i >= 0; i--) memory[first + i] = value;
}

/** An array of the operands' kind: numbers stand for elements of that kind. */
let kind: Floats;
const widthArray = (): Floats => kind;
/** Says of which kind numbers are. */
export function numbersLike(array: Floats): void {
  kind = array;
}

function beginPlane(k: number): void {
  if (ways[k] === Way.Scalar) placeScalar(k);
  else if (ways[k] === Way.Cross && held[k] !== at[k]) {
    held[k] = at[k];
    bring(spanPointer(k), floats(views[k] as View), at[k], spanOf(k));
  }
}

/** Room for the span, with what a vector may read behind its end. */
const spanBytes = (k: number): number => (spanOf(k) * 8 + 127) & ~63;

/** Where the span of operand `k` begins: those before it come first. */
function spanPointer(k: number): number {
  let pointer = SPAN;
  for (let j = 0; j < k; j++) if (ways[j] === Way.Cross) pointer += spanBytes(j);
  return pointer;
}

/** Lays out `rows` rows of operand `k`, from row `r` on, or of one row `count` elements from `c` on. */
function lay(k: number, width: number, r: number, rows: number, c: number, count: number): void {
  const way = ways[k];
  if (way === Way.Scalar) return;
  const view = views[k] as View;
  const down = steps[k][rank - 2];
  if (isBytes(k)) {
    layBytes(k, r, rows, c, count);
    return;
  }
  const array = floats(view);
  const pointer = area(k);
  if (way === Way.Flat) bring(pointer, array, at[k] + r * down + c, rows * count);
  else if (way === Way.Row) {
    const place = at[k] + c;
    if (held[k] === place && times[k] >= rows * count) return;
    held[k] = place;
    times[k] = rows * count;
    bring(pointer, array, place, count);
    repeat(u8, pointer, count * width, rows);
  } else if (way === Way.Column) {
    const column = area(k + MOST);
    if (down === 1) bring(column, array, at[k] + r, rows);
    else {
      const memory = memoryLike(array);
      for (let i = 0, p = at[k] + r * down; i < rows; i++, p += down) memory[column / width + i] = array[p];
    }
    kernel(width === 4 ? "spread32" : "spread64")(pointer, column, rows, count);
  } else if (way === Way.Rows) {
    for (let i = 0; i < rows; i++) bring(pointer + i * count * width, array, at[k] + (r + i) * down + c, count);
  } else {
    const across = steps[k][rank - 1];
    const from = spanPointer(k) + (r + c * across) * width;
    kernel(width === 4 ? "transpose32" : "transpose64")(pointer, from, across, rows, count);
  }
}

/** The same of a condition. */
function layBytes(k: number, r: number, rows: number, c: number, count: number): void {
  const array = (views[k] as View).storage.handle as Uint8Array;
  const down = steps[k][rank - 2];
  const across = steps[k][rank - 1];
  const pointer = area(k);
  if (ways[k] === Way.Flat) {
    const start = at[k] + r * down + c;
    u8.set(array.subarray(start, start + rows * count), pointer);
    return;
  }
  for (let i = 0; i < rows; i++) {
    const start = at[k] + (r + i) * down + c * across;
    const to = pointer + i * count;
    if (across === 0) u8.fill(array[start], to, to + count);
    else u8.set(array.subarray(start, start + count), to);
  }
}

/** Makes `times` of the first `length` bytes. */
function repeat(memory: Uint8Array, pointer: number, length: number, times: number): void {
  const all = length * times;
  for (let done = length; done < all; done *= 2) {
    memory.copyWithin(pointer + done, pointer, pointer + (done < all - done ? done : all - done));
  }
}

export { flat };
