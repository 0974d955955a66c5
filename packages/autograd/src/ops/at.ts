import {
  broadcastShapes,
  formatShape,
  IndexError,
  isExpandable,
  isFloat,
  isInteger,
  numelOf,
  type Shape,
  ShapeError,
  sameShape,
  storageFrom,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawContiguous } from "../dispatch.js";
import { item as readItem } from "../read.js";
import { isTensor, type Tensor, wrap } from "../tensor.js";
import { indexSelect, indexTensor, positionsOf, wrapIndices } from "./indexing.js";
import { copy_ } from "./inplace.js";
import { select, sliceDim } from "./parts.js";
import { add, mul } from "./pointwise.js";
import { scatter, scatterAdd } from "./scatter.js";
import { type NestedArray, tensor } from "./values.js";
import { expand, movedim, permute, reshape, unsqueeze } from "./views.js";
import { where } from "./where.js";

/*
 * Indexing: `x.at(0)`, `x.at("1:3", null, "...", -1)`, `x.at([0, 2])`, `x.at(mask)`. Numbers, slices, `null` and "..." give
 * views; lists and tensors pick elements and copy.
 */

/** `start:stop:step` of one dimension; `null` leaves a bound open. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number;

  constructor(start: number | null, stop: number | null, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** A slice for `at`: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`. */
export function slice(start: number | null, stop?: number | null, step: number | null = null): Slice {
  return stop === undefined ? new Slice(null, start, 1) : new Slice(start, stop, step ?? 1);
}

/** Whether a value is a slice, of this or of another copy of the package. */
const isSlice = (value: unknown): value is Slice =>
  typeof value === "object" && value !== null && !isTensor(value) && "step" in value;

/** What can stand for a dimension in `at` and `setAt`. */
export type Index = number | string | null | boolean | Slice | Tensor | readonly NestedIndex[];
type NestedIndex = number | boolean | readonly NestedIndex[];

function parse(text: string): Slice | number {
  const parts = text.split(":").map((s) => s.trim());
  if (parts.length > 3 || parts.some((p) => !/^(-?\d+)?$/.test(p)) || text.trim() === "") {
    throw new IndexError(`at(): "${text}" is not an index; write "start:stop:step", "..." or a number`, {
      index: text,
    });
  }
  if (parts.length === 1) return Number(parts[0]);
  const bound = (p: string | undefined): number | null => (p === undefined || p === "" ? null : Number(p));
  return new Slice(bound(parts[0]), bound(parts[1]), bound(parts[2]) ?? 1);
}

/** A view and the tensors that pick from its dimensions (`null`: the whole dimension). */
interface Plan {
  readonly view: Tensor;
  readonly picks: readonly (Tensor | null)[];
}

const widthOf = (index: Index): number => {
  if (index === null || index === "..." || typeof index === "boolean") return 0;
  const t = isTensor(index) ? index : null;
  return t !== null && (t.dtype === "bool" || t.dtype === "uint8") ? t.ndim : 1;
};

function plan(self: Tensor, indices: readonly Index[]): Plan {
  const items = indices.map((i) => (Array.isArray(i) ? listIndex(i as readonly NestedIndex[], self) : i)) as Exclude<
    Index,
    readonly NestedIndex[]
  >[];
  const used = items.reduce<number>((n, i) => n + widthOf(i), 0);
  if (used > self.ndim && self.ndim === 0) {
    const slices = items.some((i) => isSlice(i) || (typeof i === "string" && i.includes(":")));
    throw new IndexError(
      slices
        ? "slice() cannot be applied to a 0-dim tensor."
        : "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number",
      { ndim: 0 },
    );
  }
  if (used > self.ndim) {
    throw new IndexError(`too many indices for tensor of dimension ${self.ndim}`, { indices: used, ndim: self.ndim });
  }
  if (items.filter((i) => i === "...").length > 1)
    throw new IndexError("an index can only have a single ellipsis ('...')");
  let view = self;
  let dim = 0;
  /** The dimension of `self` that comes next. */
  let own = 0;
  const picks: (Tensor | null)[] = [];
  const keep = (count: number): void => {
    for (let i = 0; i < count; i++) picks.push(null);
    dim += count;
  };
  for (const raw of items) {
    const item = typeof raw === "string" && raw !== "..." ? parse(raw) : oneNumber(raw);
    const at = own;
    own += item === "..." ? self.ndim - used : widthOf(item);
    if (item === "...") keep(self.ndim - used);
    else if (item === null || typeof item === "boolean") {
      view = unsqueeze(view, dim);
      if (item === null) keep(1);
      else {
        picks.push(tensor(item ? [0] : [], { dtype: "int32", device: self.device }));
        dim++;
      }
    } else if (typeof item === "number") view = pickOne(view, dim, item, at);
    else if (isSlice(item)) {
      view = sliceDim(view, dim, item.start, item.stop, item.step);
      keep(1);
    } else if (isTensor(item)) {
      if (item.ndim === 0 && (item.dtype === "bool" || item.dtype === "uint8")) view = unsqueeze(view, dim);
      for (const pick of pickers(item, view, dim, at)) {
        picks.push(pick);
        dim++;
      }
    } else {
      throw new IndexError(
        `only whole numbers, slices ("1:3"), "...", null, lists and integer or bool tensors are valid indices (got ${typeof item})`,
        { index: item },
      );
    }
  }
  while (picks.length < view.ndim) picks.push(null);
  return { view, picks };
}

