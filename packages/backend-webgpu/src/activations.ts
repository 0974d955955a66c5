import type { View } from "@kindling/storage";
import { type MathName, math } from "./math.js";
import { elementwise } from "./pointwise.js";
import { runtimeOf } from "./runtime.js";

/* Activations and their gradients: fast paths of autograd/src/ops/table.ts. */

/** WGSL of a function of `x`, and of its gradient from `g`, that of the result; `y` is the result where that is what is saved. */
interface Activation {
  readonly of?: string;
  readonly gradient: string;
  /** Functions of `math` that are called, and others. */
  readonly calls?: readonly MathName[];
  readonly declares?: string;
}

const NORMAL = "fn normal_distribution(x: f32) -> f32 { return 0.5 * (1.0 + erf_of(x * 0.70710678)); }";
const BENT = `
fn bent(x: f32) -> f32 { return tanh_of(0.79788456 * (x + 0.044715 * x * x * x)); }
fn bent_gradient(x: f32) -> f32 {
  let t = bent(x);
  return 0.5 * (1.0 + t + x * (1.0 - t * t) * 0.79788456 * (1.0 + 0.134145 * x * x));
}`;

const activations: Readonly<Record<string, Activation>> = {
  "gelu none": {
    of: "x * normal_distribution(x)",
    gradient: "g * (normal_distribution(x) + x * 0.39894228 * exp_of(-0.5 * x * x))",
    calls: ["erf_of", "exp_of"],
    declares: NORMAL,
  },
  "gelu tanh": {
    of: "0.5 * x * (1.0 + bent(x))",
    gradient: "g * bent_gradient(x)",
    calls: ["tanh_of"],
    declares: BENT,
  },
  silu: {
    of: "x * sigmoid_of(x)",
    gradient: "g * sigmoid_of(x) * (1.0 + x * (1.0 - sigmoid_of(x)))",
    calls: ["sigmoid_of"],
  },
  // NaN lets the gradient through
  relu: { gradient: "select(g, 0.0, x <= 0.0)" },
};

const declarationsOf = ({ calls = [], declares = "" }: Activation): string => `${math(...calls)}\n${declares}`;

const found = (name: string, settings: readonly unknown[]): string => [name, ...settings].join(" ");

/** An expression in `x` and `g` with these values. */
const filled = (expression: string, x: string, g = ""): string =>
  expression.replace(/\b[xg]\b/g, (name) => (name === "x" ? `(${x})` : `(${g})`));

const forward = {
  accepts: (_out: View, _a: View, name: string, settings: readonly unknown[]) =>
    activations[found(name, settings)]?.of !== undefined,
  run(out: View, a: View, name: string, settings: readonly unknown[]): void {
    const key = found(name, settings);
    const activation = activations[key];
    const inputs = [{ operand: a, dtype: a.storage.dtype }];
    elementwise(
      runtimeOf(out),
      `activation.${key}`,
      out,
      inputs,
      (x) => filled(activation.of as string, x),
      () => declarationsOf(activation),
    );
  },
};

const backward = {
  accepts: (_out: View, _grad: View, _saved: View, name: string, settings: readonly unknown[]) =>
    activations[found(name, settings)] !== undefined,
  run(out: View, grad: View, saved: View, name: string, settings: readonly unknown[]): void {
    const key = found(name, settings);
    const activation = activations[key];
    const inputs = [grad, saved].map((operand) => ({ operand, dtype: operand.storage.dtype }));
    elementwise(
      runtimeOf(out),
      `activationBackward.${key}`,
      out,
      inputs,
      (g, x) => filled(activation.gradient, x, g),
      () => declarationsOf(activation),
    );
  },
};

export const activationPaths = {
  activation: { float32: forward, float16: forward },
  activationBackward: { float32: backward, float16: backward },
};
