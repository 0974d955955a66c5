import {
  ArgumentError,
  expandStrides,
  formatShape,
  IndexError,
  inferShape,
  isExpandable,
  type Shape,
  ShapeError,
  sameShape,
  state,
  type Strides,
  viewStrides,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCopy, windowOn } from "../dispatch.js";
import type { Derivative, Grad, Node } from "../node.js";
import { record, recording, recordMany } from "../record.js";
import { type Tensor, tracked, type ViewKind } from "../tensor.js";
import { AS_STRIDED, type Geometry, viewOf } from "../views.js";
import { arange, zeros } from "./creation.js";
import { expectTensor } from "./table.js";
import { sumToSize } from "./reduction.js";
import { cat, contiguous, expandCopy, stack } from "./shape.js";
import { scatterAdd } from "./indexing.js";

/*
 * Operators that move no data: other sizes, strides and offset over the same storage. Each derivative puts the gradient back
 * where its elements came from.
 */

function view(
  derivative: Derivative,
  x: Tensor,
  shape: Shape,
  strides: Strides,
  offset: number,
  context?: unknown,
  kind?: ViewKind,
): Tensor {
  const out = viewOf(x, shape, strides, offset, kind);
  if (state.gradEnabled && tracked(x)) record(derivative, out, [x]).context = context;
  return out;
}

const inputShape = (node: Node): Shape => node.context as Shape;

// ------------------------------------------------------------------------------------------------- any layout

/** Sizes, strides and offset at will, over the storage of `self`. @throws ShapeError where they leave the storage. */
export const asStrided = operator<
  (self: Tensor, size: Shape, stride: Strides, storageOffset?: number | null) => Tensor
>(
  "asStrided(self, size, stride, storageOffset=null)",
  (self: Tensor, size: Shape, stride: Strides, storageOffset: number | null) => {
    if (size.length !== stride.length)
      throw new ShapeError("mismatch in length of strides and shape", { size, stride });
    if (stride.some((s) => s < 0)) throw new ShapeError("asStrided: Negative strides are not supported", { stride });
    const offset = storageOffset ?? self.offset;
    let last = offset;
    for (let i = 0; i < size.length; i++) last += size[i] === 0 ? Number.NEGATIVE_INFINITY : (size[i] - 1) * stride[i];
    if (offset < 0 || last >= self.storage.length) {
      throw new ShapeError(
        `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${offset} are out of bounds for storage of ${self.storage.length} elements`,
        { size, stride, offset },
      );
    }
    const geometry = (t: Tensor) => ({ shape: t.shape, strides: t.strides, offset: t.offset });
    return view(AS_STRIDED, self, [...size], [...stride], offset, {
      base: geometry(self),
      view: { shape: size, strides: stride, offset },
    });
  },
);

/** A contiguous copy of `self` whose elements under the given layout are replaced by `src`, or added to (`"sum"`, also where the layout overlaps). */
export function asStridedScatter(
  self: Tensor,
  src: Tensor,
  size: Shape,
  stride: Strides,
  storageOffset: number,
  reduction: "none" | "sum" = "none",
): Tensor {
  if (reduction === "sum") {
    const positions = asStrided(arange(self.numel(), { device: self.device }), size, stride, storageOffset);
    return scatterAdd(self, 0, reshape(positions, [-1]), reshape(src, [-1]));
  }
  const out = rawCopy(self);
  const { device, dtype } = src.storage;
  device.kernels.copy[dtype](windowOn(out, size, stride, storageOffset), src);
  if (recording(self, src)) record(AS_STRIDED_SCATTER, out, [self, src]).context = { size, stride, storageOffset };
  return out;
}

const AS_STRIDED_SCATTER: Derivative = {
  name: "AsStridedScatterBackward0",
  backward(node, g) {
    const { size, stride, storageOffset } = node.context as { size: Shape; stride: Strides; storageOffset: number };
    const whole = contiguous(g);
    const none = (): Tensor => zeros(size as number[], { dtype: g.dtype, device: g.device });
    return [
      node.needs(0) ? asStridedScatter(whole, none(), size, stride, storageOffset) : null,
      node.needs(1) ? asStrided(whole, size, stride, whole.offset + storageOffset) : null,
    ];
  },
};

// ----------------------------------------------------------------------------------------- other sizes, same order

const VIEW: Derivative = { name: "ViewBackward0", backward: (node, g) => reshape(g, inputShape(node)) };

type Sizes = (number | readonly number[])[];

function viewShape(self: Tensor, sizes: Shape): Tensor {
  const shape = inferShape(sizes, self.numel());
  const strides = viewStrides(self.shape, self.strides, shape);
  if (strides === null) {
    throw new ShapeError(
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      { shape: self.shape, strides: self.strides, size: sizes },
    );
  }
  return view(VIEW, self, shape, strides, self.offset, self.shape);
}

/**
 * The same elements in another shape; one size may be -1. Exported as `view`'s method.
 * @throws ShapeError where that needs a copy (`reshape` makes one).
 */
