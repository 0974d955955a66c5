import { ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { ge, le } from "./compare.js";
import { arange } from "./creation.js";
import { unsqueeze } from "./views.js";
import { where } from "./where.js";

/*
 * The triangles of matrices above and below a diagonal.
 */

function triangle(self: Tensor, offset: number, keep: (column: Tensor, limit: Tensor) => Tensor): Tensor {
  if (self.ndim < 2) throw new ShapeError("triangles need a tensor of at least 2 dimensions", { shape: self.shape });
  const [rows, columns] = self.shape.slice(-2);
  const { device } = self;
  const column = arange(columns, { device });
  const limit = unsqueeze(arange(offset, rows + offset, { device }), 1);
  return where(keep(column, limit), self, self.dtype === "bool" ? false : 0);
}

/** The lower triangle of matrices: zero above diagonal `diagonal`. */
export const tril = operator<(self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor>(
  "tril(self, diagonal=0)",
  (self: Tensor, offset: number) => triangle(self, offset, le),
);
/** The upper triangle of matrices: zero below diagonal `diagonal`. */
export const triu = operator<(self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor>(
  "triu(self, diagonal=0)",
  (self: Tensor, offset: number) => triangle(self, offset, ge),
);
