import { avgPool2d, operator, ShapeError, type Tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";
import { pad } from "./padding.js";

type LocalResponseOptions = { alpha?: number; beta?: number; k?: number };

/**
 * Each element of (N, C, *) divided by what `size` neighbouring channels respond at its place:
 * `x / (k + alpha · mean of x²) ^ beta`, the channels beyond the ends counting as zeros.
 * @throws ShapeError for less than three dimensions
 */
export const localResponseNorm = operator<
  (input: Tensor, size: number, ...args: Cut<[alpha: number, beta: number, k: number], LocalResponseOptions>) => Tensor
>(
  "localResponseNorm(input, size, alpha=1e-4, beta=0.75, k=1)",
  (input: Tensor, size: number, alpha: number, beta: number, k: number) => {
    if (input.ndim < 3) {
      throw new ShapeError(`Expected 3D or higher dimensionality input (got ${input.ndim} dimensions)`, {
        shape: input.shape,
      });
    }
    if (input.numel() === 0) return input;
    const [n, channels] = input.shape;
    const squares = input.mul(input).reshape(n, 1, channels, -1);
    const around = pad(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
    const response = avgPool2d(around, [size, 1], { stride: 1 }).reshape(input.shape);
    return input.div(response.mul(alpha).add(k).pow(beta));
  },
);
