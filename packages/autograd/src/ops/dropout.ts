import { ArgumentError, fillBernoulli, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { zeros } from "./creation.js";
import { drawn, type Filler } from "./draw.js";
import { div_ } from "./inplace.js";
import { add, mul, sub } from "./pointwise.js";
import { expectTensor } from "./table.js";

/*
 * Zeroing at random, to train with: elements, or whole channels (everything behind the second dimension).
 */

type DropoutOptions = { p?: number; training?: boolean };
export type Dropout = (input: Tensor, p?: number | DropoutOptions, training?: boolean | DropoutOptions) => Tensor;

/** What is left of `input` where `keep` is 1, given the probability of the other, 0. */
type Rule = (input: Tensor, keep: Tensor, p: number) => Tensor;

/** A form of dropout: what is drawn, and what becomes of the input. */
const form = (name: string, noise: (input: Tensor, fill: Filler) => Tensor, rule: Rule): Dropout =>
  operator<Dropout>(`${name}(input, p=0.5, training=true)`, (input: Tensor, p: number, training: boolean) => {
    expectTensor(input, name, "input");
    if (!(typeof p === "number" && p >= 0 && p <= 1)) {
      throw new ArgumentError(`dropout probability has to be between 0 and 1, but got ${p}`, { p });
    }
    if (!training || p === 0 || input.numel() === 0) return input;
    if (p === 1) return mul(input, zeros([], { dtype: input.dtype, device: input.device }));
    return rule(
      input,
      noise(input, (g, out) => fillBernoulli(g, out, 1 - p)),
      p,
    );
  });

const elements = ({ shape, dtype, storage }: Tensor, fill: Filler): Tensor =>
  drawn(fill, null, shape, dtype, storage.device);

/** (N, C, 1, …). */
function channels({ shape, dtype, storage }: Tensor, fill: Filler): Tensor {
  if (shape.length < 2) throw new ShapeError("Feature dropout requires at least 2 dimensions in the input", { shape });
  const sizes = shape.map((n, d) => (d < 2 ? n : 1));
  return drawn(fill, null, sizes, dtype, storage.device);
}

const scaling: Rule = (input, keep, p) => mul(input, div_(keep, 1 - p));

/** SELU's value far left of 0. */
const SATURATION = 1.7580993408473766;
/** What is dropped saturates, and all is scaled so that mean and variance stay. */
const selfNormalizing: Rule = (input, keep, p) => {
  const scale = 1 / Math.sqrt((SATURATION * SATURATION * p + 1) * (1 - p));
  const shift = add(mul(sub(keep, 1), SATURATION * scale), SATURATION * scale * p);
  return add(mul(input, mul(keep, scale)), shift);
};

/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p); without `training` returns `input`. */
export const dropout = form("dropout", elements, scaling);
/** Zeroes channels of (N, C, *) with probability `p` and scales the others by 1 / (1 − p). */
export const featureDropout = form("featureDropout", channels, scaling);
/** Dropout that keeps mean and variance, for networks of `selu`: Klambauer et al., "Self-Normalizing Neural Networks" (2017). */
export const alphaDropout = form("alphaDropout", elements, selfNormalizing);
/** The same for whole channels of (N, C, *). */
export const featureAlphaDropout = form("featureAlphaDropout", channels, selfNormalizing);
