import { ArgumentError, getDevice, ShapeError, storageFrom } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast } from "../dispatch.js";
import { type Tensor, wrap } from "../tensor.js";
import { ge, le } from "./compare.js";
import { arange, checkDType, type TensorOptions } from "./creation.js";
import { fill_ } from "./inplace.js";
import { expectTensor, unsupported } from "./table.js";
import { asStrided, unsqueeze } from "./views.js";
import { where } from "./where.js";

/*
 * The triangles of matrices above and below a diagonal, and the diagonal itself.
 */

function triangle(name: string, self: Tensor, offset: number, keep: (column: Tensor, limit: Tensor) => Tensor): Tensor {
  if (self.ndim < 2)
    throw new ShapeError(`${name}: input tensor must have at least 2 dimensions`, { shape: self.shape });
  const [rows, columns] = self.shape.slice(-2);
  const { device } = self;
  const column = arange(columns, { device });
  const limit = unsqueeze(arange(offset, rows + offset, { device }), 1);
  return where(keep(column, limit), self, self.dtype === "bool" ? false : 0);
}

/** The lower triangle of matrices: zero above diagonal `diagonal`. */
export const tril = operator<(self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor>(
  "tril(self, diagonal=0)",
  (self: Tensor, offset: number) => triangle("tril", self, offset, le),
);
/** The upper triangle of matrices: zero below diagonal `diagonal`. */
export const triu = operator<(self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor>(
  "triu(self, diagonal=0)",
  (self: Tensor, offset: number) => triangle("triu", self, offset, ge),
);

type IndicesOptions = TensorOptions & { offset?: number };
type Indices = (row: number, col: number, offset?: number | IndicesOptions, options?: IndicesOptions) => Tensor;

function indices(name: string, inside: (row: number, column: number, offset: number) => boolean): Indices {
  return operator<Indices>(
    `${name}(row, col, offset=0, *, dtype=null, device=null)`,
    (rows: number, columns: number, offset: number, dtype: unknown, device: string | null) => {
      for (const [side, n] of [
        ["row", rows],
        ["col", columns],
      ] as const) {
        if (!Number.isInteger(n) || n < 0)
          throw new ArgumentError(`${side} must be non-negative, got${n}`, { [side]: n });
      }
      const type = dtype === null ? "int32" : checkDType(dtype, name);
      if (type !== "int32" && type !== "int64") throw unsupported(name, type);
      const found: [number[], number[]] = [[], []];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          if (!inside(i, j, offset)) continue;
          found[0].push(i);
          found[1].push(j);
        }
      }
      const values = Int32Array.from(found.flat());
      return rawCast(wrap(storageFrom(getDevice(device ?? "cpu"), "int32", values), [2, found[0].length]), type);
    },
  );
}

/** Rows and columns, `(2, N)`, of the lower triangle of a `row` × `col` matrix, up to diagonal `offset`; int32 unless told. */
export const trilIndices = indices("trilIndices", (i, j, offset) => j - i <= offset);
/** Rows and columns, `(2, N)`, of the upper triangle of a `row` × `col` matrix, from diagonal `offset` on; int32 unless told. */
export const triuIndices = indices("triuIndices", (i, j, offset) => j - i >= offset);

/**
 * Writes `value` on the main diagonal, in place. Tensors of more than two dimensions have equal sizes, and one diagonal. With `wrap`
 * the diagonal of a matrix with more rows than columns begins again behind each gap of one row.
 */
export const fillDiagonal_ = operator<
  (self: Tensor, value: number, ...args: [wrap?: boolean] | [options?: { wrap?: boolean }]) => Tensor
>("fillDiagonal_(self, value, wrap=false)", (self: Tensor, value: number, wrap: boolean) => {
  expectTensor(self, "fillDiagonal_");
  if (self.ndim < 2) {
    throw new ShapeError("dimensions must larger than 1", { shape: self.shape });
  }
  if (self.ndim > 2 && self.shape.some((n) => n !== self.shape[0])) {
    throw new ShapeError("all dimensions of input must be of equal length", { shape: self.shape });
  }
  const step = self.strides.reduce((sum, stride) => sum + stride, 0);
  const [rows, columns] = self.shape;
  const block = columns + 1;
  for (let row = 0; row < (wrap && self.ndim === 2 ? rows : 1); row += block) {
    const length = Math.min(...self.shape.slice(1), rows - row);
    fill_(asStrided(self, [length], [step], self.offset + row * self.strides[0]), value);
  }
  return self;
});
