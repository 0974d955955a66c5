import { ArgumentError, isInteger, type Shape, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast } from "../dispatch.js";
import { item } from "../read.js";
import type { Tensor } from "../tensor.js";
import { arange } from "./creation.js";
import { cumsum } from "./cumulative.js";
import { amin } from "./extremes.js";
import { indexSelect } from "./indexing.js";
import { narrow } from "./parts.js";
import { indexType } from "./promotion.js";
import { searchsorted } from "./search.js";
import { clone, to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
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

interface RepeatOptions {
  dim?: number | null;
  outputSize?: number | null;
}
export interface RepeatInterleave {
  (repeats: Tensor, options?: RepeatOptions): Tensor;
  (self: Tensor, repeats: number | Tensor, dim?: number | null | RepeatOptions, options?: RepeatOptions): Tensor;
}

/**
 * Each element along `dim` (of the flattened tensor without it) repeated `repeats` times: a number, or a tensor with a number for each element, whose sum
 * is read on the host unless `outputSize` tells it. With the numbers alone, the index of each element that often.
 */
export const repeatInterleave = operator<RepeatInterleave>(
  "repeatInterleave(self, repeats=null, dim=null, *, outputSize=null)",
  (self: Tensor, repeats: number | Tensor | null, dim: number | null, outputSize: number | null) => {
    expectTensor(self, "repeatInterleave");
    if (repeats === null) return interleaved(self, outputSize);
    if (dim === null) return repeatInterleave(reshape(self, [-1]), repeats, 0, { outputSize });
    const d = wrapDim(dim, self.ndim);
    if (typeof repeats === "number") {
      if (!(repeats >= 0)) throw new ArgumentError("repeats can not be negative", { repeats });
      const shape = [...self.shape.slice(0, d + 1), repeats, ...self.shape.slice(d + 1)];
      return flatten(clone(expand(unsqueeze(self, d + 1), shape)), d, d + 1);
    }
    expectTensor(repeats, "repeatInterleave", "repeats");
    if (repeats.ndim > 1) throw new ShapeError("repeats must be 0-dim or 1-dim tensor", { repeats: repeats.shape });
    const n = self.shape[d];
    if (repeats.numel() !== 1 && repeats.numel() !== n) {
      throw new ShapeError("repeats must have the same size as input along dim", { repeats: repeats.shape, size: n });
    }
    return indexSelect(self, d, interleaved(expand(reshape(repeats, [-1]), n), outputSize));
  },
);

/** The indices 0, 1, …, each as often as `repeats` says. */
function interleaved(repeats: Tensor, outputSize: number | null): Tensor {
  if (repeats.ndim !== 1) throw new ShapeError("repeatInterleave only accept 1D vector as repeat");
  if (!isInteger(repeats.dtype)) throw unsupported("repeatInterleave", repeats.dtype);
  const type = indexType(repeats.dtype);
  const n = repeats.numel();
  if (n === 0) return rawCast(repeats, type);
  const ends = cumsum(repeats.detach(), 0);
  let total = outputSize ?? 0;
  if (outputSize === null || repeats.storage.device.backend.readSync) {
    if (item(amin(repeats)) < 0) throw new ArgumentError("repeats can not be negative");
    total = Number(item(narrow(ends, 0, n - 1, 1)));
    if (outputSize !== null && outputSize !== total) {
      throw new ArgumentError("allocated size does not match required size", { outputSize, total });
    }
  }
  const places = arange(total, { dtype: ends.dtype, device: repeats.device });
  return to(searchsorted(ends, places, { right: true }), type);
}
