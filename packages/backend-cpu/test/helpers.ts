import { type Device, type DType, getDevice, type HostArray, type Shape, Storage, type View } from "@kindling/storage";
import fc from "fast-check";
import { expect } from "vitest";
import "../src/index.js";

export const cpu: Device = getDevice("cpu");
export const backend = cpu.backend;

export type Element = number | bigint;

export const floats = ["float32", "float64", "float16", "bfloat16"] as const;
export const integers = ["int32", "int16", "int8", "uint8", "int64"] as const;
export const numeric: readonly DType[] = [...floats, ...integers];
export const all: readonly DType[] = [...numeric, "bool"];

const width: Partial<Record<DType, number>> = { int32: 32, int16: 16, int8: 8, int64: 64 };

/** Rounds to a binary float of `bits` significant bits and unit 2^`least` below the normal range, halves to even. */
function roundBinary(x: number, bits: number, least: number, largest: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - bits + 1, least);
  const scaled = Math.abs(x) / unit;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const whole = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  const result = whole * unit;
  return Math.sign(x) * (result > largest ? Infinity : result);
}

/** What a memory of `dtype` holds after `x` was stored, written without the tricks of the kernels. */
export function stored(dtype: DType, x: Element): Element {
  if (dtype === "int64") {
    return BigInt.asIntN(64, typeof x === "bigint" ? x : Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n);
  }
  if (dtype === "bool") return Number(x) === 0 ? 0 : 1;
  if (dtype === "float64") return Number(x);
  if (dtype === "float32") return Math.fround(Number(x));
  if (dtype === "float16") return roundBinary(Math.fround(Number(x)), 11, -24, 65504);
  if (dtype === "bfloat16") return roundBinary(Math.fround(Number(x)), 8, -133, (2 - 2 ** -7) * 2 ** 127);
  const whole = typeof x === "bigint" ? x : Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n;
  return Number(dtype === "uint8" ? BigInt.asUintN(8, whole) : BigInt.asIntN(width[dtype] as number, whole));
}

export const numel = (shape: Shape): number => shape.reduce((n, s) => n * s, 1);

/** Every multi-index of a shape in row-major order. */
export function positions(shape: Shape): number[][] {
  return Array.from({ length: numel(shape) }, (_, flat) => {
    const at: number[] = [];
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = flat % shape[d];
      flat = Math.floor(flat / shape[d]);
    }
    return at;
  });
}

export const addressOf = (view: View, at: readonly number[]): number =>
  at.reduce((sum, p, d) => sum + p * view.strides[d], view.offset);

/** The elements of a view in row-major order. */
export function elements(view: View): Element[] {
  const { storage } = view;
  const host = backend.readSync?.(storage, 0, storage.length) as HostArray;
  return positions(view.shape).map((at) => host[addressOf(view, at)] as Element);
}

/** A view's elements as a function of the multi-index. */
export function lookup(view: View): (at: readonly number[]) => Element {
  const host = backend.readSync?.(view.storage, 0, view.storage.length) as HostArray;
  return (at) => host[addressOf(view, at)] as Element;
}

/** How the elements of a view lie in memory. */
export interface Layout {
  /** Order in which dimensions are nested, as keys to sort by. */
  readonly order: readonly number[];
  /** Elements between neighbours of the innermost dimension, and between rows beyond what is needed. */
  readonly gap: number;
  readonly offset: number;
  /** Dimensions that repeat one element (never for outputs). */
  readonly expanded: readonly boolean[];
}

export const rowMajor: Layout = { order: [0, 1, 2, 3, 4, 5], gap: 1, offset: 0, expanded: [] };

export const anyLayout: fc.Arbitrary<Layout> = fc.oneof(
  fc.constant(rowMajor),
  fc.record({
    order: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
    gap: fc.integer({ min: 1, max: 3 }),
    offset: fc.nat(5),
    expanded: fc.array(fc.boolean(), { maxLength: 4 }),
  }),
);

