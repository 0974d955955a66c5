import { autograd, type DType, isTensor, type Tensor, tensor } from "@kindling/autograd";
import type { Case } from "./case.js";
import { asMethod, functions, isFunction, run } from "./table.js";

/*
 * Cases carried to other devices and dtypes.
 */

/** Arguments with every tensor in them replaced; one that is given twice stays one. */
export function placed(args: readonly unknown[], place: (t: Tensor) => Tensor): unknown[] {
  const copies = new Map<Tensor, Tensor>();
  const replaced = (value: unknown): unknown => {
    if (isTensor(value)) {
      if (!copies.has(value)) copies.set(value, place(value));
      return copies.get(value);
    }
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item)]));
  };
  return args.map(replaced);
}

const tensorsIn = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(tensorsIn) : [];

/** The operator of a case as a function of its arguments, and these. */
export const callOf = (name: string, c: Case) => run(isFunction(name) ? functions[name] : asMethod(name), c);

/** A tensor's counterpart on a device, in the floating-point dtype; integers are int32. */
export function moved(t: Tensor, device: string, float: DType): Tensor {
  const dtype = t.isFloatingPoint() ? float : t.dtype === "int64" ? "int32" : t.dtype;
  const own = t.detach().to({ dtype }).to({ device });
  return t.requiresGrad ? own.requiresGrad_() : own;
}

/** A result of a call, or a gradient. */
export interface Outcome {
  /** `"result 0"`, `"the gradient of argument 1"`. */
  readonly what: string;
  readonly value: Tensor | null;
}

/** Results of a call on a device, and the gradients of what it is called with. */
export function outcome(name: string, c: Case, device: string, dtype: DType = "float32"): Outcome[] {
  const [fn, args] = callOf(name, c);
  const given = placed(args, (t) => moved(t, device, dtype));
  const outs = tensorsIn(fn(...given));
  const results = outs.map((value, i) => ({ what: `result ${i}`, value }));
  const leaves = [...new Set(tensorsIn(given))].filter((t) => t.requiresGrad);
  const recorded = outs.filter((t) => t.requiresGrad);
  if (recorded.length === 0) return results;
  // weights without a pattern, the same on every device
  const gradOutputs = recorded.map((out) => {
    const values = Float32Array.from({ length: out.numel() }, (_, i) => Math.cos(i * 2.399) + 0.1);
    return tensor(values, { device, dtype: out.dtype }).reshape(out.shape);
  });
  const gradients = autograd.grad(recorded, leaves, { gradOutputs, allowUnused: true });
  return [...results, ...gradients.map((value, i) => ({ what: `the gradient of argument ${i}`, value }))];
}

/** Whether a case names a dtype that is not among `dtypes`. */
export const namesOther = ({ args }: Case, dtypes: readonly DType[]): boolean =>
  (["float64", "int64"] as const).some(
    (dtype) => !dtypes.includes(dtype) && JSON.stringify(args.filter((a) => !isTensor(a))).includes(dtype),
  );
