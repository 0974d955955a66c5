import { autograd, isTensor, type Tensor, tensor } from "@kindling/autograd";
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

export const tensorsIn = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(tensorsIn) : [];

/** The operator of a case as a function of its arguments, and these. */
export const callOf = (name: string, c: Case) => run(isFunction(name) ? functions[name] : asMethod(name), c);

/** A tensor's counterpart in float32 on a device; integers stay integers. */
function moved(t: Tensor, device: string): Tensor {
  const dtype = t.isFloatingPoint() ? "float32" : t.dtype === "int64" ? "int32" : t.dtype;
  const own = t.detach().to({ dtype }).to({ device });
  return t.requiresGrad ? own.requiresGrad_() : own;
}

/** Results and gradients of a call on a device, in order. */
export function outcome(name: string, c: Case, device: string): (Tensor | null)[] {
  const [fn, args] = callOf(name, c);
  const given = placed(args, (t) => moved(t, device));
  const outs = tensorsIn(fn(...given));
  const leaves = [...new Set(tensorsIn(given))].filter((t) => t.requiresGrad);
  const recorded = outs.filter((t) => t.requiresGrad);
  if (recorded.length === 0) return outs;
  // weights without a pattern, the same on every device
  const weights = recorded.map((out) => {
    const values = Float32Array.from({ length: out.numel() }, (_, i) => Math.cos(i * 2.399) + 0.1);
    return tensor(values, { device }).reshape(out.shape);
  });
  return [...outs, ...autograd.grad(recorded, leaves, { gradOutputs: weights, allowUnused: true })];
}

/** Whether a case names a dtype that other devices lack. */
export const namesWideTypes = ({ args }: Case): boolean =>
  /float64|int64/.test(JSON.stringify(args.filter((a) => !isTensor(a))));
