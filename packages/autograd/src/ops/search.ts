import { ArgumentError, DTypeError, formatShape, isFloat, isInteger, ShapeError, sameShape } from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, rawBinary, rawCast, rawCompare } from "../dispatch.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eq, isnan, logicalNot } from "./compare.js";
import { full, zeros } from "./creation.js";
import { gather, indexTensor } from "./indexing.js";
import { rawSort } from "./order.js";
import { promoted } from "./pair-table.js";
import { scalarDType } from "./promotion.js";
import { expectTensor, type TensorOrScalar, unsupported } from "./table.js";
import { reshape } from "./views.js";
import { where } from "./where.js";

/*
 * Finding values among sorted ones.
 */

/**
 * For each value the first place in the sorted last dimension of `sorted` before which all elements are smaller, or (`right`)
 * not greater: int32. A NaN stands behind everything. `values` has the shape of `sorted` but for the last dimension.
 */
function lowerBound(sorted: Tensor, values: Tensor, right: boolean): Tensor {
  const { device, dtype } = values.storage;
  const dim = sorted.ndim - 1;
  const n = sorted.shape[dim];
  let place = zeros(values.shape as number[], { dtype: "int32", device: values.device });
  if (n === 0) return place;
  // NaN stands last, and stops what it is not smaller than
  const steps = isFloat(dtype) ? where(isnan(sorted), Number.POSITIVE_INFINITY, sorted) : sorted;
  const at = (name: "add" | "minimum", a: Tensor, b: number): Tensor =>
    rawBinary(name, a, b, values.shape, "int32", device);
  // the bits of the answer, from the highest: a step is taken if the element before the place it leads to does not stop it
  let step = 1;
  while (step * 2 <= n) step *= 2;
  for (; step >= 1; step /= 2) {
    const element = gather(steps, dim, at("minimum", at("add", place, step - 1), n - 1));
    const stops = rawCompare(right ? "gt" : "ge", element, values, values.shape, dtype, device);
    place = where(stops, place, at("add", place, step));
  }
  return at("minimum", place, n);
}

const asTensor = (value: TensorOrScalar, like: Tensor): Tensor =>
  isTensor(value) ? value : full([], value, { dtype: scalarDType(value), device: like.device });

/** Two tensors in their common dtype, outside of the graph. */
function alike(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const dtype = promoted(a, b);
  return [rawCast(a, dtype), rawCast(b, dtype)];
}

interface SearchOptions {
  /** Whether the result is int32 also for int64 operands. */
  outInt32?: boolean;
  /** Whether of equal elements the place behind the last one is meant. */
  right?: boolean;
  side?: "left" | "right" | null;
  /** Indices that sort `sortedSequence` along its last dimension. */
  sorter?: Tensor | null;
}

/** The dtype of places: int32, or int64 where an operand is. */
const placeType = (outInt32: boolean, ...operands: (Tensor | null)[]): "int32" | "int64" =>
  !outInt32 && operands.some((t) => t?.dtype === "int64") ? "int64" : "int32";

/**
 * Where `self` would have to be inserted to keep the last dimension of `sortedSequence` sorted: before equal elements, or (`right`) behind them.
 * `sortedSequence` is a vector, or has the shape of `self` in all but the last dimension. int32, or int64 of int64.
 */
