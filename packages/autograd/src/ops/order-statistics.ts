import { ArgumentError, type DType, isFloat, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawFill, rawReduce, rawScan } from "../dispatch.js";
import { hostValues } from "../read.js";
import { isTensor, type Tensor } from "../tensor.js";
import { isnan, logicalNot, ne } from "./compare.js";
import { zeros } from "./creation.js";
import { type OneDim, pick, pickedAt, positionsAlong } from "./dims.js";
import { any, evenlyShared, requireElements } from "./extremes.js";
import { gather } from "./indexing.js";
import { rawSort, sort } from "./order.js";
import { narrow } from "./parts.js";
import { ceil, div, floor, mul, round, sub } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { sum } from "./reduction.js";
import { cat, to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
import { lerp } from "./ternary.js";
import { tensor } from "./values.js";
import { movedim, reshape, unsqueeze } from "./views.js";
import { clampMin, maskedFill, where } from "./where.js";

/*
 * What stands where in sorted order: medians, quantiles, the k-th element, the most frequent one.
 */

type Found = [values: Tensor, indices: Tensor];

/** A 0-dimensional tensor is itself every statistic along its only dimension. */
const ofScalar = (self: Tensor): Found => [
  self.clone(),
  zeros([], { dtype: indexType(self.dtype), device: self.device }),
];

const KTHVALUE = pick("KthvalueBackward0");

/** `[values, indices]`: the `k`-th smallest element along `dim` (`k` counts from 1); NaN counts as largest. */
export const kthvalue = operator<
  (self: Tensor, k: number, dim?: number | Omit<OneDim, "dtype">, keepdim?: boolean | { keepdim?: boolean }) => Found
>("kthvalue(self, k, dim=-1, keepdim=false)", (self: Tensor, k: number, dim: number, keepdim: boolean) => {
  expectTensor(self, "kthvalue");
  if (self.dtype === "bool") throw unsupported("kthvalue", "bool");
  const d = wrapDim(dim, self.ndim);
  requireElements("kthvalue", self, [d]);
  const n = self.shape[d] ?? 1;
  if (!Number.isInteger(k) || k < 1 || k > n) {
    throw new ArgumentError(`kthvalue(): selected number k out of range for dimension ${d}`, { k, size: n });
  }
  if (self.ndim === 0) return ofScalar(self);
  const order = rawSort(self, d, false)[1];
  return pickedAt(KTHVALUE, self, narrow(order, d, k - 1, 1), d, keepdim);
});

// ------------------------------------------------------------------------------------------------------ medians

export interface Median {
  (self: Tensor): Tensor;
  (
    self: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): [values: Tensor, indices: Tensor];
}

/** Where the median stands in the order along `d`: in the middle; a NaN among them is the median, or (`ignoring`) does not count. */
function middle(self: Tensor, d: number, ignoring: boolean): Tensor | number {
  const half = (self.shape[d] - 1) >> 1;
  if (!isFloat(self.dtype)) return half;
  const count = sum(logicalNot(isnan(self)), d, true);
  return ignoring ? div(sub(count, 1), 2, { roundingMode: "trunc" }) : where(ne(count, self.shape[d]), count, half);
}

function medianOf(name: "median" | "nanmedian"): Median {
  const ignoring = name === "nanmedian";
  const ALONG = pick(`${ignoring ? "Nanmedian" : "Median"}Backward1`);
  const share = evenlyShared(`${ignoring ? "Nanmedian" : "Median"}Backward0`);
  const order = (self: Tensor, d: number): Tensor => {
    const x = self.detach();
    const sorted = rawSort(x, d, false)[1];
    const at = middle(x, d, ignoring);
    return typeof at === "number" ? narrow(sorted, d, at, 1) : gather(sorted, d, at);
  };
  return operator(`${name}(self, dim=null, keepdim=false)`, (self: Tensor, dim: number | null, keepdim: boolean) => {
    expectTensor(self, name);
    if (self.dtype === "bool") throw unsupported(name, "bool");
    if (dim === null) {
      const flat = reshape(self.detach(), [-1]);
      if (flat.numel() === 0) {
        const nothing = fresh(self.storage.device, self.dtype, [], name);
        rawFill(nothing, Number.NaN);
        return share(self, nothing);
      }
      return share(self, reshape(gather(flat, 0, order(flat, 0)), []));
    }
    const d = wrapDim(dim, self.ndim);
    requireElements("median", self, [d]);
    return self.ndim === 0 ? ofScalar(self) : pickedAt(ALONG, self, order(self, d), d, keepdim);
  }) as Median;
}

/**
 * The median element, of an even number the lower one; with `dim`, `[values, indices]` along it. A NaN among the elements is the
 * median. Without `dim` all elements equal to the median share its gradient.
 */
export const median = medianOf("median");
/** The median of the elements that are not NaN, of an even number the lower one; with `dim`, `[values, indices]` along it. */
export const nanmedian = medianOf("nanmedian");

const MODE = pick("ModeBackward0");

/** `[values, indices]`: the most frequent element along `dim`, of equally frequent ones the smallest, at its last place. */
export const mode = operator<
  (self: Tensor, dim?: number | Omit<OneDim, "dtype">, keepdim?: boolean | { keepdim?: boolean }) => Found
>("mode(self, dim=-1, keepdim=false)", (self: Tensor, dim: number, keepdim: boolean) => {
  expectTensor(self, "mode");
  const d = wrapDim(dim, self.ndim);
  requireElements("mode", self, [d]);
  if (self.ndim === 0) return ofScalar(self);
  const [values, order] = rawSort(self, d, false);
  const n = self.shape[d];
  // of each element, how many of its kind stand before it in sorted order: the distance from the start of its run
  const place = positionsAlong(self, d);
  const starts = ne(narrow(values, d, 1, n - 1), narrow(values, d, 0, n - 1));
  const first = zeros(
    self.shape.map((size, i) => (i === d ? 1 : size)),
    { dtype: "int32", device: self.device },
  );
  const start = rawScan("max", cat([first, where(starts, narrow(place, d, 1, n - 1), 0)], d), d);
  const longest = rawReduce("argmax", sub(place, start), [d]);
  return pickedAt(MODE, self, gather(order, d, longest), d, keepdim);
});

// ----------------------------------------------------------------------------------------------------- quantiles

type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";
export interface QuantileOptions {
  dim?: number | null;
  keepdim?: boolean;
  interpolation?: Interpolation;
}
type Quantile = (
  self: Tensor,
  q: number | Tensor,
  dim?: number | null | QuantileOptions,
  keepdim?: boolean | QuantileOptions,
  options?: QuantileOptions,
) => Tensor;

const QUANTILE_DTYPES: readonly DType[] = ["float32", "float64"];
const INTERPOLATIONS = ["linear", "lower", "higher", "midpoint", "nearest"];

function checkQuantile(self: Tensor, q: number | Tensor, interpolation: string): Tensor {
  if (self.numel() === 0) throw new ShapeError("quantile() input tensor must be non-empty", { shape: self.shape });
  if (!QUANTILE_DTYPES.includes(self.dtype)) {
    throw new ArgumentError("quantile() input tensor must be either float or double dtype", { dtype: self.dtype });
  }
  if (!INTERPOLATIONS.includes(interpolation)) {
    throw new ArgumentError(
      `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
      { interpolation },
    );
  }
  if (!isTensor(q)) {
    if (!(q >= 0 && q <= 1)) throw new ArgumentError(`quantile() q must be in the range [0, 1] but got ${q}`, { q });
    return tensor(q, { dtype: self.dtype, device: self.device });
  }
  if (q.ndim > 1) throw new ShapeError("quantile() q must be a scalar or 1D tensor", { shape: q.shape });
  if (q.dtype !== self.dtype) {
    throw new ArgumentError("quantile() q tensor must be same dtype as the input tensor", { q: q.dtype });
  }
  // what cannot be looked at at once is not checked
  if (q.storage.device.backend.readSync && !hostValues(q, "quantile").every((v) => Number(v) >= 0 && Number(v) <= 1)) {
    throw new ArgumentError("quantile() q values must be in the range [0, 1]");
  }
  return q;
}

function quantileOf(name: "quantile" | "nanquantile"): Quantile {
  return operator<Quantile>(
    `${name}(self, q, dim=null, keepdim=false, *, interpolation="linear")`,
    (self: Tensor, given: number | Tensor, dim: number | null, keepdim: boolean, interpolation: Interpolation) => {
      expectTensor(self, name);
      const q = checkQuantile(self, given, interpolation);
      const d = dim === null ? null : wrapDim(dim, self.ndim);
      const x = d === null || self.ndim === 0 ? reshape(self, [-1]) : movedim(self, d, -1);
      const sorted = sort(x)[0];
      const missing = isnan(sorted.detach());
      const last = sorted.shape[x.ndim - 1] - 1;
      const at = reshape(q, [-1]);
      const ranks =
        name === "nanquantile"
          ? clampMin(mul(sub(sum(logicalNot(missing), -1, true), 1), at), 0)
          : maskedFill(mul(at, last), any(missing, -1, true), last);
      const picked = interpolated(sorted, ranks, interpolation);
      // (…, Q) with the dimension of the quantiles in front, or none
      const front = q.ndim === 0 ? reshape(picked, picked.shape.slice(0, -1)) : movedim(picked, -1, 0);
      if (!keepdim) return front;
      if (d === null) return reshape(front, [...q.shape, ...self.shape.map(() => 1)]);
      return self.ndim === 0 ? front : unsqueeze(front, d + q.ndim);
    },
  );
}

function interpolated(sorted: Tensor, ranks: Tensor, interpolation: Interpolation): Tensor {
  const along = (rank: Tensor): Tensor => gather(sorted, -1, to(rank.detach(), "int32"));
  if (interpolation === "nearest") return along(round(ranks));
  if (interpolation === "higher") return along(ceil(ranks));
  const below = floor(ranks);
  if (interpolation === "lower") return along(below);
  return lerp(along(below), along(ceil(ranks)), interpolation === "midpoint" ? 0.5 : sub(ranks, below));
}

/**
 * The quantiles `q` (a number, or a vector of `Q`, each in `[0, 1]`) along `dim`, or of all elements: for `q` a vector the result has `Q` as its first
 * dimension. Between two elements the result is interpolated, see `interpolation`. NaN gives NaN. float32 and float64.
 */
export const quantile = quantileOf("quantile");
/** The quantiles of the elements that are not NaN; otherwise as `quantile`. */
export const nanquantile = quantileOf("nanquantile");
