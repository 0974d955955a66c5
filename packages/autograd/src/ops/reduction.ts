import {
  type DType,
  DTypeError,
  dtypeInfo,
  formatShape,
  isExpandable,
  isFloat,
  type Shape,
  ShapeError,
  sameShape,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast, rawReduce } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eq, isinf, isnan, logicalNot, ne } from "./compare.js";
import { zerosLike } from "./creation.js";
import { cumprod } from "./cumulative.js";
import {
  type DimOptions,
  type DimReduction,
  type Dims,
  dimsOf,
  dropped,
  keptDims,
  type OneDim,
  type Reduced,
  reducedOf,
  sumType,
} from "./dims.js";
import { amax } from "./extremes.js";
import { narrow } from "./parts.js";
import { add, div, exp, log, mul, sub } from "./pointwise.js";
import { floatType, indexType } from "./promotion.js";
import { cat, flip, to } from "./shape.js";
import { expectTensor, unary } from "./table.js";
import { expand, reshape, squeeze } from "./views.js";
import { where } from "./where.js";

/*
 * Sums, means, products and spreads over dimensions.
 */

// --------------------------------------------------------------------------------------------------- sum, mean

const SUM: Derivative = {
  name: "SumBackward0",
  backward: (node, g) => expand(keptDims(g, reducedOf(node)), reducedOf(node).shape),
};
const SUM_DIMS: Derivative = { ...SUM, name: "SumBackward1" };

function sumOver(x: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType, derivative: Derivative): Tensor {
  const a = rawCast(x, dtype, "sum");
  const out = dropped(rawReduce("sum", a, dims), dims, keepdim);
  if (recording(x)) record(derivative, out, [x]).context = { dims, keepdim, shape: x.shape } satisfies Reduced;
  return out;
}

/** Sum over `dim` (all dimensions without it). bool and small integers add up in int32. */
export const sum = operator<DimReduction>(
  "sum(self, dim=null, keepdim=false, *, dtype=null)",
  (self: Tensor, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    expectTensor(self, "sum");
    const whole = dim === null;
    return sumOver(self, dimsOf(dim, self.ndim), keepdim, dtype ?? sumType(self.dtype), whole ? SUM : SUM_DIMS);
  },
);

/** Sums a tensor to a shape that broadcasts to its own. */
export function sumToSize(self: Tensor, ...size: (number | Shape)[]): Tensor {
  const [first] = size;
  return size.length === 1 && Array.isArray(first) ? summedTo(self, first) : summedToBound(self, ...size);
}
const summedToBound = operator<(self: Tensor, ...size: (number | Shape)[]) => Tensor>(
  "sumToSize(self, ...size)",
  summedTo,
);

function summedTo(self: Tensor, size: Shape): Tensor {
  if (sameShape(self.shape, size) && (size.length > 0 || isFloat(self.dtype))) return self;
  if (!isExpandable(size, self.shape)) {
    throw new ShapeError(`size {${formatShape(size)}} is not expandable to size {${formatShape(self.shape)}}.`, {
      size,
      shape: self.shape,
    });
  }
  const lead = self.ndim - size.length;
  const dims = self.shape.flatMap((n, d) => (d < lead || (size[d - lead] === 1 && n !== 1) ? [d] : []));
  const summed = dims.length === 0 && size.length > 0 ? self : sumOver(self, dims, true, sumType(self.dtype), SUM_DIMS);
  return lead === 0 ? summed : reshape(summed, size);
}

const MEAN: Derivative = {
  name: "MeanBackward0",
  backward(node, g) {
    const reduced = reducedOf(node);
    const count = reduced.dims.reduce((n, d) => n * reduced.shape[d], 1);
    return div(expand(keptDims(g, reduced), reduced.shape), count);
  },
};
const MEAN_DIMS: Derivative = { ...MEAN, name: "MeanBackward1" };

