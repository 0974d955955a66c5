import { ArgumentError, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawFill, scalarFor, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import type { Scalar } from "./promotion.js";
import { expectTensor } from "./table.js";

/** What was added is cut off again, what was cut off is zero. */
const CONSTANT_PAD: Derivative = {
  name: "ConstantPadNdBackward0",
  backward: (node, g) =>
    constantPadNd(
      g,
      (node.context as readonly number[]).map((p) => -p),
    ),
};

/**
 * `self` with `value` around it. `pad` has two numbers, before and after, for each dimension, the last dimension first:
 * `[left, right, top, bottom, …]`; a negative number cuts off instead.
 * @throws ShapeError where a size would become negative
 */
export const constantPadNd = operator<
  (self: Tensor, pad: readonly number[], value?: Scalar | { value?: Scalar }) => Tensor
>("constantPadNd(self, pad, value=0)", (self: Tensor, pad: readonly number[], value: Scalar) => {
  expectTensor(self, "constantPadNd");
  if (pad.length % 2 !== 0) {
    throw new ArgumentError(`Length of pad must be even but instead it equals ${pad.length}`, { pad });
  }
  if (pad.length > 2 * self.ndim) {
    throw new ArgumentError(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length} while the input has ${self.ndim} dimensions.`,
      { pad, shape: self.shape },
    );
  }
  const shape = [...self.shape];
  const kept = [...self.shape];
  let [to, from] = [0, self.offset];
  const before = shape.map((_, d) => pad[2 * (self.ndim - 1 - d)] ?? 0);
  for (const [d, first] of before.entries()) {
    const after = pad[2 * (self.ndim - 1 - d) + 1] ?? 0;
    shape[d] += first + after;
    kept[d] += Math.min(0, first) + Math.min(0, after);
    if (shape[d] < 0 || kept[d] < 0) {
      throw new ShapeError(
        `The input size ${self.shape[d]}, plus negative padding ${first} and ${after} resulted in a negative output size, which is invalid. Check dimension ${d} of your input.`,
        { shape: self.shape, pad },
      );
    }
    from += Math.max(0, -first) * self.strides[d];
  }
  const { device, dtype } = self.storage;
  const out = fresh(device, dtype, shape, "constantPadNd");
  before.forEach((first, d) => {
    to += Math.max(0, first) * out.strides[d];
  });
  const filling = isFloat(dtype) ? value : dtype === "bool" ? Number(value) !== 0 : Math.trunc(Number(value));
  rawFill(out, scalarFor(dtype, filling));
  device.kernels.copy[dtype](windowOn(out, kept, out.strides, to), windowOn(self, kept, self.strides, from));
  if (recording(self)) record(CONSTANT_PAD, out, [self]).context = pad;
  return out;
});
