import {
  allocate,
  contiguousStrides,
  type Device,
  type DType,
  formatShape,
  type HostArray,
  isFloat,
  numelOf,
  type Operand,
  type Primitives,
  type Storage,
  storageFrom,
  type View,
} from "@kindling/storage";
import { denseValues, type Laid, otherThan, positions } from "./cases.js";
import { kernelsOf } from "./subject.js";

/** `|got − expected| ≤ atol + rtol·|expected|`. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

export const exact: Tolerance = { rtol: 0, atol: 0 };

const roundings: Partial<Record<DType, Tolerance>> = {
  float64: { rtol: 1e-12, atol: 1e-13 },
  float32: { rtol: 1e-5, atol: 1e-6 },
  float16: { rtol: 2e-3, atol: 1e-4 },
  bfloat16: { rtol: 1.6e-2, atol: 1e-3 },
};

/** What arithmetic in `dtype` may lose; integers nothing. */
export const rounding = (dtype: DType): Tolerance => roundings[dtype] ?? exact;

/** One call of a primitive, on the device under test in the given layouts and on the reference in contiguous ones. */
export interface Check {
  /** What is called, in words: the primitive, the name in it, the dtype, the layout. */
  readonly title: string;
  readonly inputs: readonly (Laid | number | bigint)[];
  /** An output whose image is that of an input is the input: the call is in place. */
  readonly outputs: readonly Laid[];
  /** Whether the call reads what is in its outputs; otherwise they are poisoned. */
  readonly updates?: boolean;
  readonly tolerance: Tolerance;
  /** Facts that are in no view: dimensions, flags. */
  readonly detail?: string;
  run(backend: Primitives, outputs: readonly View[], inputs: readonly Operand[]): void;
}

const isView = (operand: Laid | number | bigint): operand is Laid => typeof operand === "object";

/** Runs the check. @throws Error that names the call, the layouts and the first difference. */
export async function check(subject: Device, reference: Device, call: Check): Promise<void> {
  const fail =
    (what: string) =>
    (cause: unknown): never => {
      throw new Error(`${describeCall(call)}\n  ${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    };
  const expected = await evaluate(reference, call).catch(fail("the reference threw"));
  const storages = new Map<HostArray, Storage>();
  const before = new Map<HostArray, HostArray>();
  const viewOf = (laid: Laid, image = laid.image): View => {
    let storage = storages.get(laid.image);
    if (!storage) {
      storage = storageFrom(subject, laid.dtype, image);
      storages.set(laid.image, storage);
      before.set(laid.image, image);
    }
    return { storage, shape: laid.shape, strides: laid.strides, offset: laid.offset };
  };
  const run = async (): Promise<HostArray[]> => {
    const inputs = call.inputs.map((operand) => (isView(operand) ? viewOf(operand) : operand));
    const outputs = call.outputs.map((out, i) => viewOf(out, call.updates ? out.image : poisoned(out, expected[i])));
    call.run(kernelsOf(subject), outputs, inputs);
    return Promise.all([...storages.values()].map((s) => subject.backend.read(s, 0, s.length)));
  };
  const after = await run().catch(fail("threw"));
  const results = new Map([...storages.keys()].map((image, i) => [image, after[i]]));
  call.outputs.forEach((out, i) => {
    const got = results.get(out.image) as HostArray;
    const inside = positions(out);
    const name = call.outputs.length > 1 ? `output ${i}` : "the output";
    compareInside(
      call,
      name,
      out,
      inside.map((p) => got[p]),
      expected[i],
    );
    compareOutside(call, `outside ${name}`, got, before.get(out.image) as HostArray, new Set(inside));
  });
  call.inputs.forEach((operand, i) => {
    if (!isView(operand) || call.outputs.some((out) => out.image === operand.image)) return;
    compareOutside(call, `input ${i}`, results.get(operand.image) as HostArray, operand.image, new Set());
  });
}

/** The reference's results, row-major, one array an output. */
async function evaluate(device: Device, call: Check): Promise<HostArray[]> {
  const view = ({ dtype, shape }: Laid, values?: HostArray): View => ({
    storage: values ? storageFrom(device, dtype, values) : allocate(device, dtype, numelOf(shape)),
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
  });
  const inputs = call.inputs.map((operand) => (isView(operand) ? view(operand, denseValues(operand)) : operand));
  const outputs = call.outputs.map((out) => view(out, call.updates ? denseValues(out) : undefined));
  call.run(device.backend, outputs, inputs);
  return Promise.all(outputs.map(({ storage }) => device.backend.read(storage, 0, storage.length)));
}

/** The image of an output in which no element is right yet. */
function poisoned(out: Laid, expected: HostArray): HostArray {
  const image = out.image.slice();
  positions(out).forEach((p, i) => {
    image[p] = otherThan(out.dtype, expected[i]);
  });
  return image;
}

export function isClose(got: number | bigint, expected: number | bigint, { rtol, atol }: Tolerance): boolean {
  if (got === expected) return true;
  if (typeof got !== "number" || typeof expected !== "number") return false;
  if (Number.isNaN(expected)) return Number.isNaN(got);
  return Number.isFinite(expected) && Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
}

function compareInside(call: Check, name: string, out: Laid, got: (number | bigint)[], expected: HostArray): void {
  const tolerance = isFloat(out.dtype) ? call.tolerance : exact;
  const wrong = got.flatMap((value, i) => (isClose(value, expected[i], tolerance) ? [] : [i]));
  if (wrong.length === 0) return;
  const i = wrong[0];
  throw new Error(
    `${describeCall(call)}\n  element ${formatShape(indexOf(i, out.shape))} of ${name}: expected ${expected[i]}, got ${got[i]}` +
      ` (${wrong.length} of ${got.length} elements differ)`,
  );
}

/** All elements but those `inside` must be as they were. */
function compareOutside(
  call: Check,
  name: string,
  got: HostArray,
  before: HostArray,
  inside: ReadonlySet<number>,
): void {
  for (let i = 0; i < before.length; i++) {
    if (inside.has(i) || isClose(got[i], before[i], exact)) continue;
    throw new Error(
      `${describeCall(call)}\n  wrote to ${name}: element ${i} of the storage was ${before[i]}, is ${got[i]}`,
    );
  }
}

/** The index of the `i`-th element in row-major order. */
export function indexOf(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = i;
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(rest % shape[d]);
    rest = Math.floor(rest / shape[d]);
  }
  return index;
}

function describeCall(call: Check): string {
  const view = (laid: Laid): string =>
    `${laid.dtype} ${formatShape(laid.shape)}, strides ${formatShape(laid.strides)}, offset ${laid.offset}` +
    ` of a storage of ${laid.image.length}`;
  const lines = call.inputs.map((operand, i) => {
    const text = isView(operand) ? view(operand) : `the number ${operand}`;
    return `\n  input ${i}: ${text}`;
  });
  for (const out of call.outputs) {
    const source = call.inputs.findIndex((operand) => isView(operand) && operand.image === out.image);
    lines.push(`\n  output: ${view(out)}${source < 0 ? "" : `, in place of input ${source}`}`);
  }
  return `${call.title}${call.detail ? ` (${call.detail})` : ""}${lines.join("")}`;
}
