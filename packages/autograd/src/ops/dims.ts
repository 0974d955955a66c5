import { ArgumentError, contiguousStrides, type DType, isFloat, type Shape, wrapDim } from "@kindling/storage";
import { fresh, rawCast, rawContiguous } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import { Tensor } from "../tensor.js";
import { arange, zeros } from "./creation.js";
import { indexType } from "./promotion.js";
import { scatterAdd } from "./scatter.js";
import { reshape, unsqueeze } from "./views.js";

/*
 * What operators along dimensions have in common: which dimensions, what is left of the shape, and the way back.
 */

/** One dimension, several, or (`null`, `[]`) all. */
export type Dims = number | readonly number[] | null;

/** Reduced dimensions counted from 0, in ascending order. */
export function dimsOf(dim: Dims, ndim: number): number[] {
  if (ndim > 64) throw new ArgumentError("only tensors with up to 64 dims are supported", { ndim });
  if (dim === null || (Array.isArray(dim) && dim.length === 0)) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof dim !== "number" && !Array.isArray(dim)) {
    throw new ArgumentError(`argument 'dim' must be number or array of numbers, not ${typeof dim}`, { dim });
  }
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

/** The same elements (of a contiguous tensor) with the reduced dimensions (of size 1) dropped, outside of the graph. */
export function dropped(t: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return t;
  const shape = without(t.shape, dims);
  return new Tensor(t.storage, shape, contiguousStrides(shape), t.offset);
}

export interface Reduced {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly shape: Shape;
}

/** A reduced gradient with its dimensions of size 1 restored. */
export function keptDims(g: Tensor, { dims, keepdim, shape }: Reduced): Tensor {
  return keepdim || dims.length === 0
    ? g
    : reshape(
        g,
        shape.map((n, d) => (dims.includes(d) ? 1 : n)),
      );
}

export const reducedOf = (node: Node): Reduced => node.context as Reduced;

/** Sums of bool and integers are int32, int64 stays. */
export const sumType = (dtype: DType): DType => (isFloat(dtype) || dtype === "int64" ? dtype : "int32");

export type DimOptions = { dim?: Dims; keepdim?: boolean; dtype?: DType | null };
export type DimReduction = (
  self: Tensor,
  dim?: Dims | DimOptions,
  keepdim?: boolean | DimOptions,
  options?: DimOptions,
) => Tensor;

export type OneDim = { dim?: number | null; keepdim?: boolean; dtype?: DType | null };

export interface Pick {
  readonly dim: number;
  readonly keepdim: boolean;
  readonly shape: Shape;
}

/** The derivative of results that are elements of the input: the gradient goes to where they came from. */
export function pick(name: string): Derivative {
  return {
    name,
    backward(node, g) {
      const { dim, keepdim, shape } = node.context as Pick;
      if (shape.length === 0) return g;
      const kept = keepdim ? g : unsqueeze(g, dim);
      return scatterAdd(zeros(shape as number[], { dtype: g.dtype, device: g.device }), dim, node.saved(0), kept);
    },
  };
}

/** Indices found in `self`, in their dtype. */
export const foundIn = (self: Tensor, index: Tensor): Tensor => rawCast(index, indexType(self.dtype));

/** `[values, indices]`: the elements at `places` (int32, of size 1 along `dim`), recorded with a derivative made by `pick`. */
export function pickedAt(
  derivative: Derivative,
  self: Tensor,
  places: Tensor,
  dim: number,
  keepdim: boolean,
): [values: Tensor, indices: Tensor] {
  const index = rawContiguous(places);
  const { device, dtype } = self.storage;
  const kept = fresh(device, dtype, index.shape, derivative.name);
  device.kernels.gather[dtype](kept, self, index, dim);
  const values = dropped(kept, [dim], keepdim);
  if (recording(self)) {
    const node = record(derivative, values, [self]);
    node.context = { dim, keepdim, shape: self.shape } satisfies Pick;
    node.save(index);
  }
  return [values, foundIn(self, dropped(index, [dim], keepdim))];
}

/** The positions 0, 1, … along dimension `dim` of `self` (int32), of size 1 in the others. */
export const positionsAlong = ({ shape, device }: Tensor, dim: number): Tensor =>
  reshape(
    arange(shape[dim], { device }),
    shape.map((n, d) => (d === dim ? n : 1)),
  );