export const viewTo = operator<(self: Tensor, ...sizes: Sizes) => Tensor>("view(self, ...size)", viewShape);

/** The same elements in another shape: a view where possible, else a copy. One size may be -1. */
export const reshape = operator<(self: Tensor, ...shape: Sizes) => Tensor>(
  "reshape(self, ...shape)",
  (self: Tensor, sizes: Shape) => {
    expectTensor(self, "reshape");
    const shape = inferShape(sizes, self.numel());
    const strides = viewStrides(self.shape, self.strides, shape);
    if (strides !== null) return view(VIEW, self, shape, strides, self.offset, self.shape);
    return viewShape(contiguous(self), shape);
  },
);

/** `self` in the shape of `other`, as a view. */
export const viewAs = (self: Tensor, other: Tensor): Tensor => viewShape(self, other.shape);
/** `self` in the shape of `other`. */
export const reshapeAs = (self: Tensor, other: Tensor): Tensor => reshape(self, other.shape);
/** All elements in one dimension. */
export const ravel = (self: Tensor): Tensor => reshape(contiguous(self), [-1]);

/** Dimensions `startDim` to `endDim` as one. */
export const flatten = operator<
  (self: Tensor, startDim?: number | { startDim?: number; endDim?: number }, endDim?: number) => Tensor
>("flatten(self, startDim=0, endDim=-1)", (self: Tensor, startDim: number, endDim: number) => {
  const start = wrapDim(startDim, self.ndim);
  const end = wrapDim(endDim, self.ndim);
  if (start > end)
    throw new ShapeError("flatten() has invalid args: startDim cannot come after endDim", { startDim, endDim });
  if (self.ndim === 0) return reshape(self, [1]);
  if (start === end) return self;
  const middle = self.shape.slice(start, end + 1).reduce((a, b) => a * b, 1);
  return reshape(self, [...self.shape.slice(0, start), middle, ...self.shape.slice(end + 1)]);
});

/** Dimension `dim` divided into `sizes`; one may be -1. */
export const unflatten = operator<(self: Tensor, dim: number, sizes: Shape) => Tensor>(
  "unflatten(self, dim, sizes)",
  (self: Tensor, dim: number, sizes: Shape) => {
    const d = wrapDim(dim, self.ndim);
    const inner = inferShape(sizes, self.shape[d]);
    return viewShape(self, [...self.shape.slice(0, d), ...inner, ...self.shape.slice(d + 1)]);
  },
);

const UNSQUEEZE: Derivative = { name: "UnsqueezeBackward0", backward: (node, g) => squeeze(g, node.context as number) };

/** A new dimension of size 1 at `dim`. */
export const unsqueeze = operator<(self: Tensor, dim: number | { dim: number }) => Tensor>(
  "unsqueeze(self, dim)",
  (self: Tensor, dim: number) => {
    const d = wrapDim(dim, self.ndim + 1);
    const shape = [...self.shape.slice(0, d), 1, ...self.shape.slice(d)];
    const step = d < self.ndim ? self.shape[d] * self.strides[d] : 1;
    return view(UNSQUEEZE, self, shape, [...self.strides.slice(0, d), step, ...self.strides.slice(d)], self.offset, d);
  },
);

const SQUEEZE: Derivative = { name: "SqueezeBackward0", backward: (node, g) => reshape(g, inputShape(node)) };

/** Without dimensions of size 1: all of them, or those named by `dim`. */
export const squeeze = operator<
  (self: Tensor, dim?: number | readonly number[] | { dim?: number | readonly number[] }) => Tensor
>("squeeze(self, dim=null)", (self: Tensor, dim: number | readonly number[] | null) => {
  const named = dim === null ? null : (typeof dim === "number" ? [dim] : dim).map((d) => wrapDim(d, self.ndim));
  const keep = self.shape.map((n, d) => n !== 1 || (named !== null && !named.includes(d)));
  const shape = self.shape.filter((_, d) => keep[d]);
  return view(
    SQUEEZE,
    self,
    shape,
    self.strides.filter((_, d) => keep[d]),
    self.offset,
    self.shape,
  );
});

// -------------------------------------------------------------------------------------------------- other order

const TRANSPOSE: Derivative = {
  name: "TransposeBackward0",
  backward(node, g) {
    const [a, b] = node.context as [number, number];
    return transpose(g, a, b);
  },
};

function swap(derivative: Derivative, self: Tensor, a: number, b: number): Tensor {
  const shape = [...self.shape];
  const strides = [...self.strides];
  if (self.ndim > 0) {
    [shape[a], shape[b]] = [shape[b], shape[a]];
    [strides[a], strides[b]] = [strides[b], strides[a]];
  }
  return view(derivative, self, shape, strides, self.offset, [a, b]);
}

/** Two dimensions exchanged. */
export const transpose = operator<(self: Tensor, dim0: number, dim1: number) => Tensor>(
  "transpose(self, dim0, dim1)",
  (self: Tensor, dim0: number, dim1: number) =>
    swap(TRANSPOSE, self, wrapDim(dim0, self.ndim), wrapDim(dim1, self.ndim)),
);

