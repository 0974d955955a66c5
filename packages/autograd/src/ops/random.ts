import {
  ArgumentError,
  type Device,
  type DType,
  DTypeError,
  dtypeInfo,
  fillBernoulli,
  fillExponential,
  fillMultinomial,
  fillNormal,
  fillRandint,
  fillUniform,
  Generator,
  getDevice,
  type HostArray,
  isFloat,
  numelOf,
  permutation,
  type Shape,
  ShapeError,
  state,
  storageFrom,
} from "@kindling/storage";
import { operator } from "../args.js";
import { rawContiguous } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { hostValues } from "../read.js";
import { makeNode } from "../record.js";
import { isTensor, type Tensor, wrap } from "../tensor.js";
import { beginInPlace, bumpVersion, rebase } from "../views.js";
import { checkDType, checkShape, finish, type TensorOptions, zerosLike } from "./creation.js";
import { div, mul } from "./pointwise.js";
import { to } from "./shape.js";
import { expectTensor } from "./table.js";

/*
 * Numbers are drawn on the host, by PyTorch's CPU generator, and written to the tensor's device: the same seed and calls give
 * the same numbers as PyTorch.
 */

type Filler = (generator: Generator, out: HostArray) => void;

/** The generator that is used where none is given. */
export function defaultGenerator(): Generator {
  state.generator ??= new Generator();
  return state.generator;
}

/** Seeds the default generator, and returns it. */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator().manualSeed(seed);
/** The state of the default generator, in PyTorch's format. */
export const getRngState = (): Uint8Array => defaultGenerator().getState();
/** Restores a state from `getRngState`. */
export function setRngState(bytes: Uint8Array): void {
  defaultGenerator().setState(bytes);
}
/** The seed that the default generator started from. */
export const initialSeed = (): number | bigint => defaultGenerator().initialSeed();

function drawn(fill: Filler, generator: Generator | null, shape: Shape, dtype: DType, device: Device): Tensor {
  const host = new dtypeInfo[dtype].Host(numelOf(shape));
  fill(generator ?? defaultGenerator(), host);
  return wrap(storageFrom(device, dtype, host), shape);
}

/** How many random bits a narrow float takes. */
const bitsOf = (dtype: DType): 11 | 8 | undefined => (dtype === "float16" ? 11 : dtype === "bfloat16" ? 8 : undefined);

const uniformOf =
  (dtype: DType, from = 0, end = 1): Filler =>
  (g, out) =>
    fillUniform(g, out as Float32Array, from, end, bitsOf(dtype));
const normalOf =
  (dtype: DType, mean = 0, std = 1): Filler =>
  (g, out) =>
    fillNormal(g, out as Float32Array, mean, std, bitsOf(dtype));

interface RandomOptions extends TensorOptions {
  /** Source of the numbers; the default generator where absent. */
  generator?: Generator | null;
}
type Sizes = (number | readonly number[] | RandomOptions)[];

function floating(dtype: unknown, name: string): DType {
  const type = dtype === null ? "float32" : checkDType(dtype, name);
  if (!isFloat(type))
    throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[type].scalarName}'`, { dtype: type });
  return type;
}

function random(name: string, fill: (dtype: DType) => Filler): (...size: Sizes) => Tensor {
  return operator(
    `${name}(...size, *, generator=null, dtype=null, device=null, requiresGrad=false)`,
    (size: unknown, generator: Generator | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      const type = floating(dtype, name);
      return finish(
        drawn(fill(type), generator, checkShape(size, name), type, getDevice(device ?? "cpu")),
        requiresGrad,
      );
    },
  );
}

function randomLike(name: string, fill: (dtype: DType) => Filler): (self: Tensor, options?: RandomOptions) => Tensor {
  return operator(
    `${name}(self, *, generator=null, dtype=null, device=null, requiresGrad=false)`,
    (self: Tensor, generator: Generator | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      expectTensor(self, name);
      const type = floating(dtype ?? self.dtype, name);
      return finish(
        drawn(fill(type), generator, self.shape, type, device === null ? self.storage.device : getDevice(device)),
        requiresGrad,
      );
    },
  );
}

