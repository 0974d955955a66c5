import {
  broadcastShapes,
  DeviceError,
  DTypeError,
  formatShape,
  IndexError,
  isInteger,
  ShapeError,
  storageFrom,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawBinary, rawCast } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import { type Tensor, wrap } from "../tensor.js";
import { lt } from "./compare.js";
import { zeros } from "./creation.js";
import { narrow } from "./parts.js";
import { indexType } from "./promotion.js";
import { scatterAdd } from "./scatter.js";
import { clone, contiguous } from "./shape.js";
import { expectTensor } from "./table.js";
import { expand, reshape } from "./views.js";
import { where } from "./where.js";

/*
 * Reading at positions that are data. Indices may be of any integer dtype; kernels take int32.
 */

/** An index tensor as int32. */
export function indexTensor(index: Tensor, operation: string): Tensor {
  expectTensor(index, operation, "index");
  if (!isInteger(index.dtype)) {
    throw new IndexError(`${operation}(): Expected an integer dtype for index, but got ${index.dtype}`, {
      dtype: index.dtype,
    });
  }
  return rawCast(index, "int32", operation);
}

/** Indices counted from 0, from ones that may be negative. */
export function wrapIndices(index: Tensor, size: number): Tensor {
  const plus = rawBinary("add", index, size, index.shape, "int32", index.storage.device);
  const negative = lt(index, 0);
  return where(negative, plus, index);
}

export function checkIndexShape(operation: string, self: Tensor, index: Tensor, dim: number, src?: Tensor): void {
  if (index.numel() === 0) return;
  const gathers = operation === "gather";
  const rank = (t: Tensor): number => Math.max(t.ndim, 1);
  const other =
    rank(index) !== rank(self) ? (gathers ? "input" : "self") : src && rank(index) !== rank(src) ? "src" : null;
  if (other !== null) {
    throw new ShapeError(`Index tensor must have the same number of dimensions as ${other} tensor`, {
      operation,
      index: index.shape,
      shape: self.shape,
    });
  }
  index.shape.forEach((n, d) => {
    if ((d !== dim && n > self.shape[d]) || (src !== undefined && n > (src.shape[d] ?? 1))) {
      throw new ShapeError(
        gathers
          ? `Size does not match at dimension ${d} expected index ${formatShape(index.shape)} to be smaller than self ${formatShape(self.shape)} apart from dimension ${dim}`
          : `Expected index ${formatShape(index.shape)} to be smaller than self ${formatShape(self.shape)} apart from dimension ${dim}${src ? ` and to be smaller size than src ${formatShape(src.shape)}` : ""}`,
        { operation },
      );
    }
  });
}

/** 0-dimensional operands as vectors of one element. */
export const atLeast1d = (t: Tensor): Tensor => (t.ndim === 0 ? reshape(t, [1]) : t);

const GATHER: Derivative = {
  name: "GatherBackward0",
  backward(node, g) {
    const { dim, shape } = node.context as { dim: number; shape: readonly number[] };
    return [scatterAdd(zeros(shape as number[], { dtype: g.dtype, device: g.device }), dim, node.saved(0), g), null];
  },
};

/** `out[i][j] = self[index[i][j]][j]` for `dim` 0, and so on; the shape is that of `index`. */
export const gather = operator<(self: Tensor, dim: number, index: Tensor) => Tensor>(
  "gather(self, dim, index)",
  (self: Tensor, dim: number, index: Tensor) => {
    expectTensor(self, "gather");
    const d = wrapDim(dim, self.ndim);
    const at = indexTensor(index, "gather");
    checkIndexShape("gather", self, index, d);
    if (index.numel() === 0 && index.ndim !== self.ndim) {
      return clone(reshape(narrow(reshape(self, [-1]), 0, 0, 0), index.shape));
    }
    if (self.ndim === 0 || index.ndim === 0) {
      return reshape(gather(atLeast1d(self), 0, atLeast1d(index)), index.shape);
    }
    const { device, dtype } = self.storage;
    const out = fresh(device, dtype, index.shape, "gather");
    device.kernels.gather[dtype](out, self, at, d);
    if (recording(self)) {
      const node = record(GATHER, out, [self, null]);
      node.context = { dim: d, shape: self.shape };
      node.save(at);
    }
    return out;
  },
);

/** An index vector spread over all dimensions of `like` but `dim`, without a copy. */
export function spread(index: Tensor, like: readonly number[], dim: number): Tensor {
  const flat = like.map((_, d) => (d === dim ? index.numel() : 1));
  return expand(
    reshape(index, flat),
    like.map((n, d) => (d === dim ? index.numel() : n)),
  );
}

