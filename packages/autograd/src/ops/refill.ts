import {
  fillBernoulli,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  type Generator,
  isContiguous,
} from "@kindling/storage";
import { operator } from "../args.js";
import { windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { makeNode } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { beginInPlace, bumpVersion, rebase } from "../views.js";
import { zerosLike } from "./creation.js";
import {
  checkNumber,
  checkProbability,
  drawingType,
  drawn,
  drawnHost,
  type Filler,
  inMemoryOrder,
  integersOf,
  normalOf,
  uniformOf,
} from "./draw.js";
import { type Drawn, probabilitiesOf } from "./random.js";
import { expand } from "./views.js";

/*
 * Operators that overwrite a tensor with random numbers, in the order of its memory, as PyTorch does.
 */

const replaced = (name: string): Derivative => ({ name, backward: (_node, g) => zerosLike(g) });
const UNIFORM = replaced("UniformBackward0");
const NORMAL = replaced("NormalBackward0");
const EXPONENTIAL = replaced("ExponentialBackward0");
const BERNOULLI = replaced("BernoulliBackward2");
const RANDOM = replaced("RandomBackward0");
const GEOMETRIC = replaced("GeometricBackward0");
const CAUCHY = replaced("CauchyBackward0");
const LOG_NORMAL = replaced("LogNormalBackward0");

function refill(derivative: Derivative, self: Tensor, generator: Generator | null, fill: Filler): Tensor {
  const records = beginInPlace(self);
  const { device, dtype } = self.storage;
  const node = records ? makeNode(derivative, [self], self.shape, dtype, device) : null;
  if (isContiguous(self.shape, self.strides)) {
    const values = drawnHost(fill, generator, self.numel(), dtype);
    if (values.length > 0) device.backend.write(self.storage, self.offset, values);
  } else {
    const target = inMemoryOrder(self);
    device.kernels.copy[dtype](target, drawn(fill, generator, target.shape, dtype, device, false));
  }
  bumpVersion(self);
  if (node !== null) rebase(self, node);
  return self;
}

/** Overwrites with uniform numbers in [from, to). */
export const uniform_ = operator<
  (
    self: Tensor,
    from?: number | ({ from?: number; to?: number } & Drawn),
    to?: number | ({ to?: number } & Drawn),
    options?: Drawn,
  ) => Tensor
>(
  "uniform_(self, from=0, to=1, *, generator=null)",
  (self: Tensor, from: number, to: number, generator: Generator | null) => {
    drawingType(self.dtype, "uniform_");
    const bounds = [checkNumber(from, "uniform_", "from"), checkNumber(to, "uniform_", "to")];
    return refill(UNIFORM, self, generator, uniformOf(self.dtype, bounds[0], bounds[1]));
  },
);

type Spread = { mean?: number; std?: number } & Drawn;
type NormalLike = (self: Tensor, mean?: number | Spread, std?: number | Spread, options?: Drawn) => Tensor;

/** Overwrites with normal numbers. */
export const normal_ = operator<NormalLike>(
  "normal_(self, mean=0, std=1, *, generator=null)",
  (self: Tensor, mean: number, std: number, generator: Generator | null) => {
    drawingType(self.dtype, "normal_");
    const [m, s] = [checkNumber(mean, "normal_", "mean"), checkNumber(std, "normal_", "std")];
    return refill(NORMAL, self, generator, normalOf(self.dtype, m, s));
  },
);

/** Overwrites with numbers whose logarithm is normal, of mean `mean` and deviation `std`. */
export const logNormal_ = operator<NormalLike>(
  "logNormal_(self, mean=1, std=2, *, generator=null)",
  (self: Tensor, mean: number, std: number, generator: Generator | null) => {
    drawingType(self.dtype, "logNormal_");
    const [m, s] = [checkNumber(mean, "logNormal_", "mean"), checkNumber(std, "logNormal_", "std")];
    return refill(LOG_NORMAL, self, generator, (g, out) => fillLogNormal(g, out as Float32Array, m, s));
  },
);

/** Overwrites with Cauchy numbers: `median + sigma · tan(π(u − ½))` for uniform `u`. */
export const cauchy_ = operator<
  (
    self: Tensor,
    median?: number | ({ median?: number; sigma?: number } & Drawn),
    sigma?: number | ({ sigma?: number } & Drawn),
    options?: Drawn,
  ) => Tensor
>(
  "cauchy_(self, median=0, sigma=1, *, generator=null)",
  (self: Tensor, median: number, sigma: number, generator: Generator | null) => {
    drawingType(self.dtype, "cauchy_");
    const [m, s] = [checkNumber(median, "cauchy_", "median"), checkNumber(sigma, "cauchy_", "sigma")];
    return refill(CAUCHY, self, generator, (g, out) => fillCauchy(g, out as Float32Array, m, s));
  },
);

/** Overwrites with exponentially distributed numbers of rate `lambd`. */
export const exponential_ = operator<
  (self: Tensor, lambd?: number | ({ lambd?: number } & Drawn), options?: Drawn) => Tensor
>("exponential_(self, lambd=1, *, generator=null)", (self: Tensor, lambd: number, generator: Generator | null) => {
  drawingType(self.dtype, "exponential_");
  const rate = checkNumber(lambd, "exponential_", "lambd");
  return refill(EXPONENTIAL, self, generator, (g, out) => fillExponential(g, out as Float32Array, rate));
});

/** Overwrites with the number of trials up to the first success, each of probability `p`. */
export const geometric_ = operator<(self: Tensor, p: number | ({ p: number } & Drawn), options?: Drawn) => Tensor>(
  "geometric_(self, p, *, generator=null)",
  (self: Tensor, p: number, generator: Generator | null) => {
    if (self.dtype === "bool") drawingType("bool", "geometric_");
    const chance = checkNumber(p, "geometric_", "p");
    return refill(GEOMETRIC, self, generator, (g, out) => fillGeometric(g, out, chance));
  },
);

/** Overwrites with 1 (probability `p`) or 0; `p` may be a tensor of probabilities. */
export const bernoulli_ = operator<
  (self: Tensor, p?: number | Tensor | ({ p?: number | Tensor } & Drawn), options?: Drawn) => Tensor
>("bernoulli_(self, p=0.5, *, generator=null)", (self: Tensor, p: number | Tensor, generator: Generator | null) => {
  if (!isTensor(p)) {
    const chance = checkProbability(p, "bernoulli_");
    return refill(BERNOULLI, self, generator, (g, out) => fillBernoulli(g, out, chance));
  }
  // as `self` is filled, whatever the layout of `p`
  const each = expand(p.detach(), self.shape);
  const order = self.shape.map((_, d) => d).sort((a, b) => self.strides[b] - self.strides[a]);
  const ordered = windowOn(
    each,
    order.map((d) => each.shape[d]),
    order.map((d) => each.strides[d]),
  );
  const chances = probabilitiesOf(p, ordered);
  return refill(BERNOULLI, self, generator, (g, out) => fillBernoulli(g, out, chances));
});

/** One more than the largest whole number that `random_()` draws. */
const BEYOND: Readonly<Record<string, number | bigint>> = {
  bool: 2,
  uint8: 2 ** 8,
  int8: 2 ** 7,
  int16: 2 ** 15,
  int32: 2 ** 31,
  int64: 1n << 63n,
  float64: 2n ** 53n + 1n,
  float32: 2 ** 24 + 1,
  float16: 2 ** 11 + 1,
  bfloat16: 2 ** 8 + 1,
};

type Whole = number | bigint;
type Bounds = { from?: Whole; to?: Whole | null } & Drawn;

/**
 * Overwrites with whole numbers: `random_(to)` in [0, to), `random_(from, to)` in [from, to), `random_()` in [0, largest], the largest
 * being that of an integer dtype and `2^significand` of a floating one.
 */
export const random_ = operator<
  (self: Tensor, from?: Whole | Bounds | null, to?: Whole | Bounds | null, options?: Drawn) => Tensor
>(
  "random_(self, from=null, to=null, *, generator=null)",
  (self: Tensor, from: Whole | null, to: Whole | null, generator: Generator | null) => {
    const [low, high] = to !== null ? [from ?? 0, to] : [0, from ?? BEYOND[self.dtype]];
    return refill(RANDOM, self, generator, integersOf(self.dtype, low, high));
  },
);
