import {
  ArgumentError,
  type DType,
  DTypeError,
  dtypeInfo,
  formatShape,
  IndexError,
  isExpandable,
  isFloat,
  numelOf,
  type ReduceName,
  sameShape,
  type Shape,
  ShapeError,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawCast, rawFill, rawReduce, rawScan } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import { type Tensor, wrap } from "../tensor.js";
import { eq, isinf, logicalNot } from "./compare.js";
import { zeros, zerosLike } from "./creation.js";
import { gather, scatterAdd } from "./indexing.js";
import { abs, add, div, exp, log, maximum, mul, pow, sqrt, sub } from "./pointwise.js";
import { expectTensor } from "./table.js";
import { floatType } from "./promotion.js";
import { cat, contiguous, flip, to } from "./shape.js";
import { expand, narrow, reshape, squeeze, unsqueeze } from "./views.js";
import { where } from "./where.js";

/** One dimension, several, or (`null`, `[]`) all. */
export type Dims = number | readonly number[] | null;

/** Reduced dimensions counted from 0, in ascending order. */
export function dimsOf(dim: Dims, ndim: number): number[] {
  if (dim === null || (Array.isArray(dim) && dim.length === 0)) return Array.from({ length: ndim }, (_, i) => i);
  const dims = (typeof dim === "number" ? [dim] : (dim as readonly number[])).map((d) => wrapDim(d, ndim));
  if (new Set(dims).size !== dims.length) {
    throw new ArgumentError(
      `dim ${dims.find((d, i) => dims.indexOf(d) !== i)} appears multiple times in the list of dims`,
      { dim },
    );
  }
  return ndim === 0 ? [] : dims.sort((a, b) => a - b);
}

const without = (shape: Shape, dims: readonly number[]): number[] => shape.filter((_, d) => !dims.includes(d));

/** The same elements with the reduced dimensions (of size 1) dropped, outside of the graph. */
const dropped = (t: Tensor, dims: readonly number[], keepdim: boolean): Tensor =>
  keepdim || dims.length === 0 ? t : wrap(t.storage, without(t.shape, dims));

interface Reduced {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly shape: Shape;
}

/** A reduced gradient with its dimensions of size 1 restored. */
function keptDims(g: Tensor, { dims, keepdim, shape }: Reduced): Tensor {
  return keepdim || dims.length === 0
    ? g
    : reshape(
        g,
        shape.map((n, d) => (dims.includes(d) ? 1 : n)),
      );
}

const reducedOf = (node: Node): Reduced => node.context as Reduced;

/** Sums of bool and integers are int32, int64 stays. */
const sumType = (dtype: DType): DType => (isFloat(dtype) || dtype === "int64" ? dtype : "int32");

