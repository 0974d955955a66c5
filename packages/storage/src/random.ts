import { type DType, dtypeOf, type HostArray } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import type { Generator } from "./generator.js";
import { fusedMultiplyAdd, type NarrowBits, roundNarrow, roundToBfloat16, roundToFloat16 } from "./rounding.js";

// PyTorch's CPU distributions over mt19937, as its build without MKL computes them: same draws, same order. Results are
// exact except where log, tan or exp of the JavaScript engine differs from the C library's in the last bit of float64.

/** A floating dtype: integers up to 2^significand are exact in it; its largest number; rounding to it. */
interface FloatKind {
  readonly name: DType;
  readonly exact: number;
  readonly largest: number;
  readonly round: (value: number) => number;
}

const FLOAT64: FloatKind = { name: "float64", exact: 2 ** 53, largest: Number.MAX_VALUE, round: (value) => value };
const FLOAT32: FloatKind = { name: "float32", exact: 2 ** 24, largest: (2 - 2 ** -23) * 2 ** 127, round: Math.fround };
const FLOAT16: FloatKind = { name: "float16", exact: 2 ** 11, largest: 65504, round: roundToFloat16 };
const BFLOAT16: FloatKind = {
  name: "bfloat16",
  exact: 2 ** 8,
  largest: (2 - 2 ** -7) * 2 ** 127,
  round: roundToBfloat16,
};

function kindOf(out: Float32Array | Float64Array, bits: NarrowBits | undefined): FloatKind {
  if (out instanceof Float64Array) return FLOAT64;
  return bits === undefined ? FLOAT32 : bits === 11 ? FLOAT16 : BFLOAT16;
}

/**
 * Fills `out` with uniform numbers in [from, to) (`uniform_`): float64 takes 53 bits of 64, float32 24 bits of 32.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when the bounds are no interval of the dtype
 */
export function uniform(gen: Generator, out: Float32Array | Float64Array, from = 0, to = 1, bits?: NarrowBits): void {
  const { name, exact, largest, round } = kindOf(out, bits);
  if (!(Math.abs(from) <= largest)) throw new ArgumentError(`from is out of bounds for ${name}`, { from });
  if (!(Math.abs(to) <= largest)) throw new ArgumentError(`to is out of bounds for ${name}`, { to });
  if (from > to) {
    const text = `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`;
    throw new ArgumentError(text, { from, to });
  }
  if (to - from > largest) {
    const text = `uniform_ expects to - from <= ${largest}, but found to=${to} and from=${from}`;
    throw new ArgumentError(text, { from, to });
  }
  const base = round(from);
  const range = round(round(to) - base);
  if (out instanceof Float64Array) {
    for (let i = 0; i < out.length; i++) {
      const x = gen.random53() * 2 ** -53;
      out[i] = base === 0 ? x * range : fusedMultiplyAdd(x, range, base);
    }
    return;
  }
  const mask = exact - 1;
  const unit = 1 / exact;
  // The product is exact in float64, so that storing rounds once, like a fused multiply-add.
  for (let i = 0; i < out.length; i++) out[i] = (gen.random32() & mask) * unit * range + base;
  if (bits) roundNarrow(out, bits);
}

/**
 * Fills `out` with integers in [low, high) (`random_(low, high)`): 32 bits modulo the range, or 64 bits where the range is
 * 2^32 or more. `random_()` without bounds is `high` = the largest value + 1 of an integer dtype (bool: 2), and
 * 2^significand + 1 of a floating one.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when the bounds are no integers, are empty, or leave the dtype
 */
export function randint(
  gen: Generator,
  out: HostArray,
  low: number | bigint,
  high: number | bigint,
  bits?: NarrowBits,
): void {
  checkBounds(out, low, high, bits);
  let from = low;
  let to = high;
  if (out instanceof Float32Array || out instanceof Float64Array) {
    const kind = kindOf(out, bits);
    if (low < -kind.exact || high > kind.exact) [from, to] = representable(BigInt(low), BigInt(high), kind);
  }
  const range =
    Number.isSafeInteger(from) && Number.isSafeInteger(to) ? Number(to) - Number(from) : BigInt(to) - BigInt(from);

  if (range >= 2 ** 32) {
    const count = BigInt(to) - BigInt(from);
    const base = BigInt(from);
    for (let i = 0; i < out.length; i++) {
      const value = (gen.random64() % count) + base;
      if (out instanceof BigInt64Array) out[i] = value;
      else out[i] = Number(value);
    }
  } else if (out instanceof BigInt64Array) {
    fillInt64(gen, out, Number(range), BigInt(from));
  } else {
    const count = Number(range) >>> 0;
    const base = Number(from);
    for (let i = 0; i < out.length; i++) out[i] = ((gen.random32() % count) >>> 0) + base;
  }
  if (bits) roundNarrow(out as Float32Array, bits);
}

function checkBounds(out: HostArray, low: number | bigint, high: number | bigint, bits?: NarrowBits): void {
  for (const bound of [low, high]) {
    if (typeof bound === "number" && !Number.isInteger(bound)) {
      throw new ArgumentError(`random_ expects integer bounds, but got ${bound}`, { low, high });
    }
  }
  if (low >= high) {
    const text = `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`;
    throw new ArgumentError(text, { low, high });
  }
  // Bounds are int64 in PyTorch, whatever the dtype.
  let name: DType = "int64";
  let lowest = -(2 ** 63);
  let beyond = 2 ** 63;
  if (bits === 11) {
    name = "float16";
    lowest = -65504;
    beyond = 65505;
  } else if (!(out instanceof Float32Array || out instanceof Float64Array)) {
    name = dtypeOf(out);
    if (name !== "int64")
      beyond = name === "int32" ? 2 ** 31 : name === "int16" ? 2 ** 15 : name === "int8" ? 2 ** 7 : 2 ** 8;
    lowest = name === "uint8" ? 0 : -beyond;
  }
  if (low < lowest || low >= beyond) throw new ArgumentError(`from is out of bounds for ${name}`, { low });
  if (high > beyond) throw new ArgumentError(`to - 1 is out of bounds for ${name}`, { high });
}

