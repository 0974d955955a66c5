import { ArgumentError, formatShape, IndexError, type Shape, ShapeError, state, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative, Grad, Node } from "../node.js";
import { item } from "../read.js";
import { record, recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { AS_STRIDED, type Geometry, viewOf } from "../views.js";
import { zeros } from "./creation.js";
import { cat, stack } from "./shape.js";
import { view } from "./views.js";

/*
 * Views that show a part of a tensor, or several parts that are together the results of one operator.
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
  if (!Number.isInteger(step) || step <= 0) throw new ArgumentError("step must be greater than zero", { step });
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
    const geometry = {
      base: { shape: self.shape, strides: self.strides, offset: self.offset },
      view: { shape, strides, offset: self.offset },
    };
    return view(UNFOLD, self, shape, strides, self.offset, geometry);
  },
);
const UNFOLD: Derivative = { name: "UnfoldBackward0", backward: (node, g, gs) => AS_STRIDED.backward(node, g, gs) };

// ------------------------------------------------------------------------------------------- several at once

/** Views that are together the results of one operator, and one node. */
function views(derivative: Derivative, self: Tensor, layouts: readonly Geometry[], dim: number): Tensor[] {
  const kind = state.gradEnabled ? "multiOutput" : undefined;
  const outs = layouts.map(({ shape, strides, offset }) => viewOf(self, shape, strides, offset, kind));
  if (outs.length > 0 && recording(self)) recordMany(derivative, outs, [self]).context = dim;
  return outs;
}

/** The gradients of all outputs, zeros where none arrived. */
const completed = (node: Node, g: Tensor | null, grads: readonly Grad[]): Tensor[] =>
  Array.from({ length: node.outputCount }, (_, i) => {
    const { shape, dtype, device } = node.output(i);
    return grads[i] ?? zeros(shape as number[], { dtype: g?.dtype ?? dtype, device: device.name });
  });

const SPLIT: Derivative = {
  name: "SplitBackward0",
  backward: (node, g, grads) => cat(completed(node, g, grads), node.context as number),
};
const SPLIT_WITH_SIZES: Derivative = { ...SPLIT, name: "SplitWithSizesBackward0" };

/** Parts of `sizes` along `dim`. */
function parts(derivative: Derivative, self: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  const layouts = sizes.map((n) => {
    const offset = self.offset + start * self.strides[dim];
    start += n;
    return { shape: self.shape.map((size, d) => (d === dim ? n : size)), strides: self.strides, offset };
  });
  return views(derivative, self, layouts, dim);
}

/** Parts along `dim`: of `splitSize` each (the last may be smaller), or of the sizes listed. */
export const split = operator<
  (self: Tensor, splitSize: number | readonly number[], dim?: number | { dim?: number }) => Tensor[]
>("split(self, splitSize, dim=0)", (self: Tensor, splitSize: number | readonly number[], dim: number) => {
  const d = wrapDim(dim, self.ndim);
  const n = self.shape[d];
  if (typeof splitSize !== "number") {
    if (splitSize.reduce((a, b) => a + b, 0) !== n) {
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${n} (input tensor's size at dimension ${d}), but got split_sizes=${formatShape(splitSize)}`,
        { splitSize },
      );
    }
    return parts(SPLIT_WITH_SIZES, self, splitSize, d);
  }
  if (splitSize <= 0 && n > 0)
    throw new ArgumentError(`split expects split_size be non-negative, but got split_size=${splitSize}`, { splitSize });
  const count = Math.max(Math.ceil(n / splitSize), 1);
  return parts(
    SPLIT,
    self,
    Array.from({ length: count }, (_, i) => Math.min(splitSize, n - i * splitSize)),
    d,
  );
});

/** At most `chunks` parts of equal size along `dim`; the last may be smaller. */
export const chunk = operator<(self: Tensor, chunks: number, dim?: number | { dim?: number }) => Tensor[]>(
  "chunk(self, chunks, dim=0)",
  (self: Tensor, chunks: number, dim: number) => {
    if (!(chunks > 0))
      throw new ArgumentError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`, { chunks });
    const d = wrapDim(dim, self.ndim);
    const n = self.shape[d];
    return n === 0 ? parts(SPLIT, self, new Array(chunks).fill(0), d) : split(self, Math.ceil(n / chunks), dim);
  },
);

const UNBIND: Derivative = {
  name: "UnbindBackward0",
  backward: (node, g, grads) => stack(completed(node, g, grads), node.context as number),
};

/** All slices along `dim`, without that dimension. */
export const unbind = operator<(self: Tensor, dim?: number | { dim?: number }) => Tensor[]>(
  "unbind(self, dim=0)",
  (self: Tensor, dim: number) => {
    if (self.ndim === 0) throw new IndexError("Dimension specified as 0 but tensor has no dimensions");
    const d = wrapDim(dim, self.ndim);
    const rest = (sizes: readonly number[]): number[] => sizes.filter((_, i) => i !== d);
    const layouts = Array.from({ length: self.shape[d] }, (_, i) => ({
      shape: rest(self.shape),
      strides: rest(self.strides),
      offset: self.offset + i * self.strides[d],
    }));
    return views(UNBIND, self, layouts, d);
  },
);
