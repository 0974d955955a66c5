import { isContiguous, numelOf, type View } from "@kindling/storage";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { overRows, type RowOperand } from "./rows.js";

/* The steps of optimizers: fast paths of autograd/src/ops/steps.ts, which says what is kept and what a step is told. */

type Kept = readonly (View | null)[];

/** A step that is told the values `names`, in the order of the kernel's arguments; `work` as `overRows` has it. */
const step = (name: string, names: readonly string[], work: number) => {
  const entry = {
    accepts: (param: View) => numelOf(param.shape) >= limits.step && available(),
    run(param: View, grad: View, kept: Kept, told: object): void {
      const operands: RowOperand[] = [
        { view: param, role: "both", width: 1 },
        { view: grad, role: "in", width: 1 },
      ];
      for (const view of kept) operands.push({ view, role: "both", width: 1 });
      const settings = names.map((key) => Number((told as Record<string, number | boolean>)[key]));
      overRows(name, numelOf(param.shape), 1, operands, settings, work);
    },
  };
  return { float32: entry, float64: entry };
};

const isDense = ({ shape, strides }: View): boolean => isContiguous(shape, strides);

/** `out[i] = a[i] + alpha · b[i]`, where `out` is `a`. */
const addScaled = {
  accepts: (out: View, a: View, b: View) =>
    out === a && numelOf(out.shape) >= limits.addScaled && isDense(out) && isDense(b) && available(),
  run(out: View, _a: View, b: View, alpha: number): void {
    const operands = [
      { view: out, role: "both", width: 1 },
      { view: b, role: "in", width: 1 },
    ] as const;
    overRows("addScaled", numelOf(out.shape), 1, operands, [alpha], 0.1);
  },
};

export const optimizers = {
  addScaled: { float32: addScaled, float64: addScaled },
  sgdStep: step("sgd", ["lr", "momentum", "rate", "nesterov", "scale", "weightDecay"], 0.2),
  adamStep: step("adam", ["lr", "decay", "beta1", "beta2", "root", "eps", "scale", "weightDecay"], 0.5),
  rmspropStep: step("rmsprop", ["lr", "alpha", "eps", "momentum", "scale", "weightDecay"], 0.5),
  adagradStep: step("adagrad", ["lr", "eps", "scale", "weightDecay"], 0.5),
};
