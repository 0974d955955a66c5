import { moveRow } from "./copy.js";
import { each3, type Loop3 } from "./iterate.js";
import type { Numbers, Strided } from "./memory.js";
import { starts } from "./scan.js";

/** Runs of this length are sorted by insertion before merging starts. */
const RUN = 16;

/**
 * Stable merge sort: sorts `keys[0, n)` ascending and `order` with it. `spareKeys` and `spareOrder` are scratch of the
 * same length; the sorted order is in the returned array.
 */
function sortKeys(
  keys: Float64Array,
  order: Int32Array,
  spareKeys: Float64Array,
  spareOrder: Int32Array,
  n: number,
): Int32Array {
  for (let start = 0; start < n; start += RUN) {
    const end = Math.min(start + RUN, n);
    for (let i = start + 1; i < end; i++) {
      const key = keys[i];
      const from = order[i];
      let p = i;
      for (; p > start && keys[p - 1] > key; p--) {
        keys[p] = keys[p - 1];
        order[p] = order[p - 1];
      }
      keys[p] = key;
      order[p] = from;
    }
  }
  let [k, o, sk, so] = [keys, order, spareKeys, spareOrder];
  for (let width = RUN; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      merge(k, o, sk, so, start, Math.min(start + width, n), Math.min(start + 2 * width, n));
    }
    [k, o, sk, so] = [sk, so, k, o];
  }
  return o;
}

/** Merges the sorted `[start, middle)` and `[middle, end)` into the spare arrays. */
function merge(
  keys: Float64Array,
  order: Int32Array,
  intoKeys: Float64Array,
  intoOrder: Int32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let p = start; p < end; p++) {
    const takesLeft = left < middle && (right >= end || keys[left] <= keys[right]);
    const from = takesLeft ? left++ : right++;
    intoKeys[p] = keys[from];
    intoOrder[p] = order[from];
  }
}

/** Sorts runs of `length` numbers; NaN is the largest. */
function numberOrder(length: number, descending: boolean): (a: Numbers, i: number, step: number) => Int32Array {
  const keys = new Float64Array(length);
  const spareKeys = new Float64Array(length);
  const order = new Int32Array(length);
  const spareOrder = new Int32Array(length);
  const result = new Int32Array(length);
  return (a, i, step) => {
    let n = 0;
    let nans = 0;
    for (let p = 0; p < length; p++, i += step) {
      const x = a[i];
      if (x !== x) result[nans++] = p;
      else {
        keys[n] = descending ? -x : x; // so that equal elements keep their order either way
        order[n++] = p;
      }
    }
    const sorted = sortKeys(keys, order, spareKeys, spareOrder, n);
    if (nans === 0) return sorted;
    if (descending) result.set(sorted.subarray(0, n), nans);
    else {
      result.copyWithin(n, 0, nans);
      result.set(sorted.subarray(0, n), 0);
    }
    return result;
  };
}

/** The same for bigints, slower. */
function bigOrder(length: number, descending: boolean): (a: Numbers, i: number, step: number) => Int32Array {
  const sign = descending ? -1 : 1;
  return (a, i, step) => {
    const keys = Array.from({ length }, (_, p) => a[i + p * step]);
    return new Int32Array(length)
      .map((_, p) => p)
      .sort((p, q) => (keys[p] < keys[q] ? -sign : keys[p] > keys[q] ? sign : p - q));
  };
}

/** Stable sort of `a` along `dim`; `indices` says where each value came from. NaN is the largest. */
export function sort(values: Strided, indices: Strided, a: Strided, dim: number, descending: boolean): void {
  const dtype = a.storage.dtype;
  const length = a.shape[dim];
  const move = moveRow(dtype);
  const step = a.strides[dim];
  const stepValues = values.strides[dim];
  const stepIndices = indices.strides[dim];
  const orderOf = (dtype === "int64" ? bigOrder : numberOrder)(length, descending);
  const along: Loop3 = (x, o, so, at, k, sk, y, i, sa, n) => {
    for (; n > 0; n--, o += so, k += sk, i += sa) {
      const order = orderOf(y, i, step);
      for (let p = 0; p < length; p++) {
        at[k + p * stepIndices] = order[p];
        move(x, o + p * stepValues, 0, y, i + order[p] * step, 0, 1);
      }
    }
  };
  each3(along, starts(values, dim), starts(indices, dim), starts(a, dim));
}
