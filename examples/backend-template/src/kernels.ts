import { contiguousStrides, type DType, numelOf, type Primitives, type View } from "@kindling/storage";
import { binaryOf, comparisons, stepOf, unaryOf } from "./functions.js";

/** A piece of the device's memory. */
export interface Memory {
  readonly dtype: DType;
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** A view here: memory, and the layout of a window on it. */
export type Strided = Memory & Layout;
type Layout = Omit<View, "storage">;
type Sizes = readonly number[];

/** The contract's primitives on such views. */
type Kernels = { readonly [P in keyof Primitives]: (...args: Here<Parameters<Primitives[P]>>) => void };
type Here<T> = T extends View ? Strided : T extends unknown[] ? { [I in keyof T]: Here<T[I]> } : T;

/**
 * Where the elements of a view lie in its memory, in row-major order. All kernels are loops over such lists. With other strides they also
 * say where the results of a reduction lie, and how far along a dimension an element is.
 */
function places({ shape, strides, offset }: Layout): Int32Array {
  let found = Int32Array.of(offset);
  for (let d = 0; d < shape.length; d++) {
    const [size, stride, outer] = [shape[d], strides[d], found];
    found = new Int32Array(outer.length * size);
    for (let i = 0; i < outer.length; i++) {
      for (let j = 0; j < size; j++) found[i * size + j] = outer[i] + j * stride;
    }
  }
  return found;
}

/** How far along `dim` each element of the shape is. */
const along = (shape: Sizes, dim: number): Int32Array =>
  places({ shape, strides: shape.map((_, d) => (d === dim ? 1 : 0)), offset: 0 });

/** Strides that stay where they are along some dimensions. */
const still = (strides: Sizes, dims: Sizes): Sizes => strides.map((stride, d) => (dims.includes(d) ? 0 : stride));

/** To which result each element belongs when some dimensions are reduced. */
function results(shape: Sizes, dims: Sizes): Int32Array {
  const kept = shape.map((size, d) => (dims.includes(d) ? 1 : size));
  return places({ shape, strides: still(contiguousStrides(kept), dims), offset: 0 });
}

/** A number stands for a view that is filled with it. */
function filled(operand: Strided | number | bigint, { dtype, shape }: Strided): Strided {
  if (typeof operand === "object") return operand;
  return { dtype, data: Float64Array.of(Number(operand)), shape, strides: shape.map(() => 0), offset: 0 };
}

/** `out[i] = value(i)`. */
function store(out: Strided, value: (i: number) => number): void {
  const [to, z] = [places(out), out.data];
  for (let i = 0; i < to.length; i++) z[to[i]] = value(i);
}

/** `out[i] = f(a[i], b[i], c[i])`, for functions of up to three arguments. */
function map(out: Strided, f: (x: number, y: number, z: number) => number, a: Strided, b = a, c = a): void {
  const p = places(a);
  const [q, r] = [b === a ? p : places(b), c === a ? p : places(c)];
  store(out, (i) => f(a.data[p[i]], b.data[q[i]], c.data[r[i]]));
}

/** What a reduction starts from. */
const first = { sum: 0, prod: 1, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY };

/** The index of the extreme along a dimension: of the first NaN, else of the first of the largest or smallest. */
function argReduce(name: "argmax" | "argmin", out: Strided, a: Strided, dim: number): void {
  const [from, into, at] = [places(a), results(a.shape, [dim]), along(a.shape, dim)];
  const [best, index] = [new Float64Array(numelOf(out.shape)), new Int32Array(numelOf(out.shape))];
  const beats = name === "argmax" ? comparisons.gt : comparisons.lt;
  for (let i = 0; i < from.length; i++) {
    const [x, t] = [a.data[from[i]], into[i]];
    if (at[i] > 0 && (Number.isNaN(best[t]) || !(beats(x, best[t]) || Number.isNaN(x)))) continue;
    best[t] = x;
    index[t] = at[i];
  }
  store(out, (i) => index[i]);
}

/** Where `gather` reads and `scatter` writes: for each element of `index` the place in `of`, or −1 outside of it. */
function indexed(of: Strided, index: Strided, dim: number): Int32Array {
  const base = places({ shape: index.shape, strides: still(of.strides, [dim]), offset: of.offset });
  return places(index).map((p, i) => {
    const at = index.data[p];
    return at >= 0 && at < of.shape[dim] ? base[i] + at * of.strides[dim] : -1;
  });
}

/** NaN counts as the largest. */
const ascending = (x: number, y: number): number =>
  Number.isNaN(x) || Number.isNaN(y)
    ? Number(Number.isNaN(x)) - Number(Number.isNaN(y))
    : Number(x > y) - Number(x < y);

/** The required primitives. What each has to do says `@kindling/storage`'s `Primitives`. */
export const primitives: Kernels = {
  unary: (name, out, a) => map(out, unaryOf(name, a.dtype), a),

  binary: (name, out, a, b) => map(out, binaryOf(name, out.dtype), filled(a, out), filled(b, out)),

  compare(name, out, a, b) {
    const holds = comparisons[name];
    map(out, (x, y) => Number(holds(x, y)), filled(a, out), filled(b, out));
  },

  where: (out, condition, a, b) => map(out, (c, x, y) => (c ? x : y), condition, filled(a, out), filled(b, out)),

  copy: (out, a) => map(out, out.dtype === "bool" ? (x) => Number(x !== 0) : (x) => x, a),

  fill: (out, value) => store(out, () => Number(value)),

  range: (out, start, step) => store(out, (i) => Number(start) + i * Number(step)),

  reduce(name, out, a, dims) {
    if (name === "argmax" || name === "argmin") return argReduce(name, out, a, dims[0]);
    const [from, into, step] = [places(a), results(a.shape, dims), stepOf(name, a.dtype)];
    const totals = new Float64Array(numelOf(out.shape)).fill(first[name]);
    for (let i = 0; i < from.length; i++) totals[into[i]] = step(totals[into[i]], a.data[from[i]]);
    store(out, (i) => totals[i]);
  },

  scan(name, out, a, dim) {
    const [from, to, at, step] = [places(a), places(out), along(a.shape, dim), stepOf(name, a.dtype)];
    for (let i = 0; i < from.length; i++) {
      const x = a.data[from[i]];
      out.data[to[i]] = at[i] === 0 ? x : step(out.data[to[i] - out.strides[dim]], x);
    }
  },

  matmul(out, a, b, accumulate) {
    const [batches, rows, columns] = out.shape;
    const [y, step, mul] = [b.data, b.strides[2], binaryOf("mul", out.dtype)];
    const row = new Float64Array(columns);
    for (let n = 0; n < batches; n++) {
      for (let i = 0; i < rows; i++) {
        const here = out.offset + n * out.strides[0] + i * out.strides[1];
        for (let j = 0; j < columns; j++) row[j] = accumulate ? out.data[here + j * out.strides[2]] : 0;
        for (let k = 0; k < a.shape[2]; k++) {
          const x = a.data[a.offset + n * a.strides[0] + i * a.strides[1] + k * a.strides[2]];
          const from = b.offset + n * b.strides[0] + k * b.strides[1];
          for (let j = 0; j < columns; j++) row[j] += mul(x, y[from + j * step]);
        }
        for (let j = 0; j < columns; j++) out.data[here + j * out.strides[2]] = row[j];
      }
    }
  },

  gather(out, a, index, dim) {
    const from = indexed(a, index, dim);
    store(out, (i) => (from[i] < 0 ? Number.NaN : a.data[from[i]]));
  },

  scatter(out, index, src, dim, reduction) {
    const source = filled(src, { ...out, shape: index.shape });
    const [to, from, combine] = [indexed(out, index, dim), places(source), stepOf(reduction, out.dtype)];
    for (let i = 0; i < to.length; i++) {
      if (to[i] >= 0) out.data[to[i]] = combine(out.data[to[i]], source.data[from[i]]);
    }
  },

  sort(values, indices, a, dim, descending) {
    const [from, to, marks] = [places(a), places(values), places(indices)];
    const [lane, at, sign] = [results(a.shape, [dim]), along(a.shape, dim), descending ? -1 : 1];
    const slots = Array.from(from.keys()).sort((i, j) => lane[i] - lane[j]);
    const order = [...slots].sort((i, j) => lane[i] - lane[j] || sign * ascending(a.data[from[i]], a.data[from[j]]));
    order.forEach((source, k) => {
      values.data[to[slots[k]]] = a.data[from[source]];
      indices.data[marks[slots[k]]] = at[source];
    });
  },
};
