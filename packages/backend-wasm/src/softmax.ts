import { isContiguous, numelOf, type View } from "@kindling/storage";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { overRows } from "./rows.js";

/* Softmax and its logarithm along the last dimension: fast paths of autograd/src/ops/softmax.ts. */

const accepts = (out: View, a: View, b: View | number, along = b): boolean =>
  along === out.shape.length - 1 &&
  numelOf(out.shape) >= limits.softmax &&
  isContiguous(a.shape, a.strides) &&
  (typeof b === "number" || isContiguous(b.shape, b.strides)) &&
  available();

const forward = (name: string) => {
  const entry = {
    accepts: (out: View, a: View, dim: number) => accepts(out, a, dim),
    run(out: View, a: View, dim: number): void {
      const width = out.shape[dim];
      const operands = [
        { view: out, role: "out", width },
        { view: a, role: "in", width },
      ] as const;
      overRows(name, numelOf(out.shape) / width, width, operands, [], 1);
    },
  };
  return { float32: entry, float64: entry };
};

const backward = (name: string, work: number) => {
  const entry = {
    accepts: (out: View, grad: View, y: View, dim: number) => accepts(out, grad, y, dim),
    run(out: View, grad: View, y: View, dim: number): void {
      const width = out.shape[dim];
      const operands = [
        { view: out, role: "out", width },
        { view: grad, role: "in", width },
        { view: y, role: "in", width },
      ] as const;
      overRows(name, numelOf(out.shape) / width, width, operands, [], work);
    },
  };
  return { float32: entry, float64: entry };
};

export const softmax = {
  softmax: forward("softmax"),
  logSoftmax: forward("logSoftmax"),
  softmaxBackward: backward("softmaxBackward", 0.5),
  logSoftmaxBackward: backward("logSoftmaxBackward", 1),
};
