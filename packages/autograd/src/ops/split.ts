import { ArgumentError, formatShape, IndexError, ShapeError, state, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative, Grad, Node } from "../node.js";
import { recording, recordMany } from "../record.js";
import type { Tensor } from "../tensor.js";
import { type Geometry, viewOf } from "../views.js";
import { zeros } from "./creation.js";
import { cat, stack } from "./shape.js";

/*
 * Views that are together the results of one operator.
 */

/** Views that are together the results of one operator, and one node. */
function views(derivative: Derivative, self: Tensor, layouts: readonly Geometry[], dim: number): Tensor[] {
  const kind = state.gradEnabled ? "multiOutput" : undefined;
  const outs = layouts.map(({ shape, strides, offset }) => viewOf(self, shape, strides, offset, kind));
  if (outs.length > 0 && recording(self)) recordMany(derivative, outs, [self]).context = dim;
  return outs;
}

/** The gradients of all outputs, zeros where none arrived. */
const completed = (node: Node, g: Tensor | null, grads: readonly Grad[]): Tensor[] =>
  Array.from({ length: node.outputCount }, (_, i) => {
    const { shape, dtype, device } = node.output(i);
    return grads[i] ?? zeros(shape as number[], { dtype: g?.dtype ?? dtype, device: device.name });
  });

const SPLIT: Derivative = {
  name: "SplitBackward0",
  backward: (node, g, grads) => cat(completed(node, g, grads), node.context as number),
};
const SPLIT_WITH_SIZES: Derivative = { ...SPLIT, name: "SplitWithSizesBackward0" };

/** Parts of `sizes` along `dim`. */
function parts(derivative: Derivative, self: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  const layouts = sizes.map((n) => {
    const offset = self.offset + start * self.strides[dim];
    start += n;
    return { shape: self.shape.map((size, d) => (d === dim ? n : size)), strides: self.strides, offset };
  });
  return views(derivative, self, layouts, dim);
}

/** Parts along `dim`: of `splitSize` each (the last may be smaller), or of the sizes listed. */
export const split = operator<
  (self: Tensor, splitSize: number | readonly number[], dim?: number | { dim?: number }) => Tensor[]
>("split(self, splitSize, dim=0)", (self: Tensor, splitSize: number | readonly number[], dim: number) => {
  const d = wrapDim(dim, self.ndim);
  const n = self.shape[d];
  if (typeof splitSize !== "number") {
    if (splitSize.reduce((a, b) => a + b, 0) !== n) {
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${n} (input tensor's size at dimension ${d}), but got split_sizes=${formatShape(splitSize)}`,
        { splitSize },
      );
    }
    return parts(SPLIT_WITH_SIZES, self, splitSize, d);
  }
  if (splitSize <= 0 && n > 0)
    throw new ArgumentError(`split expects split_size be non-negative, but got split_size=${splitSize}`, { splitSize });
  const count = Math.max(Math.ceil(n / splitSize), 1);
  return parts(
    SPLIT,
    self,
    Array.from({ length: count }, (_, i) => Math.min(splitSize, n - i * splitSize)),
    d,
  );
});

/** At most `chunks` parts of equal size along `dim`; the last may be smaller. */
export const chunk = operator<(self: Tensor, chunks: number, dim?: number | { dim?: number }) => Tensor[]>(
  "chunk(self, chunks, dim=0)",
  (self: Tensor, chunks: number, dim: number) => {
    if (!(chunks > 0))
      throw new ArgumentError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`, { chunks });
    const d = wrapDim(dim, self.ndim);
    const n = self.shape[d];
    return n === 0 ? parts(SPLIT, self, new Array(chunks).fill(0), d) : split(self, Math.ceil(n / chunks), dim);
  },
);

const UNBIND: Derivative = {
  name: "UnbindBackward0",
  backward: (node, g, grads) => stack(completed(node, g, grads), node.context as number),
};

/** All slices along `dim`, without that dimension. */
export const unbind = operator<(self: Tensor, dim?: number | { dim?: number }) => Tensor[]>(
  "unbind(self, dim=0)",
  (self: Tensor, dim: number) => {
    if (self.ndim === 0) throw new IndexError("Dimension specified as 0 but tensor has no dimensions");
    const d = wrapDim(dim, self.ndim);
    const rest = (sizes: readonly number[]): number[] => sizes.filter((_, i) => i !== d);
    const layouts = Array.from({ length: self.shape[d] }, (_, i) => ({
      shape: rest(self.shape),
      strides: rest(self.strides),
      offset: self.offset + i * self.strides[d],
    }));
    return views(UNBIND, self, layouts, d);
  },
);
