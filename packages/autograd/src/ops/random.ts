import {
  ArgumentError,
  broadcastShapes,
  DTypeError,
  dtypeInfo,
  fillBernoulli,
  fillMultinomial,
  type Generator,
  getDevice,
  isFloat,
  permutation,
  type Shape,
  ShapeError,
  storageFrom,
  type View,
} from "@kindling/storage";
import { isOptions, operator } from "../args.js";
import { rawCopy } from "../dispatch.js";
import { hostValues } from "../read.js";
import { isTensor, type Tensor, wrap } from "../tensor.js";
import { checkDType, checkShape, finish, type TensorOptions } from "./creation.js";
import {
  checkNumber,
  checkProbability,
  defaultGenerator,
  drawingType,
  drawn,
  drawnLike,
  type Filler,
  integersOf,
  normalOf,
  permuted,
  sourceOf,
  uniformOf,
} from "./draw.js";
import { add, mul } from "./pointwise.js";
import { to } from "./shape.js";
import { expectTensor } from "./table.js";
import { addcmul } from "./ternary.js";

/*
 * New tensors of random numbers; what overwrites a tensor with them is in `refill.ts`.
 */

export { defaultGenerator };

/** Seeds the default generator, and returns it. */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator().manualSeed(seed);
/** The state of the default generator, in PyTorch's format. */
export const getRngState = (): Uint8Array => defaultGenerator().getState();
/** Restores a state from `getRngState`, or one that PyTorch saved, which is a tensor of bytes. */
export function setRngState(state: Uint8Array | Tensor): void {
  defaultGenerator().setState((isTensor(state) ? hostValues(state, "setRngState") : state) as Uint8Array);
}
/** The seed that the default generator started from. */
export const initialSeed = (): number | bigint => defaultGenerator().initialSeed();

export interface RandomOptions extends TensorOptions {
  /** Source of the numbers; the default generator where absent. */
  generator?: Generator | null;
}
export type Drawn = { generator?: Generator | null };
type Sizes = (number | readonly number[] | RandomOptions)[];

type FillerOf = (dtype: ReturnType<typeof drawingType>) => Filler;

function random(name: string, fill: FillerOf): (...size: Sizes) => Tensor {
  return operator(
    `${name}(...size, *, generator=null, dtype=null, device=null, requiresGrad=false)`,
    (size: unknown, generator: Generator | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      const type = drawingType(dtype, name);
      return finish(
        drawn(fill(type), generator, checkShape(size, name), type, getDevice(device ?? "cpu")),
        requiresGrad,
      );
    },
  );
}

