import {
  ArgumentError,
  type DType,
  formatShape,
  IndexError,
  type Shape,
  ShapeError,
  sameShape,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, rawCopy } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { item } from "../read.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { arange, zeros } from "./creation.js";
import { add } from "./pointwise.js";
import { sum } from "./reduction.js";
import { indexAdd } from "./scatter.js";
import { clone } from "./shape.js";
import { expectTensor } from "./table.js";
import { flatten, movedim, reshape, view } from "./views.js";

/*
 * Views that show a part of a tensor, and copies in which such a part is another.
 */

/** Puts a gradient into zeros of the input's shape, at the part that a view showed. */
function padded(derivative: string, part: (whole: Tensor, context: unknown) => Tensor): Derivative {
  const self: Derivative = {
    name: derivative,
    backward(node, g) {
      const { shape, context } = node.context as { shape: Shape; context: unknown };
      return intoPart(g, shape, (whole) => part(whole, context));
    },
  };
  return self;
}

const INTO_PART: Derivative = {
  name: "SliceBackward0",
  backward: (node, g) => (node.context as (whole: Tensor) => Tensor)(g),
};

/** Zeros of `shape` in which the part that `part` views holds `g`. */
export function intoPart(g: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const out = zeros(shape as number[], { dtype: g.dtype, device: g.device });
  const { device, dtype } = g.storage;
  device.kernels.copy[dtype](part(out), g);
  if (recording(g)) record(INTO_PART, out, [g]).context = part;
  return out;
}

const SELECT = padded("SelectBackward0", (whole, c) => select(whole, ...(c as [number, number])));

/** The slice `index` of dimension `dim`, without that dimension. */
export const select = operator<(self: Tensor, dim: number, index: number) => Tensor>(
  "select(self, dim, index)",
  (self: Tensor, dim: number, index: number) => {
    if (self.ndim === 0) throw new IndexError("select() cannot be applied to a 0-dim tensor.");
    const d = wrapDim(dim, self.ndim);
    const size = self.shape[d];
    if (!Number.isInteger(index) || index < -size || index >= size) {
      throw new IndexError(
        `select(): index ${index} out of range for tensor of size ${formatShape(self.shape)} at dimension ${d}`,
        { index, dim: d, size },
      );
    }
    const i = index < 0 ? index + size : index;
    const without = (a: readonly number[]): number[] => a.filter((_, k) => k !== d);
    return view(SELECT, self, without(self.shape), without(self.strides), self.offset + i * self.strides[d], {
      shape: self.shape,
      context: [d, i],
    });
  },
);

const SLICE = padded("SliceBackward0", (whole, c) => sliceDim(whole, ...(c as [number, number, number, number])));

/** Elements `start, start + step, …` before `end` of dimension `dim`; negative bounds count from the end, beyond it they are cut. */
export function sliceDim(self: Tensor, dim: number, start: number | null, end: number | null, step = 1): Tensor {
  const d = wrapDim(dim, self.ndim);
  if (step === 0) throw new ArgumentError("slice step cannot be zero", { step });
  if (!Number.isInteger(step) || step < 0) throw new ArgumentError("step must be greater than zero", { step });
  const size = self.shape[d];
  const bound = (n: number): number => Math.min(Math.max(n < 0 ? n + size : n, 0), size);
  const from = bound(start ?? 0);
  const to = Math.max(bound(end ?? size), from);
  const shape = [...self.shape];
  const strides = [...self.strides];
  shape[d] = Math.ceil((to - from) / step);
  strides[d] *= step;
  return view(SLICE, self, shape, strides, self.offset + from * self.strides[d], {
    shape: self.shape,
    context: [d, from, to, step],
  });
}

