import * as kindling from "@kindling/autograd";
import { manualSeed, Tensor } from "@kindling/autograd";
import type { Case, Operator, Table } from "./case.js";
import { matrices } from "./matrices.js";
import { pointwise } from "./pointwise.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { scatters } from "./scatters.js";
import { shapes, writes } from "./shapes.js";
import { special } from "./special.js";
import { windows } from "./windows.js";

/** Families of operators that have a derivative, with calls of each. */
export const families: Readonly<Record<string, Table>> = {
  "element by element": pointwise,
  "reductions, scans, orders": reductions,
  "shapes, parts, indices": shapes,
  "writing by index": scatters,
  products,
  "convolution, pooling, resizing": windows,
  "linear algebra": matrices,
  "special functions": special,
};

/** Every differentiable operator. */
export const table: Table = Object.assign({}, ...Object.values(families));

/** What writes in place and has no other form. */
export { writes };

const within = (space: string, members: object): object =>
  Object.fromEntries(Object.entries(members).map(([name, f]) => [`${space}.${name}`, f]));

/** All exported functions by name. */
export const functions = {
  ...kindling,
  ...within("linalg", kindling.linalg),
  ...within("special", kindling.special),
} as unknown as Record<string, Operator>;

export const prototype = Tensor.prototype as unknown as Record<string, Operator>;

export const isGetter = (name: string): boolean => Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined;
export const isMethod = (name: string): boolean => Object.hasOwn(prototype, name);
export const isFunction = (name: string): boolean => typeof functions[name] === "function";

/** The operator called as a method of its first argument. */
export const asMethod =
  (name: string): Operator =>
  (self, ...rest) =>
    isGetter(name) ? self[name] : self[name](...rest);
/** `where` is a method of its second argument. */
export const methodOf = (name: string): Operator =>
  name === "where" ? (condition, self, other) => self.where(condition, other) : asMethod(name);
/** The call of a case as a function of its arguments, and these. */
export const run = (op: Operator, { args, call }: Case) =>
  [
    (...given: unknown[]) => {
      manualSeed(1); // for those that draw
      return call ? call(op, given) : op(...given);
    },
    args as unknown[],
  ] as const;
