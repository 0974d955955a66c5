import { ArgumentError, IndexError, type ScatterReduction, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCopy, scalarFor } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { atLeast1d, checkIndexShape, gather, indexTensor, indexVector, spread } from "./indexing.js";
import { narrow } from "./parts.js";
import type { Scalar } from "./promotion.js";
import { to } from "./shape.js";
import { expectTensor, type TensorOrScalar } from "./table.js";
import { expand, reshape } from "./views.js";

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

function scattered(
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
function matching(src: Tensor, index: Tensor): Tensor {
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

/** A copy of `self` in which the slices of `source` are added (times `alpha`) to those that `index` names. */
export const indexAdd = operator<
  (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }) => Tensor
>(
  "indexAdd(self, dim, index, source, *, alpha=1)",
  (self: Tensor, dim: number, index: Tensor, source: Tensor, alpha: number) => {
    const d = wrapDim(dim, self.ndim);
    const at = indexVector("indexAdd", index);
    if (self.ndim === 0) return reshape(indexAdd(atLeast1d(self), 0, atLeast1d(at), atLeast1d(source), { alpha }), []);
    if (source.shape[d] !== at.numel()) {
      throw new IndexError("indexAdd(): Number of indices should be equal to self.size(dim)", {
        index: at.numel(),
        source: source.shape,
      });
    }
    return scatterAdd(self, d, spread(at, source.shape, d), alpha === 1 ? source : source.mul(alpha));
  },
);

/** A copy of `self` in which the slices that `index` names are those of `source`. */
export const indexCopy = operator<(self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor>(
  "indexCopy(self, dim, index, source)",
  (self: Tensor, dim: number, index: Tensor, source: Tensor) => {
    const d = wrapDim(dim, self.ndim);
    return scatter(self, d, spread(indexVector("indexCopy", index), source.shape, d), source);
  },
);

/** A copy of `self` in which the slices that `index` names hold `value`, a number or a 0-dimensional tensor. */
export const indexFill = operator<(self: Tensor, dim: number, index: Tensor, value: TensorOrScalar) => Tensor>(
  "indexFill(self, dim, index, value)",
  (self: Tensor, dim: number, index: Tensor, value: TensorOrScalar) => {
    const d = wrapDim(dim, self.ndim);
    const positions = spread(indexVector("indexFill", index), self.shape, d);
    if (!isTensor(value)) return scatter(self, d, positions, value);
    if (value.ndim > 0) {
      throw new ShapeError(
        `indexFill only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
        { shape: value.shape },
      );
    }
    return scatter(self, d, positions, expand(to(value, self.dtype), positions.shape));
  },
);