/** Bounds that stay bounds when the integers between them round to a floating dtype. */
function representable(from: bigint, to: bigint, { exact, round }: FloatKind): [bigint, bigint] {
  const cast = (value: bigint) => BigInt(round(Number(value)));
  // The distance between neighbours at `value`.
  const step = (value: bigint) => {
    const length = (value < 0n ? -value : value).toString(2).length;
    return 2n ** BigInt(Math.max(length - Math.log2(exact), 0));
  };
  const afterFrom = cast(from + 1n);
  const beforeTo = cast(to - 1n);
  const low = afterFrom < from ? afterFrom + step(from + 1n) : from;
  const high = beforeTo >= to ? beforeTo - step(to - 1n) : to;
  if (low < high) return [low, high];
  throw new ArgumentError(
    `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${low} >= to=${high}`,
    { low, high },
  );
}

/** The int64 case of a range below 2^32, through the two halves of each element: a bigint per element would be slow. */
function fillInt64(gen: Generator, out: BigInt64Array, range: number, from: bigint): void {
  const halves = new Int32Array(out.buffer, out.byteOffset, 2 * out.length);
  const count = range >>> 0;
  const baseLow = Number(BigInt.asUintN(32, from));
  const baseHigh = Number(BigInt.asIntN(32, from >> 32n));
  for (let i = 0; i < out.length; i++) {
    const low = ((gen.random32() % count) >>> 0) + baseLow;
    halves[2 * i] = low;
    halves[2 * i + 1] = low >= 2 ** 32 ? baseHigh + 1 : baseHigh;
  }
}

/** A random permutation of 0 … n-1 (`randperm`): Fisher–Yates from the front. Throws ArgumentError for a bad `n`. */
export function randperm(gen: Generator, n: number): Int32Array {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new ArgumentError(`randperm expects an integer n in [0, 2^31), but got ${n}`, { n });
  }
  const out = new Int32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const other = i + ((gen.random32() % ((n - i) >>> 0)) >>> 0);
    const value = out[i];
    out[i] = out[other];
    out[other] = value;
  }
  return out;
}

/**
 * Fills `out` with ones and zeros (`bernoulli_`): one with probability `p`, or with its own probability per element.
 * One number and a Float64Array compare with a float64 uniform, a Float32Array with a float32 one: two streams.
 * @throws ArgumentError when a probability is outside [0, 1] or there are not as many as elements
 */
export function bernoulli(gen: Generator, out: HostArray, p: number | Float32Array | Float64Array): void {
  if (typeof p === "number") {
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`, { p });
  } else {
    if (p.length !== out.length) {
      throw new ArgumentError(`bernoulli_ expects ${out.length} probabilities, but got ${p.length}`, { p: p.length });
    }
    for (const value of p) {
      if (!(value >= 0 && value <= 1)) {
        throw new ArgumentError(`bernoulli_ expects p to be in [0, 1], but got p=${value}`, { p: value });
      }
    }
  }
  if (out instanceof BigInt64Array) {
    const ones = new Int32Array(out.length);
    bernoulli(gen, ones, p);
    for (let i = 0; i < out.length; i++) out[i] = ones[i] ? 1n : 0n;
  } else if (typeof p === "number") {
    // Whole multiples of 2^-53 are compared: the same as uniform < p, without a product.
    gen.fillBelow(out, p * 2 ** 53);
  } else if (p instanceof Float64Array) {
    for (let i = 0; i < out.length; i++) out[i] = gen.random53() < p[i] * 2 ** 53 ? 1 : 0;
  } else {
    for (let i = 0; i < out.length; i++) out[i] = (gen.random32() & 0xffffff) < p[i] * 2 ** 24 ? 1 : 0;
  }
}

/** Fills `out` with exponential numbers of rate `lambda` (`exponential_`). Throws ArgumentError for a negative rate. */
export function exponential(gen: Generator, out: Float32Array | Float64Array, lambda = 1): void {
  if (!(lambda >= 0)) {
    throw new ArgumentError(`exponential_ expects lambda >= 0.0, but found lambda=${lambda}`, { lambda });
  }
  const scale = -1 / lambda;
  for (let i = 0; i < out.length; i++) out[i] = scale * Math.log(1 - gen.random53() * 2 ** -53);
}

/** Fills `out` with the number of trials up to the first success (`geometric_`). Throws ArgumentError unless 0 < p < 1. */
export function geometric(gen: Generator, out: HostArray, p: number): void {
  if (!(p > 0 && p < 1)) throw new ArgumentError(`geometric_ expects p to be in (0, 1), but got p=${p}`, { p });
  const logFailure = Math.log(1 - p);
  for (let i = 0; i < out.length; i++) {
    const trials = Math.ceil(Math.log(gen.random53() * 2 ** -53) / logFailure);
    if (out instanceof BigInt64Array) out[i] = BigInt(trials);
    else out[i] = trials;
  }
}

/** Fills `out` with Cauchy numbers (`cauchy_`). */
export function cauchy(gen: Generator, out: Float32Array | Float64Array, median = 0, sigma = 1): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = fusedMultiplyAdd(sigma, Math.tan(Math.PI * (gen.random53() * 2 ** -53 - 0.5)), median);
  }
}
