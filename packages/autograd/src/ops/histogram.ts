import { ArgumentError, DTypeError, formatShape, isFloat, isInteger, ShapeError, sameShape } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast } from "../dispatch.js";
import { element, hostValues } from "../read.js";
import { isTensor, type Tensor } from "../tensor.js";
import { ge, le, logicalAnd } from "./compare.js";
import { full, onesLike, zeros } from "./creation.js";
import { amax, amin } from "./extremes.js";
import { narrow } from "./parts.js";
import { div, floor, mul, sub } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { linspace } from "./ranges.js";
import { sum } from "./reduction.js";
import { scatterAdd } from "./scatter.js";
import { searchsorted } from "./search.js";
import { to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
import { reshape } from "./views.js";
import { clampMax, where } from "./where.js";

/*
 * How often values occur. None of these has a derivative; where the range comes from the data, it is read on the host.
 */

/** `weights` summed into `bins`; the bin numbered `bins` takes what belongs nowhere. */
function counted(bin: Tensor, weights: Tensor, bins: number): Tensor {
  const counts = zeros([bins + 1], { dtype: weights.dtype, device: weights.device });
  return narrow(scatterAdd(counts, 0, bin, weights), 0, 0, bins).clone();
}

/** Ends of the range: those given, or the extremes of the data; equal ones are moved apart. */
function rangeOf(operation: string, x: Tensor, given: readonly [number, number] | null): [number, number] {
  let [low, high] = given ?? [0, 0];
  if (given === null && x.numel() > 0) {
    const [least, most] = [amin(x), amax(x)].map((t) => Number(hostValues(t, operation)[0]));
    [low, high] = [least, most];
  } else if (given === null) [low, high] = [0, 1];
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    const shown = [low, high].map((v) => String(v).replace("Infinity", "inf").replace("NaN", "nan"));
    throw new ArgumentError(
      operation === "histc"
        ? `histc: range of [${shown}] is not finite`.replace(",", ", ")
        : `histogramdd: dimension 0's range [${shown}] is not finite`.replace(",", ", "),
      { low, high },
    );
  }
  return low === high
    ? [low - (operation === "histc" ? 1 : 0.5), high + (operation === "histc" ? 1 : 0.5)]
    : [low, high];
}

function requireBins(bins: number): void {
  if (!Number.isInteger(bins) || bins <= 0) {
    throw new ArgumentError(`histogram(): bins must be > 0, but got ${bins} for dimension 0`, { bins });
  }
}

type HistcOptions = { bins?: number; min?: number; max?: number };

/**
 * How many elements fall into each of `bins` parts of equal width of `[min, max]`, in the dtype of `self` (floating point). What lies outside does not
 * count; both 0 means the range of the data.
 */
export const histc = operator<
  (self: Tensor, bins?: number | HistcOptions, min?: number | HistcOptions, max?: number | HistcOptions) => Tensor
>("histc(self, bins=100, min=0, max=0)", (self: Tensor, bins: number, min: number, max: number) => {
  expectTensor(self, "histc");
  if (!isFloat(self.dtype)) throw unsupported("histc", self.dtype);
  requireBins(bins);
  const x = reshape(self.detach(), [-1]);
  const [low, high] = rangeOf("histc", x, min === max && x.numel() > 0 ? (min === 0 ? null : [min, max]) : [min, max]);
  if (low > high) throw new ArgumentError("histc: max must be larger than min", { min, max });
  const inside = logicalAnd(ge(x, low), le(x, high));
  const place = clampMax(floor(mul(div(sub(x, low), high - low), bins)), bins - 1);
  return counted(to(where(inside, place, bins), "int32"), onesLike(x), bins);
});

export interface HistogramOptions {
  range?: readonly [number, number] | null;
  weight?: Tensor | null;
  density?: boolean;
}

/**
 * `[counts, edges]`: how many elements (or how much `weight`) fall between edges: `bins` is their number for equal widths over `range` (default: that of the
 * data), or the edges themselves, ascending. The last part includes its upper edge. With `density` the counts are divided by their sum and their widths.
 */
export const histogram = operator<
  (self: Tensor, bins: number | Tensor, options?: HistogramOptions) => [counts: Tensor, edges: Tensor]
