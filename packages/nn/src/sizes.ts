import { tuple } from "./repr.js";

/** A size for all dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** One for each of `n` dimensions. */
export const repeated = (value: Sizes, n: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(n).fill(value) : [...value];

/** As it was given: `2` or `(2, 3)`. */
export const asGiven = (value: Sizes): string | number => (typeof value === "number" ? value : tuple(value));