type DimOptions = { dim?: Dims; keepdim?: boolean; dtype?: DType | null };
type DimReduction = (
  self: Tensor,
  dim?: Dims | DimOptions,
  keepdim?: boolean | DimOptions,
  options?: DimOptions,
) => Tensor;

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
export function sumToSize(self: Tensor, size: Shape): Tensor {
  if (sameShape(self.shape, size)) return self;
  if (!isExpandable(size, self.shape)) {
    throw new ShapeError(`size {${formatShape(size)}} is not expandable to size {${formatShape(self.shape)}}.`, {
      size,
      shape: self.shape,
    });
  }
  const lead = self.ndim - size.length;
  const dims = self.shape.flatMap((n, d) => (d < lead || (size[d - lead] === 1 && n !== 1) ? [d] : []));
  const summed = dims.length === 0 ? self : sumOver(self, dims, true, self.dtype, SUM_DIMS);
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
        `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${dtypeInfo[type].scalarName}`,
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

type OneDim = { dim?: number | null; keepdim?: boolean; dtype?: DType | null };

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

// ---------------------------------------------------------------------------------------------------- extremes

function requireElements(operation: string, self: Tensor, dims: readonly number[]): void {
  for (const d of dims) {
    if (self.shape[d] === 0) {
      throw new IndexError(`${operation}(): Expected reduction dim ${d} to have non-zero size.`, {
        dim: d,
        shape: self.shape,
      });
    }
  }
}

/** The gradient of an extreme goes in equal parts to all elements that attain it. */
function extreme(
  name: string,
  kernel: ReduceName,
): { derivative: Derivative; apply: (self: Tensor, dim: Dims, keepdim: boolean) => Tensor } {
  const derivative: Derivative = {
    name: `${name[0].toUpperCase()}${name.slice(1)}Backward0`,
    backward(node, g) {
      const reduced = reducedOf(node);
      const attained = to(eq(node.saved(0), keptDims(node.saved(1), reduced)), g.dtype);
      return mul(div(attained, sum(attained, [...reduced.dims], true)), keptDims(g, reduced));
    },
  };
  const apply = (self: Tensor, dim: Dims, keepdim: boolean): Tensor => {
    expectTensor(self, name);
    const dims = dimsOf(dim, self.ndim);
    requireElements(name, self, dims);
    const out = dropped(rawReduce(kernel, self, dims, name), dims, keepdim);
    if (recording(self)) {
      const node = record(derivative, out, [self]);
      node.context = { dims, keepdim, shape: self.shape } satisfies Reduced;
      node.save(self, out);
    }
    return out;
  };
  return { derivative, apply };
}

const amaxRow = extreme("amax", "max");
const aminRow = extreme("amin", "min");

/** The largest elements over `dim`; equal ones share the gradient. */
export const amax = operator<DimReduction>("amax(self, dim=null, keepdim=false)", amaxRow.apply);
/** The smallest elements over `dim`; equal ones share the gradient. */
export const amin = operator<DimReduction>("amin(self, dim=null, keepdim=false)", aminRow.apply);

function argExtreme(
  name: "argmax" | "argmin",
): (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor {
  return operator(`${name}(self, dim=null, keepdim=false)`, (self: Tensor, dim: number | null, keepdim: boolean) => {
    expectTensor(self, name);
    if (self.numel() === 0 && (dim === null || self.shape[wrapDim(dim, self.ndim)] === 0)) {
      throw new IndexError(
        `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
      );
    }
    if (dim === null || self.ndim === 0) {
      const flat = rawReduce(name, contiguous(reshape(self.detach(), [-1])), [0], name);
      return reshape(flat, keepdim ? self.shape.map(() => 1) : []).detach();
    }
    const d = wrapDim(dim, self.ndim);
    return dropped(rawReduce(name, self, [d], name), [d], keepdim);
  });
}

/** Index of the largest element along `dim` (of the flattened tensor without it); the first of equal ones, NaN counts as largest. */
export const argmax = argExtreme("argmax");
/** Index of the smallest element along `dim` (of the flattened tensor without it); the first of equal ones. */
export const argmin = argExtreme("argmin");

interface Pick {
  readonly dim: number;
  readonly keepdim: boolean;
  readonly shape: Shape;
}

const PICK = (name: string): Derivative => ({
  name,
  backward(node, g) {
    const { dim, keepdim, shape } = node.context as Pick;
    if (shape.length === 0) return g;
    const kept = keepdim ? g : unsqueeze(g, dim);
    return scatterAdd(zeros(shape as number[], { dtype: g.dtype, device: g.device }), dim, node.saved(0), kept);
  },
});

function alongDim(
  name: "max" | "min",
  derivative: Derivative,
  self: Tensor,
  dim: number,
  keepdim: boolean,
): [Tensor, Tensor] {
  expectTensor(self, name);
  const d = wrapDim(dim, self.ndim);
  if (self.ndim === 0) {
    const values = self.clone();
    return [values, zeros([], { dtype: "int32", device: self.device })];
  }
  requireElements(name, self, [d]);
  const index = rawReduce(name === "max" ? "argmax" : "argmin", self, [d], name);
  const { device, dtype } = self.storage;
  const kept = fresh(device, dtype, index.shape, name);
  device.kernels.gather[dtype](kept, self, index, d);
  const values = dropped(kept, [d], keepdim);
  if (recording(self)) {
    const node = record(derivative, values, [self]);
    node.context = { dim: d, keepdim, shape: self.shape } satisfies Pick;
    node.save(index);
  }
  return [values, dropped(index, [d], keepdim)];
}

interface Extreme {
  (self: Tensor): Tensor;
  (self: Tensor, other: Tensor): Tensor;
  (
    self: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): [values: Tensor, indices: Tensor];
}

function maxOrMin(
  name: "max" | "min",
  whole: (self: Tensor, dim: Dims, keepdim: boolean) => Tensor,
  pair: (a: Tensor, b: Tensor) => Tensor,
): Extreme {
  const derivative = PICK(name === "max" ? "MaxBackward0" : "MinBackward0");
  return operator(`${name}(self, dim=null, keepdim=false)`, (self: Tensor, dim: unknown, keepdim: boolean) => {
    if (dim === null) {
      if (self.numel() === 0) {
        throw new IndexError(
          `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
        );
      }
      return whole(self, null, false);
    }
    return typeof dim === "number" ? alongDim(name, derivative, self, dim, keepdim) : pair(self, dim as Tensor);
  }) as Extreme;
}

/** The largest element; with `dim`, `[values, indices]` along it; with a tensor, the larger of both element by element. */
export const max = maxOrMin("max", extreme("max", "max").apply, (a, b) => maximum(a, b));
/** The smallest element; with `dim`, `[values, indices]` along it; with a tensor, the smaller of both element by element. */
export const min = maxOrMin("min", extreme("min", "min").apply, (a, b) => a.minimum(b));

function truth(name: "any" | "all", kernel: ReduceName): DimReduction {
  return operator<DimReduction>(
    `${name}(self, dim=null, keepdim=false)`,
    (self: Tensor, dim: Dims, keepdim: boolean) => {
      expectTensor(self, name);
      const dims = dimsOf(dim, self.ndim);
      if (numelOf(self.shape) === 0) return emptyTruth(self, dims, keepdim, name === "all");
      return dropped(rawReduce(kernel, rawCast(self, "bool"), dims, name), dims, keepdim);
    },
  );
}

function emptyTruth(self: Tensor, dims: readonly number[], keepdim: boolean, value: boolean): Tensor {
  const out = fresh(
    self.storage.device,
    "bool",
    self.shape.map((n, d) => (dims.includes(d) ? 1 : n)),
    "all",
  );
  rawFill(out, Number(value));
  return dropped(out, dims, keepdim);
}

/** Whether some element over `dim` is nonzero. */
export const any = truth("any", "max");
/** Whether all elements over `dim` are nonzero. */
export const all = truth("all", "min");

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
    const given = typeof dim === "boolean" ? dim : unbiased;
    const dims = dimsOf(typeof dim === "boolean" ? null : dim, self.ndim);
    const less = correction ?? (given === false ? 0 : 1);
    const count = dims.reduce((n, d) => n * self.shape[d], 1);
    const distance = sub(self, mean(self, dims, true));
    return div(sum(mul(distance, distance), dims, keepdim), Math.max(count - less, 0));
  },
);