/** A 0-dimensional integer tensor counts as the number in it, where the device lets it be read. */
function oneNumber<T>(index: T): T | number {
  if (!isTensor(index) || index.ndim > 0 || !isInteger(index.dtype) || index.dtype === "uint8") return index;
  return index.storage.device.backend.readSync ? Number(readItem(index)) : index;
}

/** The element `index` of dimension `dim`, which is `own` of the indexed tensor. */
function pickOne(view: Tensor, dim: number, index: number, own: number): Tensor {
  const size = view.shape[dim];
  if (!Number.isInteger(index)) throw new IndexError(`at(): ${index} is not a whole number`, { index });
  if (index < -size || index >= size) {
    throw new IndexError(`index ${index} is out of bounds for dimension ${own} with size ${size}`, {
      index,
      dim: own,
      size,
    });
  }
  return select(view, dim, index);
}

function listIndex(list: readonly NestedIndex[], self: Tensor): Tensor {
  const t = tensor(list as number[]);
  if (t.dtype === "bool") return t.to({ device: self.device });
  return t.to("int32").to({ device: self.device });
}

/** The index tensors that one tensor stands for: itself, or a mask's positions in each of its dimensions. */
function pickers(index: Tensor, view: Tensor, dim: number, own: number): Tensor[] {
  if (index.dtype !== "bool" && index.dtype !== "uint8") {
    if (isFloat(index.dtype)) {
      throw new IndexError("tensors used as indices must be integer or bool tensors", { dtype: index.dtype });
    }
    const at = indexTensor(index.device === view.device ? index : index.to({ device: view.device }), "at");
    checkBounds(at, view.shape[dim], own);
    return [wrapIndices(at, view.shape[dim])];
  }
  index.shape.forEach((n, d) => {
    if (n !== view.shape[dim + d]) {
      throw new IndexError(
        `The shape of the mask ${formatShape(index.shape)} at index ${d} does not match the shape of the indexed tensor ${formatShape(view.shape)} at index ${dim + d}`,
        { mask: index.shape, shape: view.shape },
      );
    }
  });
  return positionsOf(index, "at").map((column) =>
    wrap(storageFrom(view.storage.device, "int32", column), [column.length]),
  );
}

/** Reads the indices where the device can; elsewhere indices out of bounds are the caller's to avoid. */
function checkBounds(index: Tensor, size: number, dim: number): void {
  const { backend } = index.storage.device;
  if (!backend.readSync) return;
  const whole = rawContiguous(index);
  for (const i of backend.readSync(whole.storage, whole.offset, whole.numel()) as Int32Array) {
    if (i < -size || i >= size) {
      throw new IndexError(`index ${i} is out of bounds for dimension ${dim} with size ${size}`, {
        index: i,
        dim,
        size,
      });
    }
  }
}

/** The picked dimensions moved to the front as one, with the one-dimensional index into it. */
interface Picked {
  /** `(picked positions, rest…)`. */
  readonly table: Tensor;
  readonly index: Tensor;
  /** Shape of the broadcast indices. */
  readonly shape: Shape;
  /** Shape of the dimensions that are not picked. */
  readonly rest: Shape;
  /** Where the picked dimensions stand in the result. */
  readonly position: number;
  /** Order that brought the picked dimensions to the front. */
  readonly order: readonly number[];
}

function gatherPlan({ view, picks }: Plan): Picked {
  const picked = picks.map((p, d) => (p === null ? -1 : d)).filter((d) => d >= 0);
  const others = picks.map((p, d) => (p === null ? d : -1)).filter((d) => d >= 0);
  const shape = picked.map((d) => (picks[d] as Tensor).shape).reduce(broadcastShapesForIndices);
  let index: Tensor | null = null;
  for (const d of picked) {
    const pick = expand(picks[d] as Tensor, shape);
    index = index === null ? pick : add(mul(index, view.shape[d]), pick);
  }
  const order = [...picked, ...others];
  const rest = others.map((d) => view.shape[d]);
  const table = reshape(permute(view, order), [numelOf(picked.map((d) => view.shape[d])), ...rest]);
  const adjacent = picked.every((d, i) => i === 0 || d === picked[i - 1] + 1);
  return { table, index: reshape(index as Tensor, [-1]), shape, rest, position: adjacent ? picked[0] : 0, order };
}

