import { ArgumentError, type DType, isOptions, isTensor, stack, type Tensor, tensor } from "@kindling/autograd";

/** What `defaultCollate` makes of samples of type `T`. */
export type Collated<T> = T extends Tensor | number | bigint | boolean | ArrayBufferView
  ? Tensor
  : T extends string
    ? string[]
    : { -readonly [K in keyof T]: Collated<T[K]> };

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : String(value);

function dtypeOf(batch: readonly unknown[]): DType {
  if (batch.every((x) => typeof x === "boolean")) return "bool";
  if (batch.some((x) => typeof x === "bigint")) return "int64";
  if (!batch.every((x) => Number.isInteger(x))) return "float32";
  return batch.every((x) => Math.abs(x as number) < 2 ** 31) ? "int32" : "int64";
}

/**
 * One batch from samples: tensors and typed arrays are stacked along a new first dimension; numbers become a tensor of
 * int32 where all are integers (int64 where one is a bigint or does not fit), else of float32; booleans one of bool; strings
 * stay an array; arrays and records of these are collated item by item.
 *
 * A field whose numbers are real but may happen to be whole is better given as a tensor: `tensor(2)` is float32.
 * @throws ShapeError where tensors differ in shape, ArgumentError for samples of another kind or of differing length
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  return collate(batch) as Collated<T>;
}

function collate(batch: readonly unknown[]): unknown {
  const first = batch[0];
  if (isTensor(first)) {
    const other = batch.find((sample) => !isTensor(sample));
    if (other === undefined) return stack(batch as Tensor[]);
    throw new ArgumentError(`each element in list of batch should be a tensor as the first is; found ${kindOf(other)}`);
  }
  if (ArrayBuffer.isView(first)) return stack(batch.map((values) => tensor(values as ArrayBufferView)));
  switch (typeof first) {
    case "number":
    case "bigint":
    case "boolean":
      return tensor(batch as number[], { dtype: dtypeOf(batch) });
    case "string":
      return [...batch];
  }
  if (Array.isArray(first)) {
    if (!batch.every((sample) => Array.isArray(sample) && sample.length === first.length)) {
      throw new ArgumentError("each element in list of batch should be of equal size");
    }
    return first.map((_, i) => collate(batch.map((sample) => (sample as unknown[])[i])));
  }
  if (isOptions(first)) {
    const fields = Object.keys(first).map((key) => [key, collate(batch.map((sample) => fieldOf(sample, key)))]);
    return Object.fromEntries(fields);
  }
  throw new ArgumentError(
    `defaultCollate: batch must contain tensors, typed arrays, numbers, booleans, strings, records or arrays; found ${kindOf(first)}`,
  );
}

/**
 * A sample as it is without batching: typed arrays become tensors, also those in arrays and records; everything else stays.
 */
export function defaultConvert(sample: unknown): unknown {
  if (ArrayBuffer.isView(sample)) return tensor(sample);
  if (Array.isArray(sample)) return sample.map(defaultConvert);
  if (!isOptions(sample)) return sample;
  return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, defaultConvert(value)]));
}

function fieldOf(sample: unknown, key: string): unknown {
  if (isOptions(sample) && Object.hasOwn(sample, key)) return sample[key];
  throw new ArgumentError(`each record in list of batch should have the key '${key}'`, { key });
}
