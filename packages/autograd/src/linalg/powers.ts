import { ArgumentError, DTypeError, dtypeInfo, isFloat } from "@kindling/storage";
import { operator } from "../args.js";
import { eye } from "../ops/creation.js";
import { amax } from "../ops/extremes.js";
import { matmul } from "../ops/matmul.js";
import { abs, add, mul } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { unsupported } from "../ops/table.js";
import { hostValues } from "../read.js";
import type { Tensor } from "../tensor.js";
import { requireSquare } from "./host.js";
import { inv } from "./inverse.js";

/*
 * Powers and exponentials, made of matrix products.
 */

const identityLike = (A: Tensor): Tensor => eye(A.shape[A.ndim - 1], { dtype: A.dtype, device: A.device });

/** A (…, N, N) multiplied with itself to the n-th power; a negative n takes the inverse. */
export const matrixPower = operator<(A: Tensor, n: number) => Tensor>("matrixPower(A, n)", (A: Tensor, n: number) => {
  requireSquare(A, "linalg.matrixPower");
  if (!Number.isInteger(n)) {
    throw new ArgumentError(`matrixPower(): argument 'n' (position 2) must be a whole number, not ${n}`, { n });
  }
  if (n === 0) return add(mul(A, 0).fill_(0), identityLike(A));
  let square = n < 0 ? inv(A) : A;
  let out: Tensor | null = null;
  for (let rest = Math.abs(n); ; square = matmul(square, square)) {
    if (rest % 2 === 1) out = out === null ? square : matmul(out, square);
    rest = Math.floor(rest / 2);
    if (rest === 0) return out === square ? square.clone() : out;
  }
});

/** 1/k! of the Taylor series, up to the order 16. */
const TAYLOR = [1];
for (let k = 1; k <= 16; k++) TAYLOR[k] = TAYLOR[k - 1] / k;

/**
 * The exponential `Σ Aᵏ/k!` of A (…, N, N): its Taylor polynomial of order 16 at A/2ˢ, evaluated in six products (Paterson and Stockmeyer), squared s
 * times. s is chosen by the largest norm in the batch, which is read on the host.
 */
export const matrixExp = operator<(A: Tensor) => Tensor>("matrixExp(A)", (A: Tensor) => {
  requireSquare(A, "linalg.matrixExp");
  const { scalarName } = dtypeInfo[A.dtype];
  if (!isFloat(A.dtype)) {
    throw new DTypeError(`matrixExp: Expected a floating point or complex tensor as input. Got ${scalarName}`, {
      dtype: A.dtype,
    });
  }
  if (A.dtype === "float16") throw unsupported("matrix_exp", A.dtype);
  if (A.numel() === 0) return A.clone();
  const [norm] = hostValues(amax(sum(abs(A.detach()), -2)), "linalg.matrixExp") as Float64Array;
  const halvings = Number.isFinite(norm) && norm > 0 ? Math.max(0, Math.ceil(Math.log2(norm)) + 1) : 0;
  const x = halvings > 0 ? mul(A, 2 ** -halvings) : A;
  const powers = [identityLike(A), x, matmul(x, x)];
  powers.push(matmul(powers[2], x), matmul(powers[2], powers[2]));
  let out = mul(powers[4], TAYLOR[16]);
  for (let k = 12; k >= 0; k -= 4) {
    for (let j = 0; j < 4; j++) out = add(out, powers[j], { alpha: TAYLOR[k + j] });
    if (k > 0) out = matmul(out, powers[4]);
  }
  for (let s = 0; s < halvings; s++) out = matmul(out, out);
  return out;
});
