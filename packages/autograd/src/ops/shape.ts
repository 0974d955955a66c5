import {
  ArgumentError,
  AutogradError,
  broadcastShapes,
  DeviceError,
  type DType,
  formatShape,
  getDevice,
  type HostArray,
  IndexError,
  isDType,
  isFloat,
  numelOf,
  promoteTypes,
  type Shape,
  ShapeError,
  storageFrom,
  wrapDim,
} from "@kindling/storage";
import { isOptions, operator } from "../args.js";
import { commonDevice, fresh, rawCast, rawContiguous, rawCopy, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording, recordingAny } from "../record.js";
import { isTensor, type Tensor, wrap } from "../tensor.js";
import { dimsOf } from "./dims.js";
import { indexSelect } from "./indexing.js";
import { sliceDim } from "./parts.js";
import { expectTensor } from "./table.js";
import { expand, reshape, unsqueeze } from "./views.js";

/*
 * Operators that lay elements out anew: copies, conversions, joining, other positions.
 */

const CLONE: Derivative = { name: "CloneBackward0", backward: (_node, g) => g };

type OfOne = (self: Tensor) => Tensor;

/** The same memory outside of the graph: `x.detach()`. */
export const detach = operator<OfOne>("detach(self)", (self: Tensor) => {
  expectTensor(self, "detach");
  return self.detach();
});

/** The number of elements. */
export const numel = operator<(self: Tensor) => number>("numel(self)", (self: Tensor) => {
  expectTensor(self, "numel");
  return self.numel();
});

/** A contiguous copy that the graph knows of. */
export const clone = operator<OfOne>("clone(self)", (self: Tensor) => {
  expectTensor(self, "clone");
  const out = rawCopy(self);
  if (recording(self)) record(CLONE, out, [self]);
  return out;
});

/** `self` where it is contiguous already, else a contiguous copy. */
export const contiguous = operator<OfOne>("contiguous(self)", (self: Tensor) =>
  self.isContiguous() ? self : clone(self),
);

/** A copy of `self` in a shape that it broadcasts to. */
export const expandCopy = (self: Tensor, shape: Shape): Tensor => clone(expand(self, shape));

// ------------------------------------------------------------------------------------------------- conversion

const TO: Derivative = {
  name: "ToCopyBackward0",
  backward: (node, g) => {
    const { dtype, device } = node.context as { dtype: DType; device: string };
    return to(g, { dtype, device });
  },
};

interface ToOptions {
  dtype?: DType | null;
  device?: string | null;
  copy?: boolean;
}

const toNamed = operator<(self: Tensor, options: ToOptions) => Tensor>(
  "to(self, *, dtype=null, device=null, copy=false)",
  (self: Tensor, dtype: DType | null, device: string | null, copy: boolean) => convert(self, dtype, device, copy),
);

/**
 * `self` in another dtype or on another device: `to("float64")`, `to("webgpu")`, `to(other)`, `to({ dtype, device })`.
 * Returns `self` where nothing changes.
 * @throws DeviceError where moving would need a synchronous read of a device that has none; use `await x.cpu()`.
 */
export function to(
  self: Tensor,
  // any other text is a device; written so that editors still offer the dtypes
  target: DType | (string & Record<never, never>) | Tensor | ToOptions,
  more?: DType | ToOptions,
): Tensor {
  expectTensor(self, "to");
  if (isTensor(target)) return convert(self, target.dtype, target.device, false);
  if (isOptions(target)) return toNamed(self, target as ToOptions);
  const first: ToOptions = isDType(target) ? { dtype: target } : { device: target as string };
  if (more === undefined) return convert(self, first.dtype ?? null, first.device ?? null, false);
  return toNamed(self, { ...first, ...(isDType(more) ? { dtype: more } : more) });
}

function convert(self: Tensor, dtype: DType | null, device: string | null, copy: boolean): Tensor {
  if (dtype !== null && !isDType(dtype)) throw new ArgumentError(`to(): unknown dtype '${String(dtype)}'`, { dtype });
  const type = dtype ?? self.dtype;
  const on = device === null ? self.storage.device : getDevice(device);
  if (type === self.dtype && on === self.storage.device) return copy ? clone(self) : self;
  const records = recording(self) && isFloat(type);
  let out: Tensor;
  if (on === self.storage.device) out = rawCopy(self, type, "to");
  else {
    const from = self.storage.device;
    if (!from.backend.readSync) {
      throw new DeviceError(
        `device '${from.name}' cannot be read synchronously: use \`await x.cpu()\`, then \`.to("${on.name}")\``,
        { device: from.name },
      );
    }
    if (records && !on.backend.readSync) {
      throw new AutogradError(
        `moving a tensor that requires grad from '${from.name}' to '${on.name}' would have to read '${on.name}' synchronously in the backward pass, which it cannot do. Move it before requiresGrad_(), or detach() it.`,
        { device: on.name },
      );
    }
    const host = rawContiguous(rawCast(self, type, "to"));
    const values = from.backend.readSync(host.storage, host.offset, host.numel());
    out = wrap(storageFrom(on, type, values, "to"), self.shape);
  }
  if (records) record(TO, out, [self]).context = { dtype: self.dtype, device: self.device };
  return out;
}

