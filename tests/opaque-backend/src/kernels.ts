import type { ReduceName, ScanName, Shape, Strides } from "@kindling/storage";
import { type Binary, stepOf, type Unary } from "./functions.js";
import { type Bound, makeWords, type Words } from "./memory.js";

const listed = new Map<string, Int32Array>();
const LISTED = 256;
const LISTED_ELEMENTS = 65_536;

/** Where the elements of a layout lie, counted from its offset, in row-major order. */
function list(shape: Shape, strides: Strides): Int32Array {
  const key = `${shape}|${strides}`;
  const known = listed.get(key);
  if (known) return known;
  let places = new Int32Array(1);
  for (let d = 0; d < shape.length; d++) {
    const next = new Int32Array(places.length * shape[d]);
    for (let i = 0, n = 0; i < places.length; i++) {
      for (let j = 0; j < shape[d]; j++) next[n++] = places[i] + j * strides[d];
    }
    places = next;
  }
  if (listed.size >= LISTED) listed.clear();
  if (places.length <= LISTED_ELEMENTS) listed.set(key, places);
  return places;
}

const placesOf = (view: Bound): Int32Array => list(view.shape, view.strides);
const without = (values: readonly number[], dim: number, value: number): number[] =>
  values.map((v, d) => (d === dim ? value : v));

export function map1(out: Bound, a: Bound, fn: Unary): void {
  const [o, p] = [placesOf(out), placesOf(a)];
  for (let i = 0; i < o.length; i++) out.words[out.offset + o[i]] = fn(a.words[a.offset + p[i]]);
}

export function map2(out: Bound, a: Bound, b: Bound, fn: Binary): void {
  const [o, p, q] = [placesOf(out), placesOf(a), placesOf(b)];
  const [x, y, z] = [out.words, a.words, b.words];
  const [to, left, right] = [out.offset, a.offset, b.offset];
  for (let i = 0; i < o.length; i++) x[to + o[i]] = fn(y[left + p[i]], z[right + q[i]]);
}

export function select(out: Bound, condition: Bound, a: Bound, b: Bound): void {
  const [o, c, p, q] = [placesOf(out), placesOf(condition), placesOf(a), placesOf(b)];
  for (let i = 0; i < o.length; i++) {
    const chosen = condition.words[condition.offset + c[i]] !== 0 ? a.words[a.offset + p[i]] : b.words[b.offset + q[i]];
    out.words[out.offset + o[i]] = chosen;
  }
}

export function iota(out: Bound, value: (i: number) => number): void {
  placesOf(out).forEach((place, i) => {
    out.words[out.offset + place] = value(i);
  });
}

const firstValue = (name: ReduceName, dtype: string): number => {
  if (name === "sum") return 0;
  if (name === "prod") return 1;
  if (dtype === "float32") return name === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return name === "max" ? -0x80000000 : 0x7fffffff;
};

/** The output is read and written in the shape of `a`, its reduced dimensions by strides of 0. */
export function reduce(name: ScanName, out: Bound, a: Bound, dims: readonly number[]): void {
  iota(out, () => firstValue(name, out.dtype));
  const strides = out.strides.map((stride, d) => (dims.includes(d) ? 0 : stride));
  const running: Bound = { ...out, shape: a.shape, strides };
  map2(running, running, a, stepOf(name, out.dtype));
}

/** Where each lane along `dim` starts, and the lane's stride and length (1 for a scalar). */
function lanes(view: Bound, dim: number): { starts: Int32Array; stride: number; length: number } {
  const starts = list(without(view.shape, dim, 1), view.strides);
  return { starts: starts.map((s) => s + view.offset), stride: view.strides[dim] ?? 0, length: view.shape[dim] ?? 1 };
}

export function argReduce(name: "argmax" | "argmin", out: Bound, a: Bound, dim: number): void {
  const from = lanes(a, dim);
  const to = lanes(out, dim);
  const beats: (x: number, y: number) => boolean = name === "argmax" ? (x, y) => x > y : (x, y) => x < y;
  for (let lane = 0; lane < to.starts.length; lane++) {
    let [best, at] = [a.words[from.starts[lane]], 0];
    for (let i = 1; i < from.length && !Number.isNaN(best); i++) {
      const x = a.words[from.starts[lane] + i * from.stride];
      if (beats(x, best) || Number.isNaN(x)) [best, at] = [x, i];
    }
    out.words[to.starts[lane]] = at;
  }
}

