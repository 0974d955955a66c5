import { ArgumentError, fillBernoulli, type Shape, ShapeError, type View } from "@kindling/storage";
import { operator } from "../args.js";
import { fastResult } from "../dispatch.js";
import type { Tensor } from "../tensor.js";
import { zeros } from "./creation.js";
import { defaultGenerator, drawn } from "./draw.js";
import { div_ } from "./inplace.js";
import { add, mul, sub } from "./pointwise.js";
import { expectTensor } from "./table.js";

/*
 * Zeroing at random, to train with: elements, or whole channels (everything behind the second dimension).
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /**
     * `out`, contiguous = `value` with probability `p`, else 0. Numbers come from a stream that belongs to `key`, two words of 32 bits: the same
     * key gives the same numbers.
     */
    bernoulli(out: View, p: number, value: number, key: readonly [number, number]): void;
  }
}

type DropoutOptions = { p?: number; training?: boolean };
export type Dropout = (input: Tensor, p?: number | DropoutOptions, training?: boolean | DropoutOptions) => Tensor;

/** What is left of `input` where elements of this shape, drawn for it, are dropped with probability `p`. */
type Rule = (input: Tensor, shape: Shape, p: number) => Tensor;

/** A form of dropout: what is drawn, and what becomes of the input. */
const form = (name: string, sizesOf: (input: Tensor) => Shape, rule: Rule): Dropout =>
  operator<Dropout>(`${name}(input, p=0.5, training=true)`, (input: Tensor, p: number, training: boolean) => {
    expectTensor(input, name, "input");
    if (!(typeof p === "number" && p >= 0 && p <= 1)) {
      throw new ArgumentError(`dropout probability has to be between 0 and 1, but got ${p}`, { p });
    }
    if (!training || p === 0 || input.numel() === 0) return input;
    if (p === 1) return mul(input, zeros([], { dtype: input.dtype, device: input.device }));
    return rule(input, sizesOf(input), p);
  });

/**
 * Ones, or `scaled` 1 / p, with the probability `p`, else zeros. A device that has a stream of its own gets a key from the default generator; elsewhere
 * the generator's numbers are brought there.
 */
function noise({ dtype, storage }: Tensor, shape: Shape, p: number, scaled: boolean): Tensor {
  const { device } = storage;
  if (!device.hasFast("bernoulli", dtype)) {
    const ones = drawn((g, out) => fillBernoulli(g, out, p), null, shape, dtype, device);
    return scaled ? div_(ones, p) : ones;
  }
  const g = defaultGenerator();
  return fastResult("bernoulli", { storage, shape }, p, scaled ? 1 / p : 1, [g.random32(), g.random32()]) as Tensor;
}

const elements = ({ shape }: Tensor): Shape => shape;

/** (N, C, 1, …). */
function channels({ shape }: Tensor): Shape {
  if (shape.length < 2) throw new ShapeError("Feature dropout requires at least 2 dimensions in the input", { shape });
  return shape.map((n, d) => (d < 2 ? n : 1));
}

const scaling: Rule = (input, shape, p) => mul(input, noise(input, shape, 1 - p, true));

/** SELU's value far left of 0. */
const SATURATION = 1.7580993408473766;
/** What is dropped saturates, and all is scaled so that mean and variance stay. */
const selfNormalizing: Rule = (input, shape, p) => {
  const keep = noise(input, shape, 1 - p, false);
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