/** `self` in the dtype of `other`. */
export const typeAs = operator<(self: Tensor, other: Tensor) => Tensor>(
  "typeAs(self, other)",
  (self: Tensor, other: Tensor) => {
    expectTensor(other, "typeAs", "other");
    return to(self, other.dtype);
  },
);

const conversion = (name: string, dtype: DType): OfOne =>
  operator<OfOne>(`${name}(self)`, (self: Tensor) => to(self, dtype));

/** As float32. */
export const float = conversion("float", "float32");
/** As float64. */
export const double = conversion("double", "float64");
/** As float16. */
export const half = conversion("half", "float16");
/** As bfloat16. */
export const bfloat16 = conversion("bfloat16", "bfloat16");
/** As uint8. */
export const byte = conversion("byte", "uint8");
/** As int8. */
export const char = conversion("char", "int8");
/** As int16. */
export const short = conversion("short", "int16");
/** As int32. */
export const int = conversion("int", "int32");
/** As int64. */
export const long = conversion("long", "int64");
/** As bool: whether elements differ from 0. */
export const bool = conversion("bool", "bool");

/**
 * The tensor on the `cpu`, from any device. A promise, because most devices can only be read asynchronously; the result is
 * outside the graph unless `self` is on `cpu` already.
 */
export async function cpu(self: Tensor): Promise<Tensor> {
  if (self.device === "cpu") return self;
  const { backend } = self.storage.device;
  const whole = rawContiguous(self);
  const values: HostArray = await backend.read(whole.storage, whole.offset, whole.numel());
  return wrap(storageFrom(getDevice("cpu"), self.dtype, values, "cpu"), self.shape);
}

// --------------------------------------------------------------------------------------------------- joining

const CAT: Derivative = {
  name: "CatBackward0",
  backward(node, g) {
    const { dim, sizes } = node.context as { dim: number; sizes: readonly number[] };
    let end = 0;
    return sizes.map((n, i) => {
      if (n === SKIPPED) return null;
      end += n;
      return node.needs(i) ? sliceDim(g, dim, end - n, end) : null;
    });
  },
};

const isLegacyEmpty = (t: Tensor): boolean => t.ndim === 1 && t.shape[0] === 0;