>(
  "histogram(self, bins, *, range=null, weight=null, density=false)",
  (
    self: Tensor,
    bins: number | Tensor,
    range: readonly [number, number] | null,
    weight: Tensor | null,
    density: boolean,
  ) => {
    expectTensor(self, "histogram");
    if (!isFloat(self.dtype)) throw unsupported("histogramdd", self.dtype);
    const x = reshape(self.detach(), [-1]);
    const edges = isTensor(bins) ? checkedEdges(bins, self) : equalEdges(x, bins, range);
    if (weight !== null) checkWeight(weight, self);
    const parts = edges.numel() - 1;
    requireBins(parts);
    const place = sub(searchsorted(edges, x, { right: true }), 1);
    const [low, high] = [narrow(edges, 0, 0, 1), narrow(edges, 0, parts, 1)];
    const inside = logicalAnd(ge(x, low), le(x, high));
    const bin = where(inside, clampMax(place, parts - 1), parts);
    let counts = counted(bin, weight === null ? onesLike(x) : reshape(weight.detach(), [-1]), parts);
    if (density) {
      const widths = sub(narrow(edges, 0, 1, parts), narrow(edges, 0, 0, parts));
      counts = div(div(counts, sum(counts)), widths);
    }
    return [counts, edges];
  },
);

function equalEdges(x: Tensor, bins: number, range: readonly number[] | null): Tensor {
  requireBins(bins);
  if (range !== null && range.length !== 2) {
    throw new ArgumentError(
      `histogramdd: for a 1-dimensional histogram range should have 2 elements, but got ${range.length}`,
    );
  }
  if (range !== null && range[0] > range[1]) {
    throw new ArgumentError(
      `histogramdd: min should not exceed max, but got min ${range[0]} max ${range[1]} for dimension 0`,
      { range },
    );
  }
  const [low, high] = rangeOf("histogram", x, range as [number, number] | null);
  return linspace(low, high, bins + 1, { dtype: x.dtype, device: x.device });
}

function checkedEdges(edges: Tensor, self: Tensor): Tensor {
  if (edges.dtype !== self.dtype) {
    throw new DTypeError(
      `histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ${self.dtype} and bins for dimension 0 with dtype ${edges.dtype}`,
    );
  }
  if (edges.ndim !== 1) {
    throw new ShapeError(
      `histogramdd: bins tensor should have one dimension, but got ${edges.ndim} dimensions in the bins tensor for dimension 0`,
    );
  }
  if (edges.numel() === 0) {
    throw new ShapeError(
      "histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension 0",
    );
  }
  return edges.detach().clone();
}

function checkWeight(weight: Tensor, self: Tensor): void {
  if (weight.dtype !== self.dtype) {
    throw new DTypeError(
      `histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${self.dtype}), and weight(${weight.dtype})`,
    );
  }
  if (!sameShape(weight.shape, self.shape)) {
    throw new ShapeError(
      `histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape ${formatShape([...self.shape, 1])} and weight with shape ${formatShape(weight.shape)}`,
    );
  }
}

type BincountOptions = { weights?: Tensor | null; minlength?: number };

/**
 * How often each of 0, 1, … occurs in a vector of whole numbers that are not negative: int32 (int64 of int64), or sums of `weights` (float32 stays, all else
 * is float64). As long as the largest number asks for, and at least `minlength`.
 */
export const bincount = operator<
  (self: Tensor, weights?: Tensor | null | BincountOptions, minlength?: number | BincountOptions) => Tensor
>("bincount(self, weights=null, minlength=0)", (self: Tensor, weights: Tensor | null, minlength: number) => {
  expectTensor(self, "bincount");
  if (!isInteger(self.dtype)) throw unsupported("bincount", self.dtype);
  if (!(minlength >= 0)) throw new ArgumentError("minlength should be >= 0", { minlength });
  const n = self.numel();
  if (self.ndim !== 1) throw new ShapeError("bincount only supports 1-d non-negative integral inputs.");
  if (weights !== null && !sameShape(weights.shape, self.shape)) {
    throw new ShapeError("weights should be 1-d and have the same length as input", { weights: weights.shape });
  }
  const type = indexType(self.dtype);
  if (n === 0) return zeros([minlength], { dtype: type, device: self.device });
  const [least, most] = [amin(self), amax(self)].map((t) => Number(element(hostValues(t, "bincount")[0], t.dtype)));
  if (least < 0) throw new ArgumentError("bincount only supports 1-d non-negative integral inputs.", { least });
  const bins = Math.max(most + 1, minlength);
  const amounts =
    weights === null
      ? full([n], 1, { dtype: type, device: self.device })
      : rawCast(weights.detach(), weights.dtype === "float32" ? "float32" : "float64", "bincount");
  return counted(rawCast(self, "int32"), amounts, bins);
});
