import { each1, type Loop1 } from "./iterate.js";
import { encoded, type Numbers, type Scalar, type Strided, toBigInt } from "./memory.js";

/** From this many contiguous elements on, `TypedArray.fill` beats a loop. */
const BLOCK = 64;

/** `out[i] = value`. */
export function fill(out: Strided, value: Scalar): void {
  const x = encoded(value, out.storage.dtype) as number;
  const loop: Loop1 = (memory, o, so, n) => {
    if (n >= BLOCK && so === 1) memory.fill(x, o, o + n);
    else for (; n > 0; n--, o += so) memory[o] = x;
  };
  each1(loop, out);
}

/** `out[i] = start + i·step`, rounded once; `out` has one dimension. */
export function range(out: Strided, start: Scalar, step: Scalar): void {
  const { dtype, handle } = out.storage;
  const n = out.shape[0];
  let o = out.offset;
  const stride = out.strides[0];
  if (dtype === "int64" && isWhole(start) && isWhole(step)) {
    const memory = handle as BigInt64Array;
    const by = toBigInt(step);
    for (let x = toBigInt(start), i = 0; i < n; i++, o += stride, x += by) memory[o] = x;
    return;
  }
  const first = Number(start);
  const by = Number(step);
  const memory = handle as Numbers;
  const plain = dtype === "float32" || dtype === "float64" || dtype === "int32";
  for (let i = 0; i < n; i++, o += stride) {
    const x = first + i * by;
    memory[o] = plain ? x : (encoded(x, dtype) as number);
  }
}

const isWhole = (x: Scalar): boolean => typeof x === "bigint" || Number.isInteger(x);
