import { type DType, numelOf, type Shape } from "@kindling/storage";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.js";
import { each2, type Loop2 } from "./iterate.js";
import { memoryOf, type Numbers, type Strided, toBigInt } from "./memory.js";

/** From this many contiguous elements on, `TypedArray.set` beats a loop. */
const BLOCK = 48;

const moveRun = (out: Numbers, o: number, a: Numbers, i: number, n: number): void => {
  out.set(a.subarray(i, i + n), o);
};

// Moves between memories of one kind: a loop each for floats, integers, and whatever is moved as it is.

/** float32 and float64, from each to each. */
export const moveFloat: Loop2 = (out, o, so, a, i, sa, n) => {
  if (n >= BLOCK && so === 1 && sa === 1) moveRun(out, o, a, i, n);
  else for (; n > 0; n--, o += so, i += sa) out[o] = a[i];
};
/** int32, int16, int8, uint8, and from bool; a narrower output wraps around. */
export const moveInteger: Loop2 = (out, o, so, a, i, sa, n) => {
  if (n >= BLOCK && so === 1 && sa === 1) moveRun(out, o, a, i, n);
  else for (; n > 0; n--, o += so, i += sa) out[o] = a[i];
};
/** float16, bfloat16 and int64, each to itself. */
export const moveBits: Loop2 = (out, o, so, a, i, sa, n) => {
  if (n >= BLOCK && so === 1 && sa === 1) moveRun(out, o, a, i, n);
  else for (; n > 0; n--, o += so, i += sa) out[o] = a[i];
};

const floatFromInteger: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = a[i];
};
/** Towards zero, then modulo the width of the output; NaN and infinities give 0. That is what the store does. */
const integerFromFloat: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = a[i];
};
const boolFromInteger: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = a[i] === 0 ? 0 : 1;
};
const boolFromFloat: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = a[i] === 0 ? 0 : 1; // NaN is true
};

const float16ToFloat: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = fromFloat16(a[i]);
};
const bfloat16ToFloat: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = fromBfloat16(a[i]);
};
const floatToFloat16: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = toFloat16(a[i]);
};
const floatToBfloat16: Loop2 = (out, o, so, a, i, sa, n) => {
  for (; n > 0; n--, o += so, i += sa) out[o] = toBfloat16(a[i]);
};

// The rare pairs: an element is read as a number (or as it is), converted, and stored.

type Convert = (x: never) => number | bigint;

const converted = (...steps: Convert[]): Loop2 => {
  const [first, second] = steps as ((x: number | bigint) => number | bigint)[];
  const f = second ? (x: number | bigint) => second(first(x)) : first;
  return ((out: number[], o: number, so: number, a: number[], i: number, sa: number, n: number) => {
    for (; n > 0; n--, o += so, i += sa) out[o] = f(a[i]) as number;
  }) as unknown as Loop2;
};

const toNumber = (x: bigint): number => Number(x);
const low32 = (x: bigint): number => Number(BigInt.asIntN(32, x));
const toBool = (x: number): number => (x === 0 ? 0 : 1);

const forAll = <T>(names: readonly DType[], row: T): Partial<Record<DType, T>> =>
  Object.fromEntries(names.map((name) => [name, row]));

const floats: readonly DType[] = ["float32", "float64"];
const integers: readonly DType[] = ["int32", "int16", "int8", "uint8"];
const whole: readonly DType[] = [...integers, "bool"];

type Sources = Record<DType, Loop2>;

const toFloats = {
  ...forAll(floats, moveFloat),
  ...forAll(whole, floatFromInteger),
  float16: float16ToFloat,
  bfloat16: bfloat16ToFloat,
  int64: converted(toNumber),
} as Sources;

const toIntegers = {
  ...forAll(floats, integerFromFloat),
  ...forAll(whole, moveInteger),
  float16: converted(fromFloat16),
  bfloat16: converted(fromBfloat16),
  int64: converted(low32),
} as Sources;

const toBools = {
  ...forAll(floats, boolFromFloat),
  ...forAll(integers, boolFromInteger),
  bool: moveInteger,
  float16: converted(fromFloat16, toBool),
  bfloat16: converted(fromBfloat16, toBool),
  int64: converted(toNumber, toBool),
} as Sources;

const through = (to: (x: number) => number | bigint): Sources =>
  ({
    ...forAll([...floats, ...whole], converted(to)),
    float16: converted(fromFloat16, to),
    bfloat16: converted(fromBfloat16, to),
    int64: converted(toNumber, to),
  }) as Sources;

/** For each dtype of the output and each of the input, the loop that converts. */
export const copyRows: Readonly<Record<DType, Readonly<Sources>>> = {
  float32: toFloats,
  float64: toFloats,
  float16: { ...through(toFloat16), ...forAll(floats, floatToFloat16), float16: moveBits },
  bfloat16: { ...through(toBfloat16), ...forAll(floats, floatToBfloat16), bfloat16: moveBits },
  int64: { ...through(toBigInt), int64: moveBits },
  int32: toIntegers,
  int16: toIntegers,
  int8: toIntegers,
  uint8: toIntegers,
  bool: toBools,
};

/** The loop that moves elements of `dtype` as they are. */
export const moveRow = (dtype: DType): Loop2 => copyRows[dtype][dtype];

/** Columns that a transposed copy takes at a time, so that the cache lines it reads are used up before they leave. */
const COLUMNS = 16;

/** The part of `view` of the given shape that starts at element `from` of the last dimension. */
const columns = ({ storage, strides, offset }: Strided, shape: Shape, from: number): Strided => ({
  storage,
  shape,
  strides,
  offset: offset + from * strides[strides.length - 1],
});

/** How many elements of `a` lie in a row where contiguous `out` is that row again and again, as a bias for all samples; else 0. */
function repeated({ shape, strides }: Strided, a: Strided): number {
  let all = 1;
  let run = 1;
  let again = false;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d];
    if (size === 1) continue;
    if (size === 0 || strides[d] !== all) return 0;
    if (a.strides[d] === 0) again = true;
    else if (!again && a.strides[d] === all) run *= size;
    else return 0;
    all *= size;
  }
  return again ? run : 0;
}

/** `out[i] = dtype(a[i])`; an infinity or NaN becomes 0 in an integer. */
export function copy(out: Strided, a: Strided): void {
  const row = copyRows[out.storage.dtype][a.storage.dtype];
  const { shape, strides } = out;
  const run = out.storage.dtype === a.storage.dtype ? repeated(out, a) : 0;
  if (run > 0) {
    const [memory, start, all] = [memoryOf(out), out.offset, numelOf(shape)];
    moveRun(memory, start, memoryOf(a), a.offset, run);
    for (let done = run; done < all; done *= 2) {
      memory.copyWithin(start + done, start, start + Math.min(done, all - done));
    }
    return;
  }
  const q = shape.length - 1;
  const p = q - 1;
  const crosses = q > 0 && a.strides[p] < a.strides[q] && strides[p] > strides[q];
  if (!crosses || shape[q] <= 2 * COLUMNS || shape[p] <= 2 * COLUMNS) {
    each2(row, out, a);
    return;
  }
  for (let from = 0; from < shape[q]; from += COLUMNS) {
    const sizes = [...shape];
    sizes[q] = Math.min(COLUMNS, shape[q] - from);
    each2(row, columns(out, sizes, from), columns(a, sizes, from));
  }
}
