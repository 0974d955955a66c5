import { isContiguous, state, type View } from "@kindling/storage";
import { commonDevice, fastResult, fresh, rawContiguous } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { zeros } from "./creation.js";
import { indexVector, spread } from "./indexing.js";
import { mul } from "./pointwise.js";
import { indexAdd } from "./scatter.js";

/*
 * Rows of a table by their numbers: the core of `embedding` of `@kindling/nn`, which checks the arguments.
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /** `out` (N, D) = the rows of `table` (V, D), contiguous, that `index` (N), int32 and contiguous, names. */
    embedding(out: View, table: View, index: View): void;
    /** `out` (V, D), contiguous = the sum of the rows of `grad` (N, D), contiguous, that are of one row, each times its `factor` (N). */
    embeddingBackward(out: View, grad: View, index: View, factor: View | null): void;
  }
}

const EMBEDDING: Derivative = {
  name: "EmbeddingBackward0",
  backward(node: Node, g: Tensor) {
    const [index, factor] = [node.saved(0), node.savedOrNull(1)];
    const { storage } = g;
    const shape = [node.context as number, g.shape[1]];
    if (!state.gradEnabled && isContiguous(g.shape, g.strides)) {
      const fast = fastResult("embeddingBackward", { storage, shape }, g, index, factor);
      if (fast !== null) return [fast];
    }
    const table = zeros(shape, { dtype: g.dtype, device: g.device });
    return [indexAdd(table, 0, index, factor === null ? g : mul(g, factor))];
  },
};

/**
 * The rows of `table` (V, D) that `index` (N) names: (N, D). Their gradients are multiplied by `factor` (N, 1), contiguous.
 * @throws IndexError where an index is out of range (on devices that can tell)
 */
export function lookedUp(table: Tensor, index: Tensor, factor: Tensor | null): Tensor {
  const device = commonDevice("embedding", [table, index]);
  const { storage } = table;
  const at = rawContiguous(indexVector("embedding", index));
  const shape = [at.numel(), table.shape[1]];
  let out = isContiguous(table.shape, table.strides) ? fastResult("embedding", { storage, shape }, table, at) : null;
  if (out === null) {
    out = fresh(device, storage.dtype, shape, "embedding");
    device.kernels.gather[storage.dtype](out, table, spread(at, table.shape, 0), 0);
  }
  if (recording(table)) {
    const node = record(EMBEDDING, out, [table]);
    node.context = table.shape[0];
    node.save(at, factor);
  }
  return out;
}