export function indexVector(operation: string, index: Tensor): Tensor {
  const at = indexTensor(index, operation);
  if (index.ndim > 1) throw new IndexError(`${operation}(): Index is supposed to be a vector`, { index: index.shape });
  return at;
}

/** The slices of `dim` that `index` (a vector) names, in its order. */
export const indexSelect = operator<(self: Tensor, dim: number, index: Tensor) => Tensor>(
  "indexSelect(self, dim, index)",
  (self: Tensor, dim: number, index: Tensor) => {
    const d = wrapDim(dim, self.ndim);
    const at = indexVector("indexSelect", index);
    if (self.ndim === 0) {
      if (at.numel() !== 1) {
        throw new IndexError(`indexSelect(): Index to scalar can have only 1 value, got ${at.numel()} value(s)`);
      }
      return reshape(gather(atLeast1d(self), 0, atLeast1d(at)), []);
    }
    return gather(self, d, spread(at, self.shape, d));
  },
);

/** Elements of the flattened tensor at `index`, in the shape of `index`. */
export const take = operator<(self: Tensor, index: Tensor) => Tensor>(
  "take(self, index)",
  (self: Tensor, index: Tensor) => {
    const flat = reshape(self, [-1]);
    const at = wrapIndices(indexTensor(index, "take"), flat.numel());
    return reshape(gather(flat, 0, reshape(at, [-1])), index.shape);
  },
);

// ------------------------------------------------------------------------------ shapes that depend on the data

/** Host copies of the positions of nonzero elements, one array for each dimension. */
export function positionsOf(mask: Tensor, operation: string): Int32Array[] {
  const { backend, name } = mask.storage.device;
  if (!backend.readSync) {
    throw new DeviceError(
      `[${operation}] the result's shape depends on data, and device '${name}' cannot be read synchronously: compute on \`await x.cpu()\`, or use where() with a mask`,
      { operation, device: name },
    );
  }
  const whole = contiguous(rawCast(mask, "bool"));
  const values = backend.readSync(whole.storage, whole.offset, whole.numel()) as Uint8Array;
  let count = 0;
  for (let i = 0; i < values.length; i++) count += values[i];
  const columns = mask.shape.map(() => new Int32Array(count));
  const position = new Array<number>(mask.ndim).fill(0);
  for (let i = 0, row = 0; i < values.length; i++) {
    if (values[i]) {
      for (let d = 0; d < columns.length; d++) columns[d][row] = position[d];
      row++;
    }
    for (let d = position.length - 1; d >= 0 && ++position[d] === mask.shape[d]; d--) position[d] = 0;
  }
  return mask.ndim === 0 ? [new Int32Array(count)] : columns;
}

export interface Nonzero {
  (self: Tensor, options?: { asTuple?: false }): Tensor;
  (self: Tensor, options: { asTuple: true }): Tensor[];
}

/** Positions of nonzero elements, one row each; with `asTuple` one vector for each dimension. int32, or int64 of int64. */
export const nonzero = operator<Nonzero>("nonzero(self, *, asTuple=false)", (self: Tensor, asTuple: boolean) => {
  expectTensor(self, "nonzero");
  const columns = positionsOf(self, "nonzero");
  const n = columns[0].length;
  const vector = (values: Int32Array, shape: readonly number[]): Tensor =>
    rawCast(wrap(storageFrom(self.storage.device, "int32", values), shape), indexType(self.dtype));
  if (asTuple) return columns.map((column) => vector(column, [n]));
  const width = self.ndim;
  const rows = new Int32Array(n * width);
  for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) rows[i * width + d] = columns[d][i];
  return vector(rows, [n, width]);
});

/** Positions of nonzero elements, one row each: `nonzero` by another name. */
export const argwhere = operator<(self: Tensor) => Tensor>("argwhere(self)", (self: Tensor) => nonzero(self));

/** The elements of `self` where `mask` is true, in one dimension; both broadcast. */
export const maskedSelect = operator<(self: Tensor, mask: Tensor) => Tensor>(
  "maskedSelect(self, mask)",
  (self: Tensor, mask: Tensor) => {
    expectTensor(mask, "maskedSelect", "mask");
    if (mask.dtype !== "bool") {
      throw new DTypeError("maskedSelect: expected BoolTensor for mask", { dtype: mask.dtype });
    }
    const shape = broadcastShapes(self.shape, mask.shape);
    return expand(self, shape).at(expand(mask, shape));
  },
);
