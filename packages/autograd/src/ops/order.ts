import { type DType, IndexError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawCast, rawCopy, rawScan } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { zeros, zerosLike } from "./creation.js";
import { foundIn, type Pick, pick, sumType } from "./dims.js";
import { gather } from "./indexing.js";
import { narrow } from "./parts.js";
import { add, mul } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { prod, sum } from "./reduction.js";
import { cat, flip, to } from "./shape.js";
import { expectTensor } from "./table.js";

/*
 * Operators in which the order along a dimension counts: running sums and products, sorting.
 */

const CUMSUM: Derivative = {
  name: "CumsumBackward0",
  backward(node, g) {
    const dim = node.context as number | null;
    return dim === null ? g : flip(cumsum(flip(g, dim), dim), dim);
  },
};

type Cumulative = (self: Tensor, dim: number | { dim: number; dtype?: DType }, options?: { dtype?: DType }) => Tensor;

/** Running sum along `dim`. */
export const cumsum = operator<Cumulative>(
  "cumsum(self, dim, *, dtype=null)",
  (self: Tensor, dim: number, dtype: DType | null) => {
    expectTensor(self, "cumsum");
    const d = wrapDim(dim, self.ndim);
    const type = dtype ?? sumType(self.dtype);
    const scalar = self.ndim === 0;
    const out = scalar ? rawCopy(self, type) : rawScan("sum", rawCast(self, type, "cumsum"), d);
    if (recording(self)) record(CUMSUM, out, [self]).context = scalar ? null : d;
    return out;
  },
);

const CUMPROD: Derivative = {
  name: "CumprodBackward0",
  backward(node, g) {
    const dim = node.context as number;
    return cumprodGradient(g, node.saved(0), dim);
  },
};

/** Σ over k ≥ i of g_k · Π over j ≤ k, j ≠ i of x_j, exact at zeros: one row per element of the scanned dimension. */
function cumprodGradient(g: Tensor, x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  const rows: Tensor[] = [];
  for (let i = 0; i < n; i++) {
    const rest = n - i - 1;
    const before = i === 0 ? add(zerosLike(narrow(x, dim, 0, 1)), 1) : prod(narrow(x, dim, 0, i), dim, true);
    const tail = cat([before, narrow(x, dim, i + 1, rest)], dim);
    rows.push(sum(mul(narrow(g, dim, i, n - i), cumprod(tail, dim)), dim, true));
  }
  return rows.length === 0 ? x : cat(rows, dim);
}

/** Running product along `dim`. */
export const cumprod = operator<Cumulative>(
  "cumprod(self, dim, *, dtype=null)",
  (self: Tensor, dim: number, dtype: DType | null) => {
    const d = wrapDim(dim, self.ndim);
    const type = dtype ?? sumType(self.dtype);
    if (self.ndim === 0) return to(self, { dtype: type, copy: true });
    const out = rawScan("prod", rawCast(self, type, "cumprod"), d);
    if (recording(self)) {
      const node = record(CUMPROD, out, [self]);
      node.context = d;
      node.save(self);
    }
    return out;
  },
);

const SORT = pick("SortBackward0");
type SortOptions = { dim?: number; descending?: boolean; stable?: boolean };

/** `[values, indices]` in ascending or descending order along `dim`; equal elements keep their order, NaN counts as largest. */
export const sort = operator<
  (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => [values: Tensor, indices: Tensor]
>("sort(self, dim=-1, descending=false, *, stable=true)", (self: Tensor, dim: number, descending: boolean) => {
  const d = wrapDim(dim, self.ndim);
  if (self.ndim === 0) return [self.clone(), zeros([], { dtype: indexType(self.dtype), device: self.device })];
  const { device, dtype } = self.storage;
  const values = fresh(device, dtype, self.shape, "sort");
  const indices = fresh(device, "int32", self.shape, "sort");
  device.kernels.sort[dtype](values, indices, self, d, descending);
  if (recording(self)) {
    const node = record(SORT, values, [self]);
    node.context = { dim: d, keepdim: true, shape: self.shape } satisfies Pick;
    node.save(indices);
  }
  return [values, foundIn(self, indices)];
});

/** The indices that sort along `dim`. */
export const argsort = operator<
  (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => Tensor
>(
  "argsort(self, dim=-1, descending=false, *, stable=true)",
  (self: Tensor, dim: number, descending: boolean) => sort(self.detach(), dim, descending)[1],
);

/** Sorted along the first dimension. */
export const msort = operator<(self: Tensor) => Tensor>("msort(self)", (self: Tensor) => sort(self, 0)[0]);

type TopkOptions = { dim?: number; largest?: boolean; sorted?: boolean };

/** `[values, indices]` of the `k` largest (or smallest) elements along `dim`, in order. */
export const topk = operator<
  (
    self: Tensor,
    k: number,
    dim?: number | TopkOptions,
    largest?: boolean | TopkOptions,
  ) => [values: Tensor, indices: Tensor]
>("topk(self, k, dim=-1, largest=true, sorted=true)", (self: Tensor, k: number, dim: number, largest: boolean) => {
  const d = wrapDim(dim, self.ndim);
  const n = self.ndim === 0 ? 1 : self.shape[d];
  if (!Number.isInteger(k) || k < 0 || k > n) throw new IndexError("selected index k out of range", { k, size: n });
  if (self.ndim === 0) return sort(self);
  const indices = narrow(argsort(self, d, largest), d, 0, k).clone();
  return [gather(self, d, indices), indices];
});
