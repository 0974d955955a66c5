// float16 and bfloat16 as 16 bits, from and to float32: rounded to the nearest, halves to even.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Bits of the float16 nearest to `x`, which is rounded to float32 first. */
export function toFloat16(x: number): number {
  float[0] = x;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00); // from 65536 on, NaN
  if (magnitude < 0x38800000) {
    // Below 2⁻¹⁴ the unit is 2⁻²⁴, which is also float32's unit at 0.5: adding 0.5 rounds.
    bits[0] = magnitude;
    float[0] += 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

/** Value of a float16. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  bits[0] = ((half & 0x8000) << 16) | ((exponent + 112) << 23) | (fraction << 13);
  return float[0];
}

/** Bits of the bfloat16 nearest to `x`, which is rounded to float32 first. */
export function toBfloat16(x: number): number {
  float[0] = x;
  if (x !== x) return 0x7fc0 | ((bits[0] >>> 16) & 0x8000);
  const odd = (bits[0] >>> 16) & 1;
  return (bits[0] + 0x7fff + odd) >>> 16;
}

/** Value of a bfloat16. */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return float[0];
}
