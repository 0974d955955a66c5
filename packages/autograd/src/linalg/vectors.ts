import { ArgumentError, DTypeError, dtypeInfo, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { cumprod } from "../ops/cumulative.js";
import { sumType } from "../ops/dims.js";
import { diagonal } from "../ops/parts.js";
import { mul } from "../ops/pointwise.js";
import { sum } from "../ops/reduction.js";
import { cat, flip, to } from "../ops/shape.js";
import { expectTensor } from "../ops/table.js";
import { expand, reshape, unsqueeze } from "../ops/views.js";
import type { Tensor } from "../tensor.js";

/*
 * Inner products along a dimension, and matrices made of vectors.
 */

/** Inner products along `dim`; the other dimensions broadcast. */
export const vecdot = operator<(x: Tensor, y: Tensor, options?: { dim?: number }) => Tensor>(
  "vecdot(x, y, *, dim=-1)",
  (x: Tensor, y: Tensor, dim: number) => {
    expectTensor(x, "vecdot", "x");
    expectTensor(y, "vecdot", "y");
    const [a, b] = [dtypeInfo[x.dtype], dtypeInfo[y.dtype]];
    if (a.category !== 2) {
      throw new DTypeError(`linalg.vecdot: Expected a floating point or complex tensor as input. Got ${a.scalarName}`, {
        dtype: x.dtype,
      });
    }
    if (a !== b) {
      throw new DTypeError(
        `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${a.scalarName} and y of type ${b.scalarName} instead`,
      );
    }
    return sum(mul(x, y), dim);
  },
);

/** The powers 0 to N − 1 of each element of x (…, M): (…, M, N), N being M unless given. */
export const linalgVander = operator<(x: Tensor, options?: { N?: number | null }) => Tensor>(
  "vander(x, *, N=null)",
  (input: Tensor, N: number | null) => {
    expectTensor(input, "vander", "x");
    if (input.dtype === "bool") {
      throw new DTypeError("linalg.vander supports floating point, complex, and integer tensors, but got Bool");
    }
    const x = input.ndim === 0 ? reshape(input, [1]) : input;
    const n = N ?? x.shape[x.ndim - 1];
    if (!(n > 1)) throw new ArgumentError("N must be greater than 1.", { N });
    return powersOf(x, n);
  },
);

function powersOf(x: Tensor, n: number): Tensor {
  const column = unsqueeze(to(x, sumType(x.dtype)), -1);
  const ones = column.newOnes([...x.shape, 1]);
  const powers = cumprod(expand(column, [...x.shape, n - 1]), -1);
  return cat([ones, powers], -1);
}

type VanderOptions = { N?: number | null; increasing?: boolean };
/** The powers of each element of x (M): (M, N), the highest first unless `increasing`. */
export const vander = operator<
  (x: Tensor, N?: number | null | VanderOptions, increasing?: boolean | VanderOptions) => Tensor
>("vander(x, N=null, increasing=false)", (x: Tensor, N: number | null, increasing: boolean) => {
  expectTensor(x, "vander", "x");
  if (x.ndim !== 1) throw new ShapeError("x must be a one-dimensional tensor.", { shape: x.shape });
  const n = N ?? x.shape[0];
  if (n < 0) throw new ArgumentError("N must be non-negative.", { N });
  const powers = n < 2 ? x.newOnes([x.shape[0], n], { dtype: sumType(x.dtype) }) : powersOf(x, n);
  return increasing ? powers : flip(powers, 1);
});

type DiagonalOptions = { offset?: number; dim1?: number; dim2?: number };
/** The diagonals of matrices in the last two dimensions, as a view. */
export const linalgDiagonal = operator<(A: Tensor, options?: DiagonalOptions) => Tensor>(
  "diagonal(A, *, offset=0, dim1=-2, dim2=-1)",
  (A: Tensor, offset: number, dim1: number, dim2: number) => diagonal(A, offset, dim1, dim2),
);
