/*
 * float16 and bfloat16 as files hold them: 16 bits. Tensors exchange them as float32, which holds both exactly.
 */

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** IEEE 754 binary16 to float32. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (h) => {
    const sign = h & 0x8000 ? -1 : 1;
    const exponent = (h >> 10) & 0x1f;
    const fraction = h & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** float32 to binary16, to the nearest, halves to even. Exact for values that came from float16. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word[0] = value;
    const sign = (bits[0] >>> 16) & 0x8000;
    const magnitude = Math.abs(word[0]);
    if (Number.isNaN(magnitude)) return sign | 0x7e00;
    if (magnitude >= 65520) return sign | 0x7c00;
    if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
    const exponent = ((bits[0] >>> 23) & 0xff) - 127;
    // a fraction that rounds up to 1024 carries into the exponent, as it should
    return sign | ((exponent + 14) * 1024 + roundEven(magnitude * 2 ** (10 - exponent)));
  });
}

function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** The upper half of a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return out;
}

/** float32 to bfloat16, to the nearest, halves to even. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word[0] = value;
    if (Number.isNaN(value)) return 0x7fc0;
    return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
  });
}
