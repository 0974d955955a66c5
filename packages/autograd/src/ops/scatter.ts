import {
  ArgumentError,
  broadcastShapes,
  DTypeError,
  dtypeInfo,
  formatShape,
  IndexError,
  type ScatterReduction,
  type Shape,
  ShapeError,
  sameShape,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast, rawCopy, scalarFor } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { item } from "../read.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { full } from "./creation.js";
import { cumsum } from "./cumulative.js";
import { atLeast1d, checkIndexShape, gather, indexTensor, spread, wrapIndices } from "./indexing.js";
import { narrow } from "./parts.js";
import { sub } from "./pointwise.js";
import type { Scalar } from "./promotion.js";
import { scatterReduce } from "./scatter-reduce.js";
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

/** A copy of `self` in which `self[index[i][j]][j] = src[i][j]` for `dim` 0, and so on, or with `reduce` combined with what is there; `src` may be a number. */
export const scatter = operator<
  (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, options?: Reduce) => Tensor
>(
  "scatter(self, dim, index, src, *, reduce=null)",
  (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, reduce: string | null) => {
    if (reduce === null) return scattered("scatter", self, dim, index, src, "none");
    if (reduce !== "add" && reduce !== "multiply") {
      throw new ArgumentError("reduce argument must be either add or multiply.", { reduce });
    }
    expectTensor(self, "scatter");
    expectTensor(index, "scatter", "index");
    const values = isTensor(src) ? src : expand(full([], src, { dtype: self.dtype, device: self.device }), index.shape);
    return scatterReduce(self, dim, index, values, reduce === "add" ? "sum" : "prod");
  },
);

/** The same with the values added to what is there; repeated indices add up. */
export const scatterAdd = operator<(self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor>(
  "scatterAdd(self, dim, index, src)",
  (self: Tensor, dim: number, index: Tensor, src: Tensor) => scattered("scatterAdd", self, dim, index, src, "sum"),
);

/** Checks what is written slice by slice; returns the dimension, the index and the source at the places of its elements. */
export function slicewise(
  name: "indexAdd" | "indexCopy" | "indexReduce",
  self: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): { d: number; at: Tensor; source: Tensor } {
  expectTensor(self, name);
  expectTensor(source, name, "source");
  const copies = name === "indexCopy";
  const d = wrapDim(dim, self.ndim);
  const at = indexTensor(index, name);
  const [own, theirs] = [self, source].map((t) => dtypeInfo[t.dtype].scalarName);
  if (at.ndim > 1) {
    throw new IndexError(
      copies
        ? `indexCopy_(): Index should have dimension 1 or 0 (got ${at.ndim})`
        : `${name}_(): Index is supposed to be a vector, but got dim: ${at.ndim} with type: ${dtypeInfo[index.dtype].scalarName} and size: ${formatShape(at.shape)}`,
      { index: index.shape },
    );
  }
  if (source.dtype !== self.dtype) {
    throw new DTypeError(
      copies
        ? `indexCopy_(): self and source expected to have the same dtype, but got (self) ${own} and (source) ${theirs}`
        : `${name}_(): self (${own}) and source (${theirs}) must have the same scalar type`,
      { self: self.dtype, source: source.dtype },
    );
  }
  const rest = (shape: Shape): number[] => shape.filter((_, i) => i !== d);
  if (copies && !sameShape(rest(self.shape), rest(source.shape)) && (source.ndim > 0 || self.ndim > 1)) {
    throw new ShapeError(
      `indexCopy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${rest(self.shape).join(" ")} at dimension ${d} and source slice shape: ${rest(source.shape).join(" ")} at dimension ${source.ndim === 0 ? 0 : d}.`,
      { self: self.shape, source: source.shape },
    );
  }
  const [n, slices] = [at.numel(), source.shape[d] ?? 1];
  if (n !== slices) {
    throw new IndexError(
      copies
        ? `indexCopy_(): Number of indices (${n}) should be equal to source.size(dim) (${slices})`
        : `${name}_(): Number of indices (${n}) should be equal to source.size(dim): (${slices}), for dim: ${d}`,
      { index: n, source: source.shape },
    );
  }
  const whole = self.shape.map((size, i) => (i === d ? n : size));
  if (source.ndim === 0) return { d, at: spread(at, whole, d), source: reshape(source, whole) };
  if (!sameShape(source.shape, whole)) broadcastShapes(rest(self.shape), rest(source.shape));
  if (source.ndim !== self.ndim) {
    throw new ShapeError(`${name}_(): self and source must have the same number of dimensions`, {
      self: self.shape,
      source: source.shape,
    });
  }
  return { d, at: spread(at, whole, d), source: expand(source, whole) };
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
    return scatterAdd(self, d, at, alpha === 1 ? source : to(source.mul(alpha), self.dtype));
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
    if (index.ndim > 1) throw new IndexError("Index has to be a vector/scalar", { index: index.shape });
    const vector = wrapIndices(indexTensor(index, "indexFill"), self.shape[d]);
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
