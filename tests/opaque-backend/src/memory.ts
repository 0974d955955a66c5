import {
  type DType,
  extentOf,
  type Operand,
  overlapsItself,
  type Shape,
  type Storage,
  type Strides,
  type View,
} from "@kindling/storage";

/** The code above the contract broke it. */
export class ContractError extends Error {
  override name = "ContractError";
}

export function expect(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new ContractError(message());
}

/** One word an element, whatever its dtype: float32 in floats; int32, uint8 and bool in integers. */
export type Words = Float32Array | Int32Array;

/** What a command keeps of a view: the words it reaches and its own copy of the layout. */
export interface Bound {
  readonly words: Words;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: Strides;
  readonly offset: number;
}

interface Allocation {
  readonly dtype: DType;
  readonly words: Words;
}

export const supported: readonly DType[] = ["float32", "int32", "uint8", "bool"];

const allocations = new WeakMap<object, Allocation>();
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

export const makeWords = (dtype: DType, length: number): Words =>
  dtype === "float32" ? new Float32Array(length) : new Int32Array(length);

/** Poisoned memory behind a handle that shows nothing; the handle alone keeps it alive. */
export function allocate(dtype: DType, length: number): object {
  expect(supported.includes(dtype), () => `allocate: this device has no ${dtype}`);
  expect(isSize(length), () => `allocate: ${length} is not a length`);
  const words = makeWords(dtype, length).fill(dtype === "float32" ? Number.NaN : 0x7fffffff);
  const handle = Object.freeze({});
  allocations.set(handle, { dtype, words });
  return handle;
}

/** The words of elements `offset` to `offset + length` of a storage of this device. */
export function wordsOf(member: string, storage: Storage, offset: number, length: number): Words {
  const allocation = allocations.get(storage.handle as object);
  expect(
    allocation !== undefined,
    () => `${member}: a storage of device '${storage.device.name}' is none of this device's`,
  );
  const { dtype, words } = allocation;
  expect(
    dtype === storage.dtype && words.length === storage.length,
    () => `${member}: the storage says ${storage.length} ${storage.dtype}, allocated were ${words.length} ${dtype}`,
  );
  expect(
    isSize(offset) && isSize(length) && offset + length <= words.length,
    () => `${member}: elements ${offset} to ${offset + length} of a storage of ${words.length}`,
  );
  return words;
}

export function bind(member: string, view: View): Bound {
  const { storage, offset } = view;
  const shape = [...view.shape];
  const strides = [...view.strides];
  const text = (): string => `a view of shape [${shape}], strides [${strides}], offset ${offset}`;
  expect(shape.length === strides.length, () => `${member}: ${text()} has two ranks`);
  expect(shape.every(isSize), () => `${member}: ${text()} has an impossible size`);
  expect(strides.every(isSize), () => `${member}: ${text()} has a negative or broken stride`);
  return {
    words: wordsOf(`${member}: ${text()}`, storage, offset, extentOf(shape, strides)),
    dtype: storage.dtype,
    shape,
    strides,
    offset,
  };
}

/** An output: no two of its indices may name one element. */
export function bindOutput(member: string, view: View): Bound {
  const out = bind(member, view);
  expect(
    !overlapsItself(out.shape, out.strides),
    () => `${member}: the output overlaps itself (strides [${out.strides}])`,
  );
  return out;
}

/** A number stands for a view that is filled with it. */
export function bindOperand(member: string, operand: Operand, dtype: DType, shape: Shape): Bound {
  if (typeof operand === "object") return bind(member, operand);
  const words = makeWords(dtype, 1);
  words[0] = number(member, operand, dtype);
  return { words, dtype, shape, strides: shape.map(() => 0), offset: 0 };
}

/** A number argument, as a value of `dtype`. */
export function number(member: string, value: number | bigint, dtype: DType): number {
  const x = Number(value);
  expect(typeof value === "number" || dtype !== "float32", () => `${member}: a bigint beside float32`);
  expect(dtype === "float32" || Number.isSafeInteger(x), () => `${member}: ${value} is no value of ${dtype}`);
  expect(dtype !== "bool" || x === 0 || x === 1, () => `${member}: ${value} is neither 0 nor 1`);
  return dtype === "uint8" ? x & 255 : x;
}

const sameLayout = (a: Bound, b: Bound): boolean =>
  a.offset === b.offset &&
  a.shape.length === b.shape.length &&
  a.shape.every((size, i) => size === b.shape[i] && (size === 1 || a.strides[i] === b.strides[i]));

const isEmpty = (view: Bound): boolean => view.shape.includes(0);

/** An output is a storage of its own, or (pointwise members) exactly what one of the inputs is. */
export function expectApart(member: string, out: Bound, others: readonly Bound[], pointwise: boolean): void {
  if (isEmpty(out)) return;
  for (const other of others) {
    if (other.words !== out.words || isEmpty(other)) continue;
    expect(pointwise, () => `${member}: the output lies in the storage of an input`);
    expect(sameLayout(out, other), () => `${member}: the output lies in an input's storage with another layout`);
  }
}

export function expectShapes(member: string, shape: Shape, others: readonly Bound[]): void {
  for (const other of others) {
    expect(
      other.shape.length === shape.length && other.shape.every((size, i) => size === shape[i]),
      () => `${member}: shape [${other.shape}] where [${shape}] is due`,
    );
  }
}

export function expectDType(member: string, dtype: DType, others: readonly Bound[]): void {
  for (const other of others) expect(other.dtype === dtype, () => `${member}: ${other.dtype} where ${dtype} is due`);
}

/** A dimension of `shape`; that of a scalar is 0. */
export function expectDim(member: string, shape: Shape, dim: number): void {
  expect(isSize(dim) && dim < Math.max(shape.length, 1), () => `${member}: no dimension ${dim} in shape [${shape}]`);
}
