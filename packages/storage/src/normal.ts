import { ArgumentError } from "./errors.js";
import type { Generator } from "./generator.js";
import { uniform } from "./random.js";
import { fusedMultiplyAdd, type NarrowBits, roundNarrow, roundToBfloat16, roundToFloat16 } from "./rounding.js";

const { fround } = Math;

/**
 * Fills `out` with normal numbers (PyTorch's `normal_` on a contiguous tensor). From 16 elements up the Box-Muller
 * transform turns blocks of 16 uniforms into 16 normals, and a last incomplete block is drawn anew as the last 16
 * elements; fewer elements are drawn one by one (`normalSerial`), so that the streams of the two differ.
 *
 * float32 equals PyTorch's AVX2 kernel bit for bit; float64 does up to the last bit of the engine's log, sin and cos.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when `std` is negative
 */
export function normal(gen: Generator, out: Float32Array | Float64Array, mean = 0, std = 1, bits?: NarrowBits): void {
  if (out.length < 16) {
    normalSerial(gen, out, mean, std, bits);
    return;
  }
  checkStd(std);
  uniform(gen, out, 0, 1, bits);
  const tail = out.length % 16;
  normalBlocks(out.subarray(0, out.length - tail), mean, std, bits);
  if (tail !== 0) {
    const last = out.subarray(out.length - 16);
    uniform(gen, last, 0, 1, bits);
    normalBlocks(last, mean, std, bits);
  }
}

/**
 * Fills `out` with normal numbers one at a time, whatever its size: PyTorch's `normal_` on a tensor that is not contiguous.
 * They come in float64 pairs, of which the second waits in the generator for the next such draw.
 * @param bits 11 or 8 for values of float16 or bfloat16 in a Float32Array
 * @throws ArgumentError when `std` is negative
 */
export function normalSerial(
  gen: Generator,
  out: Float32Array | Float64Array,
  mean = 0,
  std = 1,
  bits?: NarrowBits,
): void {
  checkStd(std);
  for (let i = 0; i < out.length; i++) out[i] = fusedMultiplyAdd(standardNormal(gen), std, mean);
  if (bits) roundNarrow(out, bits);
}

/** Fills `out` with exp of normal numbers (PyTorch's `log_normal_`). Throws ArgumentError unless `std` > 0. */
export function logNormal(gen: Generator, out: Float32Array | Float64Array, mean = 1, std = 2): void {
  if (!(std > 0)) throw new ArgumentError(`logNormal_ expects std > 0.0, but found std=${std}`, { std });
  for (let i = 0; i < out.length; i++) out[i] = Math.exp(fusedMultiplyAdd(standardNormal(gen), std, mean));
}

function checkStd(std: number): void {
  if (!(std >= 0)) throw new ArgumentError(`normal expects std >= 0.0, but found std ${std}`, { std });
}

function standardNormal(gen: Generator): number {
  const held = gen.nextDoubleNormal;
  if (!Number.isNaN(held)) {
    gen.nextDoubleNormal = Number.NaN;
    return held;
  }
  const angle = 2 * Math.PI * (gen.random53() * 2 ** -53);
  const radius = Math.sqrt(-2 * Math.log(1 - gen.random53() * 2 ** -53));
  gen.nextDoubleNormal = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}

/** Box-Muller in place: in each block of 16 uniforms the first 8 give radii, the last 8 angles. */
function normalBlocks(data: Float32Array | Float64Array, mean: number, std: number, bits?: NarrowBits): void {
  if (data instanceof Float64Array) normalBlocks64(data, mean, std);
  else if (bits) normalBlocksNarrow(data, mean, std, bits);
  else normalBlocks32(data, fround(mean), fround(std));
}

function normalBlocks64(data: Float64Array, mean: number, std: number): void {
  for (let block = 0; block < data.length; block += 16) {
    for (let i = block; i < block + 8; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - data[i]));
      const angle = 2 * Math.PI * data[i + 8];
      data[i] = fusedMultiplyAdd(radius * Math.cos(angle), std, mean);
      data[i + 8] = fusedMultiplyAdd(radius * Math.sin(angle), std, mean);
    }
  }
}

/** PyTorch's arithmetic of narrow floats: in bfloat16 every step rounds, in float16 only what is stored. */
function normalBlocksNarrow(data: Float32Array, mean: number, std: number, bits: NarrowBits): void {
  const round = bits === 11 ? roundToFloat16 : roundToBfloat16;
  const step = bits === 11 ? fround : roundToBfloat16;
  const roundedMean = round(mean);
  const roundedStd = round(std);
  const scale = (value: number) => {
    const scaled = value * roundedStd;
    return round((bits === 11 ? scaled : round(scaled)) + roundedMean);
  };
  for (let block = 0; block < data.length; block += 16) {
    for (let i = block; i < block + 8; i++) {
      const radius = round(Math.sqrt(step(-2 * step(Math.log(1 - data[i])))));
      const angle = round(2 * Math.PI * data[i + 8]);
      data[i] = scale(step(radius * step(Math.cos(angle))));
      data[i + 8] = scale(step(radius * step(Math.sin(angle))));
    }
  }
}

