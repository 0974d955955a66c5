import {
  alphaDropout as alphaDropoutOf,
  copyForm,
  dropout as dropoutOf,
  featureAlphaDropout as featureAlphaDropoutOf,
  featureDropout,
  operator,
  ShapeError,
  type Tensor,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

type Options = { p?: number; training?: boolean; inplace?: boolean };
type Dropout = (input: Tensor, ...args: Cut<[p: number, training: boolean, inplace: boolean], Options>) => Tensor;
type Plain = (input: Tensor, p: number, training: boolean) => Tensor;

/** With PyTorch's `inplace` flag; `training` is on unless told otherwise, but for the alpha forms. */
function overwriting(name: string, plain: Plain, training = true): Dropout {
  const form = copyForm(plain);
  return operator<Dropout>(
    `${name}(input, p=0.5, training=${training}, inplace=false)`,
    (input: Tensor, p: number, on: boolean, inplace: boolean) => (inplace && on ? form : plain)(input, p, on),
  );
}

/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p); without `training` returns `input`. */
export const dropout = overwriting("dropout", dropoutOf as Plain);
/** Dropout that keeps mean and variance, for networks of `selu`. */
export const alphaDropout = overwriting("alphaDropout", alphaDropoutOf as Plain, false);
/** `alphaDropout` of whole channels of (N, C, *). */
export const featureAlphaDropout = overwriting("featureAlphaDropout", featureAlphaDropoutOf as Plain, false);

/** Whole channels; what has no batch dimension gets one for the time. */
const ofChannels =
  (spatial: number): Plain =>
  (input, p, training) =>
    input.ndim === spatial + 2
      ? featureDropout(input, p, training)
      : featureDropout(input.unsqueeze(0), p, training).squeeze(0);

const along1d = ofChannels(1);
/**
 * Zeroes channels of (N, C, L) or (C, L) with probability `p` and scales the others by 1 / (1 − p).
 * @throws ShapeError for other numbers of dimensions
 */
export const dropout1d = overwriting("dropout1d", (input, p, training) => {
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw new ShapeError(
      `dropout1d: Expected 2D or 3D input, but received a ${input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
      { shape: input.shape },
    );
  }
  return along1d(input, p, training);
});
/** Zeroes channels of (N, C, H, W) with probability `p`; of three dimensions, as in PyTorch, the first is the batch: (N, C, L). */
export const dropout2d = overwriting("dropout2d", featureDropout as Plain);
/** Zeroes channels of (N, C, D, H, W) or (C, D, H, W) with probability `p`. */
export const dropout3d = overwriting("dropout3d", ofChannels(3));
