import {
  ArgumentError,
  type Device,
  DeviceError,
  type DType,
  dtypeInfo,
  dtypeOf,
  getDevice,
  type HostArray,
  isInteger,
  type Shape,
  ShapeError,
  storageFrom,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawCopy, toBigInt } from "../dispatch.js";
import { isTensor, type Tensor, wrap } from "../tensor.js";
import { checkDType, finish, fitting, type TensorOptions } from "./creation.js";
import type { Scalar } from "./promotion.js";

/*
 * Tensors from values: numbers, nested and typed arrays, other tensors.
 */

/** A number, boolean, bigint, or arrays of such nested to one depth. */
export type NestedArray = Scalar | readonly NestedArray[];

/** Values of any numeric array as a tensor of `dtype`. */
export function fromValues(
  values: ArrayLike<number>,
  shape: Shape,
  dtype: DType,
  device: Device,
  operation: string,
): Tensor {
  const { Host } = dtypeInfo[dtype];
  const exact = dtype === "int64" ? BigInt64Array.from(values as ArrayLike<number>, (v) => toBigInt(v)) : null;
  const host = exact ?? (values instanceof Host ? values : convert(values, dtype));
  return wrap(storageFrom(device, dtype, host as HostArray, operation), shape);
}

function convert(values: ArrayLike<number>, dtype: DType): HostArray {
  const host = new dtypeInfo[dtype].Host(values.length) as Float32Array;
  for (let i = 0; i < values.length; i++) host[i] = dtype === "bool" ? Number(values[i] !== 0) : values[i];
  return host;
}

function shapeOfNested(data: NestedArray): number[] {
  const shape: number[] = [];
  for (let level: NestedArray = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function flattenNested(data: NestedArray, shape: readonly number[], depth: number, out: Scalar[]): void {
  if (depth === shape.length) {
    if (typeof data !== "number" && typeof data !== "boolean" && typeof data !== "bigint") {
      if (Array.isArray(data)) {
        throw new ShapeError(`expected a number at dim ${depth} (got a sequence of length ${data.length})`, {
          dim: depth,
          got: data.length,
        });
      }
      throw new ArgumentError(`tensor(): cannot make an element of ${data === null ? "null" : typeof data}`);
    }
    out.push(data);
    return;
  }
  if (!Array.isArray(data)) throw ragged(shape, depth, null);
  if (data.length !== shape[depth]) throw ragged(shape, depth, data.length);
  for (const item of data) flattenNested(item, shape, depth + 1, out);
}

const ragged = (shape: readonly number[], dim: number, got: number | null): ShapeError =>
  new ShapeError(
    got === null
      ? `expected sequence of length ${shape[dim]} at dim ${dim} (got a number)`
      : `expected sequence of length ${shape[dim] ?? 0} at dim ${dim} (got ${got})`,
    { dim, expected: shape[dim], got },
  );

/** Elements of tensors inside nested arrays are not supported; a typed array keeps its kind. */
type TensorData = NestedArray | ArrayBufferView | Tensor;

/**
 * A tensor holding a copy of `data`: a number, nested arrays, a typed array (one dimension, its own dtype) or a tensor.
 * Numbers give float32, booleans bool, bigints int64.
 * @throws ShapeError where nested arrays differ in length.
 */
export const tensor = operator<(data: TensorData, options?: TensorOptions) => Tensor>(
  "tensor(data, *, dtype=null, device=null, requiresGrad=false)",
  (data: TensorData, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    const type = dtype === null ? null : checkDType(dtype, "tensor");
    const on = getDevice(device ?? "cpu");
    if (isTensor(data))
      return finish(copyOfTensor(data, type, device === null ? data.storage.device : on), requiresGrad);
    if (ArrayBuffer.isView(data)) {
      const kind = dtypeOf(data);
      const values = data as unknown as ArrayLike<number>;
      const own = wrap(storageFrom(on, type ?? kind, hostCopy(values, kind, type ?? kind), "tensor"), [values.length]);
      return finish(own, requiresGrad);
    }
    const shape = shapeOfNested(data);
    const flat: Scalar[] = [];
    flattenNested(data, shape, 0, flat);
    const kind = type ?? (flat.length === 0 ? "float32" : dtypeOfAll(flat));
    if (isInteger(kind)) for (const value of flat) fitting(value, kind);
    return finish(
      wrap(storageFrom(on, kind, hostCopy(flat as number[], dtypeOfAll(flat), kind), "tensor"), shape),
      requiresGrad,
    );
  },
);

const dtypeOfAll = (values: readonly Scalar[]): DType =>
  values.every((v) => typeof v === "boolean")
    ? "bool"
    : values.some((v) => typeof v === "bigint")
      ? "int64"
      : "float32";

function hostCopy(values: ArrayLike<number>, from: DType, to: DType): HostArray {
  const n = values.length;
  if (to === "int64")
    return BigInt64Array.from({ length: n }, (_, i) =>
      toBigInt(typeof values[i] === "boolean" ? Number(values[i]) : values[i]),
    );
  const host = new dtypeInfo[to].Host(n) as Float32Array;
  // NaN is true
  if (to === "bool") for (let i = 0; i < n; i++) host[i] = Number(Number(values[i]) !== 0);
  else if (from === "int64") for (let i = 0; i < n; i++) host[i] = Number(values[i]);
  else for (let i = 0; i < n; i++) host[i] = values[i];
  return host;
}

function copyOfTensor(data: Tensor, dtype: DType | null, device: Device): Tensor {
  const own = rawCopy(data, dtype ?? data.dtype, "tensor");
  if (device === own.storage.device) return own;
  const { backend } = own.storage.device;
  if (!backend.readSync)
    throw new DeviceError(`[tensor] device '${own.device}' cannot be read synchronously: use \`await x.cpu()\``, {
      operation: "tensor",
      device: own.device,
    });
  return wrap(
    storageFrom(device, own.dtype, backend.readSync(own.storage, 0, own.storage.length), "tensor"),
    own.shape,
  );
}

/** A copy of `data`, in the dtype and on the device of `self`. */
export const newTensor = operator<(self: Tensor, data: TensorData, options?: TensorOptions) => Tensor>(
  "newTensor(self, data, *, dtype=null, device=null, requiresGrad=false)",
  (self: Tensor, data: TensorData, dtype: DType | null, device: string | null, requiresGrad: boolean) =>
    tensor(data, { dtype: dtype ?? self.dtype, device: device ?? self.device, requiresGrad }),
);

/**
 * `data` as a tensor: itself where it is one of the dtype and device asked for, else converted, with its gradient; anything else as
 * `tensor` takes it.
 */
export const asTensor = operator<
  (data: Tensor | NestedArray | ArrayBufferView, options?: { dtype?: DType | null; device?: string | null }) => Tensor
>(
  "asTensor(data, dtype=null, device=null)",
  (data: Tensor | NestedArray | ArrayBufferView, dtype: DType | null, device: string | null) =>
    isTensor(data)
      ? data.to({ dtype, device })
      : tensor(data, { dtype: dtype ?? undefined, device: device ?? undefined }),
);