/** Uniform numbers in [0, 1). */
export const rand = random("rand", (t) => uniformOf(t));
/** Standard normal numbers. */
export const randn = random("randn", (t) => normalOf(t));
/** Uniform numbers in the shape, dtype and device of another tensor. */
export const randLike = randomLike("randLike", (t) => uniformOf(t));
/** Standard normal numbers in the shape, dtype and device of another tensor. */
export const randnLike = randomLike("randnLike", (t) => normalOf(t));

type RandintArgs =
  | [high: number, size: readonly number[], options?: RandomOptions]
  | [low: number, high: number, size: readonly number[], options?: RandomOptions];

const randintBound = operator<(...args: unknown[]) => Tensor>(
  "randint(low, high, size, *, generator=null, dtype=null, device=null, requiresGrad=false)",
  (
    low: number,
    high: number,
    size: unknown,
    generator: Generator | null,
    dtype: unknown,
    device: string | null,
    requiresGrad: boolean,
  ) => {
    if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high) {
      throw new ArgumentError(`random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`, {
        low,
        high,
      });
    }
    const type = dtype === null ? "int32" : checkDType(dtype, "randint");
    const fill: Filler = (g, out) => fillRandint(g, out, low, high);
    return finish(drawn(fill, generator, checkShape(size, "randint"), type, getDevice(device ?? "cpu")), requiresGrad);
  },
);

/** Whole numbers from `low` (default 0) up to but without `high`: `randint(10, [3])`, `randint(2, 10, [3])`. int32. */
export function randint(...args: RandintArgs): Tensor {
  return Array.isArray(args[1]) ? randintBound(0, ...args) : randintBound(...args);
}

/** The numbers 0 … n − 1 in random order (int32). */
export const randperm = operator<(n: number, options?: RandomOptions) => Tensor>(
  "randperm(n, *, generator=null, dtype=null, device=null)",
  (n: number, generator: Generator | null, dtype: unknown, device: string | null) => {
    if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`n must be non-negative, got ${n}`, { n });
    const order = permutation(generator ?? defaultGenerator(), n);
    const out = wrap(storageFrom(getDevice(device ?? "cpu"), "int32", order), [n]);
    return dtype === null ? out : to(out, checkDType(dtype, "randperm"));
  },
);

// --------------------------------------------------------------------------------------------------- in place

const replaced = (name: string): Derivative => ({ name, backward: (_node, g) => zerosLike(g) });
const UNIFORM = replaced("UniformBackward0");
const NORMAL = replaced("NormalBackward0");
const EXPONENTIAL = replaced("ExponentialBackward0");
const BERNOULLI = replaced("BernoulliBackward2");

/** Overwrites `self` with drawn numbers. */
function refill(derivative: Derivative, self: Tensor, generator: Generator | null, fill: Filler): Tensor {
  const records = beginInPlace(self);
  const { device, dtype } = self.storage;
  const node = records ? makeNode(derivative, [self], self.shape, dtype, device) : null;
  const source = drawn(fill, generator, self.shape, dtype, device);
  device.kernels.copy[dtype](self, source);
  bumpVersion(self);
  if (node !== null) rebase(self, node);
  return self;
}

type Drawn = { generator?: Generator | null };

/** Overwrites with uniform numbers in [from, to). */
export const uniform_ = operator<
  (
    self: Tensor,
    from?: number | ({ from?: number; to?: number } & Drawn),
    to?: number | Drawn,
    options?: Drawn,
  ) => Tensor
