import { DTypeError, dtypeInfo, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { mul, sub } from "../ops/pointwise.js";
import { roll } from "../ops/shape.js";
import { expectTensor, unsupported } from "../ops/table.js";
import { reshape } from "../ops/views.js";
import type { Tensor } from "../tensor.js";

/*
 * Cross and Kronecker products.
 */

function crossOver(a: Tensor, b: Tensor, dim: number): Tensor {
  expectTensor(a, "cross");
  expectTensor(b, "cross", "other");
  if (a.ndim !== b.ndim) {
    throw new ShapeError("linalg.cross: inputs must have the same number of dimensions.", {
      self: a.shape,
      other: b.shape,
    });
  }
  const d = wrapDim(dim, a.ndim);
  if (a.shape[d] !== 3 || b.shape[d] !== 3) {
    throw new ShapeError(
      `linalg.cross: inputs dimension ${dim} must have length 3. Got ${a.shape[d]} and ${b.shape[d]}`,
      { self: a.shape, other: b.shape },
    );
  }
  if (a.dtype !== b.dtype) {
    const [first, second] = [dtypeInfo[a.dtype].scalarName, dtypeInfo[b.dtype].scalarName];
    throw new DTypeError(`expected scalar type ${first} but found ${second}`, { self: a.dtype, other: b.dtype });
  }
  if (a.dtype === "bool") throw unsupported("cross", "bool");
  const product = (i: number, j: number): Tensor => mul(roll(a, i, d), roll(b, j, d));
  return sub(product(-1, -2), product(-2, -1));
}

type Cross = (self: Tensor, other: Tensor, dim?: number | { dim?: number }) => Tensor;
/** The cross product of vectors of 3 along `dim`. */
export const linalgCross = operator<Cross>("cross(self, other, *, dim=-1)", crossOver);

type DimOrNone = number | null;
/** The cross product of vectors of 3 along `dim`, or along the first dimension of size 3. */
export const cross = operator<(self: Tensor, other: Tensor, dim?: DimOrNone | { dim?: DimOrNone }) => Tensor>(
  "cross(self, other, dim=null)",
  (self: Tensor, other: Tensor, dim: DimOrNone) => {
    expectTensor(self, "cross");
    const found = dim ?? self.shape.indexOf(3);
    if (dim === null && found < 0) throw new ShapeError("no dimension of size 3 in input", { shape: self.shape });
    return crossOver(self, other, found);
  },
);

/** The Kronecker product: every element of `self` times all of `other`, as blocks. */
export const kron = operator<(self: Tensor, other: Tensor) => Tensor>(
  "kron(self, other)",
  (self: Tensor, other: Tensor) => {
    expectTensor(self, "kron");
    expectTensor(other, "kron", "other");
    const ndim = Math.max(self.ndim, other.ndim);
    const sizes = (t: Tensor): number[] => [...new Array<number>(ndim - t.ndim).fill(1), ...t.shape];
    const [a, b] = [sizes(self), sizes(other)];
    const left = reshape(
      self,
      a.flatMap((n) => [n, 1]),
    );
    const right = reshape(
      other,
      b.flatMap((n) => [1, n]),
    );
    return reshape(
      mul(left, right),
      a.map((n, d) => n * b[d]),
    );
  },
);