// The float32 kernel: each `fround` is one rounding of the vector unit, a product inside a sum is a fused
// multiply-add (a product of two float32 is exact in float64). Constants and polynomials are those of Cephes' logf,
// sinf and cosf (Moshier), rounded to float32.

const TWO_PI = fround(2 * Math.PI);
const FOUR_OVER_PI = fround(4 / Math.PI);
const SQRT_HALF = fround(Math.SQRT1_2);
const LOG_P0 = fround(7.0376836292e-2);
const LOG_P1 = fround(-1.151461031e-1);
const LOG_P2 = fround(1.167699874e-1);
const LOG_P3 = fround(-1.2420140846e-1);
const LOG_P4 = fround(1.4249322787e-1);
const LOG_P5 = fround(-1.6668057665e-1);
const LOG_P6 = fround(2.0000714765e-1);
const LOG_P7 = fround(-2.4999993993e-1);
const LOG_P8 = fround(3.3333331174e-1);
/** log 2 in two parts, the first exact in few bits. */
const LOG2_HIGH = fround(0.693359375);
const LOG2_LOW = fround(-2.1219444e-4);
/** π/4 in three parts. */
const QUARTER_PI_1 = fround(0.78515625);
const QUARTER_PI_2 = fround(2.4187564849853516e-4);
const QUARTER_PI_3 = fround(3.774894977445941e-8);
const COS_P0 = fround(2.443315711809948e-5);
const COS_P1 = fround(-1.388731625493765e-3);
const COS_P2 = fround(4.166664568298827e-2);
const SIN_P0 = fround(-1.9515295891e-4);
const SIN_P1 = fround(8.3321608736e-3);
const SIN_P2 = fround(-1.6666654611e-1);

function normalBlocks32(data: Float32Array, mean: number, std: number): void {
  for (let block = 0; block < data.length; block += 16) {
    for (let i = block; i < block + 8; i++) {
      const radius = fround(Math.sqrt(fround(-2 * log32(fround(1 - data[i])))));
      const angle = fround(TWO_PI * data[i + 8]);

      // The octant of the angle, made even, and the rest of the angle in [-π/4, π/4].
      const octant = (Math.trunc(fround(angle * FOUR_OVER_PI)) + 1) & ~1;
      let x = fround(angle - octant * QUARTER_PI_1);
      x = fround(x - octant * QUARTER_PI_2);
      x = fround(x - octant * QUARTER_PI_3);
      const z = fround(x * x);
      const c2 = fround(fround(fround(COS_P0 * z + COS_P1) * z + COS_P2) * z);
      const c = fround(fround(c2 * z - 0.5 * z) + 1);
      const s2 = fround(fround(fround(SIN_P0 * z + SIN_P1) * z + SIN_P2) * z);
      const s = fround(s2 * x + x);

      const swap = (octant & 2) !== 0;
      const cos = (octant + 2) & 4 ? -(swap ? s : c) : swap ? s : c;
      const sin = octant & 4 ? -(swap ? c : s) : swap ? c : s;
      data[i] = fround(radius * cos) * std + mean;
      data[i + 8] = fround(radius * sin) * std + mean;
    }
  }
}

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** The natural logarithm of a float32 in (0, 1], at least 2^-24. */
function log32(value: number): number {
  // value = m·2^e with m in [sqrt(1/2), sqrt(2)).
  float[0] = value;
  let e = (word[0] >>> 23) - 126;
  word[0] = (word[0] & 0x007fffff) | 0x3f000000;
  let x = float[0];
  if (x < SQRT_HALF) {
    e -= 1;
    x = fround(fround(x - 1) + x);
  } else {
    x = fround(x - 1);
  }
  const z = fround(x * x);
  let y = LOG_P0;
  y = fround(y * x + LOG_P1);
  y = fround(y * x + LOG_P2);
  y = fround(y * x + LOG_P3);
  y = fround(y * x + LOG_P4);
  y = fround(y * x + LOG_P5);
  y = fround(y * x + LOG_P6);
  y = fround(y * x + LOG_P7);
  y = fround(y * x + LOG_P8);
  y = fround(y * x);
  y = fround(y * z + fround(e * LOG2_LOW));
  y = fround(y - 0.5 * z);
  return fround(fround(x + y) + e * LOG2_HIGH);
}
