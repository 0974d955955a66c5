/** Bits of the significand of a float16 (11) or bfloat16 (8) whose values a Float32Array holds. */
export type NarrowBits = 8 | 11;

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** The float32 nearest to `value`, rounded on to the nearest float16 (ties to even). */
export function roundToFloat16(value: number): number {
  const x = Math.fround(value);
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size >= 65520) return x > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (size < 2 ** -14) {
    // Below the normal numbers float16 is a grid of 2^-24, and so is float32 in [0.5, 1).
    const rounded = Math.fround(size + 0.5) - 0.5;
    return x < 0 || Object.is(x, -0) ? -rounded : rounded;
  }
  float[0] = x;
  word[0] = (word[0] + 0xfff + ((word[0] >>> 13) & 1)) & ~0x1fff;
  return float[0];
}

/** The float32 nearest to `value`, rounded on to the nearest bfloat16 (ties to even). */
export function roundToBfloat16(value: number): number {
  if (Number.isNaN(value)) return value;
  float[0] = value;
  word[0] = (word[0] + 0x7fff + ((word[0] >>> 16) & 1)) & ~0xffff;
  return float[0];
}

/** Rounds every element to float16 (11) or bfloat16 (8). */
export function roundNarrow(values: Float32Array | Float64Array, bits: NarrowBits): void {
  const round = bits === 11 ? roundToFloat16 : roundToBfloat16;
  for (let i = 0; i < values.length; i++) values[i] = round(values[i]);
}

/** `a·b + c` in float64 with a single rounding: the product's and the sum's errors, both exact, are added back. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  // Beyond 2^990 the splitting itself would overflow.
  if (!(Math.abs(a) < 2 ** 990 && Math.abs(b) < 2 ** 990 && Math.abs(sum) < 2 ** 990)) return sum;
  const splitA = a * 134217729;
  const splitB = b * 134217729;
  const highA = splitA - (splitA - a);
  const highB = splitB - (splitB - b);
  const lowA = a - highA;
  const lowB = b - highB;
  const productError = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
  const back = sum - product;
  const sumError = product - (sum - back) + (c - back);
  return sum + (sumError + productError);
}
