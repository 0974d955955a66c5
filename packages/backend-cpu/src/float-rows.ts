import type { BinaryName, UnaryName } from "@kindling/storage";
import { erf, pow, roundHalfEven, sigmoid } from "./functions.js";
import type { Loop2, Loop3 } from "./iterate.js";

// One row a function, each with a loop of its own: V8 then learns each loop's types apart. They serve float32 and
// float64; float32 computes in double and rounds when it stores.

export const floatUnary: Partial<Record<UnaryName, Loop2>> = {
  neg(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = -a[i];
  },
  abs(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.abs(a[i]);
  },
  sign(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = a[i] > 0 ? 1 : a[i] < 0 ? -1 : 0;
  },
  floor(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.floor(a[i]);
  },
  ceil(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.ceil(a[i]);
  },
  round(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = roundHalfEven(a[i]);
  },
  trunc(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.trunc(a[i]);
  },
  sqrt(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.sqrt(a[i]);
  },
  exp(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.exp(a[i]);
  },
  expm1(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.expm1(a[i]);
  },
  log(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.log(a[i]);
  },
  log1p(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.log1p(a[i]);
  },
  sin(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.sin(a[i]);
  },
  cos(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.cos(a[i]);
  },
  tanh(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Math.tanh(a[i]);
  },
  sigmoid(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = sigmoid(a[i]);
  },
  erf(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = erf(a[i]);
  },
  isnan(out, o, so, a, i, sa, n) {
    for (; n > 0; n--, o += so, i += sa) out[o] = Number.isNaN(a[i]) ? 1 : 0;
  },
};

export const floatBinary: Partial<Record<BinaryName, Loop3>> = {
  add(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] + b[j];
  },
  sub(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] - b[j];
  },
  mul(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] * b[j];
  },
  div(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] / b[j];
  },
  pow(out, o, so, a, i, sa, b, j, sb, n) {
    if (sb === 0 && b[j] === 2) for (; n > 0; n--, o += so, i += sa) out[o] = a[i] * a[i];
    else for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = pow(a[i], b[j]);
  },
  maximum(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) {
      const x = a[i];
      const y = b[j];
      out[o] = x > y || x !== x ? x : y;
    }
  },
  minimum(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) {
      const x = a[i];
      const y = b[j];
      out[o] = x < y || x !== x ? x : y;
    }
  },
  fmod(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = a[i] % b[j];
  },
  atan2(out, o, so, a, i, sa, b, j, sb, n) {
    for (; n > 0; n--, o += so, i += sa, j += sb) out[o] = Math.atan2(a[i], b[j]);
  },
};
