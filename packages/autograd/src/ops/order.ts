import { IndexError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh } from "../dispatch.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { zeros } from "./creation.js";
import { foundIn, type Pick, pick } from "./dims.js";
import { gather } from "./indexing.js";
import { narrow } from "./parts.js";
import { indexType } from "./promotion.js";
import { expectTensor } from "./table.js";

/*
 * Sorting, and what is first in order.
 */

/** `[values, indices]` of a stable sort along `dim`, outside of the graph; the indices are int32. */
export function rawSort(self: Tensor, dim: number, descending: boolean): [values: Tensor, indices: Tensor] {
  const { device, dtype } = self.storage;
  const values = fresh(device, dtype, self.shape, "sort");
  const indices = fresh(device, "int32", self.shape, "sort");
  device.kernels.sort[dtype](values, indices, self, dim, descending);
  return [values, indices];
}

const SORT = pick("SortBackward0");
type SortOptions = { dim?: number; descending?: boolean; stable?: boolean };

/** `[values, indices]` in ascending or descending order along `dim`; equal elements keep their order, NaN counts as largest. */
export const sort = operator<
  (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => [values: Tensor, indices: Tensor]
>("sort(self, dim=-1, descending=false, *, stable=true)", (self: Tensor, dim: number, descending: boolean) => {
  expectTensor(self, "sort");
  const d = wrapDim(dim, self.ndim);
  if (self.ndim === 0) return [self.clone(), zeros([], { dtype: indexType(self.dtype), device: self.device })];
  const [values, indices] = rawSort(self, d, descending);
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
