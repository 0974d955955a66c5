import {
  type DType,
  DTypeError,
  dtypeInfo,
  isFloat,
  KindlingError,
  numelOf,
  type Shape,
  ShapeError,
  sameShape,
  storageFrom,
} from "@kindling/storage";
import { expectTensor } from "../ops/table.js";
import { expand, transpose } from "../ops/views.js";
import { hostValues } from "../read.js";
import { type Tensor, wrap } from "../tensor.js";

/*
 * Decompositions are computed on the host, in float64, one matrix of the batch after the other. The operators above them
 * give their derivatives in terms of their results.
 */

/** A matrix that has no inverse, is not positive-definite or holds numbers that are not finite. */
export class LinAlgError extends KindlingError {}

/** A result of `onHost`: its shape behind the batch dimensions. */
export interface Result {
  readonly shape: Shape;
  readonly integers?: boolean;
}

/** Values and results of one matrix of the batch. */
type Compute = (inputs: Float64Array[], outputs: Float64Array[], element: number) => void;

/**
 * Runs `compute` on each element of the batch: on copies of the inputs, in float64, which it may use up, and on results full of
 * zeros, which it fills. Results have the dtype of the first input, float32 or float64, or are int32; nothing is recorded.
 */
export function onHost(
  operation: string,
  batch: Shape,
  inputs: readonly Tensor[],
  results: readonly Result[],
  compute: Compute,
): Tensor[] {
  const [{ dtype, storage }] = inputs;
  const count = numelOf(batch);
  const values = inputs.map((t) => Float64Array.from(hostValues(t.detach(), operation) as Float64Array));
  const outputs = results.map(({ shape }) => new Float64Array(count * numelOf(shape)));
  for (let b = 0; b < count; b++) {
    const part = (x: Float64Array) => x.subarray((b * x.length) / count, ((b + 1) * x.length) / count);
    compute(values.map(part), outputs.map(part), b);
  }
  return outputs.map((x, i) => {
    const type: DType = results[i].integers ? "int32" : dtype;
    const host = type === "float64" ? x : type === "float32" ? Float32Array.from(x) : Int32Array.from(x);
    return wrap(storageFrom(storage.device, type, host, operation), [...batch, ...results[i].shape]);
  });
}

/** The batch dimensions of matrices. */
export const batchOf = (A: Tensor): Shape => A.shape.slice(0, -2);
/** Rows and columns of matrices. */
export const sizesOf = (A: Tensor): [m: number, n: number] => A.shape.slice(-2) as [number, number];
/** The matrices transposed, as a view. */
export const mT = (A: Tensor): Tensor => transpose(A, -2, -1);
/** Matrices in a wider batch. */
export const inBatch = (A: Tensor, batch: Shape): Tensor => expand(A, [...batch, ...sizesOf(A)]);

export function requireMatrices(A: Tensor, operation: string, argument = "A"): void {
  expectTensor(A, operation, argument);
  if (A.ndim < 2) {
    throw new ShapeError(`${operation}: The input tensor ${argument} must have at least 2 dimensions.`, {
      shape: A.shape,
    });
  }
}

export function requireSquare(A: Tensor, operation: string): void {
  requireMatrices(A, operation);
  const [m, n] = sizesOf(A);
  if (m !== n) {
    throw new ShapeError(`${operation}: A must be batches of square matrices, but they are ${m} by ${n} matrices`, {
      shape: A.shape,
    });
  }
}

/** Decompositions are for float32 and float64. */
export function requireFloat(A: Tensor, operation: string): void {
  const { scalarName } = dtypeInfo[A.dtype];
  if (!isFloat(A.dtype)) {
    throw new DTypeError(`${operation}: Expected a floating point or complex tensor as input. Got ${scalarName}`, {
      dtype: A.dtype,
    });
  }
  if (A.dtype !== "float32" && A.dtype !== "float64") {
    throw new DTypeError(`${operation}: Low precision dtypes not supported. Got ${scalarName}`, { dtype: A.dtype });
  }
}

export function requireSameDType(A: Tensor, B: Tensor, operation: string, a = "A", b = "B"): void {
  if (A.dtype !== B.dtype) {
    const [first, second] = [dtypeInfo[A.dtype].scalarName, dtypeInfo[B.dtype].scalarName];
    throw new DTypeError(
      `${operation}: Expected ${a} and ${b} to have the same dtype, but found ${a} of type ${first} and ${b} of type ${second} instead`,
      { [a]: A.dtype, [b]: B.dtype },
    );
  }
}

/**
 * Refuses a batch of which `info` says that an element failed, with what `text` makes of its number.
 * @throws LinAlgError
 */
export function requireSuccess(info: Tensor, operation: string, text: (code: number) => string): void {
  const codes = hostValues(info, operation) as Int32Array;
  const element = codes.findIndex((code) => code !== 0);
  if (element < 0) return;
  const where = info.ndim > 0 ? `(Batch element ${element}): ` : "";
  throw new LinAlgError(`${operation}: ${where}${text(codes[element])}`, { element, code: codes[element] });
}

/** Whether B (…, N) is one vector for each matrix of A, not a matrix. */
export const isVectorOf = (A: Tensor, B: Tensor): boolean =>
  B.ndim === 1 || (A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1)));

/** For singular values and eigenvalues: machine epsilon of a dtype. */
export const epsilonOf = (dtype: DType): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);
