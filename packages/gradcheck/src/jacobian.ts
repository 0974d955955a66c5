import { type DType, type Tensor, tensor } from "@kindling/autograd";

/** ∂output/∂input on the host: one row for each element of the input, one column for each of the output, as PyTorch lays it out. */
export class Jacobian {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, zero where nothing was set. */
  readonly values: Float64Array;
  /** Dtype of the numbers it is made of. */
  readonly dtype: DType;

  constructor(rows: number, columns: number, dtype: DType) {
    this.rows = rows;
    this.columns = columns;
    this.dtype = dtype;
    this.values = new Float64Array(rows * columns);
  }

  /** Sets the derivatives of all output elements by input element `row`. */
  setRow(row: number, values: ArrayLike<number>): void {
    this.values.set(values, row * this.columns);
  }

  /** Sets the derivatives of output element `column` by all input elements. */
  setColumn(column: number, values: ArrayLike<number>): void {
    for (let row = 0; row < this.rows; row++) this.values[row * this.columns + column] = values[row];
  }

  /** The largest absolute difference to another Jacobian of the same size; NaN where one of the two alone is NaN. */
  distance(other: Jacobian): number {
    let most = 0;
    for (let i = 0; i < this.values.length; i++) {
      if (Object.is(this.values[i], other.values[i])) continue;
      const difference = Math.abs(this.values[i] - other.values[i]);
      if (!(difference <= most)) most = difference;
    }
    return most;
  }

  /** Whether |this − other| ≤ atol + rtol·|other| everywhere; infinities must be equal, NaN never is. */
  isCloseTo(other: Jacobian, rtol: number, atol: number): boolean {
    return this.values.every((a, i) => {
      const b = other.values[i];
      return a === b || Math.abs(a - b) <= atol + rtol * Math.abs(b);
    });
  }

  toTensor(): Tensor {
    const rows = Array.from({ length: this.rows }, (_, i) =>
      Array.from(this.values.subarray(i * this.columns, (i + 1) * this.columns)),
    );
    return tensor(rows, { dtype: this.dtype });
  }

  toString(): string {
    return String(this.toTensor());
  }
}

/** The elements of a floating point tensor in row-major order. */
export const valuesOf = (t: Tensor): ArrayLike<number> => t.toTypedArray() as Float32Array | Float64Array;
