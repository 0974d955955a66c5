import { ArgumentError, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { norm } from "../linalg/norm.js";
import type { Tensor } from "../tensor.js";
import { gt } from "./compare.js";
import { add, div, mul } from "./pointwise.js";
import { expectTensor } from "./table.js";
import { where } from "./where.js";

/** The slices along `dim` scaled so that the `p`-norm of none exceeds `maxnorm`; smaller ones are left as they are. */
export const renorm = operator<(self: Tensor, p: number, dim: number, maxnorm: number) => Tensor>(
  "renorm(self, p, dim, maxnorm)",
  (self: Tensor, p: number, dim: number, maxnorm: number) => {
    expectTensor(self, "renorm");
    if (!(p > 0)) throw new ArgumentError("renorm: non-positive-norm not supported", { p });
    if (!(maxnorm >= 0)) throw new ArgumentError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`, { maxnorm });
    if (self.ndim < 2) {
      throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${self.ndim} dimensions`, {
        shape: self.shape,
      });
    }
    const d = wrapDim(dim, self.ndim);
    const length = norm(
      self,
      p,
      self.shape.map((_, i) => i).filter((i) => i !== d),
      true,
    );
    return mul(self, where(gt(length, maxnorm), div(maxnorm, add(length, 1e-7)), 1));
  },
);
