import {
  ArgumentError,
  broadcastShapes,
  DTypeError,
  dtypeInfo,
  formatShape,
  IndexError,
  type ScatterReduction,
  ShapeError,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast, rawCopy, scalarFor } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { item } from "../read.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { cumsum } from "./cumulative.js";
import { atLeast1d, checkIndexShape, gather, indexTensor, indexVector, spread, wrapIndices } from "./indexing.js";
import { narrow } from "./parts.js";
import { sub } from "./pointwise.js";
import type { Scalar } from "./promotion.js";
import { clone, to } from "./shape.js";
import { expectTensor, type TensorOrScalar } from "./table.js";
import { expand, reshape } from "./views.js";
import { clampMin, where } from "./where.js";

/*
 * Writing at positions that are data, into a copy; the in-place forms are made of these.
 */

const SCATTER: Derivative = {
  name: "ScatterBackward0",
  backward(node, g) {
    const { dim, sum } = node.context as { dim: number; sum: boolean };
    const index = node.saved(0);
    return [
      node.needs(0) ? (sum ? g : scatter(g, dim, index, 0)) : null,
      null,
      node.needs(2) ? gather(g, dim, index) : null,
    ];
  },
};
const SCATTER_ADD: Derivative = { ...SCATTER, name: "ScatterAddBackward0" };

export function scattered(
  operation: string,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: TensorOrScalar,
  reduction: ScatterReduction,
): Tensor {
  expectTensor(self, operation);
  const d = wrapDim(dim, self.ndim);
  const at = indexTensor(index, operation);
  const values = isTensor(src) ? src : null;
  if (index.numel() > 0) checkIndexShape(operation, self, index, d, values ?? undefined);
  if (self.ndim === 0 || index.ndim === 0 || values?.ndim === 0) {
    const source = values ? atLeast1d(values) : src;
    return reshape(scattered(operation, atLeast1d(self), 0, atLeast1d(index), source, reduction), self.shape);
  }
  if (values && values.dtype !== self.dtype) {
    throw new ArgumentError("scatter(): Expected self.dtype to be equal to src.dtype", {
      self: self.dtype,
      src: values.dtype,
    });
  }
  const out = rawCopy(self);
  const { device, dtype } = self.storage;
  const part = values
    ? { storage: values.storage, shape: index.shape, strides: values.strides, offset: values.offset }
    : scalarFor(dtype, src as Scalar);
  device.kernels.scatter[dtype](out, at, part, d, reduction);
  if (recording(self, values)) {
    if (reduction !== "none" && reduction !== "sum") {
      throw new ArgumentError(`${operation}() with reduce "${reduction}" has no derivative; use scatterReduce`, {
        reduction,
      });
    }
    const node = record(reduction === "sum" ? SCATTER_ADD : SCATTER, out, [
      self,
      null,
      values && matching(values, index),
    ]);
    node.context = { dim: d, sum: reduction === "sum" };
    node.save(at);
  }
  return out;
}

/** The part of `src` that an index of smaller shape uses. */
export function matching(src: Tensor, index: Tensor): Tensor {
  return index.shape.reduce((part, n, d) => (n === src.shape[d] ? part : narrow(part, d, 0, n)), src);
}

type Reduce = { reduce?: "add" | "multiply" };

/** A copy of `self` in which `self[index[i][j]][j] = src[i][j]` for `dim` 0, and so on; `src` may be a number. */
export const scatter = operator<
  (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, options?: Reduce) => Tensor
>(
  "scatter(self, dim, index, src, *, reduce=null)",
  (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, reduce: string | null) => {
    const reduction = ({ add: "sum", multiply: "prod" } as Record<string, ScatterReduction>)[reduce ?? ""] ?? "none";
    if (reduce !== null && reduction === "none")
      throw new ArgumentError("reduce argument must be either add or multiply.", { reduce });
    return scattered("scatter", self, dim, index, src, reduction);
  },
);

/** The same with the values added to what is there; repeated indices add up. */
export const scatterAdd = operator<(self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor>(
  "scatterAdd(self, dim, index, src)",
  (self: Tensor, dim: number, index: Tensor, src: Tensor) => scattered("scatterAdd", self, dim, index, src, "sum"),
);

/** Checks what is written slice by slice; returns the dimension, the index and the source at the places of its elements. */
export function slicewise(
  name: string,
  self: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): { d: number; at: Tensor; source: Tensor } {
  expectTensor(self, name);
  expectTensor(source, name, "source");
  const d = wrapDim(dim, self.ndim);
  const at = indexVector(name, index);
  if (source.dtype !== self.dtype) {
    const [a, b] = [self, source].map((t) => dtypeInfo[t.dtype].scalarName);
    throw new DTypeError(`${name}_(): self (${a}) and source (${b}) must have the same scalar type`, {
      self: self.dtype,
      source: source.dtype,
    });
  }
  const n = at.numel();
  if (n !== (source.shape[d] ?? 1)) {
    throw new IndexError(
      `${name}_(): Number of indices (${n}) should be equal to source.size(dim): (${source.shape[d] ?? 1}), for dim: ${d}`,
      { index: n, source: source.shape },
    );
  }
  const whole = self.shape.map((size, i) => (i === d ? n : size));
  if (source.ndim > 0 && (source.ndim !== self.ndim || source.shape.some((size, i) => size !== whole[i]))) {
    throw new ShapeError(
      `${name}_(): Source/destination tensor must have same slice shapes. Destination has shape ${formatShape(self.shape)}, source ${formatShape(source.shape)} at dimension ${d}`,
      { self: self.shape, source: source.shape, dim: d },
    );
  }
  return { d, at: spread(at, whole, d), source: self.ndim > 0 && source.ndim === 0 ? reshape(source, whole) : source };
}

/** A scalar as a vector of one element, written to and read back. */
const asVector = (self: Tensor, index: Tensor, source: Tensor, write: (...vectors: Tensor[]) => Tensor): Tensor =>
  reshape(write(atLeast1d(self), atLeast1d(index), atLeast1d(source)), []);

/** A copy of `self` in which the slices of `source` are added (times `alpha`) to those that `index` names. */
export const indexAdd = operator<
  (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }) => Tensor
