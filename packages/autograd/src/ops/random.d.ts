import { Generator } from "@kindling/storage";
import { type Tensor } from "../tensor.js";
import { type TensorOptions } from "./creation.js";
/** The generator that is used where none is given. */
export declare function defaultGenerator(): Generator;
/** Seeds the default generator, and returns it. */
export declare const manualSeed: (seed: number | bigint) => Generator;
/** The state of the default generator, in PyTorch's format. */
export declare const getRngState: () => Uint8Array;
/** Restores a state from `getRngState`. */
export declare function setRngState(bytes: Uint8Array): void;
/** The seed that the default generator started from. */
export declare const initialSeed: () => number | bigint;
interface RandomOptions extends TensorOptions {
    /** Source of the numbers; the default generator where absent. */
    generator?: Generator | null;
}
type Sizes = (number | readonly number[] | RandomOptions)[];
/** Uniform numbers in [0, 1). */
export declare const rand: (...size: Sizes) => Tensor;
/** Standard normal numbers. */
export declare const randn: (...size: Sizes) => Tensor;
/** Uniform numbers in the shape, dtype and device of another tensor. */
export declare const randLike: (self: Tensor, options?: RandomOptions) => Tensor;
/** Standard normal numbers in the shape, dtype and device of another tensor. */
export declare const randnLike: (self: Tensor, options?: RandomOptions) => Tensor;
type RandintArgs = [high: number, size: readonly number[], options?: RandomOptions] | [low: number, high: number, size: readonly number[], options?: RandomOptions];
/** Whole numbers from `low` (default 0) up to but without `high`: `randint(10, [3])`, `randint(2, 10, [3])`. int32. */
export declare function randint(...args: RandintArgs): Tensor;
/** The numbers 0 … n − 1 in random order (int32). */
export declare const randperm: (n: number, options?: RandomOptions) => Tensor;
type Drawn = {
    generator?: Generator | null;
};
/** Overwrites with uniform numbers in [from, to). */
export declare const uniform_: (self: Tensor, from?: number | ({
    from?: number;
    to?: number;
} & Drawn), to?: number | Drawn, options?: Drawn) => Tensor;
/** Overwrites with normal numbers. */
export declare const normal_: (self: Tensor, mean?: number | ({
    mean?: number;
    std?: number;
} & Drawn), std?: number | Drawn, options?: Drawn) => Tensor;
/** Overwrites with exponentially distributed numbers of rate `lambd`. */
export declare const exponential_: (self: Tensor, lambd?: number | ({
    lambd?: number;
} & Drawn), options?: Drawn) => Tensor;
/** Overwrites with 1 (probability `p`) or 0; `p` may be a tensor of probabilities. */
export declare const bernoulli_: (self: Tensor, p?: number | Tensor | ({
    p?: number | Tensor;
} & Drawn), options?: Drawn) => Tensor;
/** 1 with the probability that each element of `self` gives, else 0; or, with `p`, that probability everywhere. */
export declare const bernoulli: (self: Tensor, p?: number | Drawn, options?: Drawn) => Tensor;
/**
 * Category numbers drawn by weight: `numSamples` for each row of `input`, (categories) or (rows, categories), whose weights
 * need not sum to one. int32, (numSamples) or (rows, numSamples).
 * @throws ArgumentError for weights that are negative, not finite or all zero, or too many samples without `replacement`
 */
export declare const multinomial: (input: Tensor, numSamples: number, replacement?: boolean | ({
    replacement?: boolean;
} & Drawn), options?: Drawn) => Tensor;
/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p); without `training` returns `input`. */
export declare const dropout: (input: Tensor, p?: number | {
    p?: number;
    training?: boolean;
}, training?: boolean | {
    training?: boolean;
}) => Tensor;
export {};
