import type { CompareName, DType } from "@kindling/storage";
import { each3, each4, type Loop3, type Loop4 } from "./iterate.js";
import { commonDType, type Scalar, type Strided, viewOf } from "./memory.js";

type Rows = { readonly [N in "eq" | "ne" | "lt" | "le"]: Loop3 };

const floatRows: Rows = {
  eq(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] === b[j] ? 1 : 0;
  },
  ne(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] === b[j] ? 0 : 1;
  },
  lt(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] < b[j] ? 1 : 0;
  },
  le(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] <= b[j] ? 1 : 0;
  },
};

const integerRows: Rows = {
  eq(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] === b[j] ? 1 : 0;
  },
  ne(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] === b[j] ? 0 : 1;
  },
  lt(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] < b[j] ? 1 : 0;
  },
  le(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] <= b[j] ? 1 : 0;
  },
};

const big = (f: (x: bigint, y: bigint) => boolean): Loop3 =>
  ((
    out: Uint8Array,
    o: number,
    so: number,
    a: BigInt64Array,
    i: number,
    sa: number,
    b: BigInt64Array,
    j: number,
    sb: number,
    n: number,
  ) => {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = f(a[i], b[j]) ? 1 : 0;
  }) as unknown as Loop3;

const int64Rows: Rows = {
  eq: big((x, y) => x === y),
  ne: big((x, y) => x !== y),
  lt: big((x, y) => x < y),
  le: big((x, y) => x <= y),
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
  bool: integerRows,
};

/** `out[i] = a[i] ⋛ b[i]`; `out` is bool. */
export function compare(name: CompareName, out: Strided, a: Strided | Scalar, b: Strided | Scalar): void {
  const dtype = commonDType(a, b);
  const x = viewOf(a, dtype, out.shape, 0);
  const y = viewOf(b, dtype, out.shape, 1);
  if (name === "gt") each3(rows[dtype].lt, out, y, x);
  else if (name === "ge") each3(rows[dtype].le, out, y, x);
  else each3(rows[dtype][name], out, x, y);
}

const whereFloat: Loop4 = (out, o, so, c, k, sc, a, i, sa, b, j, sb, n) => {
  for (; n > 0; n--, o += so, k += sc, i += sa, j += sb) out[o] = c[k] === 0 ? b[j] : a[i];
};
const whereInteger: Loop4 = (out, o, so, c, k, sc, a, i, sa, b, j, sb, n) => {
  for (; n > 0; n--, o += so, k += sc, i += sa, j += sb) out[o] = c[k] === 0 ? b[j] : a[i];
};
const whereBits: Loop4 = (out, o, so, c, k, sc, a, i, sa, b, j, sb, n) => {
  for (; n > 0; n--, o += so, k += sc, i += sa, j += sb) out[o] = c[k] === 0 ? b[j] : a[i];
};

const whereRows: Readonly<Record<DType, Loop4>> = {
  float32: whereFloat,
  float64: whereFloat,
  float16: whereBits,
  bfloat16: whereBits,
  int64: whereBits,
  int32: whereInteger,
  int16: whereInteger,
  int8: whereInteger,
  uint8: whereInteger,
  bool: whereInteger,
};

/** `out[i] = condition[i] ? a[i] : b[i]`. */
export function where(out: Strided, condition: Strided, a: Strided | Scalar, b: Strided | Scalar): void {
  const dtype = out.storage.dtype;
  each4(whereRows[dtype], out, condition, viewOf(a, dtype, out.shape, 0), viewOf(b, dtype, out.shape, 1));
}
