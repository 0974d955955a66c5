import { autograd, type Tensor } from "@kindling/autograd";

export type Context = autograd.FunctionContext;

/** What a backward is given, and may give back. */
export type Backward = (ctx: Context, ...grads: Tensor[]) => unknown;

/** A function of one's own, named `FN`. */
export function custom(forward: (ctx: Context, ...args: Tensor[]) => unknown, backward: Backward) {
  class FN extends autograd.Function {
    static override forward(ctx: Context, ...args: Tensor[]): unknown {
      return forward(ctx, ...args);
    }
    static override backward(ctx: Context, ...grads: Tensor[]): unknown {
      return backward(ctx, ...grads);
    }
  }
  return FN.apply as (...args: unknown[]) => Tensor;
}
/** 2x, with a backward of one's own. */
export const double = (backward: Backward) => custom((_, x) => x.mul(2), backward);
/** The results of a function that has several. */
export const severalOf = (apply: (...args: unknown[]) => Tensor, ...args: unknown[]) =>
  apply(...args) as unknown as Tensor[];
