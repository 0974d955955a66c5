import {
  ArgumentError,
  expandStrides,
  formatShape,
  IndexError,
  inferShape,
  isExpandable,
  type Shape,
  ShapeError,
  type Strides,
  sameShape,
  state,
  viewStrides,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCopy, tensorName, windowOn } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import { type Tensor, tracked, type ViewKind } from "../tensor.js";
import { AS_STRIDED, viewOf } from "../views.js";
import { arange, zeros } from "./creation.js";
import { sumToSize } from "./reduction.js";
import { scatterAdd } from "./scatter.js";
import { contiguous, expandCopy } from "./shape.js";
import { expectTensor } from "./table.js";

/*
 * Operators that move no data: other sizes, strides and offset over the same storage. Each derivative puts the gradient back
 * where its elements came from.
 */

/** A view of `x` that the graph knows of. */
export function view(
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

type Like = (self: Tensor, other: Tensor) => Tensor;
/** An operator that gives `self` the shape of `other`. */
function like(name: string, body: (self: Tensor, shape: Shape) => Tensor): Like {
  return operator<Like>(`${name}(self, other)`, (self: Tensor, other: Tensor) => {
    expectTensor(self, name);
    expectTensor(other, name, "other");
    return body(self, other.shape);
  });
}

/** `self` in the shape of `other`, as a view. */
export const viewAs = like("viewAs", (self, shape) => viewShape(self, shape));
/** `self` in the shape of `other`. */
export const reshapeAs = like("reshapeAs", (self, shape) => reshape(self, shape));
/** All elements in one dimension. */
export const ravel = operator<(self: Tensor) => Tensor>("ravel(self)", (self: Tensor) =>
  reshape(contiguous(self), [-1]),
);

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
    if (self.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
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

export const TRANSPOSE: Derivative = {
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

export const T_DERIVATIVE: Derivative = { ...TRANSPOSE, name: "TBackward0" };

/** A matrix transposed; vectors and scalars as they are. */
export const t = operator<(self: Tensor) => Tensor>("t(self)", (self: Tensor) => {
  expectTensor(self, "t");
  if (self.ndim > 2)
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`, { shape: self.shape });
  return self.ndim < 2
    ? view(T_DERIVATIVE, self, self.shape, self.strides, self.offset, [0, 0])
    : swap(T_DERIVATIVE, self, 0, 1);
});

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
    const given = { source: [source].flat() as number[], destination: [destination].flat() as number[] };
    if (given.source.length !== given.destination.length) {
      throw new ArgumentError(
        `movedim: Invalid source or destination dims: source (${formatShape(given.source)} dims) should contain the same number of dims as destination (${formatShape(given.destination)} dims)`,
        given,
      );
    }
    const [from, to] = (["source", "destination"] as const).map((name) => {
      const dims = given[name].map((d) => wrapDim(d, self.ndim));
      if (new Set(dims).size !== dims.length) {
        throw new ArgumentError(`movedim: repeated dim in \`${name}\` (${formatShape(given[name])})`, given);
      }
      return dims;
    });
    if (self.ndim === 0) return permute(self, []);
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
        `expand(${tensorName(self.dtype)}{${formatShape(self.shape)}}, size=${formatShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`,
        { shape: self.shape, size },
      );
    }
    const shape = size.map((n, i) => (n === -1 && i >= lead ? self.shape[i - lead] : n));
    if (!isExpandable(self.shape, shape)) {
      const wrong = shape.map((n, i) => i >= lead && self.shape[i - lead] !== n && self.shape[i - lead] !== 1);
      const d = wrong.lastIndexOf(true);
      throw new ShapeError(
        `The expanded size of the tensor (${shape[d]}) must match the existing size (${self.shape[d - lead]}) at non-singleton dimension ${d}.  Target sizes: ${formatShape(size)}.  Tensor sizes: ${formatShape(self.shape)}`,
        { shape: self.shape, size },
      );
    }
    const open = shape.map((n, i) => i < lead && n < 0).lastIndexOf(true);
    if (open >= 0) {
      throw new ShapeError(
        `The expanded size of the tensor (${shape[open]}) isn't allowed in a leading, non-existing dimension ${open}`,
        { shape: self.shape, size },
      );
    }
    return view(EXPAND, self, shape, expandStrides(self.shape, self.strides, shape), self.offset, self.shape);
  },
);

/** `self` expanded to the shape of `other`. */
export const expandAs = like("expandAs", (self, shape) => expand(self, shape));
/** `self` expanded to `size`. */
export const broadcastTo = operator<(self: Tensor, size: Shape) => Tensor>(
  "broadcastTo(self, size)",
  (self: Tensor, size: Shape) => expand(self, size),
);
/** A gradient brought to exactly `shape`: summed or repeated where broadcasting has to be undone or done. */
export const expandedTo = (g: Tensor, shape: Shape): Tensor =>
  sameShape(g.shape, shape) ? g : isExpandable(shape, g.shape) ? sumToSize(g, shape) : expandCopy(g, shape);

/** An alias of `self` with a node of its own. */
export const aliasView = (self: Tensor, derivative: Derivative, kind: ViewKind): Tensor =>
  view(derivative, self, self.shape, self.strides, self.offset, self.shape, kind);