function randomLike(name: string, fill: FillerOf): (self: Tensor, options?: RandomOptions) => Tensor {
  return operator(
    `${name}(self, *, generator=null, dtype=null, device=null, requiresGrad=false)`,
    (self: Tensor, generator: Generator | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
      expectTensor(self, name);
      const type = drawingType(dtype ?? self.dtype, name);
      const on = device === null ? self.storage.device : getDevice(device);
      return finish(drawnLike(fill(type), generator, self, type, on), requiresGrad);
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

type Whole = number | bigint;
type RandintOptions = RandomOptions & { low?: Whole; high?: Whole; size?: readonly number[] };
type RandintArgs =
  | [options: RandintOptions]
  | [high: Whole, options: RandintOptions]
  | [high: Whole, size: readonly number[], options?: RandintOptions]
  | [low: Whole, high: Whole, options: RandintOptions]
  | [low: Whole, high: Whole, size: readonly number[], options?: RandomOptions];

const randintBound = operator<(...args: unknown[]) => Tensor>(
  "randint(low, high, size, *, generator=null, dtype=null, device=null, requiresGrad=false)",
  (
    low: Whole,
    high: Whole,
    size: unknown,
    generator: Generator | null,
    dtype: unknown,
    device: string | null,
    requiresGrad: boolean,
  ) => {
    const type = dtype === null ? "int32" : checkDType(dtype, "randint");
    const shape = checkShape(size, "randint");
    return finish(drawn(integersOf(type, low, high), generator, shape, type, getDevice(device ?? "cpu")), requiresGrad);
  },
);

/** Whether bounds that start with a position leave out `low`: one number alone, with `high` not named. */
function lowAbsent(args: readonly unknown[], from: number): boolean {
  const last = args[args.length - 1];
  const named = isOptions(last) ? last : {};
  if (named.low !== undefined) return false;
  const bounds = args.slice(from).filter((a) => typeof a === "number" || typeof a === "bigint").length;
  return bounds + (named.high === undefined ? 0 : 1) === 1;
}

/**
 * Whole numbers from `low` (default 0) up to but without `high`: `randint(10, [3])`, `randint(2, 10, [3])`. int32 unless told;
 * int64 takes bigint bounds too.
 */
export function randint(...args: RandintArgs): Tensor {
  return lowAbsent(args, 0) ? randintBound(0, ...args) : randintBound(...args);
}

const randintLikeBound = operator<(...args: unknown[]) => Tensor>(
  "randintLike(self, low, high, *, generator=null, dtype=null, device=null, requiresGrad=false)",
  (
    self: Tensor,
    low: Whole,
    high: Whole,
    generator: Generator | null,
    dtype: unknown,
    device: string | null,
    requiresGrad: boolean,
  ) => {
    expectTensor(self, "randintLike");
    const type = dtype === null ? self.dtype : checkDType(dtype, "randintLike");
    const on = device === null ? self.storage.device : getDevice(device);
    return finish(drawnLike(integersOf(type, low, high), generator, self, type, on), requiresGrad);
  },
);
type RandintLikeOptions = RandomOptions & { low?: Whole; high?: Whole };

/** Whole numbers as `randint` draws them, in the shape, dtype and device of another tensor. */
export function randintLike(
  self: Tensor,
  ...args:
    | [options: RandintLikeOptions]
    | [high: Whole, options?: RandintLikeOptions]
    | [low: Whole, high: Whole, options?: RandomOptions]
): Tensor {
  return lowAbsent(args, 0) ? randintLikeBound(self, 0, ...args) : randintLikeBound(self, ...args);
}

/** The numbers 0 … n − 1 in random order (int32 unless told). */
export const randperm = operator<(n: number, options?: RandomOptions) => Tensor>(
  "randperm(n, *, generator=null, dtype=null, device=null, requiresGrad=false)",
  (n: number, generator: Generator | null, dtype: unknown, device: string | null, requiresGrad: boolean) => {
    if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`n must be non-negative, got ${n}`, { n });
    const type = dtype === null ? "int32" : checkDType(dtype, "randperm");
    if (type === "bool") throw new DTypeError(`"randperm" not implemented for 'Bool'`, { dtype: type });
    const most = LARGEST_PERMUTATION[type];
    if (most !== undefined && n > most) {
      throw new ArgumentError(`n cannot be greater than ${most} for ${dtypeInfo[type].scalarName} type.`, { n });
    }
    const order = permutation(sourceOf(generator), n);
    const out = wrap(storageFrom(getDevice(device ?? "cpu"), "int32", order), [n]);
    return finish(to(out, type), requiresGrad);
  },
);

/** Up to which `n` all numbers below it are exact in a dtype. */
const LARGEST_PERMUTATION: Partial<Record<string, number>> = {
  float32: 2 ** 24 + 1,
  float16: 2 ** 11 + 1,
  bfloat16: 2 ** 8 + 1,
  int16: 2 ** 15,
  uint8: 2 ** 8,
  int8: 2 ** 7,
};

type NormalOptions = RandomOptions & { mean?: Tensor | number; std?: Tensor | number; size?: Shape };
type Normal = {
  (mean: Tensor, std?: Tensor | number | NormalOptions, options?: Drawn): Tensor;
  (mean: number, std: Tensor, options?: Drawn): Tensor;
  (mean: number, std: number, size: readonly number[], options?: RandomOptions): Tensor;
  (mean: number, std: number, options: NormalOptions): Tensor;
  (options: NormalOptions): Tensor;
};

/**
 * Normal numbers: of means and standard deviations per element (tensors, which broadcast; or one of them a number), or of one mean
 * and one deviation in a given size.
 * @throws ArgumentError for a negative `std`
 */
export const normal = operator<Normal>(
  "normal(mean=0, std=1, size=null, *, generator=null, dtype=null, device=null, requiresGrad=false)",
  (
    mean: Tensor | number,
    std: Tensor | number,
    size: unknown,
    generator: Generator | null,
    dtype: unknown,
    device: string | null,
    requiresGrad: boolean,
  ) => {
    const [m, s] = [isTensor(mean) ? mean : null, isTensor(std) ? std : null];
    if (m === null && s === null) {
      const type = drawingType(dtype, "normal");
      const fill = normalOf(type, checkNumber(mean, "normal", "mean"), checkNumber(std, "normal", "std"));
      return finish(drawn(fill, generator, checkShape(size, "normal"), type, getDevice(device ?? "cpu")), requiresGrad);
    }
    if (size !== null) throw new ArgumentError("normal(): size is for a mean and a std that are numbers");
    if (s !== null && hostValues(s, "normal").some((v) => (v as number) < 0)) {
      throw new ArgumentError("normal expects all elements of std >= 0.0");
    }
    const type = drawingType((m ?? (s as Tensor)).dtype, "normal");
    const shape = m !== null && s !== null ? broadcastShapes(m.shape, s.shape) : (m ?? (s as Tensor)).shape;
    // as PyTorch: numbers of deviation `std`, or of 1 which a tensor then scales
    const deviation = s === null ? checkNumber(std, "normal", "std") : 1;
    const numbers = drawn(normalOf(type, 0, deviation), generator, shape, type, (m ?? (s as Tensor)).storage.device);
    if (s === null) return add(numbers, (m as Tensor).detach());
    if (m !== null) return addcmul(m.detach(), numbers, s.detach());
    return add(mul(numbers, s.detach()), checkNumber(mean, "normal", "mean"));
  },
);

/** The elements of `p`, or of `ordered`, which shows them in another order, as probabilities. */
export function probabilitiesOf(p: Tensor, ordered: View = p): Float32Array | Float64Array {
  if (!isFloat(p.dtype)) {
    throw new DTypeError(`"bernoulli_tensor_cpu_p_" not implemented for '${dtypeInfo[p.dtype].scalarName}'`, {
      dtype: p.dtype,
    });
  }
  const values = hostValues(ordered === p ? p : rawCopy(ordered), "bernoulli") as Float32Array | Float64Array;
  for (const v of values) checkProbability(v, "bernoulli_");
  return values;
}

/** 1 with the probability that each element of `self` gives, else 0; or, with `p`, that probability everywhere. */
export const bernoulli = operator<
  (self: Tensor, p?: number | null | (Drawn & { p?: number }), options?: Drawn) => Tensor
>("bernoulli(self, p=null, *, generator=null)", (self: Tensor, p: number | null, generator: Generator | null) => {
  expectTensor(self, "bernoulli");
  const type = drawingType(self.dtype, "bernoulli");
  const chance = p === null ? probabilitiesOf(self) : checkProbability(p, "bernoulli_");
  return drawn((g, out) => fillBernoulli(g, out, chance), generator, self.shape, type, self.storage.device);
});

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
    if (!isFloat(input.dtype)) {
      throw new DTypeError(
        `multinomial only supports floating-point dtypes for input, got: ${dtypeInfo[input.dtype].scalarName}`,
        { dtype: input.dtype },
      );
    }
    const { shape, ndim } = input;
    if (ndim < 1 || ndim > 2) throw new ShapeError("probDist must be 1 or 2 dim", { shape });
    const weights = hostValues(input, "multinomial") as Float32Array | Float64Array;
    const picked = fillMultinomial(
      sourceOf(generator),
      weights,
      shape[ndim - 1],
      samples,
      replacement,
      permuted(input),
    );
    return wrap(storageFrom(input.storage.device, "int32", picked), [...shape.slice(0, -1), samples]);
  },
);
