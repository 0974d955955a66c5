import { IndexError, ShapeError } from "./errors.js";

/** Sizes of the dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];
/** Distance in elements between neighbours along each dimension; 0 repeats an element. */
export type Strides = readonly number[];

/** Number of elements; 1 for a scalar, 0 where any dimension is empty. */
export function numelOf(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

const ONE: Strides = [1];
const NONE: Strides = [];

/** Strides of a row-major layout without gaps. */
export function contiguousStrides(shape: Shape): Strides {
  const n = shape.length;
  if (n === 1) return ONE;
  if (n === 0) return NONE;
  if (n === 2) return [shape[1] || 1, 1];
  const strides = new Array<number>(n);
  let step = 1;
  for (let i = n - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] || 1;
  }
  return strides;
}

/** Whether elements lie in row-major order without gaps; strides of dimensions of size 1 do not matter. */
export function isContiguous(shape: Shape, strides: Strides): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i];
    if (size !== 1) {
      if (strides[i] !== step) return numelOf(shape) === 0;
      step *= size;
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  const n = a.length;
  if (n !== b.length) return false;
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `[2, 3]`, as PyTorch prints sizes. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/**
 * The common shape of two operands: aligned at the last dimension, size 1 stretches.
 * @throws ShapeError where two sizes differ and neither is 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const out = new Array<number>(n);
  for (let i = 1; i <= n; i++) {
    const x = i <= a.length ? a[a.length - i] : 1;
    const y = i <= b.length ? b[b.length - i] : 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${n - i}`,
        { a, b, dim: n - i },
      );
    }
    out[n - i] = x === 1 ? y : x;
  }
  return out;
}

/** Whether `shape` can be stretched to `target` by broadcasting. */
export function isExpandable(shape: Shape, target: Shape): boolean {
  const lead = target.length - shape.length;
  if (lead < 0) return false;
  for (let i = 0; i < shape.length; i++) if (shape[i] !== target[lead + i] && shape[i] !== 1) return false;
  return true;
}

/** Strides that read a tensor of `shape` as if it had the broadcast shape `target`. */
export function expandStrides(shape: Shape, strides: Strides, target: Shape): Strides {
  const lead = target.length - shape.length;
  const out = new Array<number>(target.length);
  for (let i = 0; i < target.length; i++) {
    const j = i - lead;
    out[i] = j < 0 || (shape[j] === 1 && target[i] !== 1) ? 0 : strides[j];
  }
  return out;
}

/**
 * A dimension counted from 0, from one that may be negative. Scalars accept 0 and -1.
 * @throws IndexError outside `[-ndim, ndim - 1]`.
 */
export function wrapDim(dim: number, ndim: number): number {
  const range = ndim === 0 ? 1 : ndim;
  if (!Number.isInteger(dim) || dim < -range || dim >= range) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${dim})`,
      { dim, ndim },
    );
  }
  return dim < 0 ? dim + range : dim;
}

/**
 * A complete shape from one that may hold a single -1.
 * @throws ShapeError "shape '[5, 3]' is invalid for input of size 12".
 */
export function inferShape(sizes: Shape, numel: number): number[] {
  const shape = [...sizes];
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === -1) {
      if (unknown >= 0) throw new ShapeError("only one dimension can be inferred", { sizes });
      unknown = i;
    } else if (shape[i] < 0 || !Number.isInteger(shape[i])) {
      throw new ShapeError(`invalid shape dimension ${shape[i]}`, { sizes });
    } else known *= shape[i];
  }
  if (unknown >= 0) {
    if (known === 0 && numel === 0) {
      throw new ShapeError(
        `cannot reshape tensor of 0 elements into shape ${formatShape(sizes)} because the unspecified dimension size -1 can be any value and is ambiguous`,
        { sizes },
      );
    }
    shape[unknown] = numel / known;
  }
  if (unknown >= 0 ? !Number.isInteger(shape[unknown]) : known !== numel) {
    throw new ShapeError(`shape '${formatShape(sizes)}' is invalid for input of size ${numel}`, { sizes, numel });
  }
  return shape;
}

/**
 * Strides under which the same elements read as `target`, or `null` where that needs a copy.
 * Dimensions of the input that lie in one run of memory may be split and merged freely.
 */
export function viewStrides(shape: Shape, strides: Strides, target: Shape): Strides | null {
  if (isContiguous(shape, strides)) return contiguousStrides(target);
  const out = new Array<number>(target.length);
  let j = target.length - 1;
  let chunkStride = strides[strides.length - 1];
  let chunk = 1;
  let viewed = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    chunk *= shape[i];
    const runEnds = i === 0 || (shape[i - 1] !== 1 && strides[i - 1] !== chunk * chunkStride);
    if (!runEnds) continue;
    while (j >= 0 && (viewed < chunk || target[j] === 1)) {
      out[j] = viewed * chunkStride;
      viewed *= target[j--];
    }
    if (viewed !== chunk) return null;
    if (i > 0) {
      chunkStride = strides[i - 1];
      chunk = 1;
      viewed = 1;
    }
  }
  return j === -1 ? out : null;
}

/** Elements that a view reaches beyond its offset: 1 + Σ (size − 1)·stride, or 0 where it is empty. */
export function extentOf(shape: Shape, strides: Strides): number {
  let last = 0;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 0) return 0;
    last += (shape[i] - 1) * strides[i];
  }
  return last + 1;
}

/** Whether two indices of the view may name the same element (exact for views of one tensor, careful otherwise). */
export function overlapsItself(shape: Shape, strides: Strides): boolean {
  const dims: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 0) return false;
    if (shape[i] > 1) dims.push(i);
  }
  dims.sort((a, b) => strides[a] - strides[b]);
  let reach = 0;
  for (const d of dims) {
    if (strides[d] <= reach) return true;
    reach += (shape[d] - 1) * strides[d];
  }
  return false;
}