/** Standard deviation: the root of `variance`. */
export const std: Spread = (...args) => sqrt(variance(...args));

/** `log Σ eˣ` over `dim`, without overflow. */
export const logsumexp = operator<(self: Tensor, dim: Dims | DimOptions, keepdim?: boolean | DimOptions) => Tensor>(
  "logsumexp(self, dim, keepdim=false)",
  (self: Tensor, dim: Dims, keepdim: boolean) => {
    const dims = dimsOf(dim, self.ndim);
    const top = amax(self.detach(), dims, true);
    const shift = where(isinf(top), 0, top);
    const total = add(log(sum(exp(sub(self, shift)), dims, true)), shift);
    return keepdim ? total : squeeze(total, dims);
  },
);

/** The p-norm over `dim`: `(Σ |x|ᵖ)^(1/p)`; `Infinity` gives the largest magnitude. The gradient of the 2-norm at 0 is 0. */
export const norm = operator<
  (
    self: Tensor,
    p?: number | { p?: number; dim?: Dims; keepdim?: boolean },
    dim?: Dims | { dim?: Dims; keepdim?: boolean },
    keepdim?: boolean,
  ) => Tensor
>("norm(self, p=2, dim=null, keepdim=false)", (self: Tensor, p: number, dim: Dims, keepdim: boolean) => {
  const dims = dimsOf(dim, self.ndim);
  const magnitude = abs(self);
  if (p === Number.POSITIVE_INFINITY) return amax(magnitude, dims, keepdim);
  if (p === Number.NEGATIVE_INFINITY) return amin(magnitude, dims, keepdim);
  if (p === 0) return sum(to(logicalNot(eq(self, 0)), floatType(self.dtype)), dims, keepdim);
  if (p === 1) return sum(magnitude, dims, keepdim);
  if (p === 2) return norm2(self, dims, keepdim);
  return pow(sum(pow(magnitude, p), dims, keepdim), 1 / p);
});

