import { ArgumentError, broadcastShapes, DTypeError, type Shape, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { gather } from "./indexing.js";
import { diagonal, intoPart } from "./parts.js";
import { sum } from "./reduction.js";
import { asLayer, asRow, asVector, clone, flip, hstack } from "./shape.js";
import { expectTensor } from "./table.js";
import { expand, movedim, permute, reshape, transpose } from "./views.js";

/*
 * Other arrangements of elements, made of the views and copies of `views.ts`, `parts.ts` and `shape.ts`.
 */

/** Two dimensions exchanged: `transpose` by another name. */
export const swapaxes = operator<(self: Tensor, axis0: number, axis1: number) => Tensor>(
  "swapaxes(self, axis0, axis1)",
  (self: Tensor, axis0: number, axis1: number) => transpose(self, axis0, axis1),
);
/** Two dimensions exchanged: `transpose` by another name. */
export const swapdims = operator<(self: Tensor, dim0: number, dim1: number) => Tensor>(
  "swapdims(self, dim0, dim1)",
  (self: Tensor, dim0: number, dim1: number) => transpose(self, dim0, dim1),
);
/**
 * The last two dimensions exchanged, as a view: there are no complex numbers that it could conjugate.
 * @throws ShapeError of one dimension.
 */
export const adjoint = operator<(self: Tensor) => Tensor>("adjoint(self)", (self: Tensor) =>
  matricesTurned(self, "adjoint()"),
);

/** The transposes of matrices, under the name of who asks; a scalar is its own. */
export function matricesTurned(self: Tensor, name: string): Tensor {
  if (self.ndim === 1) {
    throw new ShapeError(`tensor.${name} is only supported on matrices or batches of matrices. Got 1-D tensor.`, {
      shape: self.shape,
    });
  }
  return self.ndim === 0 ? permute(self, []) : transpose(self, -2, -1);
}

type Moved = (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) => Tensor;
/** Dimensions moved: `movedim` by another name. */
export const moveaxis = operator<Moved>(
  "moveaxis(self, source, destination)",
  (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) =>
    movedim(self, source, destination),
);

type DiagEmbed = (
  self: Tensor,
  offset?: number | DiagOptions,
  dim1?: number | DiagOptions,
  dim2?: number | DiagOptions,
) => Tensor;
type DiagOptions = { offset?: number; dim1?: number; dim2?: number };

/** Vectors (the last dimension) as diagonals of matrices in the dimensions `dim1` and `dim2` of the result, zero elsewhere. */
export const diagEmbed = operator<DiagEmbed>(
  "diagEmbed(self, offset=0, dim1=-2, dim2=-1)",
  (self: Tensor, offset: number, dim1: number, dim2: number) => {
    expectTensor(self, "diagEmbed");
    const a = wrapDim(dim1, self.ndim + 1);
    const b = wrapDim(dim2, self.ndim + 1);
    if (a === b) throw new ArgumentError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`, { dim1, dim2 });
    const side = self.shape[self.ndim - 1] + Math.abs(offset);
    const rest = self.shape.slice(0, -1);
    const shape = Array.from({ length: self.ndim + 1 }, (_, d) =>
      d === a || d === b ? side : rest.shift(),
    ) as number[];
    return intoPart(self, shape, (whole) => diagonal(whole, offset, a, b));
  },
);

/** A vector as the diagonal of a matrix; the diagonal of a matrix as a vector. */
export const diag = operator<(self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor>(
  "diag(self, diagonal=0)",
  (self: Tensor, offset: number) => {
    expectTensor(self, "diag");
    if (self.ndim === 1) return diagEmbed(self, offset);
    if (self.ndim !== 2) throw new ShapeError("matrix or a vector expected", { shape: self.shape });
    return clone(diagonal(self, offset));
  },
);

/** All elements as the diagonal of a matrix. */
export const diagflat = operator<(self: Tensor, offset?: number | { offset?: number }) => Tensor>(
  "diagflat(self, offset=0)",
  (self: Tensor, offset: number) => {
    expectTensor(self, "diagflat");
    return diagEmbed(reshape(self, [-1]), offset);
  },
);

/** The sum of a matrix's diagonal. */
export const trace = operator<(self: Tensor) => Tensor>("trace(self)", (self: Tensor) => {
  if (self.ndim !== 2) {
    throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${self.ndim}`, { shape: self.shape });
  }
  return sum(diagonal(self));
});

/** Elements in reverse order along the second dimension. */
export const fliplr = operator<(self: Tensor) => Tensor>("fliplr(self)", (self: Tensor) => {
  if (self.ndim < 2) throw new ShapeError("Input must be >= 2-d.", { shape: self.shape });
  return flip(self, 1);
});
/** Elements in reverse order along the first dimension. */
export const flipud = operator<(self: Tensor) => Tensor>("flipud(self)", (self: Tensor) => {
  if (self.ndim < 1) throw new ShapeError("Input must be >= 1-d.", { shape: self.shape });
  return flip(self, 0);
});