/** `length` elements of dimension `dim` from `start` on, which may be a 0-dimensional tensor. */
export const narrow = operator<(self: Tensor, dim: number, start: number | Tensor, length: number) => Tensor>(
  "narrow(self, dim, start, length)",
  (self: Tensor, dim: number, first: number | Tensor, length: number) => {
    const start = typeof first === "number" ? first : item(first);
    if (self.ndim === 0) throw new ShapeError("narrow() cannot be applied to a 0-dim tensor.");
    const d = wrapDim(dim, self.ndim);
    const size = self.shape[d];
    if (length < 0) throw new ShapeError("narrow(): length must be non-negative.", { length });
    if (start < -size || start > size) {
      throw new IndexError(
        `Dimension out of range (expected to be in range of [${-size}, ${size}], but got ${start})`,
        { start },
      );
    }
    const from = start < 0 ? start + size : start;
    if (from + length > size) {
      throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`, {
        start,
        length,
        size,
      });
    }
    return sliceDim(self, d, from, from + length);
  },
);

/** A copy of the part that `narrow` shows. */
export const narrowCopy = operator<(self: Tensor, dim: number, start: number | Tensor, length: number) => Tensor>(
  "narrowCopy(self, dim, start, length)",
  (self: Tensor, dim: number, start: number | Tensor, length: number) => clone(narrow(self, dim, start, length)),
);

const DIAGONAL = padded("DiagonalBackward0", (whole, c) => diagonal(whole, ...(c as [number, number, number])));

/** The diagonal of two dimensions, as the last dimension; `offset` above (positive) or below the main one. */
export const diagonal = operator<(self: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor>(
  "diagonal(self, offset=0, dim1=0, dim2=1)",
  (self: Tensor, offset: number, dim1: number, dim2: number) => {
    const a = wrapDim(dim1, self.ndim);
    const b = wrapDim(dim2, self.ndim);
    if (a === b) throw new ArgumentError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
    const down = Math.max(-offset, 0);
    const right = Math.max(offset, 0);
    const length = Math.max(Math.min(self.shape[a] - down, self.shape[b] - right), 0);
    const rest = self.shape.map((_, d) => d).filter((d) => d !== a && d !== b);
    const start = length > 0 ? down * self.strides[a] + right * self.strides[b] : 0;
    return view(
      DIAGONAL,
      self,
      [...rest.map((d) => self.shape[d]), length],
      [...rest.map((d) => self.strides[d]), self.strides[a] + self.strides[b]],
      self.offset + start,
      { shape: self.shape, context: [offset, a, b] },
    );
  },
);

/** Windows of `size` elements along `dim`, `step` apart, as a new last dimension. */
export const unfold = operator<(self: Tensor, dimension: number, size: number, step: number) => Tensor>(
  "unfold(self, dimension, size, step)",
  (self: Tensor, dimension: number, size: number, step: number) => {
    const d = wrapDim(dimension, self.ndim);
    const n = self.ndim === 0 ? 1 : self.shape[d];
    if (size > n)
      throw new ShapeError(`maximum size for tensor at dimension ${d} is ${n} but size is ${size}`, { size });
    if (step <= 0) throw new ArgumentError(`step is ${step} but must be > 0`, { step });
    const shape = [...self.shape, size];
    const strides = [...self.strides, self.ndim === 0 ? 1 : self.strides[d]];
    if (self.ndim > 0) {
      shape[d] = Math.floor((n - size) / step) + 1;
      strides[d] *= step;
    }
    return view(UNFOLD, self, shape, strides, self.offset, { shape: self.shape, d, step });
  },
);

/** The elements of all windows go back to their places, and add up there. */
const UNFOLD: Derivative = {
  name: "UnfoldBackward0",
  backward(node, g) {
    const { shape, d, step } = node.context as { shape: Shape; d: number; step: number };
    const none = zeros(shape as number[], { dtype: g.dtype, device: g.device });
    if (shape.length === 0) return add(none, sum(g));
    const [windows, size] = [g.shape[d], g.shape[g.ndim - 1]];
    const places = add(
      reshape(arange(0, windows * step, step, { device: g.device }), [windows, 1]),
      arange(size, { device: g.device }),
    );
    return indexAdd(none, d, reshape(places, [-1]), flatten(movedim(g, -1, d + 1), d, d + 1));
  },
};

// --------------------------------------------------------------------------------- copies with another part

interface Replaced {
  readonly part: (whole: Tensor) => Tensor;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The derivative of a copy in which a part is replaced: what is outside passes to `self`, the part to `src`. */
function replacing(name: string): Derivative {
  const derivative: Derivative = {
    name,
    backward(node, g) {
      const { part, shape, dtype } = node.context as Replaced;
      const nothing = (): Tensor => zeros(shape as number[], { dtype, device: g.device });
      return [node.needs(0) ? replaced(derivative, g, nothing(), part) : null, node.needs(1) ? part(g) : null];
    },
  };
  return derivative;
}

/** A copy of `self` whose part, which `part` views, is `src`. */
function replaced(derivative: Derivative, self: Tensor, src: Tensor, part: (whole: Tensor) => Tensor): Tensor {
  expectTensor(self, derivative.name);
  expectTensor(src, derivative.name, "src");
  const out = rawCopy(self);
  const target = part(out);
  if (!sameShape(target.shape, src.shape)) {
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = ${formatShape(src.shape)}, slice size = ${formatShape(target.shape)}`,
      { src: src.shape, slice: target.shape },
    );
  }
  commonDevice(derivative.name, [self, src]).kernels.copy[src.dtype](target, src);
  if (recording(self, src)) {
    record(derivative, out, [self, src]).context = { part, shape: src.shape, dtype: src.dtype } satisfies Replaced;
  }
  return out;
}

const SELECT_SCATTER = replacing("SelectScatterBackward0");
/** A copy of `self` in which the slice that `select` shows is `src`. */
export const selectScatter = operator<(self: Tensor, src: Tensor, dim: number, index: number) => Tensor>(
  "selectScatter(self, src, dim, index)",
  (self: Tensor, src: Tensor, dim: number, index: number) =>
    replaced(SELECT_SCATTER, self, src, (whole) => select(whole, dim, index)),
);

type SliceOptions = { dim?: number; start?: number | null; end?: number | null; step?: number };
const SLICE_SCATTER = replacing("SliceScatterBackward0");
/** A copy of `self` in which the elements `start, start + step, …` before `end` of dimension `dim` are `src`. */
export const sliceScatter = operator<
  (
    self: Tensor,
    src: Tensor,
    dim?: number | SliceOptions,
    start?: number | null | SliceOptions,
    end?: number | null | SliceOptions,
    step?: number | SliceOptions,
  ) => Tensor
>(
  "sliceScatter(self, src, dim=0, start=null, end=null, step=1)",
  (self: Tensor, src: Tensor, dim: number, start: number | null, end: number | null, step: number) =>
    replaced(SLICE_SCATTER, self, src, (whole) => sliceDim(whole, dim, start, end, step)),
);

type DiagonalOptions = { offset?: number; dim1?: number; dim2?: number };
const DIAGONAL_SCATTER = replacing("DiagonalScatterBackward0");
/** A copy of `self` in which the diagonal that `diagonal` shows is `src`. */
export const diagonalScatter = operator<
  (
    self: Tensor,
    src: Tensor,
    offset?: number | DiagonalOptions,
    dim1?: number | DiagonalOptions,
    dim2?: number | DiagonalOptions,
  ) => Tensor
>(
  "diagonalScatter(self, src, offset=0, dim1=0, dim2=1)",
  (self: Tensor, src: Tensor, offset: number, dim1: number, dim2: number) =>
    replaced(DIAGONAL_SCATTER, self, src, (whole) => diagonal(whole, offset, dim1, dim2)),
);
