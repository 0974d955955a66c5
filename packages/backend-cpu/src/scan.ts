import type { DType, ScanName } from "@kindling/storage";
import { each2, type Loop2 } from "./iterate.js";
import type { Strided } from "./memory.js";

type Rows = Readonly<Record<ScanName, Loop2>>;

/** float32 and float64, in double. */
const floatRows: Rows = {
  sum(out, o, so, a, i, sa, n) {
    for (let s = 0; n > 0; n--, o += so, i += sa) out[o] = s += a[i];
  },
  prod(out, o, so, a, i, sa, n) {
    for (let s = 1; n > 0; n--, o += so, i += sa) out[o] = s *= a[i];
  },
  max(out, o, so, a, i, sa, n) {
    for (let s = -Infinity; n > 0; n--, o += so, i += sa) {
      const x = a[i];
      if (x > s || x !== x) s = x;
      out[o] = s;
    }
  },
  min(out, o, so, a, i, sa, n) {
    for (let s = Infinity; n > 0; n--, o += so, i += sa) {
      const x = a[i];
      if (x < s || x !== x) s = x;
      out[o] = s;
    }
  },
};

const integerRows: Rows = {
  sum(out, o, so, a, i, sa, n) {
    for (let s = 0; n > 0; n--, o += so, i += sa) out[o] = s = (s + a[i]) | 0;
  },
  prod(out, o, so, a, i, sa, n) {
    for (let s = 1; n > 0; n--, o += so, i += sa) out[o] = s = Math.imul(s, a[i]);
  },
  max: floatRows.max,
  min: floatRows.min,
};

const big = (start: bigint, f: (s: bigint, x: bigint) => bigint): Loop2 =>
  ((out: BigInt64Array, o: number, so: number, a: BigInt64Array, i: number, sa: number, n: number) => {
    for (let s = start; n > 0; n--, o += so, i += sa) out[o] = s = BigInt.asIntN(64, f(s, a[i]));
  }) as unknown as Loop2;

const int64Rows: Rows = {
  sum: big(0n, (s, x) => s + x),
  prod: big(1n, (s, x) => s * x),
  max: big(-(2n ** 63n), (s, x) => (x > s ? x : s)),
  min: big(2n ** 63n - 1n, (s, x) => (x < s ? x : s)),
};

const rows: Readonly<Record<DType, Rows>> = {
  float32: floatRows,
  float64: floatRows,
  float16: floatRows,
  bfloat16: floatRows,
  int64: int64Rows,
  int32: integerRows,
  int16: integerRows,
  int8: integerRows,
  uint8: integerRows,
  bool: { sum: floatRows.max, prod: floatRows.min, max: floatRows.max, min: floatRows.min },
};

/** The view of the first elements along `dim`: the places where a walk along it starts. */
export const starts = ({ storage, shape, strides, offset }: Strided, dim: number): Strided => ({
  storage,
  shape: shape.map((size, d) => (d === dim ? Math.min(size, 1) : size)),
  strides,
  offset,
});

/** Running reduction of `a` along `dim`. */
export function scan(name: ScanName, out: Strided, a: Strided, dim: number): void {
  const row = rows[a.storage.dtype][name];
  const length = a.shape[dim];
  const stepOut = out.strides[dim];
  const step = a.strides[dim];
  const along: Loop2 = (x, o, so, y, i, sa, n) => {
    for (; n > 0; n--, o += so, i += sa) row(x, o, stepOut, y, i, step, length);
  };
  each2(along, starts(out, dim), starts(a, dim));
}
