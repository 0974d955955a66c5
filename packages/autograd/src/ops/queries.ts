import { ArgumentError } from "@kindling/storage";
import { operator } from "../args.js";
import { hostValues } from "../read.js";
import type { Tensor } from "../tensor.js";

/*
 * What a tensor is, as a number or as true or false.
 */

/** Whether the only element is not 0. Reads it at once. */
export const isNonzero = operator<(self: Tensor) => boolean>("isNonzero(self)", (self: Tensor) => {
  const n = self.numel();
  if (n !== 1) {
    throw new ArgumentError(
      `Boolean value of Tensor with ${n === 0 ? "no values" : "more than one value"} is ambiguous`,
      {
        numel: n,
      },
    );
  }
  // biome-ignore lint/suspicious/noDoubleEquals: 0 and 0n
  return hostValues(self, "isNonzero")[0] != 0;
});

/** Whether both have the same shape. */
export const isSameSize = operator<(self: Tensor, other: Tensor) => boolean>(
  "isSameSize(self, other)",
  (self: Tensor, other: Tensor) =>
    self.ndim === other.ndim && self.shape.every((size, dim) => size === other.shape[dim]),
);

/** Whether the dtype has negative numbers: all but uint8 and bool. */
export const isSigned = operator<(self: Tensor) => boolean>(
  "isSigned(self)",
  ({ dtype }: Tensor) => dtype !== "uint8" && dtype !== "bool",
);

/** Whether the dtype is one of floating-point numbers. */
export const isFloatingPoint = operator<(input: Tensor) => boolean>("isFloatingPoint(input)", (input: Tensor) =>
  input.isFloatingPoint(),
);

/** Whether the tensor was made in `inferenceMode`. */
export const isInference = operator<(input: Tensor) => boolean>("isInference(input)", (input: Tensor) =>
  input.isInference(),
);

/** The number of elements: `numel` by another name. */
export const nelement = operator<(self: Tensor) => number>("nelement(self)", (self: Tensor) => self.numel());
/** The number of dimensions: `dim` by another name. */
export const ndimension = operator<(self: Tensor) => number>("ndimension(self)", (self: Tensor) => self.ndim);
