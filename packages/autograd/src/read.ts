import { ArgumentError, DeviceError, type DType, type HostArray } from "@kindling/storage";
import { rawContiguous } from "./dispatch.js";
import type { Tensor } from "./tensor.js";

/** A number, bigint (beyond 2^53) or boolean, or arrays of such. */
export type Nested = number | bigint | boolean | Nested[];

/** The elements in row-major order, read at once. */
export function hostValues(t: Tensor, operation: string): HostArray {
  const { backend, name } = t.storage.device;
  if (!backend.readSync) {
    throw new DeviceError(
      `[${operation}] device '${name}' cannot be read synchronously: use \`const host = await x.cpu()\` and read that`,
      { operation, device: name },
    );
  }
  const whole = rawContiguous(t);
  return backend.readSync(whole.storage, whole.offset, whole.numel());
}

export function element(value: number | bigint, dtype: DType): number | bigint | boolean {
  if (dtype === "bool") return value !== 0;
  if (typeof value !== "bigint") return value;
  const n = Number(value);
  return Number.isSafeInteger(n) ? n : value;
}

/** The only element, as a number (bigint beyond 2^53, boolean for bool). */
export function item(self: Tensor): number {
  const n = self.numel();
  if (n !== 1) throw new ArgumentError(`a Tensor with ${n} elements cannot be converted to Scalar`, { numel: n });
  return element(hostValues(self, "item")[0], self.dtype) as number;
}

/** The elements as nested arrays of numbers (bigint beyond 2^53, booleans for bool); of a 0-dimensional tensor the bare element. */
// biome-ignore lint/suspicious/noExplicitAny: the depth of the result is the rank, which types do not know
export function tolist(self: Tensor): any {
  const values = hostValues(self, "tolist");
  let next = 0;
  const level = (dim: number): Nested => {
    if (dim === self.ndim) return element(values[next++], self.dtype);
    return Array.from({ length: self.shape[dim] }, () => level(dim + 1));
  };
  return level(0);
}

/** A copy of the elements in row-major order; float16 and bfloat16 come as `Float32Array`, bool as `Uint8Array`. */
export function toTypedArray(self: Tensor): HostArray {
  return hostValues(self, "toTypedArray").slice() as HostArray;
}