/** Mean over `dim` (all dimensions without it). */
export const mean = operator<DimReduction>(
  "mean(self, dim=null, keepdim=false, *, dtype=null)",
  (self: Tensor, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    expectTensor(self, "mean");
    const type = dtype ?? self.dtype;
    if (!isFloat(type)) {
      throw new DTypeError(
        `mean(): could not infer output dtype. ${dtype === null ? "Input" : "Optional"} dtype must be either a floating point or complex dtype. Got: ${dtypeInfo[type].scalarName}`,
        { dtype: type },
      );
    }
    const dims = dimsOf(dim, self.ndim);
    const total = rawReduce("sum", rawCast(self, type, "mean"), dims, "mean");
    const count = dims.reduce((n, d) => n * self.shape[d], 1);
    total.storage.device.kernels.binary[type]("div", total, total, count);
    const out = dropped(total, dims, keepdim);
    if (recording(self)) {
      record(dim === null ? MEAN : MEAN_DIMS, out, [self]).context = {
        dims,
        keepdim,
        shape: self.shape,
      } satisfies Reduced;
    }
    return out;
  },
);

// --------------------------------------------------------------------------------------------------------- prod

const PROD: Derivative = {
  name: "ProdBackward0",
  backward(node, g) {
    const reduced = reducedOf(node);
    const x = node.saved(0);
    return reduced.dims.length === x.ndim && x.ndim !== 1
      ? reshape(mul(exclusiveProducts(reshape(x, [-1]), 0), reshape(g, [1])), x.shape)
      : mul(exclusiveProducts(x, reduced.dims[0] ?? 0), keptDims(g, reduced));
  },
};

/** For each element the product of all others along `dim`, zeros included: running products from both sides. */
function exclusiveProducts(x: Tensor, dim: number): Tensor {
  if (x.ndim === 0) return add(zerosLike(x), 1);
  const n = x.shape[dim];
  if (n === 0) return x;
  const one = add(zerosLike(narrow(x, dim, 0, 1)), 1);
  const left = cumprod(cat([one, narrow(x, dim, 0, n - 1)], dim), dim);
  const right = flip(cumprod(cat([one, narrow(flip(x, dim), dim, 0, n - 1)], dim), dim), dim);
  return mul(left, right);
}