const NORM: Derivative = {
  name: "LinalgVectorNormBackward0",
  backward(node, g) {
    const reduced = reducedOf(node);
    const length = keptDims(node.saved(1), reduced);
    return mul(node.saved(0), where(eq(length, 0), 0, div(keptDims(g, reduced), length)));
  },
};

function norm2(self: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  const x = self.detach();
  const out = dropped(sqrt(sum(mul(x, x), [...dims], true)), dims, keepdim);
  if (recording(self)) {
    const node = record(NORM, out, [self]);
    node.context = { dims, keepdim, shape: self.shape } satisfies Reduced;
    node.save(self, out);
  }
  return out;
}

// -------------------------------------------------------------------------------------------------- running sums

const CUMSUM: Derivative = {
  name: "CumsumBackward0",
  backward: (node, g) => flip(cumsum(flip(g, node.context as number), node.context as number), node.context as number),
};

type Cumulative = (self: Tensor, dim: number | { dim: number; dtype?: DType }, options?: { dtype?: DType }) => Tensor;

/** Running sum along `dim`. */
export const cumsum = operator<Cumulative>(
  "cumsum(self, dim, *, dtype=null)",
  (self: Tensor, dim: number, dtype: DType | null) => {
    const d = wrapDim(dim, self.ndim);
    const a = rawCast(self, dtype ?? sumType(self.dtype), "cumsum");
    const out = self.ndim === 0 ? a.clone().detach() : rawScan("sum", a, d);
    if (recording(self))
      record(self.ndim === 0 ? SUM : CUMSUM, out, [self]).context =
        self.ndim === 0 ? { dims: [], keepdim: true, shape: [] } : d;
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
    const a = rawCast(self, dtype ?? sumType(self.dtype), "cumprod");
    if (self.ndim === 0) return mul(self, 1);
    const out = rawScan("prod", a, d);
    if (recording(self)) {
      const node = record(CUMPROD, out, [self]);
      node.context = d;
      node.save(self);
    }
    return out;
  },
);

// -------------------------------------------------------------------------------------------------------- order

const SORT = PICK("SortBackward0");
type SortOptions = { dim?: number; descending?: boolean; stable?: boolean };

/** `[values, indices]` in ascending or descending order along `dim`; equal elements keep their order, NaN counts as largest. */
export const sort = operator<
  (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => [values: Tensor, indices: Tensor]
>("sort(self, dim=-1, descending=false, *, stable=true)", (self: Tensor, dim: number, descending: boolean) => {
  const d = wrapDim(dim, self.ndim);
  if (self.ndim === 0) return [self.clone(), zeros([], { dtype: "int32", device: self.device })];
  const { device, dtype } = self.storage;
  const values = fresh(device, dtype, self.shape, "sort");
  const indices = fresh(device, "int32", self.shape, "sort");
  device.kernels.sort[dtype](values, indices, self, d, descending);
  if (recording(self)) {
    const node = record(SORT, values, [self]);
    node.context = { dim: d, keepdim: true, shape: self.shape } satisfies Pick;
    node.save(indices);
  }
  return [values, indices];
});

/** The indices that sort along `dim`. */
export const argsort = operator<
  (self: Tensor, dim?: number | SortOptions, descending?: boolean | SortOptions) => Tensor
>(
  "argsort(self, dim=-1, descending=false, *, stable=true)",
  (self: Tensor, dim: number, descending: boolean) => sort(self.detach(), dim, descending)[1],
);

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
