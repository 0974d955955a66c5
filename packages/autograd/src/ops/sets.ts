import { IndexError, ShapeError, storageFrom, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast } from "../dispatch.js";
import { hostValues } from "../read.js";
import { type Tensor, wrap } from "../tensor.js";
import { ne } from "./compare.js";
import { ones, zeros } from "./creation.js";
import { cumsum } from "./cumulative.js";
import { any } from "./extremes.js";
import { indexSelect, positionsOf } from "./indexing.js";
import { rawSort } from "./order.js";
import { narrow } from "./parts.js";
import { sub } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { scatter } from "./scatter.js";
import { cat } from "./shape.js";
import { expectTensor } from "./table.js";
import { movedim, reshape } from "./views.js";

/*
 * Each different element, or slice, once. Outside of the graph, and read on the host: how many there are depends on the data.
 */

export interface UniqueOptions {
  returnInverse?: boolean;
  returnCounts?: boolean;
  dim?: number | null;
}

export interface Unique<O extends UniqueOptions> {
  (self: Tensor, options?: O & { returnInverse?: false; returnCounts?: false }): Tensor;
  (self: Tensor, options: O): Tensor | Tensor[];
}

/** The slices that are looked at, as rows of a matrix, or the elements in a vector. */
function slices(self: Tensor, dim: number | null): Tensor {
  if (dim === null) return reshape(self.detach(), [-1]);
  if (self.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  const d = wrapDim(dim, self.ndim);
  if (self.shape.some((n, i) => n === 0 && i !== d)) {
    const several = self.shape.filter((n) => n === 0).length > 1 && self.shape[d] === 0;
    throw new ShapeError(
      several
        ? "Number of zero sized dimensions is more than one, so unique cannot be applied "
        : "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied",
      { shape: self.shape, dim },
    );
  }
  const moved = movedim(self.detach(), d, 0);
  return reshape(moved, [self.shape[d], moved.numel() / Math.max(self.shape[d], 1)]);
}

/** Indices that sort rows, by their first elements first. */
function rowOrder(rows: Tensor): Tensor {
  const [n, width] = rows.shape;
  const values = hostValues(rows, "unique");
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    for (let i = 0; i < width; i++) {
      const [x, y] = [values[a * width + i], values[b * width + i]];
      const [late, later] = [x !== x, y !== y]; // NaN comes last
      if (x < y || (later && !late)) return -1;
      if (x > y || (late && !later)) return 1;
    }
    return 0;
  });
  return wrap(storageFrom(rows.storage.device, "int32", Int32Array.from(order)), [n]);
}

/** Runs of equal slices, in the order given, joined. */
function joined(
  name: string,
  self: Tensor,
  { returnInverse, returnCounts, dim = null }: UniqueOptions,
  orderOf: (rows: Tensor) => Tensor | null,
): Tensor | Tensor[] {
  const rows = slices(self, dim);
  const n = rows.shape[0];
  const order = n > 1 ? orderOf(rows) : null;
  const ordered = order === null ? rows : indexSelect(rows, 0, order);
  const options = { dtype: "bool", device: self.device } as const;
  const differs = (): Tensor => {
    const unlike = ne(narrow(ordered, 0, 1, n - 1), narrow(ordered, 0, 0, n - 1));
    return cat([ones([1], options), dim === null ? unlike : any(unlike, 1)]);
  };
  const starts = n > 1 ? differs() : ones([n], options);
  const [first] = positionsOf(starts, name);
  const found = (values: Int32Array): Tensor =>
    wrap(storageFrom(self.storage.device, "int32", values), [values.length]);
  const kept = indexSelect(ordered, 0, found(first));
  const d = dim === null ? 0 : wrapDim(dim, self.ndim);
  const others = self.shape.filter((_, i) => i !== d);
  const out = dim === null ? kept : movedim(reshape(kept, [first.length, ...others]), 0, d);
  const results = [out.contiguous()];
  if (returnInverse) {
    const run = sub(cumsum(starts, 0), 1);
    const inverse = order === null ? run : scatter(zeros([n], { dtype: "int32", device: self.device }), 0, order, run);
    results.push(rawCast(dim === null ? reshape(inverse, self.shape) : inverse, indexType(self.dtype)));
  }
  if (returnCounts) {
    const counts = found(first.map((start, i) => (first[i + 1] ?? n) - start));
    results.push(rawCast(counts, indexType(self.dtype)));
  }
  return results.length === 1 ? results[0] : results;
}

/**
 * Each different element once, in ascending order (also where `sorted` is false); with `dim` each different slice, ordered by its first elements first.
 * With `returnInverse` also where each element went, with `returnCounts` also how often each occurred. Every NaN is different.
 */
export const unique = operator<Unique<UniqueOptions & { sorted?: boolean }>>(
  "unique(self, sorted=true, returnInverse=false, returnCounts=false, dim=null)",
  (self: Tensor, _sorted: boolean, returnInverse: boolean, returnCounts: boolean, dim: number | null) => {
    expectTensor(self, "unique");
    return joined("unique", self, { returnInverse, returnCounts, dim }, (rows) =>
      dim === null ? rawSort(rows, 0, false)[1] : rowOrder(rows),
    );
  },
);

/** The first of each run of equal elements; with `dim` of equal slices. The options are those of `unique`. */
export const uniqueConsecutive = operator<Unique<UniqueOptions>>(
  "uniqueConsecutive(self, returnInverse=false, returnCounts=false, dim=null)",
  (self: Tensor, returnInverse: boolean, returnCounts: boolean, dim: number | null) => {
    expectTensor(self, "uniqueConsecutive");
    return joined("uniqueConsecutive", self, { returnInverse, returnCounts, dim }, () => null);
  },
);
