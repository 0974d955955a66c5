import { fastPaths } from "@kindling/backend-webgpu";
import { type Backend, Device, numelOf, storageFrom, type View } from "@kindling/storage";

/** The device, with its fast paths. */
export const deviceOf = (backend: Backend): Device =>
  new Device("webgpu", backend, [{ provider: fastPaths, priority: 0 }]);

/** The same numbers in every run. */
export function numbers(n: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
}

export interface Operand {
  readonly view: View;
  readonly values: Float32Array;
}

/** A float32 view of this shape on the device. `order`: the dimensions from the slowest to the fastest in memory; `offset`: elements before it. */
export function operand(
  device: Device,
  values: Float32Array,
  shape: readonly number[],
  order: readonly number[] = shape.map((_, d) => d),
  offset = 0,
): Operand {
  const strides = shape.map(() => 0);
  let step = 1;
  for (const d of [...order].reverse()) {
    strides[d] = step;
    step *= shape[d];
  }
  const all = new Float32Array(offset + numelOf(shape));
  all.set(values.subarray(0, numelOf(shape)), offset);
  return { view: { storage: storageFrom(device, "float32", all), shape, strides, offset }, values: all };
}

/** The element of an operand, as it was written, at this index. */
export const at = ({ view, values }: Operand, ...index: number[]): number =>
  values[index.reduce((sum, i, d) => sum + i * view.strides[d], view.offset)];

/** What is in a view's storage now. */
export async function read({ view }: Operand): Promise<Float32Array> {
  const { storage } = view;
  return (await storage.device.backend.read(storage, 0, storage.length)) as Float32Array;
}