type Rotation = { k?: number; dims?: readonly number[] };
/** Turned by `k` right angles in the plane of two dimensions, from the first towards the second. */
export const rot90 = operator<(self: Tensor, k?: number | Rotation, dims?: readonly number[] | Rotation) => Tensor>(
  "rot90(self, k=1, dims=[0,1])",
  (self: Tensor, k: number, dims: readonly number[]) => {
    if (dims.length !== 2) {
      throw new ArgumentError(`expected total rotation dims == 2, but got dims = ${dims.length}`, { dims });
    }
    if (self.ndim < 2) {
      throw new ShapeError(`expected total dims >= 2, but got total dims = ${self.ndim}`, { shape: self.shape });
    }
    const [a, b] = dims.map((d) => wrapDim(d, self.ndim));
    if (a === b) {
      throw new ArgumentError(
        `expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}`,
        { dims },
      );
    }
    const turns = ((k % 4) + 4) % 4;
    if (turns === 0) return clone(self);
    if (turns === 2) return flip(self, a, b);
    return transpose(flip(self, turns === 1 ? b : a), a, b);
  },
);

type Widen = { (tensor: Tensor): Tensor; (...tensors: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] };
/** One tensor, or an array for several. */
const widening = (name: string, widen: (t: Tensor) => Tensor): Widen =>
  operator<Widen>(`${name}(...tensors)`, (given: readonly unknown[]) => {
    const list = given as readonly Tensor[];
    for (const t of list) expectTensor(t, name);
    return list.length === 1 ? widen(list[0]) : list.map(widen);
  });

/** Scalars as vectors of one element. */
export const atleast1d = widening("atleast1d", asVector);
/** Vectors as rows of a matrix. */
export const atleast2d = widening("atleast2d", asRow);
/** Matrices with a third dimension of size 1. */
export const atleast3d = widening("atleast3d", asLayer);

type Grid = (...args: (Tensor | readonly Tensor[] | { indexing?: "ij" | "xy" })[]) => Tensor[];

/**
 * The coordinates of a grid: of each vector one tensor that varies along its own dimension. `indexing` `"ij"` takes the
 * dimensions in order, `"xy"` exchanges the first two.
 */
export const meshgrid = operator<Grid>(
  'meshgrid(...tensors, *, indexing="ij")',
  (tensors: readonly Tensor[], indexing: string) => {
    if (tensors.length === 0) throw new ArgumentError("meshgrid expects a non-empty TensorList");
    if (indexing !== "ij" && indexing !== "xy") {
      throw new ArgumentError(`meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`, {
        indexing,
      });
    }
    const vectors = tensors.map((t) => {
      expectTensor(t, "meshgrid");
      if (t.ndim > 1) {
        throw new ShapeError(`meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${t.ndim}D`);
      }
      return asVector(t);
    });
    const dims = vectors.map((_, i) => (indexing === "xy" && vectors.length > 1 && i < 2 ? 1 - i : i));
    const sizes = dims.map((d) => vectors[d].numel());
    return vectors.map((v, i) =>
      expand(
        reshape(
          v,
          sizes.map((n, d) => (d === dims[i] ? n : 1)),
        ),
        sizes,
      ),
    );
  },
);

type Columns = (tensors: readonly Tensor[]) => Tensor;
/** Columns joined: vectors become columns first. */
export const columnStack = operator<Columns>("columnStack(tensors)", (tensors: readonly Tensor[]) =>
  hstack(tensors.map((t) => (t.ndim < 2 ? reshape(t, [t.numel(), 1]) : t))),
);

/** Elements at `indices` along `dim`, both broadcast in the other dimensions; of the flattened tensor without `dim`. */
export const takeAlongDim = operator<
  (self: Tensor, indices: Tensor, dim?: number | null | { dim?: number | null }) => Tensor
>("takeAlongDim(self, indices, dim=null)", (self: Tensor, indices: Tensor, dim: number | null) => {
  expectTensor(indices, "takeAlongDim", "indices");
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    throw new DTypeError(`takeAlongDim(): dtype of indices should be an integer but got ${indices.dtype}`);
  }
  if (dim === null) return gather(reshape(self, [-1]), 0, reshape(indices, [-1]));
  if (self.ndim !== indices.ndim) {
    throw new ShapeError(
      `takeAlongDim(): input and indices should have the same number of dimensions, but got ${self.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`,
    );
  }
  const d = wrapDim(dim, self.ndim);
  const without = (shape: Shape): number[] => shape.map((n, i) => (i === d ? 1 : n));
  const common = broadcastShapes(without(self.shape), without(indices.shape));
  const stretched = (t: Tensor): Tensor =>
    expand(
      t,
      common.map((n, i) => (i === d ? t.shape[d] : n)),
    );
  return gather(stretched(self), d, stretched(indices));
});
