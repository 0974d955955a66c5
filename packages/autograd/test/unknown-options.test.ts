import { describe, expect, it } from "vitest";
import { signatures } from "../src/args.js";
import * as kindling from "../src/index.js";
import { ones, Tensor } from "../src/index.js";

/** Methods that are no operators, and those whose arguments are indices. */
const plain = new Set(
  "constructor at toString item tolist toTypedArray toJSON cpu dim numel elementSize size stride storageOffset isContiguous isFloatingPoint isInference detach detach_ requiresGrad_ registerHook registerPostAccumulateGradHook retainGrad retainsGrad dispose".split(
    " ",
  ),
);

const functions = Object.entries(kindling).filter(([, f]) => signatures.has(f as never));
const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => !plain.has(name) && typeof Object.getOwnPropertyDescriptor(Tensor.prototype, name)?.value === "function",
);
const unexpected = /got an unexpected keyword argument 'noSuchOption'/;

describe("an option that the operator does not know", () => {
  it.each(functions)("is refused by %s()", (_, f) => {
    expect(() => (f as (...args: unknown[]) => unknown)(ones(2, 2), { noSuchOption: 1 })).toThrow(unexpected);
  });

  it.each(methods)("is refused by the method %s()", (name) => {
    const x = ones(2, 2) as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(() => x[name]({ noSuchOption: 1 })).toThrow(unexpected);
  });
});
