import { readFileSync } from "node:fs";
import { type DType, isTensor, type Tensor, tensor } from "@kindling/autograd";
import { expect } from "vitest";

/** A tensor as the fixtures hold it. */
export interface Recorded {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: number[];
}

export const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as T;

const isRecorded = (value: unknown): value is Recorded =>
  typeof value === "object" && value !== null && "shape" in value && "data" in value;

/** `log_softmax` → `logSoftmax`; a trailing underscore stays. */
export const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

export const decodeTensor = ({ dtype, shape, data }: Recorded): Tensor =>
  tensor(data, { dtype }).reshape(shape).detach();

/** Recorded values as arguments: tensors, arrays, plain values. */
export const decode = (value: unknown): unknown =>
  isRecorded(value) ? decodeTensor(value) : Array.isArray(value) ? value.map(decode) : value;

export const decodeOptions = (kwargs: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), decode(value)]));

/** The tensors of nested results, in order. */
export const tensorsOf = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(tensorsOf) : [];

/** A sum of the results with weights −1, −0.75, … 1 in turn, as the makers of the fixtures take it. */
export const weighted = (outs: readonly Tensor[]): Tensor =>
  outs
    .map((out) => {
      const weights = Array.from({ length: out.numel() }, (_, i) => ((i % 9) - 4) / 4);
      return out
        .reshape(-1)
        .mul(tensor(weights, { dtype: out.dtype }))
        .sum();
    })
    .reduce((a, b) => a.add(b));

/** Nested results are what was recorded: floats to 12 digits, everything else exactly. */
export function expectClose(ours: unknown, recorded: unknown, what = "result"): void {
  if (Array.isArray(recorded)) {
    expect(Array.isArray(ours) && ours.length, what).toBe(recorded.length);
    recorded.forEach((value, i) => {
      expectClose((ours as unknown[])[i], value, `${what}[${i}]`);
    });
    return;
  }
  if (!isRecorded(recorded)) {
    expect(ours, what).toBe(recorded);
    return;
  }
  expect(isTensor(ours), `${what} is a tensor`).toBe(true);
  const t = ours as Tensor;
  expect(t.shape, what).toEqual(recorded.shape);
  const values = Array.from(t.detach().toTypedArray(), Number);
  const tolerance = recorded.dtype === "float64" ? 1e-12 : recorded.dtype === "float32" ? 1e-6 : 0;
  recorded.data.forEach((value, i) => {
    const distance = Math.abs(values[i] - value);
    if (!(distance <= tolerance * Math.max(1, Math.abs(value)))) expect(values[i], `${what}, element ${i}`).toBe(value);
  });
}

/** Bit for bit what was recorded. */
export function expectExact(ours: Tensor, recorded: Recorded, what = "result"): void {
  expect(ours.dtype, what).toBe(recorded.dtype);
  expect(ours.shape, what).toEqual(recorded.shape);
  expect(Array.from(ours.detach().toTypedArray(), Number), what).toEqual(recorded.data);
}
