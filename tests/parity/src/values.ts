import { type DType, slice, Tensor, tensor } from "@kindling/autograd";

/*
 * Recorded values and ours: `../shared/fixtures/opinfo/README.md` describes the format.
 */

/** A recorded tensor. */
export interface Recorded {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: (number | string)[];
  readonly requires_grad?: boolean;
  readonly strides?: number[];
}

export const isRecorded = (value: unknown): value is Recorded =>
  typeof value === "object" && value !== null && "shape" in value && "data" in value;

/** `log_softmax` → `logSoftmax`; a trailing underscore stays. */
export const camel = (name: string): string =>
  name.replace(/(?<=[a-zA-Z0-9])_([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());

const number = (x: number | string): number | bigint => {
  if (typeof x === "number") return x;
  if (x === "nan") return Number.NaN;
  if (x === "inf") return Number.POSITIVE_INFINITY;
  return x === "-inf" ? Number.NEGATIVE_INFINITY : BigInt(x);
};

/** A leaf of the recorded layout. */
export function leaf(r: Recorded): Tensor {
  const dtype = r.dtype as DType;
  const values = r.data.map(number);
  let out: Tensor;
  if (r.strides === undefined) out = tensor(values, { dtype }).reshape(r.shape);
  else {
    const { shape, strides } = r;
    const memory = new Array<number | bigint>(
      values.length === 0 ? 0 : 1 + shape.reduce((n, size, d) => n + (size - 1) * strides[d], 0),
    ).fill(0);
    for (let i = 0; i < values.length; i++) {
      let rest = i;
      let at = 0;
      for (let d = shape.length - 1; d >= 0; d--) {
        at += (rest % shape[d]) * strides[d];
        rest = Math.floor(rest / shape[d]);
      }
      memory[at] = values[i];
    }
    out = tensor(memory, { dtype }).asStrided(shape, strides);
  }
  out = out.detach();
  return r.requires_grad ? out.requiresGrad_() : out;
}

/** What decoding found besides the values themselves. */
export interface Found {
  /** All tensors, by their path (`args[0]`). */
  readonly tensors: Map<string, Tensor>;
  /** Dtypes of all tensors and all dtype arguments. */
  readonly dtypes: Set<string>;
}

export const nothingFound = (): Found => ({ tensors: new Map(), dtypes: new Set() });

/** A recorded value as an argument of ours. */
export function decode(value: unknown, path: string, found: Found): unknown {
  if (isRecorded(value)) {
    const t = leaf(value);
    found.tensors.set(path, t);
    found.dtypes.add(t.dtype);
    return t;
  }
  if (Array.isArray(value)) return value.map((item, i) => decode(item, `${path}[${i}]`, found));
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  if ("float" in record) return number(record.float as number | string);
  if ("dtype_name" in record) {
    found.dtypes.add(record.dtype_name as string);
    return record.dtype_name;
  }
  if ("slice" in record) return slice(...(record.slice as [number | null, number | null, number | null]));
  if ("ellipsis" in record) return "...";
  if ("tuple" in record) return new Tuple(decode(record.tuple, path, found) as unknown[]);
  if ("dict" in record) return options(record.dict as Record<string, unknown>, path, found);
  throw new Error(`unknown kind of value: ${JSON.stringify(value).slice(0, 80)}`);
}

/** A Python tuple where it differs from a list: as an index. */
export class Tuple {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** Keyword arguments as an options object. */
export const options = (kwargs: Record<string, unknown>, path: string, found: Found): Record<string, unknown> =>
  Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [camel(k), decode(v, `${path}.${k}`, found)]));

/** Relative tolerances. */
const tolerance: Record<string, number> = { float64: 1e-7, float32: 1e-4, float16: 4e-3, bfloat16: 3e-2 };

/** Where `ours` differs from the recorded tensor, or `null`. `dtype` is the one expected here. */
export function difference(ours: unknown, theirs: Recorded, dtype: string = theirs.dtype): string | null {
  if (!(ours instanceof Tensor)) return `a tensor was expected, got ${String(ours)}`;
  if (ours.dtype !== dtype) return `dtype ${ours.dtype}, expected ${dtype}`;
  if (ours.shape.join() !== theirs.shape.join()) return `shape [${ours.shape}], expected [${theirs.shape}]`;
  const values = ours.detach().toTypedArray();
  const exact = !(dtype in tolerance);
  const expected = theirs.data.map(number);
  const largest = exact
    ? 0
    : (expected as number[]).reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
  const rtol = tolerance[dtype];
  // what is small beside the largest element, or by itself, counts as noise
  const noise = Math.max(0.01 * largest, dtype === "float64" ? 0.01 : 1);
  for (let i = 0; i < expected.length; i++) {
    const a = values[i];
    const b = expected[i];
    const same = exact
      ? BigInt(a) === BigInt(b)
      : Object.is(a, b) ||
        a === b ||
        Math.abs((a as number) - (b as number)) <= rtol * Math.max(Math.abs(b as number), noise);
    if (!same) return `element ${i} is ${a}, expected ${b}`;
  }
  return null;
}

/** Whether a gradient is absent or zero throughout. */
export const isNothing = (g: Tensor | null): boolean =>
  g === null || g.toTypedArray().every((x: number | bigint) => Number(x) === 0);
