import * as storage from "@kindling/storage";
import { ArgumentError, formatShape, promoteTypes, type Shape, ShapeError, storageFrom } from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, fresh, rawFill, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recordingAny } from "../record.js";
import { type Tensor, wrap } from "../tensor.js";
import { meshgrid } from "./arrange.js";
import { empty } from "./creation.js";
import { indexSelect } from "./indexing.js";
import { narrow } from "./parts.js";
import { asRow, stack } from "./shape.js";
import { expectTensor } from "./table.js";
import { reshape } from "./views.js";

/*
 * Tensors, or elements of one, combined with each other.
 */

const BLOCK_DIAG: Derivative = {
  name: "BlockDiagBackward0",
  backward(node, g) {
    let [row, column] = [0, 0];
    return (node.context as readonly Shape[]).map((shape) => {
      const [rows, columns] = shape.length === 2 ? shape : [1, shape[0] ?? 1];
      const part = narrow(narrow(g, 0, row, rows), 1, column, columns);
      row += rows;
      column += columns;
      return reshape(part, shape);
    });
  },
};

/** Matrices (vectors count as rows) as blocks along the diagonal of a matrix, zero elsewhere. */
export const blockDiag = operator<(...tensors: (Tensor | readonly Tensor[])[]) => Tensor>(
  "blockDiag(...tensors)",
  (tensors: readonly Tensor[]) => {
    tensors.forEach((t, i) => {
      expectTensor(t, "blockDiag", `tensors[${i}]`);
      if (t.ndim > 2) {
        throw new ShapeError(
          `blockDiag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.ndim} dimensions`,
          { shape: t.shape },
        );
      }
    });
    if (tensors.length === 0) return empty([1, 0]);
    const dtype = tensors.map((t) => t.dtype).reduce(promoteTypes);
    const blocks = tensors.map((t) => asRow(t.detach()));
    const [rows, columns] = [0, 1].map((d) => blocks.reduce((n, t) => n + t.shape[d], 0));
    const out = fresh(commonDevice("blockDiag", tensors), dtype, [rows, columns], "blockDiag");
    rawFill(out, 0);
    let offset = 0;
    for (const block of blocks) {
      out.storage.device.kernels.copy[block.dtype](windowOn(out, block.shape, out.strides, offset), block);
      offset += block.shape[0] * columns + block.shape[1];
    }
    if (recordingAny(tensors)) record(BLOCK_DIAG, out, tensors).context = tensors.map((t) => t.shape);
    return out;
  },
);

function expectVector(t: Tensor, operation: string): void {
  expectTensor(t, operation);
  if (t.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape ${formatShape(t.shape)}`, { operation });
}

/** All tuples of one element of each vector, one row each, `(Π Nᵢ, number of vectors)`; of a single vector itself. */
export const cartesianProd = operator<(...tensors: (Tensor | readonly Tensor[])[]) => Tensor>(
  "cartesianProd(...tensors)",
  (tensors: readonly Tensor[]) => {
    for (const t of tensors) expectVector(t, "cartesianProd");
    if (tensors.length === 1) return tensors[0];
    return stack(
      meshgrid(...tensors).map((grid) => reshape(grid, [-1])),
      1,
    );
  },
);

type CombinationOptions = { r?: number; withReplacement?: boolean };

/** All choices of `r` elements of a vector in its order, one row each; `withReplacement` an element may be chosen again. */
export const combinations = operator<
  (self: Tensor, r?: number | CombinationOptions, withReplacement?: boolean | CombinationOptions) => Tensor
>("combinations(self, r=2, withReplacement=false)", (self: Tensor, r: number, withReplacement: boolean) => {
  expectVector(self, "combinations");
  if (!Number.isInteger(r) || r < 0) throw new ArgumentError(`Expect a non-negative number, but got ${r}`, { r });
  if (r === 0) return empty([0], { dtype: self.dtype, device: self.device });
  const n = self.shape[0];
  const step = withReplacement ? 0 : 1;
  const chosen: number[] = [];
  const choose = (prefix: readonly number[], from: number): void => {
    if (prefix.length === r) chosen.push(...prefix);
    else for (let i = from; i < n; i++) choose([...prefix, i], i + step);
  };
  choose([], 0);
  const index = wrap(storageFrom(self.storage.device, "int32", Int32Array.from(chosen)), [chosen.length]);
  return reshape(indexSelect(self, 0, index), [chosen.length / r, r]);
});

/** The shape that tensors of these shapes (arrays, or a number for a vector) broadcast to. */
export const broadcastShapes = (...shapes: (number | Shape)[]): number[] => {
  const given = shapes.map((s) => (typeof s === "number" ? [s] : s));
  const negative = given.flat().find((n) => n < 0);
  if (negative !== undefined) {
    throw new ShapeError(`Trying to create tensor with negative dimension (${negative}): (${negative})`, { shapes });
  }
  try {
    return [...given.reduce<Shape>((a, b) => storage.broadcastShapes(a, b), [])];
  } catch {
    throw new ShapeError("Shape mismatch: objects cannot be broadcast to a single shape", { shapes });
  }
};
