import {
  allocate,
  type BinaryName,
  type CompareName,
  contiguousStrides,
  type Device,
  DeviceError,
  type DType,
  dtypeInfo,
  expandStrides,
  type FastPaths,
  isContiguous,
  numelOf,
  type Operand,
  type ReduceName,
  type ScanName,
  type Shape,
  sameShape,
  type UnaryName,
  type View,
} from "@kindling/storage";
import { Tensor } from "./tensor.js";

/*
 * From operators to kernels, below the graph: fresh outputs, broadcasting by strides, conversion. Nothing here records.
 */

/** A contiguous tensor with undefined content. `operation` is named where the device lacks the dtype. */
export function fresh(device: Device, dtype: DType, shape: Shape, operation: string): Tensor {
  return new Tensor(allocate(device, dtype, numelOf(shape), operation), shape, contiguousStrides(shape), 0);
}

/** `t` read in the broadcast shape `shape`. */
export function expanded(t: Tensor, shape: Shape): View {
  if (sameShape(t.shape, shape)) return t;
  return { storage: t.storage, shape, strides: expandStrides(t.shape, t.strides, shape), offset: t.offset };
}

/** A window on `t` with other sizes and strides. */
export const windowOn = (t: View, shape: Shape, strides: readonly number[], offset = t.offset): View => ({
  storage: t.storage,
  shape,
  strides,
  offset,
});

/**
 * The device that all the tensors are on.
 * @throws DeviceError where there are two.
 */
export function commonDevice(operation: string, tensors: readonly (Tensor | null | undefined)[]): Device {
  let device: Device | null = null;
  for (const t of tensors) {
    if (t == null) continue;
    device ??= t.storage.device;
    if (device !== t.storage.device) {
      throw new DeviceError(
        `[${operation}] Expected all tensors to be on the same device, but found at least two devices, ${device.name} and ${t.device}!`,
        { operation, devices: [device.name, t.device] },
      );
    }
  }
  return device as Device;
}

/** Element by element conversion into fresh contiguous memory (`dtype` given or kept). */
export function rawCopy(t: View, dtype: DType = t.storage.dtype, operation = "copy"): Tensor {
  const { device } = t.storage;
  const out = fresh(device, dtype, t.shape, operation);
  device.kernels.copy[t.storage.dtype](out, t);
  return out;
}

/** `t` itself where it has the dtype, else a converted copy, outside the graph. */
export const rawCast = (t: Tensor, dtype: DType, operation?: string): Tensor =>
  t.storage.dtype === dtype ? t : rawCopy(t, dtype, operation);

/** `t` itself where it is contiguous, else a contiguous copy, outside the graph. */
export const rawContiguous = (t: Tensor): Tensor => (isContiguous(t.shape, t.strides) ? t : rawCopy(t));

export function rawUnary(name: UnaryName, a: Tensor, operation: string = name): Tensor {
  const { device, dtype } = a.storage;
  const out = fresh(device, name === "isnan" ? "bool" : dtype, a.shape, operation);
  device.kernels.unary[dtype](name, out, a);
  return out;
}

export function rawBinary(
  name: BinaryName,
  a: Operand,
  b: Operand,
  shape: Shape,
  dtype: DType,
  device: Device,
  operation: string = name,
): Tensor {
  const out = fresh(device, dtype, shape, operation);
  device.kernels.binary[dtype](name, out, a, b);
  return out;
}

/** `out += x` for one shape and dtype, where nobody else knows `out`. */
export function rawAdd(out: Tensor, x: Tensor): void {
  const { device, dtype } = out.storage;
  device.kernels.binary[dtype]("add", out, out, x);
  out.storage.touch();
}

export function rawCompare(
  name: CompareName,
  a: Operand,
  b: Operand,
  shape: Shape,
  dtype: DType,
  device: Device,
): Tensor {
  const out = fresh(device, "bool", shape, name);
  device.kernels.compare[dtype](name, out, a, b);
  return out;
}

/** Reduction over `dims`, which stay as dimensions of size 1. */
export function rawReduce(name: ReduceName, a: Tensor, dims: readonly number[], operation: string = name): Tensor {
  const { device, dtype } = a.storage;
  const shape = a.shape.map((n, d) => (dims.includes(d) ? 1 : n));
  const out = fresh(device, name === "argmax" || name === "argmin" ? "int32" : dtype, shape, operation);
  device.kernels.reduce[dtype](name, out, a, dims);
  return out;
}

export function rawScan(name: ScanName, a: Tensor, dim: number): Tensor {
  const { device, dtype } = a.storage;
  const out = fresh(device, dtype, a.shape, "cumulative");
  device.kernels.scan[dtype](name, out, a, dim);
  return out;
}

export function rawFill(out: View, value: number | bigint): void {
  const { device, dtype } = out.storage;
  device.kernels.fill[dtype](out, dtype === "int64" ? toBigInt(value) : Number(value));
}

/** A number as int64 stores it. */
export const toBigInt = (value: number | bigint): bigint =>
  typeof value === "bigint" ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;

/** `value` as the kernels of `dtype` take scalars. */
export const scalarFor = (dtype: DType, value: number | bigint | boolean): number | bigint =>
  dtype === "int64" ? toBigInt(typeof value === "boolean" ? Number(value) : value) : Number(value);

/** PyTorch's name of the class of such tensors, for error texts. */
export const tensorName = (dtype: DType): string => dtypeInfo[dtype].tensorName;

/** The arguments of a fast path behind its output. */
type Behind<N extends keyof FastPaths> = FastPaths[N] extends (out: View, ...rest: infer A) => void ? A : never;

/** What the fast path `name` writes into a fresh tensor that looks as `like`; `null` where it is not there or declines the call. */
export function fastResult<N extends keyof FastPaths & string>(
  name: N,
  like: Pick<View, "storage" | "shape">,
  ...rest: Behind<N>
): Tensor | null {
  const { device, dtype } = like.storage;
  if (!device.hasFast(name, dtype)) return null;
  const out = fresh(device, dtype, like.shape, name);
  return device.tryFast(name, dtype, ...([out, ...rest] as never)) ? out : null;
}
