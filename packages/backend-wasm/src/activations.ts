import { numelOf, type View } from "@kindling/storage";
import { solid } from "./bring.js";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { overRows } from "./rows.js";

/* Activations: fast paths of autograd/src/ops/table.ts. */

/** The kernel of a function and, for a call's settings, of its variant; `undefined` where there is none. */
const forwards: Readonly<Record<string, (settings: readonly unknown[]) => string | undefined>> = {
  gelu: ([approximate]) => (approximate === "none" ? "gelu" : approximate === "tanh" ? "geluTanh" : undefined),
  silu: () => "silu",
};
const backwards: typeof forwards = { ...forwards, relu: () => "relu" };

const forward = {
  accepts: (out: View, a: View, name: string, settings: readonly unknown[]) =>
    numelOf(out.shape) >= limits.activation && solid(a) && forwards[name]?.(settings) !== undefined && available(),
  run(out: View, a: View, name: string, settings: readonly unknown[]): void {
    const operands = [
      { view: out, role: "out", width: 1 },
      { view: a, role: "in", width: 1 },
    ] as const;
    overRows(forwards[name](settings) as string, numelOf(out.shape), 1, operands, [], 1);
  },
};

const backward = {
  accepts: (out: View, grad: View, saved: View, name: string, settings: readonly unknown[]) =>
    numelOf(out.shape) >= limits.activation &&
    solid(grad) &&
    solid(saved) &&
    backwards[name]?.(settings) !== undefined &&
    available(),
  run(out: View, grad: View, saved: View, name: string, settings: readonly unknown[]): void {
    const operands = [
      { view: out, role: "out", width: 1 },
      { view: grad, role: "in", width: 1 },
      { view: saved, role: "in", width: 1 },
    ] as const;
    overRows(`${backwards[name](settings)}Backward`, numelOf(out.shape), 1, operands, [], name === "relu" ? 0.05 : 2);
  },
};

export const activations = {
  activation: { float32: forward, float64: forward },
  activationBackward: { float32: backward, float64: backward },
};