const T_DERIVATIVE: Derivative = { ...TRANSPOSE, name: "TBackward0" };

/** A matrix transposed; vectors and scalars as they are. */
export function t(self: Tensor): Tensor {
  expectTensor(self, "t");
  if (self.ndim > 2)
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`, { shape: self.shape });
  return self.ndim < 2
    ? view(T_DERIVATIVE, self, self.shape, self.strides, self.offset, [0, 0])
    : swap(T_DERIVATIVE, self, 0, 1);
}

const PERMUTE: Derivative = {
  name: "PermuteBackward0",
  backward(node, g) {
    const dims = node.context as number[];
    const inverse = new Array<number>(dims.length);
    dims.forEach((d, i) => {
      inverse[d] = i;
    });
    return permute(g, inverse);
  },
};

/** Dimensions in another order. */
export const permute = operator<(self: Tensor, ...dims: Sizes) => Tensor>(
  "permute(self, ...dims)",
  (self: Tensor, dims: Shape) => {
    if (dims.length !== self.ndim) {
      throw new ShapeError(
        `permute: number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${self.ndim} is not equal to len(dims) = ${dims.length}`,
        { shape: self.shape, dims },
      );
    }
    const order = dims.map((d) => wrapDim(d, self.ndim));
    if (new Set(order).size !== order.length)
      throw new ArgumentError("permute(): duplicate dims are not allowed.", { dims });
    return view(
      PERMUTE,
      self,
      order.map((d) => self.shape[d]),
      order.map((d) => self.strides[d]),
      self.offset,
      order,
    );
  },
);

/** Dimensions `source` moved to `destination`, the others in order. */
export const movedim = operator<
  (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) => Tensor
>(
  "movedim(self, source, destination)",
  (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) => {
    const from = [source].flat().map((d) => wrapDim(d as number, self.ndim));
    const to = [destination].flat().map((d) => wrapDim(d as number, self.ndim));
    if (from.length !== to.length) {
      throw new ArgumentError(
        `movedim: Invalid source or destination dims: source (${formatShape(from)} dims) should contain the same number of dims as destination (${formatShape(to)} dims)`,
      );
    }
    const order = new Array<number>(self.ndim).fill(-1);
    to.forEach((d, i) => {
      order[d] = from[i];
    });
    const rest = self.shape.map((_, d) => d).filter((d) => !from.includes(d));
    return permute(
      self,
      order.map((d) => (d >= 0 ? d : (rest.shift() as number))),
    );
  },
);

// ------------------------------------------------------------------------------------------------------ repeated

const EXPAND: Derivative = { name: "ExpandBackward0", backward: (node, g) => sumToSize(g, inputShape(node)) };

/** Dimensions of size 1 repeated without a copy; -1 keeps a size. New dimensions come in front. */
export const expand = operator<(self: Tensor, ...size: Sizes) => Tensor>(
  "expand(self, ...size)",
  (self: Tensor, size: Shape) => {
    const lead = size.length - self.ndim;
    if (lead < 0) {
      throw new ShapeError(
        `expand(${self.dtype}${formatShape(self.shape)}, size=${formatShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`,
        { shape: self.shape, size },
      );
    }
    const shape = size.map((n, i) => (n === -1 && i >= lead ? self.shape[i - lead] : n));
    if (!isExpandable(self.shape, shape)) {
      const d = shape.findIndex((n, i) => i >= lead && self.shape[i - lead] !== n && self.shape[i - lead] !== 1);
      throw new ShapeError(
        `The expanded size of the tensor (${shape[d]}) must match the existing size (${self.shape[d - lead]}) at non-singleton dimension ${d}.  Target sizes: ${formatShape(size)}.  Tensor sizes: ${formatShape(self.shape)}`,
        { shape: self.shape, size },
      );
    }
    return view(EXPAND, self, shape, expandStrides(self.shape, self.strides, shape), self.offset, self.shape);
  },
);

/** `self` expanded to the shape of `other`. */
export const expandAs = (self: Tensor, other: Tensor): Tensor => expand(self, other.shape);
/** `self` expanded to `size`. */
export const broadcastTo = (self: Tensor, size: Shape): Tensor => expand(self, size);
/** A gradient brought to exactly `shape`: summed or repeated where broadcasting has to be undone or done. */
export const expandedTo = (g: Tensor, shape: Shape): Tensor =>
  sameShape(g.shape, shape) ? g : isExpandable(shape, g.shape) ? sumToSize(g, shape) : expandCopy(g, shape);

// -------------------------------------------------------------------------------------------------------- parts

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

/** `length` elements of dimension `dim` from `start` on. */
export const narrow = operator<(self: Tensor, dim: number, start: number, length: number) => Tensor>(
  "narrow(self, dim, start, length)",
  (self: Tensor, dim: number, start: number, length: number) => {
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

/** An alias of `self` with a node of its own. */
export const aliasView = (self: Tensor, derivative: Derivative, kind: ViewKind): Tensor =>
  view(derivative, self, self.shape, self.strides, self.offset, self.shape, kind);
