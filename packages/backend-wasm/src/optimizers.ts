import { isContiguous, numelOf, type View } from "@kindling/storage";
import { instance, type Kernel } from "./instance.js";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { type Role, streamed } from "./streamed.js";

/* The steps of optimizers: fast paths of autograd/src/ops/steps.ts, which says what is kept and what a step is told. */

type Kept = readonly (View | null)[];

const ROLES: readonly Role[] = ["both", "in", "both", "both", "both"];

/** A step that is told the values `names`, in the order of the kernel's arguments. */
const step = (name: string, names: readonly string[]) => {
  const of = (kernel: string) => ({
    accepts: (param: View) => numelOf(param.shape) >= limits.step && available(),
    run: (param: View, grad: View, kept: Kept, told: object): void => {
      const call = (instance() as { kernels: Record<string, Kernel> }).kernels[kernel];
      const settings = names.map((key) => Number((told as Record<string, number | boolean>)[key]));
      const views = [param, grad, ...kept];
      streamed(views, ROLES, numelOf(param.shape), (pointers, count) => call(...pointers, count, ...settings));
    },
  });
  return { float32: of(`${name}32`), float64: of(`${name}64`) };
};

/** `out[i] = a[i] + alpha · b[i]`, where `out` is `a`. */
const addScaled = (kernel: string) => ({
  accepts: (out: View, a: View, b: View) =>
    out === a && numelOf(out.shape) >= limits.addScaled && isDense(out) && isDense(b) && available(),
  run: (out: View, _a: View, b: View, alpha: number): void => {
    const call = (instance() as { kernels: Record<string, Kernel> }).kernels[kernel];
    streamed([out, b], ROLES, numelOf(out.shape), (pointers, count) => call(...pointers, count, alpha));
  },
});

const isDense = ({ shape, strides }: View): boolean => isContiguous(shape, strides);

export const optimizers = {
  addScaled: { float32: addScaled("addScaled32"), float64: addScaled("addScaled64") },
  sgdStep: step("sgd", ["lr", "momentum", "rate", "nesterov", "scale", "weightDecay"]),
  adamStep: step("adam", ["lr", "decay", "beta1", "beta2", "root", "eps", "scale", "weightDecay"]),
  rmspropStep: step("rmsprop", ["lr", "alpha", "eps", "momentum", "scale", "weightDecay"]),
  adagradStep: step("adagrad", ["lr", "eps", "scale", "weightDecay"]),
};