>(
  "indexAdd(self, dim, index, source, *, alpha=1)",
  (self: Tensor, dim: number, index: Tensor, given: Tensor, alpha: number) => {
    if (self.ndim === 0) return asVector(self, index, given, (x, i, y) => indexAdd(x, dim, i, y, { alpha }));
    const { d, at, source } = slicewise("indexAdd", self, dim, index, given);
    return scatterAdd(self, d, at, alpha === 1 ? source : source.mul(alpha));
  },
);

/** A copy of `self` in which the slices that `index` names are those of `source`. */
export const indexCopy = operator<(self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor>(
  "indexCopy(self, dim, index, source)",
  (self: Tensor, dim: number, index: Tensor, given: Tensor) => {
    if (self.ndim === 0) return asVector(self, index, given, (x, i, y) => indexCopy(x, dim, i, y));
    const { d, at, source } = slicewise("indexCopy", self, dim, index, given);
    return scatter(self, d, at, source);
  },
);

/** A copy of `self` in which the slices that `index` names hold `value`, a number or a 0-dimensional tensor; negative indices count from the end. */
export const indexFill = operator<(self: Tensor, dim: number, index: Tensor, value: TensorOrScalar) => Tensor>(
  "indexFill(self, dim, index, value)",
  (self: Tensor, dim: number, index: Tensor, value: TensorOrScalar) => {
    expectTensor(self, "indexFill");
    const d = wrapDim(dim, self.ndim);
    if (self.ndim === 0) return reshape(indexFill(reshape(self, [1]), 0, atLeast1d(index), value), []);
    const vector = wrapIndices(indexVector("indexFill", index), self.shape[d]);
    const at = spread(vector, self.shape, d);
    if (!isTensor(value)) return scatter(self, d, at, value);
    if (value.ndim > 0) {
      throw new ShapeError(
        `indexFill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
      );
    }
    return scatter(self, d, at, expand(to(value, self.dtype), at.shape));
  },
);

// --------------------------------------------------------------------------- places of the flattened tensor

type Accumulate = { accumulate?: boolean };

/**
 * A copy of `self` in which the elements of the flattened tensor that `index` names are those of `source`, or (`accumulate`) have them added. Negative
 * indices count from the end.
 */
export const put = operator<(self: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | Accumulate) => Tensor>(
  "put(self, index, source, accumulate=false)",
  (self: Tensor, index: Tensor, source: Tensor, accumulate: boolean) => {
    expectTensor(self, "put");
    expectTensor(source, "put", "source");
    const at = indexTensor(index, "put");
    if (source.dtype !== self.dtype) {
      const [a, b] = [self, source].map((t) => dtypeInfo[t.dtype].scalarName);
      throw new DTypeError(
        `put_(): self and source expected to have the same dtype, but got self.dtype = ${a} and source.dtype = ${b}`,
      );
    }
    if (at.numel() !== source.numel()) {
      throw new IndexError(
        `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel()}, index.numel() = ${at.numel()}`,
      );
    }
    const n = self.numel();
    if (n === 0 && at.numel() > 0) throw new IndexError("put_(): Tried to put elements into an empty tensor");
    const places = reshape(wrapIndices(at, n), [-1]);
    const flat = reshape(self, [-1]);
    const values = reshape(source, [-1]);
    return reshape((accumulate ? scatterAdd : scatter)(flat, 0, places, values), self.shape);
  },
);

/**
 * A copy of `self` in which the elements where `mask` is true are those of `source`, in its order; `self` and `mask` broadcast.
 * @throws ArgumentError where `source` has too few elements (on devices that can be read at once; elsewhere such elements are undefined).
 */
export const maskedScatter = operator<(self: Tensor, mask: Tensor, source: Tensor) => Tensor>(
  "maskedScatter(self, mask, source)",
  (self: Tensor, given: Tensor, source: Tensor) => {
    expectTensor(self, "maskedScatter");
    expectTensor(given, "maskedScatter", "mask");
    expectTensor(source, "maskedScatter", "source");
    if (source.dtype !== self.dtype) {
      const [a, b] = [self, source].map((t) => dtypeInfo[t.dtype].scalarName);
      throw new DTypeError(`maskedScatter: expected self and source to have same dtypes but got${a} and ${b}`);
    }
    const shape = broadcastShapes(self.shape, given.shape);
    const mask = expand(rawCast(given, "bool"), shape);
    const whole = expand(self, shape);
    if (mask.numel() === 0) return clone(whole);
    // the place in `source` of each element: how many of the mask came before it
    const count = cumsum(reshape(mask, [-1]), 0);
    const n = mask.numel();
    if (mask.storage.device.backend.readSync && item(narrow(count, 0, n - 1, 1)) > source.numel()) {
      throw new ArgumentError("Number of elements of source < number of ones in mask", { source: source.shape });
    }
    if (source.numel() === 0) return clone(whole);
    const values = gather(reshape(source, [-1]), 0, clampMin(sub(count, 1), 0));
    return where(mask, reshape(values, shape), whole);
  },
);
