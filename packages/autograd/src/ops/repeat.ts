import { type Shape, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { clone } from "./shape.js";
import { expand, flatten, reshape, unsqueeze } from "./views.js";

/*
 * Elements, or all of a tensor, several times.
 */

/** The whole tensor repeated `sizes[d]` times along each dimension; new dimensions come in front. */
export const repeat = operator<(self: Tensor, ...sizes: (number | readonly number[])[]) => Tensor>(
  "repeat(self, ...sizes)",
  (self: Tensor, sizes: Shape) => {
    if (sizes.length < self.ndim) {
      throw new ShapeError(
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        { sizes, shape: self.shape },
      );
    }
    const own = [...new Array<number>(sizes.length - self.ndim).fill(1), ...self.shape];
    const interleaved = reshape(
      self,
      own.flatMap((n) => [1, n]),
    );
    const wide = expand(
      interleaved,
      own.flatMap((n, d) => [sizes[d], n]),
    );
    return reshape(
      clone(wide),
      own.map((n, d) => n * sizes[d]),
    );
  },
);

/** `repeat` for dimensions aligned at the end: missing ones count 1. */
export const tile = operator<(self: Tensor, ...dims: (number | readonly number[])[]) => Tensor>(
  "tile(self, ...dims)",
  (self: Tensor, dims: Shape) =>
    repeat(self, [...new Array<number>(Math.max(self.ndim - dims.length, 0)).fill(1), ...dims]),
);

/** Each element repeated `repeats` times along `dim` (flattened first where `dim` is absent). */
export const repeatInterleave = operator<(self: Tensor, repeats: number, dim?: number | { dim?: number }) => Tensor>(
  "repeatInterleave(self, repeats, dim=null)",
  (self: Tensor, repeats: number, dim: number | null) => {
    if (dim === null) return repeatInterleave(reshape(self, [-1]), repeats, 0);
    const d = wrapDim(dim, self.ndim);
    const shape = [...self.shape.slice(0, d + 1), repeats, ...self.shape.slice(d + 1)];
    return flatten(clone(expand(unsqueeze(self, d + 1), shape)), d, d + 1);
  },
);
