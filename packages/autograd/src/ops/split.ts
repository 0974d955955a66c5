import {
  ArgumentError,
  DTypeError,
  formatShape,
  IndexError,
  isInteger,
  ShapeError,
  state,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative, Grad, Node } from "../node.js";
import { hostValues } from "../read.js";
import { recording, recordMany } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { type Geometry, viewOf } from "../views.js";
import { zeros } from "./creation.js";
import { sliceDim } from "./parts.js";
import { cat, stack } from "./shape.js";
import { expectTensor } from "./table.js";

/*
 * Views that are together the results of one operator.
 */

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

function expectDim(self: Tensor, name: string): void {
  expectTensor(self, name);
  if (self.ndim === 0) throw new ShapeError(`${name} expects at least a 1-dimensional tensor`, { shape: self.shape });
}

/** Parts of the sizes listed along `dim`. */
export const splitWithSizes = operator<
  (self: Tensor, splitSizes: readonly number[], dim?: number | { dim?: number }) => Tensor[]
>("splitWithSizes(self, splitSizes, dim=0)", (self: Tensor, sizes: readonly number[], dim: number) => {
  expectDim(self, "split");
  const d = wrapDim(dim, self.ndim);
  const n = self.shape[d];
  if (sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ArgumentError(
      `splitWithSizes expects splitSizes have only non-negative entries, but got splitSizes=${formatShape(sizes)}`,
      { splitSizes: sizes },
    );
  }
  if (sizes.reduce((a, b) => a + b, 0) !== n) {
    throw new ShapeError(
      `splitWithSizes expects splitSizes to sum exactly to ${n} (input tensor's size at dimension ${d}), but got splitSizes=${formatShape(sizes)}`,
      { splitSizes: sizes },
    );
  }
  return parts(SPLIT_WITH_SIZES, self, sizes, d);
});

/** Parts along `dim`: of `splitSize` each (the last may be smaller), or of the sizes listed. */
export const split = operator<
  (self: Tensor, splitSize: number | readonly number[], dim?: number | { dim?: number }) => Tensor[]
>("split(self, splitSize, dim=0)", (self: Tensor, splitSize: number | readonly number[], dim: number) => {
  expectDim(self, "split");
  if (typeof splitSize !== "number") return splitWithSizes(self, splitSize, dim);
  const d = wrapDim(dim, self.ndim);
  const n = self.shape[d];
  if (!(splitSize >= 0)) {
    throw new ArgumentError(`split expects splitSize be non-negative, but got splitSize=${splitSize}`, { splitSize });
  }
  if (splitSize === 0 && n > 0) {
    throw new ArgumentError(`splitSize can only be 0 if dimension size is 0, but got dimension size of ${n}`);
  }
  const count = Math.max(Math.ceil(n / (splitSize || 1)), 1);
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
    expectDim(self, "chunk");
    if (!(chunks > 0))
      throw new ArgumentError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`, { chunks });
    const d = wrapDim(dim, self.ndim);
    const n = self.shape[d];
    return n === 0 ? parts(SPLIT, self, new Array(chunks).fill(0), d) : split(self, Math.ceil(n / chunks), dim);
  },
);

type Places = number | readonly number[];

/** `sections` parts along `dim` whose sizes differ by 1 at most, or the parts before, between and behind the places listed. */
export const tensorSplit = operator<
  (self: Tensor, indicesOrSections: Places | Tensor, dim?: number | { dim?: number }) => Tensor[]
>("tensorSplit(self, indicesOrSections, dim=0)", (self: Tensor, indicesOrSections: Places | Tensor, dim: number) => {
  expectTensor(self, "tensorSplit");
  if (self.ndim === 0) {
    throw new ShapeError("tensorSplit expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  }
  const d = wrapDim(dim, self.ndim);
  return between(self, isTensor(indicesOrSections) ? readPlaces(indicesOrSections) : indicesOrSections, d);
});

function readPlaces(places: Tensor): Places {
  if (!isInteger(places.dtype)) {
    throw new DTypeError(
      `tensorSplit expected tensorIndicesOrSections to have an integer dtype, but got ${places.dtype}`,
    );
  }
  if (places.ndim > 1) {
    throw new ShapeError(
      `tensorSplit expected tensorIndicesOrSections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${places.ndim} dims`,
    );
  }
  const values = Array.from(hostValues(places, "tensorSplit") as Int32Array, Number);
  return places.ndim === 0 ? values[0] : values;
}

function between(self: Tensor, places: Places, dim: number): Tensor[] {
  const n = self.shape[dim];
  let bounds: readonly number[];
  if (typeof places !== "number") bounds = places;
  else {
    if (!Number.isInteger(places) || places <= 0) {
      throw new ArgumentError(`number of sections must be larger than 0, got ${places}`, { sections: places });
    }
    const [size, larger] = [Math.floor(n / places), n % places];
    bounds = Array.from({ length: places - 1 }, (_, i) => (i + 1) * size + Math.min(i + 1, larger));
  }
  return [...bounds, null].map((end, i) => sliceDim(self, dim, i === 0 ? 0 : bounds[i - 1], end));
}

/** `tensorSplit` along one dimension, into parts that are all of one size. */
const splitAlong = (
  name: string,
  rank: number,
  dimOf: (ndim: number) => number,
): ((self: Tensor, indicesOrSections: Places) => Tensor[]) =>
  operator(`${name}(self, indicesOrSections)`, (self: Tensor, indicesOrSections: Places) => {
    expectTensor(self, name);
    if (self.ndim < rank) {
      throw new ShapeError(
        `${name} requires a tensor with at least ${rank} dimension, but got a tensor with ${self.ndim} dimensions!`,
        { shape: self.shape },
      );
    }
    const d = dimOf(self.ndim);
    if (typeof indicesOrSections !== "number" && !Array.isArray(indicesOrSections)) {
      throw new ArgumentError(`${name}(): argument 'indicesOrSections' must be a number or an array of numbers`);
    }
    if (typeof indicesOrSections === "number" && !(self.shape[d] % indicesOrSections === 0)) {
      throw new ArgumentError(
        `${name} attempted to split along dimension ${d}, but the size of the dimension ${self.shape[d]} is not divisible by the splitSize ${indicesOrSections}!`,
      );
    }
    return between(self, indicesOrSections, d);
  });

/** Parts next to each other: along the second dimension, of a vector along its only one. */
export const hsplit = splitAlong("hsplit", 1, (ndim) => (ndim === 1 ? 0 : 1));
/** Parts above each other: along the first dimension. */
export const vsplit = splitAlong("vsplit", 2, () => 0);
/** Parts behind each other: along the third dimension. */
export const dsplit = splitAlong("dsplit", 3, () => 2);

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
