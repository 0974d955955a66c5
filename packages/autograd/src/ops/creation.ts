import {
  ArgumentError,
  type Device,
  type DType,
  DTypeError,
  dtypeInfo,
  getDevice,
  isDType,
  isFloat,
  isInteger,
  type Shape,
  ShapeError,
} from "@kindling/storage";
import { isOptions, kindOf, operator } from "../args.js";
import { fresh, rawFill, toBigInt } from "../dispatch.js";
import { item } from "../read.js";
import { isTensor, type Tensor } from "../tensor.js";
import type { Scalar } from "./promotion.js";

/** Where and how a new tensor is made. */
export interface TensorOptions {
  /** Element type; the default is float32. */
  dtype?: DType | null;
  /** Device name; the default is `"cpu"`. */
  device?: string | null;
  /** Whether operations on the tensor are recorded. */
  requiresGrad?: boolean;
}

export function checkDType(dtype: unknown, operation: string): DType {
  if (!isDType(dtype)) throw new DTypeError(`${operation}(): unknown dtype '${String(dtype)}'`, { dtype });
  return dtype;
}

/** A shape from user code: whole numbers, not negative. */
export function checkShape(sizes: unknown, operation: string): Shape {
  if (!Array.isArray(sizes))
    throw new ShapeError(`${operation}(): sizes must be numbers or an array of numbers`, { sizes });
  for (const n of sizes) {
    if (typeof n !== "number" || !Number.isInteger(n)) {
      throw new ShapeError(`${operation}(): sizes must be whole numbers, but got ${String(n)}`, { sizes });
    }
    if (n < 0) {
      throw new ShapeError(`Trying to create tensor with negative dimension ${n}: [${sizes.join(", ")}]`, { sizes });
    }
  }
  return [...sizes];
}

/** Finishes a creation: `requiresGrad`, refused for dtypes that have no gradients. */
export function finish(t: Tensor, requiresGrad: unknown): Tensor {
  if (requiresGrad === true) {
    if (!isFloat(t.dtype)) {
      throw new DTypeError("Only Tensors of floating point dtype can require gradients", { dtype: t.dtype });
    }
    t.leafRequiresGrad = true;
  } else if (requiresGrad !== false) throw new ArgumentError("requiresGrad must be a boolean");
  return t;
}

type Sizes = (number | readonly number[] | TensorOptions)[];
type Create = (...sizes: Sizes) => Tensor;
type CreateLike = (self: Tensor, options?: TensorOptions) => Tensor;

/**
 * A bare number as an element of `dtype` takes it. Whole numbers below 0 wrap around in uint8.
 * @throws DTypeError for what an integer dtype cannot hold, NaN and infinities among it
 */
export function fitting(value: Scalar, dtype: DType): number | bigint {
  const number = typeof value === "boolean" ? Number(value) : value;
  if (!isInteger(dtype)) return number;
  const beyond = 2 ** (8 * dtypeInfo[dtype].bytes - (dtype === "uint8" ? 0 : 1));
  const whole = typeof number === "bigint" ? number : Math.trunc(number);
  if (whole < beyond && (whole > -beyond || (whole >= -beyond && dtype !== "uint8"))) return number;
  throw new DTypeError(`value cannot be converted to type ${dtype} without overflow`, { dtype, value });
}

function filled(device: Device, dtype: DType, shape: Shape, value: Scalar, operation: string): Tensor {
  if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") {
    throw new ArgumentError(`${operation}(): argument 'fillValue' must be number, not ${kindOf(value)}`, { operation });
  }
  const out = fresh(device, dtype, shape, operation);
  rawFill(out, fitting(value, dtype));
  return out;
}

/** The value to fill with: a bare number, or the only element of a tensor. */
const fillValueOf = (value: Scalar | Tensor): Scalar => (isTensor(value) ? item(value) : value);

function creator(name: string, value: number | null): Create {
  return operator<Create>(
    `${name}(...size, *, dtype=null, device=null, requiresGrad=false)`,
    (size: unknown, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      const type = dtype === null ? "float32" : checkDType(dtype, name);
      const shape = checkShape(size, name);
      const on = getDevice(device ?? "cpu");
      return finish(value === null ? fresh(on, type, shape, name) : filled(on, type, shape, value, name), requiresGrad);
    },
  );
}