>(
  "uniform_(self, from=0, to=1, *, generator=null)",
  (self: Tensor, from: number, end: number, generator: Generator | null) => {
    if (from > end)
      throw new ArgumentError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${end}`, {
        from,
        to: end,
      });
    floating(self.dtype, "uniform_");
    return refill(UNIFORM, self, generator, uniformOf(self.dtype, from, end));
  },
);

/** Overwrites with normal numbers. */
export const normal_ = operator<
  (
    self: Tensor,
    mean?: number | ({ mean?: number; std?: number } & Drawn),
    std?: number | Drawn,
    options?: Drawn,
  ) => Tensor
>(
  "normal_(self, mean=0, std=1, *, generator=null)",
  (self: Tensor, mean: number, std: number, generator: Generator | null) => {
    if (!(std >= 0)) throw new ArgumentError(`normal expects std >= 0.0, but found std ${std}`, { std });
    floating(self.dtype, "normal_");
    return refill(NORMAL, self, generator, normalOf(self.dtype, mean, std));
  },
);

/** Overwrites with exponentially distributed numbers of rate `lambd`. */
export const exponential_ = operator<
  (self: Tensor, lambd?: number | ({ lambd?: number } & Drawn), options?: Drawn) => Tensor
>("exponential_(self, lambd=1, *, generator=null)", (self: Tensor, lambd: number, generator: Generator | null) => {
  floating(self.dtype, "exponential_");
  return refill(EXPONENTIAL, self, generator, (g, out) => fillExponential(g, out as Float32Array, lambd));
});

/** Overwrites with 1 (probability `p`) or 0; `p` may be a tensor of probabilities. */
export const bernoulli_ = operator<
  (self: Tensor, p?: number | Tensor | ({ p?: number | Tensor } & Drawn), options?: Drawn) => Tensor
>("bernoulli_(self, p=0.5, *, generator=null)", (self: Tensor, p: number | Tensor, generator: Generator | null) => {
  const probability = isTensor(p) ? probabilitiesOf(p.expand(self.shape)) : checkProbability(p);
  return refill(BERNOULLI, self, generator, (g, out) => fillBernoulli(g, out, probability));
});

function checkProbability(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`, { p });
  return p;
}

function probabilitiesOf(p: Tensor): Float32Array | Float64Array {
  const { backend } = p.storage.device;
  if (!backend.readSync) throw new ArgumentError("bernoulli() reads the probabilities: use `await p.cpu()` first");
  const whole = rawContiguous(p);
  const values = backend.readSync(whole.storage, whole.offset, whole.numel()) as Float32Array | Float64Array;
  for (const v of values) checkProbability(v);
  return values;
}

/** 1 with the probability that each element of `self` gives, else 0; or, with `p`, that probability everywhere. */
export const bernoulli = operator<(self: Tensor, p?: number | Drawn, options?: Drawn) => Tensor>(
  "bernoulli(self, p=null, *, generator=null)",
  (self: Tensor, p: number | null, generator: Generator | null) => {
    floating(self.dtype, "bernoulli");
    const probability = p === null ? probabilitiesOf(self) : checkProbability(p);
    return drawn(
      (g, out) => fillBernoulli(g, out, probability),
      generator,
      self.shape,
      self.dtype,
      self.storage.device,
    );
  },
);

/**
 * Category numbers drawn by weight: `numSamples` for each row of `input`, (categories) or (rows, categories), whose weights
 * need not sum to one. int32, (numSamples) or (rows, numSamples).
 * @throws ArgumentError for weights that are negative, not finite or all zero, or too many samples without `replacement`
 */
export const multinomial = operator<
  (
    input: Tensor,
    numSamples: number,
    replacement?: boolean | ({ replacement?: boolean } & Drawn),
    options?: Drawn,
  ) => Tensor
>(
  "multinomial(input, numSamples, replacement=false, *, generator=null)",
  (input: Tensor, samples: number, replacement: boolean, generator: Generator | null) => {
    expectTensor(input, "multinomial", "input");
    floating(input.dtype, "multinomial");
    const { shape, ndim } = input;
    if (ndim < 1 || ndim > 2) throw new ShapeError("probDist must be 1 or 2 dim", { shape });
    const weights = hostValues(input, "multinomial") as Float32Array | Float64Array;
    const picked = fillMultinomial(generator ?? defaultGenerator(), weights, shape[ndim - 1], samples, replacement);
    return wrap(storageFrom(input.storage.device, "int32", picked), [...shape.slice(0, -1), samples]);
  },
);

/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p); without `training` returns `input`. */
export const dropout = operator<
  (
    input: Tensor,
    p?: number | { p?: number; training?: boolean },
    training?: boolean | { training?: boolean },
  ) => Tensor
>("dropout(input, p=0.5, training=true)", (input: Tensor, p: number, training: boolean) => {
  if (!(p >= 0 && p <= 1))
    throw new ArgumentError(`dropout probability has to be between 0 and 1, but got ${p}`, { p });
  if (!training || p === 0 || input.numel() === 0) return input;
  if (p === 1) return mul(input, 0);
  const keep = drawn((g, out) => fillBernoulli(g, out, 1 - p), null, input.shape, input.dtype, input.storage.device);
  return mul(input, div(keep, 1 - p));
});