export function scan(name: ScanName, out: Bound, a: Bound, dim: number): void {
  const step = stepOf(name, out.dtype);
  const from = lanes(a, dim);
  const to = lanes(out, dim);
  for (let lane = 0; lane < from.starts.length; lane++) {
    for (let i = 0; i < from.length; i++) {
      const x = a.words[from.starts[lane] + i * from.stride];
      const here = to.starts[lane] + i * to.stride;
      out.words[here] = i === 0 ? x : step(out.words[here - to.stride], x);
    }
  }
}

/** `row += x · z`, elements of `z` from `q` on, a stride apart; a row rounds, or wraps around, at every step. */
type AddRow = (row: Words, x: number, z: Words, q: number, stride: number) => void;

const addFloats: AddRow = (row, x, z, q, stride) => {
  for (let j = 0; j < row.length; j++) row[j] += Math.fround(x * z[q + j * stride]);
};

const addIntegers: AddRow = (row, x, z, q, stride) => {
  for (let j = 0; j < row.length; j++) row[j] += Math.imul(x, z[q + j * stride]);
};

export function matmul(out: Bound, a: Bound, b: Bound, accumulate: boolean): void {
  const [batches, rows, columns] = out.shape;
  const addRow = out.dtype === "float32" ? addFloats : addIntegers;
  const mask = out.dtype === "uint8" ? 255 : -1;
  const row = makeWords(out.dtype, columns);
  for (let n = 0; n < batches; n++) {
    for (let i = 0; i < rows; i++) {
      const here = out.offset + n * out.strides[0] + i * out.strides[1];
      for (let j = 0; j < columns; j++) row[j] = accumulate ? out.words[here + j * out.strides[2]] : 0;
      for (let k = 0; k < a.shape[2]; k++) {
        const x = a.words[a.offset + n * a.strides[0] + i * a.strides[1] + k * a.strides[2]];
        addRow(row, x, b.words, b.offset + n * b.strides[0] + k * b.strides[1], b.strides[2]);
      }
      for (let j = 0; j < columns; j++) out.words[here + j * out.strides[2]] = mask < 0 ? row[j] : row[j] & mask;
    }
  }
}

/** `visit(i-th element, its place in the indexed view)`; the place is -1 where the index is outside. */
function eachIndexed(indexed: Bound, index: Bound, dim: number, visit: (i: number, place: number) => void): void {
  const bases = list(index.shape, without(indexed.strides, dim, 0));
  const size = indexed.shape[dim] ?? 1;
  const stride = indexed.strides[dim] ?? 0;
  placesOf(index).forEach((place, i) => {
    const at = index.words[index.offset + place];
    visit(i, at >= 0 && at < size ? indexed.offset + bases[i] + at * stride : -1);
  });
}

/** An index outside gives a NaN or a zero. */
export function gather(out: Bound, a: Bound, index: Bound, dim: number): void {
  const places = placesOf(out);
  eachIndexed(a, index, dim, (i, place) => {
    out.words[out.offset + places[i]] = place < 0 ? Number.NaN : a.words[place];
  });
}

export function scatter(out: Bound, index: Bound, src: Bound, dim: number, combine: Binary): void {
  const places = placesOf(src);
  eachIndexed(out, index, dim, (i, place) => {
    if (place >= 0) out.words[place] = combine(out.words[place], src.words[src.offset + places[i]]);
  });
}

const ascending = (x: number, y: number): number => {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x - y || 0; // two equal infinities
};

export function sort(values: Bound, indices: Bound, a: Bound, dim: number, descending: boolean): void {
  const [from, to, marks] = [lanes(a, dim), lanes(values, dim), lanes(indices, dim)];
  for (let lane = 0; lane < from.starts.length; lane++) {
    const value = (i: number): number => a.words[from.starts[lane] + i * from.stride];
    const order = Array.from({ length: from.length }, (_, i) => i);
    order.sort((i, j) => (descending ? ascending(value(j), value(i)) : ascending(value(i), value(j))));
    order.forEach((source, i) => {
      values.words[to.starts[lane] + i * to.stride] = value(source);
      indices.words[marks.starts[lane] + i * marks.stride] = source;
    });
  }
}
