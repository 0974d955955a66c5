import { numelOf, type View } from "@kindling/storage";
import { Params } from "./axes.js";
import { elementwise } from "./pointwise.js";
import { runtimeOf } from "./runtime.js";
import { elementOf } from "./wgsl.js";

/*
 * The steps of optimizers: fast paths of autograd/src/ops/steps.ts, which says what is kept and what a step is told. Parameters come one after the other,
 * and share dispatches.
 */

type Kept = readonly (View | null)[];
type Told = Readonly<Record<string, number | boolean>>;

interface Step {
  /** What is kept, as the statements call it. */
  readonly kept: readonly string[];
  /** The settings that become numbers of the kernel. */
  readonly numbers: (told: Told) => Record<string, number>;
  /** Statements that change `param` and what is kept, by the gradient `g`; `has` tells what is kept. */
  readonly text: (has: (name: string) => boolean, told: Told) => string;
}

const picked =
  (...names: readonly string[]) =>
  (told: Told): Record<string, number> =>
    Object.fromEntries(["scale", "weightDecay", "lr", ...names].map((name) => [name, Number(told[name])]));

const adamNumbers = picked("decay", "beta1", "beta2", "root", "eps");
const rmspropNumbers = picked("alpha", "eps", "momentum");

const steps: Readonly<Record<string, Step>> = {
  sgdStep: {
    kept: ["v"],
    numbers: picked("momentum", "rate"),
    text: (has, { nesterov }) =>
      has("v")
        ? `v = P.momentum * v + P.rate * g; param -= P.lr * ${nesterov ? "(g + P.momentum * v)" : "v"};`
        : "param -= P.lr * g;",
  },
  adamStep: {
    kept: ["m", "v", "top"],
    // 1 − β is not what float32 makes of β
    numbers: (told) => ({ ...adamNumbers(told), rest1: 1 - Number(told.beta1), rest2: 1 - Number(told.beta2) }),
    text: (has) => `
  param *= P.decay;
  m = P.beta1 * m + P.rest1 * g;
  v = P.beta2 * v + P.rest2 * g * g;
  ${has("top") ? "top = max(top, v);" : ""}
  param -= P.lr * m / (sqrt(${has("top") ? "top" : "v"}) / P.root + P.eps);`,
  },
  rmspropStep: {
    kept: ["v", "a", "b"],
    numbers: (told) => ({ ...rmspropNumbers(told), rest: 1 - Number(told.alpha) }),
    text: (has) => `
  v = P.alpha * v + P.rest * g * g;
  ${has("a") ? "a = P.alpha * a + P.rest * g;" : ""}
  let s = g / (sqrt(v${has("a") ? " - a * a" : ""}) + P.eps);
  ${has("b") ? "b = P.momentum * b + s; param -= P.lr * b;" : "param -= P.lr * s;"}`,
  },
  adagradStep: {
    kept: ["v"],
    numbers: picked("eps"),
    text: () => "v += g * g; param -= P.lr * g / (sqrt(v) + P.eps);",
  },
};

const entry = (name: string, { kept: names, numbers, text }: Step) => ({
  run(param: View, grad: View, kept: Kept, told: object): void {
    const settings = told as Told;
    const { dtype } = param.storage;
    const n = numelOf(param.shape);
    const changed: [string, View][] = [["param", param]];
    kept.forEach((view, i) => {
      if (view !== null) changed.push([names[i], view]);
    });
    const params = new Params().add({ n, start_grad: grad.offset });
    for (const [key, view] of changed) params.add({ [`start_${key}`]: view.offset });
    params.floats(numbers(settings));
    runtimeOf(param).dispatchTogether({
      key: `${name} ${dtype} ${changed.map(([key]) => key).join("")}${settings.nesterov ? " nesterov" : ""}`,
      outputs: Object.fromEntries(changed.map(([key, { storage }]) => [`${key}_all`, storage])),
      inputs: { grad_all: grad.storage },
      params: params.names,
      words: params.words,
      n,
      text: () => {
        const { load, store } = elementOf(dtype);
        const place = (key: string): string => `${key}_all[P.start_${key} + index]`;
        return `
  if (index >= P.n) { return; }
  ${changed.map(([key]) => `var ${key} = ${load(place(key))};`).join(" ")}
  let g = P.scale * ${load(place("grad"))} + P.weightDecay * param;
  ${text((key) => changed.some(([other]) => other === key), settings)}
  ${changed.map(([key]) => `${place(key)} = ${store(key)};`).join(" ")}`;
      },
    });
  },
});

/** `out[i] = a[i] + alpha · b[i]`. */
const addScaled = {
  run(out: View, a: View, b: View, alpha: number): void {
    const { dtype } = out.storage;
    const inputs = [a, b, alpha].map((operand) => ({ operand, dtype }));
    elementwise(runtimeOf(out), "addScaled", out, inputs, (x, y, factor) => `${x} + ${factor} * ${y}`);
  },
};

export const optimizers = {
  addScaled: { float32: addScaled },
  sgdStep: { float32: entry("sgdStep", steps.sgdStep) },
  adamStep: { float32: entry("adamStep", steps.adamStep) },
  rmspropStep: { float32: entry("rmspropStep", steps.rmspropStep) },
  adagradStep: { float32: entry("adagradStep", steps.adagradStep) },
};