/** Product over one dimension, or over all. */
export const prod = operator<
  (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor
>(
  "prod(self, dim=null, keepdim=false, *, dtype=null)",
  (self: Tensor, dim: number | null, keepdim: boolean, dtype: DType | null) => {
    expectTensor(self, "prod");
    const dims = dimsOf(dim, self.ndim);
    const out = dropped(rawReduce("prod", rawCast(self, dtype ?? sumType(self.dtype), "prod"), dims), dims, keepdim);
    if (recording(self)) {
      const node = record(PROD, out, [self]);
      node.context = { dims, keepdim, shape: self.shape } satisfies Reduced;
      node.save(self);
    }
    return out;
  },
);

// ------------------------------------------------------------------------------------------------------- spread

type SpreadOptions = { dim?: Dims; correction?: number; unbiased?: boolean; keepdim?: boolean };
type Spread = (
  self: Tensor,
  dim?: Dims | boolean | SpreadOptions,
  unbiased?: boolean | SpreadOptions,
  keepdim?: boolean,
  options?: SpreadOptions,
) => Tensor;

/** Variance over `dim`: the mean squared distance from the mean, with `n − correction` (default 1) for `n`. */
export const variance = operator<Spread>(
  "var(self, dim=null, unbiased=null, keepdim=false, *, correction=null)",
  (self: Tensor, dim: Dims | boolean, unbiased: boolean | null, keepdim: boolean, correction: number | null) => {
    expectTensor(self, "var");
    if (!isFloat(self.dtype)) {
      throw new DTypeError("std and var only support floating point and complex dtypes", { dtype: self.dtype });
    }
    const given = typeof dim === "boolean" ? dim : unbiased;
    const dims = dimsOf(typeof dim === "boolean" ? null : dim, self.ndim);
    const less = correction ?? (given === false ? 0 : 1);
    const count = dims.reduce((n, d) => n * self.shape[d], 1);
    const distance = sub(self, mean(self, dims, true));
    return div(sum(mul(distance, distance), dims, keepdim), Math.max(count - less, 0));
  },
);

/** The root whose derivative at 0 is 0. */
const deviation = unary("std", "sqrt", "y", (g, y) => where(eq(y, 0), 0, div(g, mul(y, 2))));

/** Standard deviation: the root of `variance`. The gradient where all elements are equal is 0. */
export const std: Spread = (...args) => deviation(variance(...args));

type SpreadAndMean = (...args: Parameters<Spread>) => [spread: Tensor, mean: Tensor];
const withMean = (name: string, spread: Spread): SpreadAndMean =>
  operator<SpreadAndMean>(
    `${name}(self, dim=null, unbiased=null, keepdim=false, *, correction=null)`,
    (self: Tensor, dim: Dims | boolean, unbiased: boolean | null, keepdim: boolean, correction: number | null) => {
      expectTensor(self, name);
      if (!isFloat(self.dtype)) {
        throw new DTypeError(`${name} only support floating point and complex dtypes`, { dtype: self.dtype });
      }
      return [
        spread(self, dim, unbiased as boolean, keepdim, { correction: correction as number }),
        mean(self, typeof dim === "boolean" ? null : dim, keepdim),
      ];
    },
  );
/** `[variance, mean]` over `dim`. */
export const varMean = withMean("varMean", variance);
/** `[standard deviation, mean]` over `dim`. */
export const stdMean = withMean("stdMean", std);

/** Sum over `dim` without the elements that are NaN. */
export const nansum = operator<DimReduction>(
  "nansum(self, dim=null, keepdim=false, *, dtype=null)",
  (self: Tensor, dim: Dims, keepdim: boolean, dtype: DType | null) =>
    sum(isFloat(self.dtype) ? where(isnan(self), 0, self) : self, dim, keepdim, { dtype }),
);
/** Mean over `dim` of the elements that are not NaN. */
export const nanmean = operator<DimReduction>(
  "nanmean(self, dim=null, keepdim=false, *, dtype=null)",
  (self: Tensor, dim: Dims, keepdim: boolean, dtype: DType | null) => {
    expectTensor(self, "nanmean");
    const type = dtype ?? self.dtype;
    if (!isFloat(type)) {
      throw new DTypeError(
        `nanmean(): expected input to have floating point or complex dtype but got ${dtypeInfo[type].scalarName}`,
      );
    }
    const count = sum(logicalNot(isnan(self)), dim, keepdim, { dtype: type });
    return div(nansum(self, dim, keepdim, { dtype }), count);
  },
);
/** How many elements over `dim` are not zero: int32, or int64 of int64. */
export const countNonzero = operator<(self: Tensor, dim?: Dims | { dim?: Dims }) => Tensor>(
  "countNonzero(self, dim=null)",
  (self: Tensor, dim: Dims) => sum(ne(self, self.dtype === "bool" ? false : 0), dim, { dtype: indexType(self.dtype) }),
);

/** `log Σ eˣ` over `dim`, without overflow. */
export const logsumexp = operator<(self: Tensor, dim: Dims | DimOptions, keepdim?: boolean | DimOptions) => Tensor>(
  "logsumexp(self, dim, keepdim=false)",
  (input: Tensor, dim: Dims, keepdim: boolean) => {
    expectTensor(input, "logsumexp");
    const self = to(input, floatType(input.dtype));
    const dims = dimsOf(dim, self.ndim);
    if (self.numel() === 0) return log(sum(exp(self), dims, keepdim));
    const top = amax(self.detach(), dims, true);
    const shift = where(isinf(top), 0, top);
    const total = add(log(sum(exp(sub(self, shift)), dims, true)), shift);
    return keepdim ? total : squeeze(total, dims);
  },
);