/** A fresh view; all of its storage is filled with `poison` first, which no kernel may leave inside the view. */
export function emptyView(dtype: DType, shape: Shape, layout: Layout = rowMajor, poison: Element = 77): View {
  const dims = shape.map((_, d) => d).sort((p, q) => layout.order[q] - layout.order[p] || q - p);
  const strides = shape.map(() => 0);
  let step = layout.gap;
  for (const d of dims) {
    if (layout.expanded[d]) continue;
    strides[d] = step;
    step *= Math.max(shape[d], 1) + (layout.gap > 1 ? 1 : 0);
  }
  const length = layout.offset + step + 3;
  const storage = new Storage(cpu, dtype, length, backend.allocate(dtype, length));
  writeAll(storage, new Array<Element>(length).fill(poison));
  return { storage, shape, strides, offset: layout.offset };
}

function writeAll(storage: Storage, values: readonly Element[]): void {
  const Host = backend.readSync?.(storage, 0, 0).constructor as new (values: Element[]) => HostArray;
  backend.write(storage, 0, new Host(values.map((x) => stored(storage.dtype, x))));
}

/** A view with the given elements, in row-major order; an expanded dimension keeps the last. */
export function viewOf(dtype: DType, shape: Shape, values: readonly Element[], layout: Layout = rowMajor): View {
  const view = emptyView(dtype, shape, layout);
  const memory = elements({ ...view, shape: [view.storage.length], strides: [1], offset: 0 });
  positions(shape).forEach((at, p) => {
    memory[addressOf(view, at)] = values[p];
  });
  writeAll(view.storage, memory);
  return view;
}

export const outputLayout = (layout: Layout): Layout => (layout === rowMajor ? layout : { ...layout, expanded: [] });

export const anyShape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
export const anyFullShape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

const special = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, NaN, Infinity, -Infinity];

/** Elements of a dtype: small ones, extremes, and for floats NaN, infinities and halves. */
export function anyElement(dtype: DType): fc.Arbitrary<Element> {
  if (dtype === "bool") return fc.integer({ min: 0, max: 1 });
  if (dtype === "int64") {
    return fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  }
  if ((integers as readonly DType[]).includes(dtype)) {
    return fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer()).map((x) => stored(dtype, x));
  }
  return fc
    .oneof(fc.constantFrom(...special), fc.float({ min: -100, max: 100, noNaN: true }), fc.double())
    .map((x) => stored(dtype, x));
}

/** Values of small magnitude, which sums and products keep exact enough to compare. */
export const smallElement = (dtype: DType): fc.Arbitrary<Element> =>
  dtype === "int64" ? fc.bigInt({ min: -9n, max: 9n }) : fc.integer({ min: -9, max: 9 }).map((x) => stored(dtype, x));

/** A view of a dtype and shape with random elements and layout. */
export const anyView = (dtype: DType, shape: Shape, element = anyElement(dtype)): fc.Arbitrary<View> => {
  const n = numel(shape);
  return fc.tuple(fc.array(element, { minLength: n, maxLength: n }), anyLayout).map(([values, layout]) => {
    const view = viewOf(dtype, shape, values, layout);
    return Object.assign(view, { [fc.toStringMethod]: () => describeView(view) }); // for fast-check's reports
  });
};

const describeView = (view: View): string =>
  `${view.storage.dtype} of shape [${view.shape}], strides [${view.strides}], offset ${view.offset}: ${elements(view).join(", ")}`;

const same = (x: Element, y: Element): boolean => x === y || (x !== x && y !== y);

/** Fails where the elements differ, naming the first place; NaN equals NaN and -0 equals 0. */
export function expectElements(view: View, expected: readonly Element[], tolerance = 0): void {
  const found = elements(view);
  expect(found.length).toBe(expected.length);
  const wrong = found.findIndex((x, p) => {
    const y = expected[p];
    if (same(x, y)) return false;
    return !(tolerance > 0 && Math.abs(Number(x) - Number(y)) <= tolerance * Math.max(1, Math.abs(Number(y))));
  });
  if (wrong >= 0) {
    expect.fail(`element ${wrong} is ${found[wrong]}, expected ${expected[wrong]}, in ${describeView(view)}`);
  }
}

/** Fails where a kernel wrote outside its output. */
export function expectUntouched(view: View, poison: Element = 77): void {
  const inside = new Set(positions(view.shape).map((at) => addressOf(view, at)));
  const host = backend.readSync?.(view.storage, 0, view.storage.length) as HostArray;
  const value = stored(view.storage.dtype, poison);
  host.forEach((x: Element, p: number) => {
    if (!inside.has(p) && x !== value) expect.fail(`element ${p} outside the output was overwritten with ${x}`);
  });
}