export const searchsorted = operator<(sortedSequence: Tensor, self: TensorOrScalar, options?: SearchOptions) => Tensor>(
  "searchsorted(sortedSequence, self, *, outInt32=false, right=false, side=null, sorter=null)",
  (
    sequence: Tensor,
    self: TensorOrScalar,
    outInt32: boolean,
    right: boolean,
    side: string | null,
    sorter: Tensor | null,
  ) => {
    expectTensor(sequence, "searchsorted", "sortedSequence");
    if (side !== null && side !== "left" && side !== "right") {
      throw new ArgumentError(`searchsorted(): side can only be 'left' or 'right' but got ${side}`, { side });
    }
    if (side === "left" && right) {
      throw new ArgumentError(
        "searchsorted(): side and right can't be set to opposites, got side of left while right was true",
      );
    }
    const values = asTensor(self, sequence);
    if (sequence.ndim === 0) {
      throw new ShapeError("searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension");
    }
    if (values.ndim === 0 && sequence.ndim > 1) {
      throw new ShapeError(
        `searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sequence.ndim}) and input value's dim(0) numel(1)`,
      );
    }
    if (
      sequence.ndim > 1 &&
      (values.ndim !== sequence.ndim || !sameShape(values.shape.slice(0, -1), sequence.shape.slice(0, -1)))
    ) {
      throw new ShapeError(
        `searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${formatShape(sequence.shape)} and input value tensor ${formatShape(values.shape)}`,
      );
    }
    let sorted = sequence.detach();
    if (sorter !== null) {
      if (!isInteger(sorter.dtype)) {
        throw new DTypeError(
          `searchsorted(): sorter must be a tensor of an integer dtype but got dtype ${sorter.dtype}`,
        );
      }
      if (!sameShape(sorter.shape, sequence.shape)) {
        throw new ShapeError(
          `searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${formatShape(sequence.shape)}and got sorter tensor ${formatShape(sorter.shape)}`,
        );
      }
      sorted = gather(sorted, -1, indexTensor(sorter, "searchsorted"));
    }
    return search(
      "searchsorted",
      sorted,
      values,
      right || side === "right",
      placeType(outInt32, sequence, values, sorter),
    );
  },
);

function search(name: string, sorted: Tensor, values: Tensor, right: boolean, dtype: "int32" | "int64"): Tensor {
  commonDevice(name, [sorted, values]);
  const [a, b] = alike(sorted, values);
  if (a.dtype === "bool") throw unsupported(name, "bool");
  const flat = sorted.ndim === 1 ? reshape(b.detach(), [-1]) : b.detach();
  return rawCast(reshape(lowerBound(a.detach(), flat, right), values.shape), dtype);
}

type BucketOptions = Pick<SearchOptions, "outInt32" | "right">;

/** For each element the number of the bucket between sorted `boundaries` (a vector) that it falls into; equal to one, the lower bucket, or (`right`) the upper. */
export const bucketize = operator<(self: TensorOrScalar, boundaries: Tensor, options?: BucketOptions) => Tensor>(
  "bucketize(self, boundaries, *, outInt32=false, right=false)",
  (self: TensorOrScalar, boundaries: Tensor, outInt32: boolean, right: boolean) => {
    expectTensor(boundaries, "bucketize", "boundaries");
    if (boundaries.ndim !== 1) {
      throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
    }
    const values = asTensor(self, boundaries);
    return search("bucketize", boundaries, values, right, placeType(outInt32, boundaries, values));
  },
);

type Membership = { assumeUnique?: boolean; invert?: boolean };

/** Whether elements are among `testElements` (with `invert`, are not); NaN is among nothing. One of both may be a number. */
export const isin = operator<(elements: TensorOrScalar, testElements: TensorOrScalar, options?: Membership) => Tensor>(
  "isin(elements, testElements, *, assumeUnique=false, invert=false)",
  (elements: TensorOrScalar, testElements: TensorOrScalar, _unique: boolean, invert: boolean) => {
    const like = isTensor(elements) ? elements : testElements;
    expectTensor(like, "isin", "elements");
    const [all, among] = [asTensor(elements, like), asTensor(testElements, like)];
    commonDevice("isin", [all, among]);
    const [values, tests] = alike(all.detach(), among.detach());
    for (const { dtype } of [all, among]) {
      if (dtype === "bool") throw new DTypeError("Unsupported input type encountered for isin(): Bool");
    }
    let found: Tensor;
    const n = tests.numel();
    if (n === 0) found = zeros(values.shape as number[], { dtype: "bool", device: values.device });
    else {
      const sorted = rawSort(reshape(tests, [-1]), 0, false)[0];
      const flat = reshape(values, [-1]);
      const place = rawBinary(
        "minimum",
        lowerBound(sorted, flat, false),
        n - 1,
        flat.shape,
        "int32",
        flat.storage.device,
      );
      found = reshape(eq(gather(sorted, 0, place), flat), values.shape);
    }
    return invert ? logicalNot(found) : found;
  },
);
