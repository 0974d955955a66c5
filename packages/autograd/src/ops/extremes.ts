import { ArgumentError, IndexError, type ReduceName, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawCast, rawFill, rawReduce } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eq, isnan } from "./compare.js";
import { zeros } from "./creation.js";
import {
  type DimReduction,
  type Dims,
  dimsOf,
  dropped,
  foundIn,
  keptDims,
  type OneDim,
  pick,
  pickedAt,
  type Reduced,
  reducedOf,
} from "./dims.js";
import { div, maximum, minimum, mul } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { sum } from "./reduction.js";
import { contiguous, to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
import { reshape, unsqueeze } from "./views.js";
import { where } from "./where.js";

/*
 * The largest and the smallest, and where they are; whether any or all are true.
 */

export function requireElements(operation: string, self: Tensor, dims: readonly number[], named = true): void {
  if (!named && self.numel() === 0) {
    throw new IndexError(
      `${operation}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
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
function extreme(name: string, kernel: ReduceName): (self: Tensor, dim: Dims, keepdim: boolean) => Tensor {
  const derivative: Derivative = {
    name: `${name[0].toUpperCase()}${name.slice(1)}Backward0`,
    backward(node, g) {
      const reduced = reducedOf(node);
      const attained = to(eq(node.saved(0), keptDims(node.saved(1), reduced)), g.dtype);
      return mul(div(attained, sum(attained, [...reduced.dims], true)), keptDims(g, reduced));
    },
  };
  return (self, dim, keepdim) => {
    expectTensor(self, name);
    const dims = dimsOf(dim, self.ndim);
    requireElements(name, self, dims, dim !== null && !(Array.isArray(dim) && dim.length === 0));
    const out = dropped(rawReduce(kernel, self, dims, name), dims, keepdim);
    if (recording(self)) {
      const node = record(derivative, out, [self]);
      node.context = { dims, keepdim, shape: self.shape } satisfies Reduced;
      node.save(self, out);
    }
    return out;
  };
}

/** Makes `out` (0-dimensional), one of the elements, a result whose gradient is shared by all elements that equal it, or are NaN as it is. */
export function evenlyShared(name: string): (self: Tensor, out: Tensor) => Tensor {
  const derivative: Derivative = {
    name,
    backward(node, g) {
      const [x, value] = [node.saved(0), node.saved(1)];
      const alike = to(where(isnan(value), isnan(x), eq(x, value)), g.dtype);
      return mul(alike, div(g, sum(alike)));
    },
  };
  return (self, out) => {
    if (recording(self)) record(derivative, out, [self]).save(self, out);
    return out;
  };
}

/** The largest elements over `dim`; equal ones share the gradient. */
export const amax = operator<DimReduction>("amax(self, dim=null, keepdim=false)", extreme("amax", "max"));
/** The smallest elements over `dim`; equal ones share the gradient. */
export const amin = operator<DimReduction>("amin(self, dim=null, keepdim=false)", extreme("amin", "min"));

type AminmaxOptions = { dim?: number | null; keepdim?: boolean };

/** `[smallest, largest]` along `dim`, or of all elements; equal ones share the gradient. */
export const aminmax = operator<(self: Tensor, options?: AminmaxOptions) => [min: Tensor, max: Tensor]>(
  "aminmax(self, *, dim=null, keepdim=false)",
  (self: Tensor, dim: number | null, keepdim: boolean) => {
    expectTensor(self, "aminmax");
    const dims = dimsOf(dim, self.ndim);
    if (dim === null && self.numel() === 0) {
      throw new ShapeError(
        "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
      );
    }
    const empty = dims.find((d) => self.shape[d] === 0);
    if (empty !== undefined) {
      throw new IndexError(`aminmax: Expected reduction dim ${empty} to have non-zero size.`, { shape: self.shape });
    }
    const found: [Tensor, Tensor] = [amin(self, dim, keepdim), amax(self, dim, keepdim)];
    // a scalar that keeps the dimension it does not have becomes a vector, as in PyTorch
    return self.ndim === 0 && dim !== null && keepdim ? [unsqueeze(found[0], 0), unsqueeze(found[1], 0)] : found;
  },
);

function argExtreme(
  name: "argmax" | "argmin",
): (self: Tensor, dim?: number | null | OneDim, keepdim?: boolean | OneDim, options?: OneDim) => Tensor {
  return operator(`${name}(self, dim=null, keepdim=false)`, (self: Tensor, dim: number | null, keepdim: boolean) => {
    expectTensor(self, name);
    if (self.dtype === "bool") throw unsupported(name, "bool");
    requireElements(name, self, dim === null ? [] : [wrapDim(dim, self.ndim)], dim !== null);
    if (dim === null || self.ndim === 0) {
      const flat = rawReduce(name, contiguous(reshape(self.detach(), [-1])), [0], name);
      return foundIn(self, reshape(flat, keepdim ? self.shape.map(() => 1) : []).detach());
    }
    const d = wrapDim(dim, self.ndim);
    return foundIn(self, dropped(rawReduce(name, self, [d], name), [d], keepdim));
  });
}

/** Index of the largest element along `dim` (of the flattened tensor without it); the first of equal ones, NaN counts as largest. */
export const argmax = argExtreme("argmax");
/** Index of the smallest element along `dim` (of the flattened tensor without it); the first of equal ones. */
export const argmin = argExtreme("argmin");

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
    return [values, zeros([], { dtype: indexType(self.dtype), device: self.device })];
  }
  requireElements(name, self, [d]);
  const index = rawReduce(name === "max" ? "argmax" : "argmin", self, [d], name);
  return pickedAt(derivative, self, index, d, keepdim);
}

export interface Extreme {
  (self: Tensor): Tensor;
  (self: Tensor, other: Tensor | { other: Tensor }): Tensor;
  (
    self: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): [values: Tensor, indices: Tensor];
}

function maxOrMin(name: "max" | "min", pair: (a: Tensor, b: Tensor) => Tensor): Extreme {
  const [derivative, share] =
    name === "max"
      ? [pick("MaxBackward0"), evenlyShared("MaxBackward1")]
      : [pick("MinBackward0"), evenlyShared("MinBackward1")];
  return operator(
    `${name}(self, dim=null, keepdim=false, *, other=null)`,
    (self: Tensor, dim: unknown, keepdim: boolean, other: Tensor | null) => {
      if (typeof dim === "number") return alongDim(name, derivative, self, dim, keepdim);
      if (keepdim) throw new ArgumentError(`${name}(): keepdim needs a dim`, { dim });
      const second = dim ?? other;
      if (second !== null) return pair(self, second as Tensor);
      expectTensor(self, name);
      const dims = dimsOf(null, self.ndim);
      requireElements(name, self, dims, false);
      return share(self, dropped(rawReduce(name, self, dims), dims, false));
    },
  ) as Extreme;
}

/** The largest element; with `dim`, `[values, indices]` along it; with a tensor, the larger of both element by element. */
export const max = maxOrMin("max", (a, b) => maximum(a, b));
/** The smallest element; with `dim`, `[values, indices]` along it; with a tensor, the smaller of both element by element. */
export const min = maxOrMin("min", (a, b) => minimum(a, b));

function truth(name: "any" | "all", kernel: ReduceName): DimReduction {
  return operator<DimReduction>(
    `${name}(self, dim=null, keepdim=false)`,
    (self: Tensor, dim: Dims, keepdim: boolean) => {
      expectTensor(self, name);
      const dims = dimsOf(dim, self.ndim);
      const answer =
        self.numel() === 0
          ? emptyTruth(self, dims, keepdim, name === "all")
          : dropped(rawReduce(kernel, rawCast(self, "bool"), dims, name), dims, keepdim);
      return self.dtype === "uint8" ? rawCast(answer, "uint8") : answer; // as PyTorch keeps the older kind of mask
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