function creatorLike(name: string, value: number | null): CreateLike {
  return operator<CreateLike>(
    `${name}(self, *, dtype=null, device=null, requiresGrad=false)`,
    (self: Tensor, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      if (!isTensor(self)) throw new ArgumentError(`${name}(): argument 'self' must be Tensor`);
      const type = dtype === null ? self.dtype : checkDType(dtype, name);
      const on = device === null ? self.storage.device : getDevice(device);
      const out = value === null ? fresh(on, type, self.shape, name) : filled(on, type, self.shape, value, name);
      return finish(out, requiresGrad);
    },
  );
}

/** Memory of the given sizes with undefined content. */
export const empty = creator("empty", null);
/** Zeros of the given sizes. */
export const zeros = creator("zeros", 0);
/** Ones of the given sizes. */
export const ones = creator("ones", 1);
/** Undefined content in the shape, dtype and device of another tensor. */
export const emptyLike = creatorLike("emptyLike", null);
/** Zeros in the shape, dtype and device of another tensor. */
export const zerosLike = creatorLike("zerosLike", 0);
/** Ones in the shape, dtype and device of another tensor. */
export const onesLike = creatorLike("onesLike", 1);

type FillValue = Scalar | Tensor;

/** One value everywhere; the dtype is float32 unless told, bool for `true` and `false`, int64 for a bigint. */
export const full = operator<
  (size: number | readonly number[], fillValue: FillValue, options?: TensorOptions) => Tensor
>(
  "full(size, fillValue, *, dtype=null, device=null, requiresGrad=false)",
  (size: unknown, given: FillValue, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    const value = fillValueOf(given);
    const type = dtype === null ? typeOf(given) : checkDType(dtype, "full");
    const shape = checkShape(typeof size === "number" ? [size] : size, "full");
    return finish(filled(getDevice(device ?? "cpu"), type, shape, value, "full"), requiresGrad);
  },
);

const typeOf = (value: FillValue): DType =>
  isTensor(value) ? value.dtype : typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "int64" : "float32";

/** One value in the shape, dtype and device of another tensor. */
export const fullLike = operator<(self: Tensor, fillValue: FillValue, options?: TensorOptions) => Tensor>(
  "fullLike(self, fillValue, *, dtype=null, device=null, requiresGrad=false)",
  (self: Tensor, value: FillValue, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    const type = dtype === null ? self.dtype : checkDType(dtype, "fullLike");
    const on = device === null ? self.storage.device : getDevice(device);
    return finish(filled(on, type, self.shape, fillValueOf(value), "fullLike"), requiresGrad);
  },
);

type NewSizes = (self: Tensor, ...size: Sizes) => Tensor;

function newOf(name: string, value: number | null): NewSizes {
  return operator<NewSizes>(
    `${name}(self, ...size, *, dtype=null, device=null, requiresGrad=false)`,
    (self: Tensor, size: unknown, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      const type = dtype === null ? self.dtype : checkDType(dtype, name);
      const on = device === null ? self.storage.device : getDevice(device);
      const shape = checkShape(size, name);
      return finish(value === null ? fresh(on, type, shape, name) : filled(on, type, shape, value, name), requiresGrad);
    },
  );
}

/** Memory of other sizes with undefined content, in the dtype and on the device of `self`. */
export const newEmpty = newOf("newEmpty", null);
/** Zeros of other sizes, in the dtype and on the device of `self`. */
export const newZeros = newOf("newZeros", 0);
/** Ones of other sizes, in the dtype and on the device of `self`. */
export const newOnes = newOf("newOnes", 1);
/** One value in other sizes, in the dtype and on the device of `self`. */
export const newFull = operator<
  (self: Tensor, size: number | readonly number[], fillValue: FillValue, options?: TensorOptions) => Tensor