/** Tensors joined along an existing dimension. */
export const cat = operator<(tensors: readonly Tensor[], dim?: number | { dim?: number }) => Tensor>(
  "cat(tensors, dim=0)",
  (list: readonly Tensor[], dim: number) => {
    if (!Array.isArray(list) || list.length === 0)
      throw new ArgumentError("cat(): expected a non-empty list of Tensors");
    const tensors = list as readonly Tensor[];
    for (let i = 0; i < tensors.length; i++) {
      expectTensor(tensors[i], "cat", `tensors[${i}]`);
      if (tensors[i].ndim === 0) {
        throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`);
      }
    }
    const first = tensors.find((t) => !isLegacyEmpty(t)) ?? tensors[0];
    const d = wrapDim(dim, first.ndim);
    let { dtype } = tensors[0];
    const sizes: number[] = [];
    for (let i = 0; i < tensors.length; i++) {
      const t = tensors[i];
      dtype = promoteTypes(dtype, t.dtype);
      const skipped = isLegacyEmpty(t) && first.ndim !== 1;
      if (!skipped) requireJoinable(first, t, d, i);
      sizes.push(skipped ? SKIPPED : t.shape[d]);
    }
    const device = commonDevice("cat", tensors);
    const shape = [...first.shape];
    shape[d] = 0;
    for (const n of sizes) shape[d] += Math.max(n, 0);
    const out = fresh(device, dtype, shape, "cat");
    let offset = 0;
    for (let i = 0; i < tensors.length; i++) {
      const t = tensors[i];
      if (numelOf(t.shape) === 0) continue;
      device.kernels.copy[t.storage.dtype](windowOn(out, t.shape, out.strides, offset), t);
      offset += sizes[i] * out.strides[d];
    }
    if (recordingAny(tensors)) record(CAT, out, tensors).context = { dim: d, sizes };
    return out;
  },
);

const SKIPPED = -1;

/** Refuses tensors that differ in another dimension than the one they are joined along. */
function requireJoinable(first: Tensor, t: Tensor, dim: number, i: number): void {
  if (t.ndim !== first.ndim) {
    throw new ShapeError(`Tensors must have same number of dimensions: got ${first.ndim} and ${t.ndim}`);
  }
  for (let k = 0; k < t.ndim; k++) {
    if (k === dim || t.shape[k] === first.shape[k]) continue;
    throw new ShapeError(
      `Sizes of tensors must match except in dimension ${dim}. Expected size ${first.shape[k]} but got size ${t.shape[k]} for tensor number ${i} in the list.`,
      { expected: first.shape, got: t.shape },
    );
  }
}

/** Tensors of one shape joined along a new dimension. */
export const stack = operator<(tensors: readonly Tensor[], dim?: number | { dim?: number }) => Tensor>(
  "stack(tensors, dim=0)",
  (tensors: readonly Tensor[], dim: number) => {
    if (!Array.isArray(tensors) || tensors.length === 0)
      throw new ArgumentError("stack expects a non-empty TensorList");
    tensors.forEach((t, i) => {
      if (formatShape(t.shape) !== formatShape(tensors[0].shape)) {
        throw new ShapeError(
          `stack expects each tensor to be equal size, but got ${formatShape(tensors[0].shape)} at entry 0 and ${formatShape(t.shape)} at entry ${i}`,
        );
      }
    });
    const d = wrapDim(dim, tensors[0].ndim + 1);
    return cat(
      tensors.map((t) => unsqueeze(t, d)),
      d,
    );
  },
);

type Join = (tensors: readonly Tensor[]) => Tensor;
/** Tensors joined along a dimension that depends on their rank, after those of too few dimensions got more. */
const joined = (name: string, widen: (t: Tensor) => Tensor, dimOf: (ndim: number) => number): Join =>
  operator<Join>(`${name}(tensors)`, (tensors: readonly Tensor[]) => {
    if (!Array.isArray(tensors) || tensors.length === 0) {
      throw new ArgumentError(`${name} expects a non-empty TensorList`);
    }
    const wide = tensors.map((t, i) => {
      expectTensor(t, name, `tensors[${i}]`);
      return widen(t);
    });
    return cat(wide, dimOf(wide[0].ndim));
  });

/** A tensor of at least one dimension. */
export const asVector = (t: Tensor): Tensor => (t.ndim === 0 ? reshape(t, [1]) : t);
/** A tensor of at least two dimensions; a vector becomes a row. */
export const asRow = (t: Tensor): Tensor => (t.ndim < 2 ? reshape(t, [1, t.numel()]) : t);
/** A tensor of at least three dimensions; the new ones are the first and the last. */
export const asLayer = (t: Tensor): Tensor => (t.ndim < 3 ? unsqueeze(asRow(t), 2) : t);

/** Rows joined: vectors become rows first. */
export const vstack = joined("vstack", asRow, () => 0);
/** Joined along the second dimension; vectors along their only one. */
export const hstack = joined("hstack", asVector, (ndim) => (ndim === 1 ? 0 : 1));
/** Joined along the third dimension, which vectors and matrices get first. */
export const dstack = joined("dstack", asLayer, () => 2);

// -------------------------------------------------------------------------------------------- other positions

/** Elements in reverse order along `dims`. */
export const flip = operator<(self: Tensor, ...dims: (number | readonly number[])[]) => Tensor>(
  "flip(self, ...dims)",
  (self: Tensor, dims: Shape) => {
    let out = self;
    if (dims.length > 0) dimsOf(dims, self.ndim); // none twice
    for (const d of self.ndim === 0 ? [] : dims.map((x) => wrapDim(x, self.ndim))) {
      const n = self.shape[d];
      const backwards = fresh(self.storage.device, "int32", [n], "flip");
      self.storage.device.kernels.range.int32(backwards, n - 1, -1);
      out = indexSelect(out, d, backwards);
    }
    return out === self ? clone(self) : out;
  },
);

/** Elements moved along `dims` by `shifts`; what leaves at one end enters at the other. */
export const roll = operator<
  (self: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null) => Tensor
>(
  "roll(self, shifts, dims=null)",
  (self: Tensor, shifts: number | readonly number[], dims: number | readonly number[] | null) => {
    const by = [shifts].flat() as number[];
    const along = [dims ?? []].flat() as number[];
    if (by.length === 0) throw new ArgumentError("`shifts` required");
    if (along.length === 0 && by.length === 1) return reshape(roll(reshape(self, [-1]), by, 0), self.shape);
    if (along.length !== by.length) {
      throw new ArgumentError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`, {
        shifts,
        dims,
      });
    }
    return along.reduce((out, dim, i) => {
      if (self.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
      const d = wrapDim(dim, self.ndim);
      const n = self.shape[d];
      if (n === 0) return out;
      const cut = (((n - by[i]) % n) + n) % n;
      return cat([sliceDim(out, d, cut, n), sliceDim(out, d, 0, cut)], d);
    }, self);
  },
);

/** The tensors expanded to their common shape. */
export function broadcastTensors(...tensors: Tensor[]): Tensor[] {
  const shape = tensors.map((t) => t.shape).reduce(broadcastShapes);
  return tensors.map((t) => expand(t, shape));
}