function broadcastShapesForIndices(a: Shape, b: Shape): Shape {
  try {
    return broadcastShapes(a, b);
  } catch {
    throw new IndexError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${formatShape(a)}, ${formatShape(b)}`,
      { shapes: [a, b] },
    );
  }
}

/** Moves the picked dimensions from the front to where they belong, or back. */
function placed(t: Tensor, { shape, position }: Picked, back = false): Tensor {
  if (position === 0) return t;
  const front = shape.map((_, i) => i);
  const there = front.map((i) => i + position);
  return back ? movedim(t, there, front) : movedim(t, front, there);
}

/** `x.at(0)`, `x.at("1:3", null, "...", -1)`, `x.at([0, 2])`, `x.at(mask)`: see the file's head. */
export function at(self: Tensor, ...indices: Index[]): Tensor {
  const [only] = indices;
  if (indices.length === 1 && typeof only === "number" && isTensor(self) && self.ndim > 0)
    return pickOne(self, 0, only, 0);
  const planned = plan(self, indices);
  const picking = planned.picks.filter((p) => p !== null);
  if (picking.length === 0) return planned.view === self ? sliceWhole(self) : planned.view;
  if (picking.length === 1 && (picking[0] as Tensor).ndim === 1) {
    const d = planned.picks.findIndex((p) => p !== null);
    return indexSelect(planned.view, d, picking[0] as Tensor);
  }
  const picked = gatherPlan(planned);
  return placed(reshape(indexSelect(picked.table, 0, picked.index), [...picked.shape, ...picked.rest]), picked);
}

const sliceWhole = (self: Tensor): Tensor => reshape(self, self.shape);

/**
 * Writes `value` in place where `at` would read. `indices` is the tuple of indices, or one bare index; with `accumulate`
 * the value is added, and repeated indices add up.
 */
export const setAt = operator<
  (self: Tensor, indices: Index | readonly Index[], value: Value, options?: Accumulate) => Tensor
>("setAt(self, indices, value, *, accumulate=false)", write);

type Accumulate = { accumulate?: boolean };
/** What is written: a tensor, a number, or nested arrays of numbers in the dtype of what they go into. */
type Value = Tensor | NestedArray;

function write(self: Tensor, indices: Index | readonly Index[], value: Value, accumulate: boolean): Tensor {
  const list = (Array.isArray(indices) ? indices : [indices]) as readonly Index[];
  const source = isTensor(value) ? value : tensor(value, { dtype: self.dtype, device: self.device });
  if (!accumulate && list.length === 1 && isMask(list[0], self) && source.ndim === 0) {
    copy_(self, where(list[0] as Tensor, source.to(self.dtype), self));
    return self;
  }
  const planned = plan(self, list);
  const { view } = planned;
  if (planned.picks.every((p) => p === null)) {
    const fitting = withoutLeadingOnes(source, view.ndim);
    copy_(
      view,
      accumulate ? add(view, source) : sameShape(fitting.shape, view.shape) ? fitting : expand(fitting, view.shape),
    );
    return self;
  }
  const picked = gatherPlan(planned);
  const { table, index, shape, rest } = picked;
  const want = [...shape, ...rest];
  const target =
    picked.position === 0 ? want : [...rest.slice(0, picked.position), ...shape, ...rest.slice(picked.position)];
  const fitting = withoutLeadingOnes(source, target.length);
  if (!isExpandable(fitting.shape, target)) {
    throw new ShapeError(
      `shape mismatch: value tensor of shape ${formatShape(source.shape)} cannot be broadcast to indexing result of shape ${formatShape(target)}`,
      { value: source.shape, result: target },
    );
  }
  const values = reshape(placed(expand(fitting, target), picked, true), [index.numel(), ...rest]);
  const spread = expand(reshape(index, [index.numel(), ...rest.map(() => 1)]), values.shape);
  const converted = values.to(self.dtype);
  const written = accumulate ? scatterAdd(table, 0, spread, converted) : scatter(table, 0, spread, converted);
  const inverse = picked.order.map((_, i) => picked.order.indexOf(i));
  copy_(
    view,
    permute(
      reshape(
        written,
        picked.order.map((d) => view.shape[d]),
      ),
      inverse,
    ),
  );
  return self;
}

const isMask = (index: Index, self: Tensor): boolean =>
  isTensor(index) && index.dtype === "bool" && formatShape(index.shape) === formatShape(self.shape);

/** Values may carry extra leading dimensions of size 1. */
function withoutLeadingOnes(t: Tensor, ndim: number): Tensor {
  let extra = 0;
  while (t.ndim - extra > ndim && t.shape[extra] === 1) extra++;
  return extra === 0 ? t : reshape(t, t.shape.slice(extra));
}

type Put = (self: Tensor, indices: readonly Index[], values: Value, accumulate?: boolean | Accumulate) => Tensor;

/** Writes in the sense of `setAt`, with the tuple of indices. */
export const indexPut_ = operator<Put>("indexPut_(self, indices, values, accumulate=false)", write);
/** The same on a copy. */
export const indexPut = operator<Put>(
  "indexPut(self, indices, values, accumulate=false)",
  (self: Tensor, indices: readonly Index[], values: Value, accumulate: boolean) =>
    write(self.clone(), indices, values, accumulate),
);