>(
  "newFull(self, size, fillValue, *, dtype=null, device=null, requiresGrad=false)",
  (self: Tensor, size: unknown, value: FillValue, dtype: unknown, device: string | null, requiresGrad: boolean) =>
    full(size as number[], value, {
      dtype: dtype === null ? self.dtype : checkDType(dtype, "newFull"),
      device: device ?? self.device,
      requiresGrad,
    }),
);

type Bound = number | bigint;
type ArangeOptions = TensorOptions & { start?: Bound; end?: Bound; step?: Bound };
type ArangeArgs =
  | [options: ArangeOptions]
  | [end: Bound, options?: ArangeOptions]
  | [start: Bound, end: Bound, options?: ArangeOptions]
  | [start: Bound, end: Bound, step: Bound, options?: ArangeOptions];

const arangeBound = operator<(...args: (Bound | ArangeOptions)[]) => Tensor>(
  "arange(start, end, step=1, *, dtype=null, device=null, requiresGrad=false)",
  (start: Bound, end: Bound, step: Bound, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    const given = [start, end, step];
    if (!given.every((n) => typeof n === "bigint" || Number.isFinite(n))) {
      const text = `unsupported range: ${start} -> ${end}`.replaceAll("Infinity", "inf").replaceAll("NaN", "nan");
      throw new ArgumentError(text, { start, end, step });
    }
    const type = dtype === null ? rangeType(given) : checkDType(dtype, "arange");
    const exact: (n: Bound) => Bound =
      type === "int64" ? toBigInt : isFloat(type) ? Number : (n: Bound) => Math.trunc(Number(n));
    const [first, last, by] = given.map(exact);
    if (Number(step) === 0 || (type === "int64" && Number(by) === 0)) {
      throw new ArgumentError("step must be nonzero", { step });
    }
    // int64 counts with its own whole numbers, the other integers with what was given
    const [from, to, each] = type === "int64" ? [first, last, by] : given.map(Number);
    const distance = Number((to as number) - (from as number));
    if (distance * Number(each) < 0) {
      throw new ArgumentError("upper bound and larger bound inconsistent with step sign", { start, end, step });
    }
    const out = fresh(getDevice(device ?? "cpu"), type, [Math.ceil(distance / Number(each))], "arange");
    out.storage.device.kernels.range[type](out, first, by);
    return finish(out, requiresGrad);
  },
);

const rangeType = (bounds: readonly Bound[]): DType =>
  bounds.some((n) => typeof n === "bigint") ? "int64" : bounds.every(Number.isInteger) ? "int32" : "float32";

/**
 * `start, start + step, …` up to but without `end`; `arange(end)` starts at 0. int32 where all arguments are whole numbers,
 * int64 where one is a bigint, float32 otherwise.
 */
export function arange(...args: ArangeArgs): Tensor {
  const named = args[args.length - 1];
  const numbers = isOptions(named) ? args.length - 1 : args.length;
  const hasEnd = isOptions(named) && named.end !== undefined;
  const fromZero = hasEnd ? numbers === 0 && named.start === undefined : numbers === 1;
  const bounds = args.map((a) => (typeof a === "boolean" ? Number(a) : a)) as Bound[];
  return arangeBound(...(fromZero ? [0, ...bounds] : bounds));
}

/** The identity matrix, or its upper left part. */
export const eye = operator<(n: number, m?: number | TensorOptions, options?: TensorOptions) => Tensor>(
  "eye(n, m=null, *, dtype=null, device=null, requiresGrad=false)",
  (n: number, m: number | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    const type = dtype === null ? "float32" : checkDType(dtype, "eye");
    for (const [name, size] of Object.entries({ n, m: m ?? 0 })) {
      if (!(size >= 0)) throw new ShapeError(`${name} must be greater or equal to 0, got ${size}`, { [name]: size });
    }
    const [rows, columns] = checkShape([n, m ?? n], "eye");
    const out = filled(getDevice(device ?? "cpu"), type, [rows, columns], 0, "eye");
    const diagonal = { storage: out.storage, shape: [Math.min(rows, columns)], strides: [columns + 1], offset: 0 };
    rawFill(diagonal, 1);
    return finish(out, requiresGrad);
  },
);
